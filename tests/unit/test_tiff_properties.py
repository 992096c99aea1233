"""Whatever a TIFF's header says, there is a report of the file: no other error, no endless reading, little memory."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import rasterio
from ansible.module_utils.objectstore.data.raster import RasterRules, look_at
from ansible.module_utils.objectstore.data.rasterset import check_rasters
from ansible.module_utils.objectstore.trees.localfs import look_at as stat_of
from ansible.module_utils.objectstore.values.model import LocalFile
from ansible.module_utils.objectstore.values.selection import Selection
from hypothesis import given, settings
from hypothesis import strategies as st

#: Bytes that a look at a file of some kB may need at most.
_MEMORY = 8 << 20
#: Where the directories of the made files end.
_HEADER = 1500

LAYOUTS = [
    {"driver": "COG", "compress": "DEFLATE"},
    {"driver": "COG", "compress": "LZW", "bigtiff": "YES", "interleave": "BAND"},
    {"driver": "GTiff", "endianness": "BIG", "tiled": True, "blockxsize": 64, "blockysize": 64},
    {"driver": "GTiff"},
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    pixels = np.random.default_rng(1).integers(0, 9, (2, 600, 600)).astype("uint8")
    found = []
    for number, options in enumerate(LAYOUTS):
        path = folder / f"{number}.tif"
        profile = {"dtype": "uint8", "count": 2, "width": 600, "height": 600, "crs": "EPSG:4326"}
        transform = rasterio.transform.from_origin(25, -15, 0.1, 0.1)
        with rasterio.open(path, "w", transform=transform, **{**profile, **options}) as dataset:
            dataset.write(pixels)
        found.append(path.read_bytes())
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place") / "a.tif"


def local(path: Path) -> LocalFile:
    found = stat_of(str(path), path.name)
    assert isinstance(found, LocalFile)
    return found


edits = st.lists(
    st.tuples(
        st.integers(0, _HEADER),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from(
                [struct.pack(form, value) for form in ("<I", ">I", "<Q") for value in (0, 8, 2**31, 2**32 - 1)]
            ),
        ),
    ),
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(layout=st.integers(0, len(LAYOUTS) - 1), changes=edits, kept=st.floats(0, 1))
def test_a_file_that_was_cut_and_written_into_is_reported(
    whole: list[bytes], place: Path, layout: int, changes: list[tuple[int, bytes]], kept: float
) -> None:
    content = bytearray(whole[layout])
    for offset, text in changes:
        content[offset : offset + len(text)] = text
    place.write_bytes(content[: round(len(content) * kept)] if kept < 0.9 else content)
    tracemalloc.start()
    seen = look_at(local(place), RasterRules(), None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < _MEMORY
    assert seen.errors or seen.raster
    assert all(isinstance(text, str) and text for text in seen.errors)


@settings(max_examples=60, deadline=None)
@given(layout=st.integers(0, len(LAYOUTS) - 1), changes=edits)
@pytest.mark.filterwarnings("ignore")
def test_so_it_is_by_way_of_gdal(
    whole: list[bytes], place: Path, layout: int, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(whole[layout])
    for offset, text in changes:
        content[offset : offset + len(text)] = text
    place.write_bytes(content)
    assert check_rasters(str(place.parent), Selection(("*.tif",)), RasterRules()).files == 1


@settings(max_examples=200, deadline=None)
@given(layout=st.integers(0, len(LAYOUTS) - 1), missing=st.integers(1, 4000))
def test_whatever_is_missing_at_the_end_is_missed(whole: list[bytes], place: Path, layout: int, missing: int) -> None:
    place.write_bytes(whole[layout][: -4 - missing])  # GDAL's last four bytes are a trailer, and no block
    assert any("cut short" in text for text in look_at(local(place), RasterRules(), None).errors)
