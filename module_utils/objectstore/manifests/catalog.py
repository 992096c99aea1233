"""A static STAC catalog: one Collection and an Item for each object, with relative links, so that a copy works, too.

STAC 1.1.0 with the extensions projection 2.0.0, raster 2.0.0, file 2.1.0 and classification 2.0.0.
"""

from __future__ import annotations

import math
import posixpath
from typing import Any, Iterable, Mapping, Optional
from urllib.parse import quote

from .index import Leaf
from .jsontext import json_text
from .legend import Legend
from .manifest import Entry
from .spec import ManifestSpec, StacSpec

STAC_VERSION = "1.1.0"

_EXTENSIONS = {
    "proj": "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "raster": "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "file": "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "classification": "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
}

#: Media types of OGC and STAC; a file that is no GeoTIFF by its name has none.
GEOTIFF, JSON, XML = "image/tiff; application=geotiff; profile=cloud-optimized", "application/json", "application/xml"
GEOJSON = "application/geo+json"

#: STAC's names of data types where they are not rasterio's.
_STAC_TYPES = {"complex_int16": "cint16", "complex64": "cfloat32", "complex128": "cfloat64"}

#: What stands before a digest (multihash): its code and its length in bytes, both as in the table of multicodec.
_SHA256, _MD5 = "1220", "d50110"

#: Metres of a degree of longitude at the equator, on the sphere of WGS 84's semi-major axis.
_DEGREE = math.pi * 6378137 / 180

_WORLD = (-180.0, -90.0, 180.0, 90.0)


def collection_key(stac: StacSpec) -> str:
    """The key of the Collection, where a reader starts."""
    return f"{stac.prefix}collection.json"


def item_id(leaf: Leaf) -> str:
    """The Item's name: the file's, without what follows the last dot."""
    return posixpath.splitext(leaf.file_name)[0]


def item_key(stac: StacSpec, leaf: Leaf) -> str:
    """The key of an Item."""
    return f"{stac.prefix}items/{item_id(leaf)}.json"


def item_text(leaf: Leaf, spec: ManifestSpec, stac: StacSpec) -> bytes:
    """An Item as JSON."""
    here = item_key(stac, leaf)
    start, end = stac.times(leaf.groups)
    bounds = leaf.facts.lonlat_bounds
    properties = {
        "datetime": None,
        "start_datetime": start,
        "end_datetime": end,
        **{f"geocrop:{name}": value for name, value in leaf.groups.items()},
        **_projection(leaf),
    }
    asset = _asset(leaf, spec, here)
    links = [_link(rel, collection_key(stac), here, JSON) for rel in ("root", "parent", "collection")]
    item = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": _extensions(properties, asset),
        "id": item_id(leaf),
        "collection": stac.id,
        "geometry": _polygon(bounds) if bounds else None,
        **({"bbox": list(bounds)} if bounds else {}),
        "properties": properties,
        "links": links,
        "assets": {"data": asset},
    }
    return json_text(item)


def collection_text(
    leaves: tuple[Leaf, ...], spec: ManifestSpec, stac: StacSpec, mosaics: Mapping[tuple[str, ...], str]
) -> bytes:
    """The Collection as JSON. ``mosaics`` is the place of a level -> the key of its VRT."""
    here = collection_key(stac)
    times = [stac.times(leaf.groups) for leaf in leaves]
    interval = [min((start for start, _ in times), default=None), max((end for _, end in times), default=None)]
    summaries = {f"geocrop:{name}": sorted({leaf.groups[name] for leaf in leaves}) for name in spec.index_by if leaves}
    collection = {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "id": stac.id,
        "title": stac.title,
        "description": stac.description,
        "license": stac.license,
        "extent": {"spatial": {"bbox": [list(_extent(leaves))]}, "temporal": {"interval": [interval]}},
        **({"summaries": summaries} if summaries else {}),
        "links": [
            _link("root", here, here, JSON),
            *(_link("item", item_key(stac, leaf), here, GEOJSON) for leaf in leaves),
        ],
        "assets": dict(_collection_assets(spec, mosaics, here)),
    }
    return json_text(collection)


