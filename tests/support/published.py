"""Manifests of tiles as they are published, made of plain facts: for tests of the index, the catalog and mosaics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.objectstore.manifests.index import StoredIndex
from ansible.module_utils.objectstore.manifests.manifest import Entry, make_manifest
from ansible.module_utils.objectstore.manifests.publish import Publication, publish
from ansible.module_utils.objectstore.manifests.record import Occasion
from ansible.module_utils.objectstore.manifests.spec import ManifestSpec

OCCASION = Occasion(datetime(2026, 3, 1, 12, 30, tzinfo=UTC), "control-plane")
PATTERN = r"DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif"
PREFIX = "dw/zim/summer/"
#: Offsets of a tile as Earth Engine names it: rows from the north, then columns from the west.
TILES = tuple(f"{row:010}-{column:010}" for row in (0, 65536) for column in (0, 65536))
SIZE = 61_234_567

OPTIONS: dict[str, Any] = {
    "bucket": "geocrop-baselines",
    "prefix": PREFIX,
    "include": ["*.tif"],
    "exclude": None,
    "dest": None,
    "object": "manifests/keys.txt",
    "index_dest": None,
    "index_object": "manifests/index.json",
    "mode": None,
    "key_pattern": PATTERN,
    "key_template": "{season}/{type:snake}/{filename}",
    "index_by": ["season", "type", "tile"],
    "expect": None,
    "rasters": None,
    "base_url": "http://store:9000",
    "legend": {
        "applies_to": {"type": ["Mode"]},
        "classes": [
            {"value": 0, "name": "water", "color": "#419bdf"},
            {"value": 2, "name": "grass", "color": "#88b053"},
        ],
    },
    "stac": {
        "prefix": "stac/dw",
        "id": "dw-zim",
        "title": "Dynamic World",
        "description": "Land cover",
        "license": "CC-BY-4.0",
        "period_group": "season",
        "period": ["09-01", "05-31"],
    },
    "vrt_prefix": "vrt/dw",
    "releases_prefix": None,
    "release": None,
}


def names(seasons: Iterable[str] = ("2015_2016",), kinds: Iterable[str] = ("Agreement", "Mode")) -> list[str]:
    """File names of tiles."""
    return [f"DW_Zim_{kind}_{season}-{tile}.tif" for season in seasons for kind in kinds for tile in TILES]


def raster(name: str, **facts: Any) -> dict[str, Any]:
    """What is known of a tile of 100 x 80 pixels of a hundredth of a degree, by its offsets."""
    row, column = (int(part) // 65536 for part in name[-25:-4].split("-"))
    west, north = 25.0 + column, -15.0 - row * 0.8
    return {
        "path": name,
        "size": SIZE,
        "crs": "EPSG:4326",
        "transform": [0.01, 0.0, west, 0.0, -0.01, north],
        "bounds": [west, north - 0.8, west + 1.0, north],
        "shape": [80, 100],
        "dtype": "uint8",
        "bands": 1,
        "nodata": 255.0,
        "block": [64, 64],
        "compression": "deflate",
        "overviews": [2],
        "row": row,
        "column": column,
        **facts,
    }


def spec(**changes: Any) -> ManifestSpec:
    """The spec of ``OPTIONS`` with some of them changed."""
    return ManifestSpec.from_params({**OPTIONS, **changes})


def entries(files: Iterable[str], **facts: Any) -> tuple[Entry, ...]:
    """The objects of files, each with an ETag of its own."""
    naming = spec().naming
    keys = sorted(f"{PREFIX}{naming.key_for(name)}" for name in files)
    return tuple(Entry(key, SIZE, f"{number:032x}")._replace(**facts) for number, key in enumerate(keys))


def published(
    objects: tuple[Entry, ...], wanted: ManifestSpec, stored: bytes | None = None
) -> tuple[dict[str, bytes], Publication]:
    """Key -> content of each document, and the publication."""
    publication = publish(make_manifest(objects, wanted), wanted, StoredIndex.parse(stored), OCCASION)
    contents = {getattr(one.place, "key", one.place.name): one.content or b"" for one in publication.documents}
    return contents, publication
