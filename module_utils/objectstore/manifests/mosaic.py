"""Mosaics: the tiles of a level of the index as one image, as a VRT that GDAL and QGIS open (GDAL's VRT driver).

A VRT names its tiles by ``/vsis3/`` paths, so that it means the same wherever it is read from. What reads it sets
AWS_S3_ENDPOINT, AWS_HTTPS and AWS_VIRTUAL_HOSTING=FALSE (GDAL's documentation of /vsis3/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping, Optional
from xml.etree import ElementTree

from .index import Leaf
from .legend import Legend
from .spec import ManifestSpec

#: A tile lies on the grid of its mosaic when it is this near to it, in pixels.
OFF_GRID = 0.01

#: GDAL's names of data types by rasterio's.
GDAL_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "uint64": "UInt64",
    "int64": "Int64",
    "float32": "Float32",
    "float64": "Float64",
    "complex_int16": "CInt16",
    "complex64": "CFloat32",
    "complex128": "CFloat64",
}


@dataclass(frozen=True)
class Grid:
    """Where a mosaic lies: its corner and pixel size in units of the CRS, its width and height in pixels."""

    west: float
    north: float
    step_x: float
    step_y: float
    width: int
    height: int

    def offset(self, leaf: Leaf) -> tuple[float, float]:
        """Column and row of a tile's corner, in pixels."""
        transform = leaf.facts.transform or ()
        return (transform[2] - self.west) / self.step_x, (transform[5] - self.north) / self.step_y


def mosaics_of(leaves: Iterable[Leaf], spec: ManifestSpec) -> dict[tuple[str, ...], tuple[Leaf, ...]]:
    """The tiles of each mosaic by its place: the index's levels without the last, which tells tiles apart."""
    found: dict[tuple[str, ...], tuple[Leaf, ...]] = {}
    for leaf in leaves:
        place = leaf.path(spec.index_by)[:-1]
        found[place] = (*found.get(place, ()), leaf)
    return found


def mosaic_key(prefix: str, place: tuple[str, ...]) -> str:
    """The key of a mosaic's VRT."""
    return f"{prefix}{'/'.join(place) or 'all'}.vrt"


def why_no_mosaic(tiles: tuple[Leaf, ...]) -> str:
    """Why these tiles are no image together, in words that follow its name; empty where they are one."""
    facts = [tile.facts for tile in tiles]
    unknown = next((tile for tile in tiles if not tile.facts.is_placed), None)
    if unknown is not None:
        return f"it is not known where {unknown.file_name} lies"
    for name in ("crs", "dtype", "bands", "nodata"):
        if len({getattr(one, name) for one in facts}) > 1:
            return f"its tiles differ in {name}"
    if facts[0].dtype not in GDAL_TYPES:
        return f"GDAL has no data type {facts[0].dtype}"
    if any(not _is_north_up(one.transform or ()) for one in facts):
        return "its tiles are not north up"
    grid = grid_of(tiles)
    for tile in tiles:
        step = tile.facts.transform or ()
        skew = max(
            abs(step[0] / grid.step_x - 1) * max(tile.facts.shape or (1,)),
            abs(step[4] / grid.step_y - 1) * max(tile.facts.shape or (1,)),
            *(abs(part - round(part)) for part in grid.offset(tile)),
        )
        if skew > OFF_GRID:
            return f"{tile.file_name} does not lie on the grid of the others"
    return ""


def grid_of(tiles: tuple[Leaf, ...]) -> Grid:
    """The grid of placed tiles: that of the first, over all of them."""
    transforms = [tile.facts.transform or () for tile in tiles]
    shapes = [tile.facts.shape or () for tile in tiles]
    west, north = min(one[2] for one in transforms), max(one[5] for one in transforms)
    step_x, step_y = transforms[0][0], transforms[0][4]
    return Grid(
        west,
        north,
        step_x,
        step_y,
        max(round((one[2] - west) / step_x) + shape[1] for one, shape in zip(transforms, shapes)),
        max(round((one[5] - north) / step_y) + shape[0] for one, shape in zip(transforms, shapes)),
    )


def _is_north_up(transform: tuple[float, ...]) -> bool:
    return transform[0] > 0 and transform[4] < 0 and not transform[1] and not transform[3]


def vrt_text(tiles: tuple[Leaf, ...], spec: ManifestSpec) -> bytes:
    """The VRT of tiles that are one image (``why_no_mosaic`` says nothing of them)."""
    grid, facts = grid_of(tiles), tiles[0].facts
    root = ElementTree.Element("VRTDataset", rasterXSize=str(grid.width), rasterYSize=str(grid.height))
    _add(root, "SRS", facts.crs)
    transform = (grid.west, grid.step_x, 0.0, grid.north, 0.0, grid.step_y)
    _add(root, "GeoTransform", ", ".join(repr(float(part)) for part in transform))
    for number in range(1, (facts.bands or 1) + 1):
        band = _add(root, "VRTRasterBand", dataType=GDAL_TYPES[facts.dtype or ""], band=str(number))
        if facts.nodata is not None:
            _add(band, "NoDataValue", str(facts.nodata))
        legend = spec.legend if spec.legend and spec.legend.covers(tiles[0].groups) else None
        if legend and facts.dtype in ("uint8", "uint16"):
            _add_legend(band, legend)
        for tile in tiles:
            _add_source(band, tile, number=number, grid=grid, bucket=spec.bucket)
    ElementTree.indent(root)
    return f"{ElementTree.tostring(root, encoding='unicode')}\n".encode()


def _add(parent: ElementTree.Element, name: str, text: Optional[str] = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element


def _add_legend(band: ElementTree.Element, legend: Legend) -> None:
    """Names and colours by position: values between that are no class have none."""
    by_value = {row.value: row for row in legend.classes if row.value >= 0}
    _add(band, "ColorInterp", "Palette")
    names, colours = _add(band, "CategoryNames"), _add(band, "ColorTable")
    for value in range(max(by_value, default=-1) + 1):
        row = by_value.get(value)
        _add(names, "Category", row.name if row else "")
        rgb = (*row.rgb, 255) if row else (0, 0, 0, 0)
        _add(colours, "Entry", **{f"c{number}": str(part) for number, part in enumerate(rgb, start=1)})


def _add_source(band: ElementTree.Element, tile: Leaf, *, number: int, grid: Grid, bucket: str) -> None:
    """A tile, with what spares GDAL opening it before it is read."""
    rows, columns = tile.facts.shape or (0, 0)
    column, row = grid.offset(tile)
    size = {"xSize": str(columns), "ySize": str(rows)}
    source = _add(band, "SimpleSource")
    _add(source, "SourceFilename", f"/vsis3/{bucket}/{tile.entry.key}", relativeToVRT="0")
    _add(source, "SourceBand", str(number))
    block: Mapping[str, str] = {}
    if tile.facts.block:
        block = {"BlockXSize": str(tile.facts.block[1]), "BlockYSize": str(tile.facts.block[0])}
    _add(
        source,
        "SourceProperties",
        RasterXSize=str(columns),
        RasterYSize=str(rows),
        DataType=GDAL_TYPES[tile.facts.dtype or ""],
        **block,
    )
    _add(source, "SrcRect", xOff="0", yOff="0", **size)
    _add(source, "DstRect", xOff=str(round(column)), yOff=str(round(row)), **size)