def _collection_assets(
    spec: ManifestSpec, mosaics: Mapping[tuple[str, ...], str], here: str
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if spec.index_key:
        yield (
            "index",
            {"href": _relative(spec.index_key, here), "type": JSON, "title": "Index", "roles": ["metadata"]},
        )
    for place, key in mosaics.items():
        title = f"Mosaic of {' '.join(place)}".strip()
        name = "-".join(("mosaic", *place))
        yield name, {"href": _relative(key, here), "type": XML, "title": title, "roles": ["data", "virtual"]}


def _projection(leaf: Leaf) -> dict[str, Any]:
    facts = leaf.facts
    if not facts.is_placed:
        return {}
    code = {"proj:code": facts.crs} if ":" in (facts.crs or "")[:10] else {"proj:code": None, "proj:wkt2": facts.crs}
    return {
        **code,
        "proj:shape": list(facts.shape or ()),
        "proj:transform": list(facts.transform or ()),
        "proj:bbox": list(facts.bounds or ()),
    }


def _asset(leaf: Leaf, spec: ManifestSpec, here: str) -> dict[str, Any]:
    facts, entry = leaf.facts, leaf.entry
    checksum = multihash(entry)
    resolution = _resolution(leaf)
    legend = spec.legend if spec.legend and spec.legend.covers(leaf.groups) else None
    return {
        "href": _relative(entry.key, here),
        **({"type": GEOTIFF} if entry.key.lower().endswith((".tif", ".tiff")) else {}),
        "title": leaf.file_name,
        "roles": ["data"],
        "file:size": entry.size,
        **({"file:checksum": checksum} if checksum else {}),
        **({"data_type": _STAC_TYPES.get(facts.dtype, facts.dtype)} if facts.dtype else {}),
        **({"nodata": facts.nodata} if facts.nodata is not None else {}),
        **({"raster:spatial_resolution": resolution} if resolution else {}),
        **({"classification:classes": _classes(legend)} if legend else {}),
    }


def multihash(entry: Entry) -> str:
    """The content's digest in the form of multihash: a SHA-256, else the MD5 that an ETag of one part is."""
    if entry.sha256:
        return _SHA256 + entry.sha256
    return _MD5 + entry.etag if entry.etag and len(entry.etag) == 32 and not entry.opaque else ""


def _classes(legend: Legend) -> list[dict[str, Any]]:
    return [{"value": row.value, "name": row.name, "color_hint": row.color[1:].upper()} for row in legend.classes]


def _resolution(leaf: Leaf) -> Optional[float]:
    """Metres of a pixel, on average over its sides, in the middle of an image in degrees; ``None`` in other units."""
    facts, bounds = leaf.facts, leaf.facts.lonlat_bounds
    if not bounds or not facts.transform:
        return None
    wide = abs(facts.transform[0]) * _DEGREE * math.cos(math.radians((bounds[1] + bounds[3]) / 2))
    return round((wide + abs(facts.transform[4]) * _DEGREE) / 2, 3)


def _extensions(properties: Mapping[str, Any], asset: Mapping[str, Any]) -> list[str]:
    used = {name.split(":", 1)[0] for name in (*properties, *asset) if ":" in name}
    return [url for name, url in _EXTENSIONS.items() if name in used]


def _polygon(bounds: tuple[float, ...]) -> dict[str, Any]:
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _extent(leaves: Iterable[Leaf]) -> tuple[float, ...]:
    """The box around all objects; the world where one of them is not known in degrees."""
    boxes = [leaf.facts.lonlat_bounds for leaf in leaves]
    known = [box for box in boxes if box]
    if not known or len(known) < len(boxes):
        return _WORLD
    west, south, east, north = zip(*known)
    return min(west), min(south), max(east), max(north)


def _link(rel: str, key: str, here: str, media_type: str) -> dict[str, str]:
    return {"rel": rel, "href": _relative(key, here), "type": media_type}


def _relative(key: str, here: str) -> str:
    """A key as it is seen from the document ``here``, both in the same bucket."""
    path = quote(posixpath.relpath(key, posixpath.dirname(here)))
    return path if path.startswith("../") else f"./{path}"
