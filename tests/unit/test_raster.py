"""What is said of GeoTIFFs that are not as they should be. The files are real, made and cut by rasterio and hand."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from ansible.module_utils.objectstore.data.raster import RasterReport, RasterRules, check_rasters
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.selection import Selection
from rasterio.transform import from_origin

from tests.support.baselines import baselines, write_baseline

RULES = RasterRules(dtype="uint8")


def check(folder: Path, rules: RasterRules = RULES) -> RasterReport:
    return check_rasters(str(folder), Selection(("*.tif",)), rules)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_baseline(tmp_path, next(baselines()), seed=1, size=40_000)


def strips(path: Path) -> None:
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=300, count=1, dtype="uint8", transform=from_origin(25, -15, 1, 1)
    ) as dataset:
        dataset.write(np.zeros((1, 300, 300), "uint8"))


def replaced(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(path.read_bytes())) and None


def test_a_cog_is_as_it_should_be(good: Path) -> None:
    report = check(good.parent)
    assert report == RasterReport(1, good.stat().st_size, "", (), ("EPSG:4326",), ("uint8",))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (strips, ["in strips", "no overviews", "no coordinate reference system"]),
        (replaced(lambda content: b"hello" + content), ["not a TIFF"]),
        (replaced(lambda content: content[:300]), ["cannot be opened as a GeoTIFF"]),
        (replaced(lambda content: content[: len(content) // 2]), ["cut short"]),
        (replaced(lambda content: content[:0]), ["not a TIFF"]),
    ],
    ids=["no cog", "other format", "header only", "cut in half", "empty"],
)
def test_a_harmed_file_is_named_with_its_problems(good: Path, harm: Callable[[Path], None], said: list[str]) -> None:
    harm(good)
    problems = check(good.parent).problems
    assert {problem.path for problem in problems} == {str(good)}
    assert all(any(text in problem.problem for problem in problems) for text in said), problems


def test_another_data_type_is_a_problem(good: Path) -> None:
    assert check(good.parent, RasterRules(dtype="uint16")).problems[0].problem == "its data type is uint8, not uint16"


def test_a_dangling_link_is_a_problem_and_an_excluded_file_is_none(good: Path) -> None:
    (good.parent / "gone.tif").symlink_to("/nowhere/at/all")
    (good.parent / "note.txt").write_text("not a raster")
    assert [Path(problem.path).name for problem in check(good.parent).problems] == ["gone.tif"]


def test_overviews_in_a_file_of_their_own_do_not_count(tmp_path: Path) -> None:
    strips(tmp_path / "a.tif")
    (tmp_path / "a.tif.ovr").write_bytes(b"II*\x00")
    assert "it has no overviews" in [problem.problem for problem in check(tmp_path).problems]


def test_a_folder_without_rasters_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file that matches \*\.tif"):
        check(tmp_path)


def test_without_rasterio_the_report_says_so_and_the_first_bytes_still_count(
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
