"""Write images of many layouts, valid and harmed, into a folder: what test images of packages lack."""

import itertools
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
import tifffile
from rasterio.enums import Resampling
from rasterio.transform import from_origin

warnings.simplefilter("ignore")
folder = Path(sys.argv[1])
random = np.random.default_rng(3)
KEEP = {"IGNORE_COG_LAYOUT_BREAK": "YES"}


def write(name: str, side: int = 1300, bands: int = 1, *, mask: bool = False, **options: Any) -> Path:
    """Blotches that compress; a COG unless another driver is named."""
    path = folder / f"{name}.tif"
    rough = random.integers(0, 9, (bands, side // 4 + 1, side // 4 + 1)).astype("uint8")
    profile = {"driver": "COG", "dtype": "uint8", "count": bands, "width": side, "height": side, "crs": "EPSG:32736"}
    transform = from_origin(200_000, 8_000_000, 10, 10)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", **{**profile, "transform": transform, **options}) as dataset,
    ):
        dataset.write(rough.repeat(4, axis=1).repeat(4, axis=2)[:, :side, :side])
        if mask:
            dataset.write_mask(np.tri(side, dtype="uint8") * 255)
    return path


def copy(source: Path, name: str) -> Path:
    return Path(shutil.copy(source, folder / f"{name}.tif"))


def add_overviews(source: Path, name: str) -> Path:
    path = copy(source, name)
    with rasterio.open(path, "r+", **KEEP) as dataset:
        dataset.build_overviews([2, 4], Resampling.nearest)
    return path


def valid() -> None:
    for compression in ("NONE", "LZW", "DEFLATE", "ZSTD", "LERC", "LZMA"):
        write(f"cog-{compression.lower()}", compress=compression)
    for size in (128, 256, 1024):
        write(f"cog-blocks-{size}", compress="DEFLATE", blocksize=size)
    write("cog-bigtiff", compress="LZW", bigtiff="YES")
    write("cog-jpeg-mask", bands=3, compress="JPEG", mask=True)
    write("cog-mask", compress="DEFLATE", mask=True)
    write("cog-sparse", compress="DEFLATE", sparse_ok=True, nodata=0)
    for interleave in ("BAND", "TILE"):
        write(f"cog-{interleave.lower()}", bands=3, compress="DEFLATE", interleave=interleave)
    write("small-without-overviews", side=500, compress="LZW", overviews="NONE")
    write("small-in-strips", side=100, driver="GTiff")
    write("one-tile", side=1024, driver="GTiff", tiled=True, blockxsize=1024, blockysize=1024)
    pixels = random.integers(0, 9, (2000, 2000)).astype("uint8")
    with tifffile.TiffWriter(folder / "big-endian.tif", bigtiff=True, byteorder=">") as file:
        file.write(pixels, tile=(256, 256))


def harmed() -> None:
    strips, tiled = write("strips", driver="GTiff"), write("tiled", driver="GTiff", tiled=True, compress="LZW")
    write("strips-of-600", side=600, driver="GTiff")
    add_overviews(strips, "gdaladdo-strips")
    added = add_overviews(tiled, "gdaladdo")
    rasterio.shutil.copy(added, folder / "copied.tif", driver="GTiff", tiled=True, copy_src_overviews=True)
    edited = copy(folder / "cog-deflate.tif", "edited")
    with rasterio.open(edited, "r+", **KEEP) as dataset:
        dataset.write(random.integers(0, 200, (1, *dataset.shape), dtype="uint8"))
    tagged = copy(folder / "cog-deflate.tif", "edited-tags")
    with rasterio.open(tagged, "r+", **KEEP) as dataset:
        dataset.update_tags(note="x" * 3000)
    pixels = random.integers(0, 9, (2000, 2000)).astype("uint8")
    with tifffile.TiffWriter(folder / "overviews-in-subdirectories.tif") as file:
        file.write(pixels, tile=(256, 256), subifds=1)
        file.write(pixels[::2, ::2], tile=(256, 256), subfiletype=1)
    with tifffile.TiffWriter(folder / "overview-larger.tif") as file:
        file.write(pixels[::2, ::2], tile=(256, 256))
        file.write(pixels, tile=(256, 256), subfiletype=1)
    layouts = ("cog-deflate", "cog-sparse", "cog-band", "cog-mask", "cog-bigtiff", "one-tile")
    for name, part in itertools.product(layouts, (10, 40, 70, 99)):
        content = (folder / f"{name}.tif").read_bytes()
        (folder / f"cut-{part}-{name}.tif").write_bytes(content[: len(content) * part // 100])
    for name in ("cog-deflate", "copied"):
        content = (folder / f"{name}.tif").read_bytes()
        kept = len(content) * 3 // 4
        (folder / f"zero-tail-{name}.tif").write_bytes(content[:kept] + bytes(len(content) - kept))


valid()
harmed()
