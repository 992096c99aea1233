"""What is known of a raster without reading a pixel: the values that ``geotiff_info`` returns of each file."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Mapping, Optional, Union

from ..values.errors import InvalidInputError

Number = Union[int, float, str]

#: Coordinate systems whose coordinates are longitude and latitude on WGS 84, as GeoJSON's are.
WGS84 = ("EPSG:4326", "OGC:CRS84")


@dataclass(frozen=True)
class RasterFacts:
    """A raster's place and form; ``None`` where it is not known.

    ``bounds`` are west, south, east, north in units of ``crs``; ``transform`` is the affine one, a to f; ``shape``
    is rows, columns in pixels, ``block`` the same of a block; ``overviews`` are factors; ``row`` and ``column`` count
    from the north-west tile of the image that the raster is a part of. ``nodata`` is a text where it is no number
    of JSON: nan, inf or -inf, as STAC writes them.
    """

    bounds: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    transform: Optional[tuple[float, ...]] = None
    shape: Optional[tuple[int, ...]] = None
    dtype: Optional[str] = None
    bands: Optional[int] = None
    nodata: Optional[Number] = None
    block: Optional[tuple[int, ...]] = None
    compression: Optional[str] = None
    overviews: Optional[tuple[int, ...]] = None
    row: Optional[int] = None
    column: Optional[int] = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RasterFacts:
        """The facts in a mapping that may say more, or less."""
        found: dict[str, Any] = {field.name: values.get(field.name) for field in fields(cls)}
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        return cls(**{**plain, "nodata": _number(plain["nodata"])})

    def as_dict(self) -> dict[str, Any]:
        """All facts, in the form of JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @property
    def is_placed(self) -> bool:
        """Whether it is known where each pixel lies."""
        return None not in (self.bounds, self.crs, self.transform, self.shape)

    @property
    def lonlat_bounds(self) -> Optional[tuple[float, ...]]:
        """West, south, east, north in degrees; ``None`` where that would take a projection library."""
        return self.bounds if self.crs in WGS84 else None


def facts_by_path(rasters: Any) -> dict[str, tuple[int, RasterFacts]]:
    """Path relative to the source -> size in bytes, and facts.

    :raises InvalidInputError: for rows that are not those of ``geotiff_info``
    """
    found = {}
    for row in rasters or ():
        try:
            found[str(row["path"])] = (int(row["size"]), RasterFacts.of(row))
        except (KeyError, TypeError, ValueError):
            raise InvalidInputError(
                "use rasters", f"{row!r} has no path and size", "Pass the rasters that geotiff_info returns."
            ) from None
    return found


def _number(value: Any) -> Optional[Number]:
    """A number that JSON has, whole where it is; so that 255 and 255.0 make the same document."""
    if not isinstance(value, float):
        return value if isinstance(value, (int, str)) else None
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return int(value) if value.is_integer() else value
