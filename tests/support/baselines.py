"""Dynamic World baseline COGs as the mission names them: small or full size, coherent, repeatable."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_bounds

TYPES = ("Agreement", "HighestConf", "Mode")
SEASONS = tuple(f"{year}_{year + 1}" for year in range(2015, 2026))
OFFSETS = ("0000000000", "0000065536")
#: As Earth Engine names the parts of a split export: first row, then first column, in pixels of the whole image.
TILE_NAMES = "yMin-xMin"
TILES = tuple((y, x) for y in OFFSETS for x in OFFSETS)

#: west, south, east, north of Zimbabwe in degrees
ZIMBABWE = (25.2, -22.5, 33.1, -15.6)
NODATA = 255
#: Dynamic World's classes 0..8 with its own colours: water to snow and ice
CLASS_COLOURS = (
    (65, 155, 223), (57, 125, 73), (136, 176, 83), (122, 135, 198), (228, 150, 53),
    (223, 195, 90), (196, 40, 27), (165, 155, 143), (179, 159, 225),
)  # fmt: skip
#: shares of land that each class has, roughly Zimbabwe's
_CLASS_SHARES = (0.02, 0.22, 0.12, 0.01, 0.24, 0.31, 0.03, 0.05, 0.0)
#: the landscape repeats beyond this many pixels: full-size files are made in a fraction of a second
_LARGEST_FIELD = 2048

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Baseline:
    """One file of the matrix type x season x tile."""

    type: str
    season: str
    tile: tuple[str, str]

    @property
    def filename(self) -> str:
        """``DW_Zim_{Type}_{Start}_{End}-{yMin}-{xMin}.tif``."""
        return f"DW_Zim_{self.type}_{self.season}-{self.tile[0]}-{self.tile[1]}.tif"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees; yMin grows to the south, xMin to the east."""
        west, south, east, north = ZIMBABWE
        width, height = (east - west) / 2, (north - south) / 2
        left = west if self.tile[1] == OFFSETS[0] else west + width
        top = north if self.tile[0] == OFFSETS[0] else north - height
        return left, top - height, left + width, top


def baselines() -> Iterator[Baseline]:
    """All 132, in the order of their names."""
    for kind in TYPES:
        for season in SEASONS:
            for tile in TILES:
                yield Baseline(type=kind, season=season, tile=tile)


def side_for(size: int) -> int:
    """Pixels along each side so that a file comes nearest to ``size`` bytes."""
    guess = (size * 3 / 4) ** 0.5
    candidates = range(32, round(guess * 1.3 / 16) * 16 + 48, 16)
    return min(candidates, key=lambda side: abs(_stored_bytes(side) - size))


def _block(side: int) -> int:
    return 512 if side >= 2048 else 64 if side > 64 else 16


def _stored_bytes(side: int) -> int:
    """Bytes of all tiles: one a pixel, uncompressed, whole tiles, halved until one tile holds the rest."""
    block, total = _block(side), 0
    while True:
        total += (-(-side // block) * block) ** 2
        if side <= block:
            return total
        side = -(-side // 2)


def write_baseline(folder: Path, baseline: Baseline, *, seed: int, size: int) -> Path:
    """Write one Cloud Optimized GeoTIFF of about ``size`` bytes; the same arguments give the same bytes."""
    side = side_for(size)
    pixels = _pixels(baseline, seed=seed, side=side)
    path = folder / baseline.filename
    profile: dict[str, Any] = {
        "driver": "COG",
        "dtype": "uint8",
        "count": 1,
        "width": side,
        "height": side,
        "crs": "EPSG:4326",
        "transform": from_bounds(*baseline.bounds, side, side),
        "nodata": NODATA,
        "compress": "NONE",
        "blocksize": _block(side),
        "overview_resampling": "AVERAGE" if baseline.type == "Agreement" else "MODE",
    }
    # GDAL takes blocks below 128, without which small samples have no overviews, and says that it should not
    with rasterio.Env(GDAL_VALIDATE_CREATION_OPTIONS="NO"), rasterio.open(path, "w", **profile) as dataset:
        dataset.write(pixels, 1)
        dataset.update_tags(season=baseline.season, type=baseline.type, source="synthetic, for tests")
        if baseline.type != "Agreement":
            dataset.write_colormap(1, {value: (*colour, 255) for value, colour in enumerate(CLASS_COLOURS)})
            dataset.colorinterp = [ColorInterp.palette]
    return path


def _pixels(baseline: Baseline, *, seed: int, side: int) -> Pixels:
    """The tile's lasting landscape, changed a little by season and type; nodata in one corner."""
    field_side = min(side, _LARGEST_FIELD)
    place = np.random.default_rng([seed, *map(int, baseline.tile)])
    moment = np.random.default_rng([seed, zlib.crc32(baseline.filename.encode())])
    relief = _smooth(place, field_side) + 0.25 * _smooth(moment, field_side)
    if baseline.type == "Agreement":
        low, high = float(relief.min()), float(relief.max())
        field = ((relief - low) * (100 / (high - low))).astype(np.uint8)
    else:
        edges = np.quantile(relief, np.cumsum(_CLASS_SHARES)[:-1])
        field = np.digitize(relief, edges).astype(np.uint8)
    repeats = -(-side // field_side)
    pixels = np.tile(field, (repeats, repeats))[:side, :side] if repeats > 1 else field
    wedge = side // 8
    columns = np.arange(wedge)
    pixels[:wedge, :wedge][columns[:, None] + columns[None, :] < wedge] = NODATA
    return pixels


def _smooth(random: np.random.Generator, side: int) -> npt.NDArray[np.float32]:
    """A field of hills: random heights on three coarse grids, interpolated between their points."""
    total = np.zeros((side, side), dtype=np.float32)
    for points, weight in ((5, 1.0), (13, 0.5), (41, 0.2)):
        grid = random.standard_normal((points, points)).astype(np.float32)
        position = np.linspace(0, points - 1.001, side, dtype=np.float32)
        cell = position.astype(int)
        part = position - cell
        rows = grid[cell] * (1 - part)[:, None] + grid[cell + 1] * part[:, None]
        total += np.float32(weight) * (rows[:, cell] * (1 - part) + rows[:, cell + 1] * part)
    return total
