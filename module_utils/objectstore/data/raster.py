"""GeoTIFFs on the host: are they Cloud Optimized, and where do they lie, judged by their headers."""

from __future__ import annotations

import math
import os
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Iterable, Iterator, NamedTuple, Optional, Union

from ..files.opened import opened, why_not
from ..values.errors import InvalidInputError, SourceError
from ..values.model import LocalFile
from .blocks import survey
from .cog import judge_layout
from .folder import Problem
from .tiff import DamagedError, Structure, read_structure

#: GDAL's settings here: no look at neighbouring files, so that only what is inside the file counts.
_ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}

#: Names of compressions as GDAL has them, by their number in the file.
_COMPRESSIONS = {
    1: "none",
    2: "ccittrle",
    3: "ccittfax3",
    4: "ccittfax4",
    5: "lzw",
    6: "ojpeg",
    7: "jpeg",
    8: "deflate",
    32773: "packbits",
    32946: "deflate",
    34712: "jpeg2000",
    34887: "lerc",
    34925: "lzma",
    50000: "zstd",
    50001: "webp",
    50002: "jxl",
}

Number = Union[int, float, str]


@dataclass(frozen=True)
class RasterRules:
    """What a file must have. ``dtype`` as in ``uint8``; ``None`` takes any."""

    overviews: bool = True
    crs: bool = True
    dtype: Optional[str] = None

    def __post_init__(self) -> None:
        if self.dtype is not None and not self.dtype.isidentifier():
            raise InvalidInputError(f"use the dtype {self.dtype!r}", "it is no data type", "Write it like uint8.")


class Place(NamedTuple):
    """What GDAL says of a file beyond its structure.

    ``transform`` leads from column and row to coordinates: ``x = a*column + b*row + c``, ``y = d*column + e*row + f``;
    ``None`` where there is none. ``nodata`` that JSON has no number for is a text, as ``nan``.
    """

    crs: str
    transform: Optional[tuple[float, float, float, float, float, float]]
    dtype: str
    nodata: Optional[Number]
    points: int


