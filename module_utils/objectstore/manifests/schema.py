"""The form of the index, as JSON Schema 2020-12: written beside the index, and to docs/."""

from __future__ import annotations

from typing import Any

from .index import SCHEMA_VERSION
from .jsontext import json_text


def _nullable(kind: str, description: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], "description": description, **more}


def _numbers(count: int, description: str, kind: str = "number") -> dict[str, Any]:
    return _nullable("array", description, items={"type": kind}, minItems=count, maxItems=count)


#: What every object of the index has.
_OBJECT: dict[str, dict[str, Any]] = {
    "key": {"type": "string", "description": "Key of the object in the bucket."},
    "size": {"type": "integer", "minimum": 0, "description": "Bytes."},
    "etag": _nullable("string", "ETag without quotes: send it as If-Match, and get this content or HTTP 412."),
    "version_id": _nullable("string", "Version to ask for; null where the bucket keeps none."),
    "sha256": _nullable("string", "SHA-256 of the content in hex, where the store knows it.", pattern="^[0-9a-f]{64}$"),
    "bounds": _numbers(4, "West, south, east, north in units of crs."),
    "crs": _nullable("string", "Coordinate reference system: authority:code, else WKT."),
    "transform": _numbers(6, "Affine transform, a to f: x = a * column + b * row + c, y = d * column + e * row + f."),
    "shape": _numbers(2, "Rows and columns in pixels.", "integer"),
    "dtype": _nullable("string", "Data type of a pixel, as numpy writes it."),
    "bands": _nullable("integer", "Number of bands."),
    "nodata": {"type": ["number", "string", "null"], "description": "Value of pixels without data; nan as a text."},
    "block": _numbers(2, "Rows and columns of a block.", "integer"),
    "compression": _nullable("string", "Compression of the blocks."),
    "overviews": _nullable("array", "Factors by which overviews are smaller.", items={"type": "integer"}),
    "row": _nullable("integer", "Row of the tile, from the north, as its georeference says."),
    "column": _nullable("integer", "Column of the tile, from the west, as its georeference says."),
}

_CLASS = {
    "type": "object",
    "required": ["value", "name", "color"],
    "properties": {
        "value": {"type": "integer", "description": "Value of a pixel."},
        "name": {"type": "string"},
        "color": {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
    },
}

_LEGEND = {
    "type": ["object", "null"],
    "description": "What pixel values stand for.",
    "required": ["applies_to", "classes"],
    "properties": {
        "applies_to": {
            "type": "object",
            "description": "Group -> the values whose objects have these classes; empty for all objects.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "classes": {"type": "array", "items": _CLASS},
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": f"urn:geocrop-storage:index:{SCHEMA_VERSION}",
    "title": "Index of the objects below a prefix",
    "type": "object",
    "required": [
        *("schema_version", "bucket", "prefix", "base_url", "count", "bytes", "levels"),
        *("legend", "catalog", "mosaics", "objects"),
    ],
    "properties": {
        "$schema": {"type": "string", "description": "This schema, relative to the index."},
        "schema_version": {"const": SCHEMA_VERSION},
        "release": _nullable("string", "Key of the record of these objects; null where none was written of them."),
        "bucket": {"type": "string"},
        "prefix": {"type": "string", "description": "What all keys begin with."},
        "base_url": _nullable("string", "URL of the bucket; an object's is this, a slash and its key."),
        "count": {"type": "integer", "minimum": 0, "description": "Number of objects."},
        "bytes": {"type": "integer", "minimum": 0, "description": "Size of all objects."},
        "levels": {"type": "array", "items": {"type": "string"}, "description": "What the levels of objects are."},
        "legend": _LEGEND,
        "catalog": _nullable("string", "Key of the STAC Collection of the same objects."),
        "mosaics": {"$ref": "#/$defs/mosaics", "description": "The levels but the last -> key of the VRT."},
        "objects": {"$ref": "#/$defs/level"},
    },
    "$defs": {
        "mosaics": {"type": ["object", "string"], "additionalProperties": {"$ref": "#/$defs/mosaics"}},
        "level": {
            "type": "object",
            "if": {"required": ["key"], "properties": {"key": {"type": "string"}}},
            "then": {"$ref": "#/$defs/object"},
            "else": {"additionalProperties": {"$ref": "#/$defs/level"}},
        },
        "object": {"type": "object", "required": list(_OBJECT), "properties": _OBJECT},
    },
}


def schema_text() -> bytes:
    """The schema as it is written."""
    return json_text(SCHEMA)
