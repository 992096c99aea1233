"""What is said of GeoTIFFs that are not as they should be. The files are real, made and harmed by rasterio and hand."""

from __future__ import annotations

import builtins
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from ansible.module_utils.objectstore.data.raster import RasterRules
from ansible.module_utils.objectstore.data.rasterset import RasterReport, check_rasters
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.selection import Selection
from rasterio.control import GroundControlPoint
from rasterio.enums import Resampling
from rasterio.transform import from_origin

from tests.support.baselines import baselines, write_baseline

RULES = RasterRules(dtype="uint8")
SOMEWHERE = {"crs": "EPSG:32736", "transform": from_origin(200_000, 8_000_000, 10, 10)}

# a file that lies nowhere is what is written here, among others
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def check(folder: Path, rules: RasterRules = RULES) -> RasterReport:
    return check_rasters(str(folder), Selection(("*.tif",)), rules)


def said(path: Path, rules: RasterRules = RULES) -> list[str]:
    """What is said of the only file of a folder."""
    report = check(path.parent, rules)
    assert {problem.path for problem in report.problems} <= {str(path)}
    return [problem.problem for problem in report.problems]


def write(path: Path, *, driver: str = "COG", side: int = 1300, bands: int = 1, **options: Any) -> Path:
    """A GeoTIFF of blotches that compress to some 10 kB a tile."""
    rough = np.random.default_rng(1).integers(0, 9, (bands, side // 4 + 1, side // 4 + 1)).astype("uint8")
    pixels = rough.repeat(4, axis=1).repeat(4, axis=2)[:, :side, :side]
    profile = {"dtype": "uint8", "count": bands, "width": side, "height": side, "compress": "DEFLATE", **SOMEWHERE}
    with rasterio.open(path, "w", driver=driver, **{**profile, **options}) as dataset:
        dataset.write(pixels)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COG of 3 x 3 tiles and its overviews, as GDAL writes it."""
    return write(tmp_path_factory.mktemp("made") / "a.tif")


@pytest.fixture
def cog(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "a.tif"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_baseline(tmp_path, next(baselines()), seed=1, size=40_000)


def test_a_cog_is_as_it_should_be_and_its_facts_are_told(good: Path) -> None:
    report = check(good.parent)
    assert (report.files, report.bytes, report.reason) == (1, good.stat().st_size, "")
    assert (report.problems, report.remarks) == ((), ())
    result = report.as_dict()
    assert (result["crs"], result["dtypes"]) == (["EPSG:4326"], ["uint8"])
    with rasterio.open(good) as dataset:
        assert result["rasters"] == [
            {
                "path": good.name,
                "size": good.stat().st_size,
                "crs": "EPSG:4326",
                "transform": list(dataset.transform)[:6],
                "bounds": pytest.approx(list(dataset.bounds)),
                "shape": list(dataset.shape),
                "dtype": "uint8",
                "bands": 1,
                "nodata": 255,
                "block": list(dataset.block_shapes[0]),
                "compression": "none",
                "overviews": dataset.overviews(1),
                "key": good.name,
                "row": None,
                "column": None,
            }
        ]


def test_not_more_rasters_are_returned_than_are_asked_for(good: Path) -> None:
    shutil.copy(good, good.with_name("b.tif"))
    assert len(check(good.parent).as_dict(1)["rasters"]) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"side": 512, "overviews": "NONE"},
        {"side": 100, "driver": "GTiff", "compress": "NONE"},
        {"compress": "LZW", "bigtiff": "YES"},
        {"compress": "ZSTD", "bands": 4, "interleave": "BAND"},
        {"compress": "JPEG", "bands": 3},
        {"sparse_ok": True, "nodata": 0},
        {"blocksize": 1024},
    ],
    ids=["small, without overviews", "small, in strips", "BigTIFF", "bands apart", "JPEG", "sparse", "large tiles"],
)
def test_what_is_valid_is_not_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    assert said(write(tmp_path / "a.tif", **options)) == []


def test_a_mask_and_those_of_overviews_are_part_of_a_cog(tmp_path: Path) -> None:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        path = write(tmp_path / "a.tif", driver="GTiff", tiled=True)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(np.tri(dataset.height, dtype="uint8") * 255)
        rasterio.shutil.copy(path, tmp_path / "b.tif", driver="COG", compress="DEFLATE")
    path.unlink()
    assert said(tmp_path / "b.tif") == []


def strips(path: Path) -> None:
    write(path, driver="GTiff")


def added(path: Path) -> None:
    write(path, driver="GTiff", tiled=True)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.nearest)


def edited(path: Path) -> None:
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as dataset:
        dataset.write(np.random.default_rng(2).integers(0, 200, (1, *dataset.shape), dtype="uint8"))


def tagged(path: Path) -> None:
    """An edit of a file whose ghost area says nothing."""
    write(path, driver="GTiff", tiled=True, side=500)
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(note="x" * 5000)


def place_less(path: Path) -> None:
    write(path, side=300, transform=None)


def by_points(path: Path) -> None:
    corners = [(0, 0), (0, 300), (300, 0), (300, 300)]
    points = [GroundControlPoint(row=row, col=column, x=25 + column, y=-15 - row) for row, column in corners]
    write(path, side=300, transform=None, crs="EPSG:4326", gcps=points)


def entry_of(content: bytearray, directory: int, tag: int) -> int:
    """Where the value of an entry of a directory lies."""
    (count,) = struct.unpack_from("<H", content, directory)
    for place in range(directory + 2, directory + 2 + 12 * count, 12):
        if struct.unpack_from("<H", content, place) == (tag,):
            return place + 8
    raise AssertionError(tag)


def directories(content: bytes) -> list[int]:
    """Where the directories of a little-endian TIFF begin."""
    (place,) = struct.unpack_from("<I", content, 4)
    found = []
    while place:
        found.append(place)
        (count,) = struct.unpack_from("<H", content, place)
        (place,) = struct.unpack_from("<I", content, place + 2 + 12 * count)
    return found


def replaced(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(path.read_bytes())) and None


def patched(directory: int, tag: int, *values: int, form: str = "<H") -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        patched = bytearray(content)
        struct.pack_into(form, patched, entry_of(patched, directories(content)[directory], tag), *values)
        return bytes(patched)

    return change


def equal(path: Path) -> None:
    for tag in (256, 257):
        replaced(patched(0, tag, 650))(path)


def circle(content: bytes) -> bytes:
    patched, places = bytearray(content), directories(content)
    (count,) = struct.unpack_from("<H", content, places[-1])
    struct.pack_into("<I", patched, places[-1] + 2 + 12 * count, places[0])
    return bytes(patched)


def zeros(start: float, end: float) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        first, last = int(len(content) * start), int(len(content) * end)
        return content[:first] + bytes(last - first) + content[last:]

    return change


def other_leader(content: bytes) -> bytes:
    """A block without its size before it, as a program writes it that knows nothing of the ghost area."""
    (place,) = struct.unpack_from("<I", content, entry_of(bytearray(content), directories(content)[0], 324))
    (block,) = struct.unpack_from("<I", content, place)
    return content[: block - 4] + b"\1\2\3\4" + content[block:]


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (strips, ["it has no overviews", "it is stored in strips, not in tiles"]),
        (added, ["its overviews were added to a file that was there (gdaladdo)"]),
        (edited, ["it was edited in place after it was made, which its ghost area says"]),
        (tagged, ["it was edited in place, or never laid out for reading over HTTP"]),
        (place_less, ["it has a coordinate reference system, but no transform: nothing says where it lies"]),
        (by_points, ["it lies by 4 ground control points alone, without a transform: warp it (gdalwarp)"]),
        (replaced(lambda content: b"hello" + content), ["it is not a TIFF"]),
        (replaced(lambda content: content[:0]), ["it is empty (0 bytes)"]),
        (replaced(lambda content: content[:3]), ["it is not a TIFF"]),
        (replaced(lambda content: content[:300]), ["it is cut short: what its header names ends at byte"]),
        (replaced(lambda content: content[: len(content) // 2]), ["it is cut short: its last block ends at byte"]),
        (replaced(lambda content: content[:-5]), ["it is cut short: its last block ends at byte"]),
        (replaced(zeros(0.7, 1)), ["it has a hole: at byte"]),
        (replaced(zeros(0.5, 0.6)), ["it has a hole: at byte"]),
        (replaced(other_leader), ["it was written into after it was made: the block at byte"]),
        (
            replaced(patched(0, 256, 600)),
            ["its overview 1 (650 x 650) is larger than the image before it (600 x 1300)"],
        ),
        (equal, ["its overview 1 is as large as the image before it (650 x 650)"]),
        (replaced(circle), ["it is damaged: its directories go in a circle at byte"]),
        (replaced(patched(0, 256, 0)), ["it is damaged: its image at byte 192 has a side of 0"]),
        (replaced(patched(0, 322, 16)), ["it is damaged: it names 9 of the 246 blocks of its image at byte 192"]),
        (replaced(patched(0, 324, 2**32 - 9, form="<I")), ["it is cut short: what its header names ends at byte"]),
    ],
    ids=[
        *("strips", "gdaladdo", "edited", "edited without ghost", "no transform", "points", "other format", "empty"),
        *("three bytes", "header only", "half", "last bytes", "zero tail", "hole", "leader", "larger overview"),
        *("equal overview", "circle", "no width", "too few blocks", "beyond the end"),
    ],
)
def test_a_harmed_file_is_named_with_its_problems(cog: Path, harm: Callable[[Path], None], expected: list[str]) -> None:
    harm(cog)
    found = said(cog)
    assert len(found) == len(expected), found
    for problem, text in zip(found, expected, strict=True):
        assert text in problem


def test_every_truncation_of_every_layout_is_seen(tmp_path: Path) -> None:
    """Sparse with an empty corner, bands apart, a mask: whichever block is the last one in the file counts."""
    pixels = np.zeros((3, 1100, 1100), "uint8")
    pixels[:, :600, :600] = np.random.default_rng(1).integers(0, 9, (3, 600, 600))
    profile = {"dtype": "uint8", "count": 3, "width": 1100, "height": 1100, "compress": "LZW", "nodata": 0, **SOMEWHERE}
    for number, options in enumerate(({"sparse_ok": True}, {"interleave": "BAND"}, {"interleave": "PIXEL"})):
        path = tmp_path / f"{number}" / "a.tif"
        path.parent.mkdir()
        with rasterio.open(path, "w", driver="COG", **{**profile, **options}) as dataset:
            dataset.write(pixels)
        assert said(path) == []
        whole = path.read_bytes()
        for part in range(1, 60):
            path.write_bytes(whole[: len(whole) * part // 60])
            assert said(path)[0].startswith("it is cut short"), part


def test_a_large_image_without_overviews_is_a_remark_where_none_must_be(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", overviews="NONE")
    report = check(tmp_path, RasterRules(overviews=False))
    assert (report.problems, report.remarks) == ((), ((str(path), "it has no overviews"),))


def test_one_file_that_is_damaged_leaves_the_others_judged(cog: Path) -> None:
    damaged = cog.with_name("b.tif")
    damaged.write_bytes(patched(0, 256, 600)(cog.read_bytes()))
    report = check(cog.parent)
    assert {problem.path for problem in report.problems} == {str(damaged)}
    assert len(report.rasters) == 2


def test_another_data_type_is_a_problem(good: Path) -> None:
    assert check(good.parent, RasterRules(dtype="uint16")).problems[0].problem == "its data type is uint8, not uint16"


def test_a_dangling_link_is_a_problem_and_an_excluded_file_is_none(good: Path) -> None:
    (good.parent / "gone.tif").symlink_to("/nowhere/at/all")
    (good.parent / "note.txt").write_text("not a raster")
    assert [Path(problem.path).name for problem in check(good.parent).problems] == ["gone.tif"]


def test_overviews_in_a_file_of_their_own_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", overviews="NONE")
    (tmp_path / "a.tif.ovr").write_bytes(b"II*\x00")
    assert said(path) == [
        "it has overviews in a file of their own, a.tif.ovr: they must be inside of it",
        "it has no overviews",
    ]


def test_a_folder_without_rasters_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file that matches \*\.tif"):
        check(tmp_path)


def test_without_rasterio_the_report_says_so_and_the_structure_still_counts(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "rasterio":
            raise ModuleNotFoundError("No module named 'rasterio'", name=name)
        return real(name, *args, **kwargs)

    (good.parent / "text.tif").write_text("hello")
    monkeypatch.setattr(builtins, "__import__", without)
    report = check(good.parent)
    assert "rasterio" in report.reason
    assert not report.as_dict()["checked"]
    assert [(Path(path).name, problem) for path, problem in report.problems] == [("text.tif", "it is not a TIFF")]
    assert report.as_dict()["rasters"][0]["transform"] is None