class Raster(NamedTuple):
    """A file that could be read; ``place`` is ``None`` where rasterio is missing. ``block`` is height and width."""

    file: LocalFile
    height: int
    width: int
    bands: int
    block: tuple[int, int]
    compression: str
    overviews: tuple[int, ...]
    place: Optional[Place]

    @property
    def bounds(self) -> Optional[tuple[float, float, float, float]]:
        """The least and greatest coordinates of its corners: minx, miny, maxx, maxy."""
        if self.place is None or self.place.transform is None:
            return None
        a, b, c, d, e, f = self.place.transform
        corners = [(column, row) for column in (0, self.width) for row in (0, self.height)]
        xs = [a * column + b * row + c for column, row in corners]
        ys = [d * column + e * row + f for column, row in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def as_dict(self) -> dict[str, Any]:
        """The raster as a module returns it."""
        place = self.place or Place("", None, "", None, 0)
        return {
            "path": self.file.key,
            "size": self.file.size,
            "crs": place.crs or None,
            "transform": list(place.transform) if place.transform else None,
            "bounds": list(self.bounds) if self.bounds else None,
            "shape": [self.height, self.width],
            "dtype": place.dtype or None,
            "bands": self.bands,
            "nodata": place.nodata,
            "block": list(self.block),
            "compression": self.compression,
            "overviews": list(self.overviews),
        }


class Looks(NamedTuple):
    """What is known of files after a look at each; ``reason`` says why only their structure was looked at."""

    reason: str
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    rasters: tuple[Raster, ...]


def look_at_all(files: Iterable[LocalFile], rules: RasterRules) -> Looks:
    """Each file, judged by itself."""
    problems: list[Problem] = []
    remarks: list[Problem] = []
    rasters: list[Raster] = []
    with ExitStack() as stack:
        rasterio, reason = _rasterio(stack)
        for file in files:
            seen = look_at(file, rules, rasterio)
            problems += [Problem(file.path, text) for text in seen.errors]
            remarks += [Problem(file.path, text) for text in seen.remarks]
            rasters += [seen.raster] if seen.raster else []
    return Looks(reason, tuple(problems), tuple(remarks), tuple(rasters))


def _rasterio(stack: ExitStack) -> tuple[Optional[ModuleType], str]:
    """The library, set up until ``stack`` ends, or why it cannot be used."""
    try:
        import rasterio  # noqa: PLC0415  # optional on a managed host
    except ImportError as error:
        return None, f"the Python library rasterio cannot be used here ({error})"
    stack.enter_context(rasterio.Env(**_ENVIRONMENT))
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")  # a file without georeference is a finding here, not a warning
    return rasterio, ""


class Seen(NamedTuple):
    """What is known of a file after a look, and what is wrong with it."""

    errors: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    raster: Optional[Raster] = None


def look_at(file: LocalFile, rules: RasterRules, rasterio: Optional[ModuleType]) -> Seen:
    """One file. Whatever is wrong with it is said of it, and is no error of the run."""
    try:
        with opened(file, f"read {file.path}") as fd:
            structure = read_structure(fd, os.fstat(fd).st_size)
            layout = judge_layout(structure, survey(structure), overviews=rules.overviews)
            place = _read_place(rasterio, fd) if rasterio else None
    except SourceError as error:
        return Seen((error.reason,))
    except OSError as error:
        return Seen((why_not(error),))
    except DamagedError as error:
        return Seen((str(error),))
    errors = [*_name_faults(file), *layout.errors]
    raster = _raster(file, structure, place if isinstance(place, Place) else None)
    if isinstance(place, str):
        errors.append(place)
    elif place:
        errors += _place_faults(place, rules)
    return Seen(tuple(errors), layout.remarks, raster)


def _raster(file: LocalFile, structure: Structure, place: Optional[Place]) -> Raster:
    main = structure.images[0]
    return Raster(
        file,
        main.height,
        main.width,
        main.bands,
        (main.block[1], main.block[0]),
        _COMPRESSIONS.get(main.compression, str(main.compression)),
        tuple(round(main.width / image.width) for image in structure.overviews),
        place,
    )


def _read_place(rasterio: ModuleType, fd: int) -> Union[Place, str]:
    """What GDAL says of the open file, or why it says nothing.

    It is opened by its descriptor: its name may have come to mean something else. GDAL's own errors reach here as
    several kinds of exceptions, also as those of a calculation with what a damaged file says.
    """
    try:
        with rasterio.open(f"/dev/fd/{fd}", driver="GTiff") as dataset:
            transform = tuple(float(number) for number in dataset.transform[:6])
            crs = str(dataset.crs) if dataset.crs else ""
            return Place(
                crs=crs,
                transform=None if dataset.transform.is_identity else transform,  # type: ignore[arg-type]
                dtype=str(dataset.dtypes[0]) if len(set(dataset.dtypes)) == 1 else ", ".join(dataset.dtypes),
                nodata=_json_number(dataset.nodata),
                points=len(dataset.gcps[0]),
            )
    except (rasterio.errors.RasterioError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return f"it cannot be opened as a GeoTIFF ({str(error).replace(f'/dev/fd/{fd}', 'it')})"


def _json_number(value: Optional[float]) -> Optional[Number]:
    if value is None or not math.isfinite(value):
        return None if value is None else str(value)
    return int(value) if float(value).is_integer() else float(value)


def _name_faults(file: LocalFile) -> Iterator[str]:
    if not file.path.lower().endswith((".tif", ".tiff")):
        yield "its name does not end in .tif"
    if os.path.exists(f"{file.path}.ovr"):
        yield f"it has overviews in a file of their own, {os.path.basename(file.path)}.ovr: they must be inside of it"


def _place_faults(place: Place, rules: RasterRules) -> Iterator[str]:
    if rules.crs and not place.crs and not place.points:
        yield "it has no coordinate reference system"
    if rules.crs and place.transform is None:
        if place.points:
            yield f"it lies by {place.points} ground control points alone, without a transform: warp it (gdalwarp)"
        elif place.crs:
            yield "it has a coordinate reference system, but no transform: nothing says where it lies"
    if place.transform and not all(map(math.isfinite, place.transform)):
        yield "its transform has numbers that are not finite"
    if rules.dtype is not None and place.dtype != rules.dtype:
        yield f"its data type is {place.dtype}, not {rules.dtype}"
