"""A folder of GeoTIFFs as one set: what is said of names, kinds, contents and places, each on real files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio
from ansible.module_utils.objectstore.data.raster import RasterRules
from ansible.module_utils.objectstore.data.rasterset import RasterReport, SetRules, check_rasters, set_faults
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.selection import Selection
from rasterio.transform import Affine

from tests.support.baselines import TILES, Baseline, write_baseline

TYPES, SEASONS = ("HighestConf", "Mode"), ("2015_2016", "2016_2017")
TILE_NAMES = ["-".join(tile) for tile in TILES]
PARAMS: dict[str, Any] = {
    "prefix": "dw/",
    "key_pattern": r"DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif",
    "key_template": "{season}/{type:snake}/{filename}",
    "unmatched": "fail",
    "expect": {"season": list(SEASONS), "type": list(TYPES), "tile": TILE_NAMES},
    "season_group": "season",
    "tile_group": "tile",
    "mosaic_by": ["season", "type"],
    "alike": ["crs", "dtype", "bands", "nodata", "pixel_size"],
    "alike_by": None,
}


def name(tile: int, kind: str = "Mode", season: str = "2015_2016") -> str:
    """Tile 0 is that of the north-west, 1 that of the north-east, 2 south-west, 3 south-east."""
    return f"DW_Zim_{kind}_{season}-{TILE_NAMES[tile]}.tif"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for season in SEASONS:
        for kind in TYPES:
            for tile in TILES:
                write_baseline(folder, Baseline(kind, season, tile), seed=1, size=5_000)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "dw", copy_function=os.link))


def check(folder: Path, **params: Any) -> RasterReport:
    rules = SetRules.from_params({**PARAMS, **params})
    return check_rasters(str(folder), Selection(("*.tif",)), RasterRules(), rules)


def said(report: RasterReport) -> list[tuple[str, str]]:
    return [(Path(path).name, text) for path, text in report.problems]


def missing(report: RasterReport) -> str:
    fault = set_faults("dw", report, SetRules.from_params(PARAMS)).get("on_missing")
    return str(fault) if fault else ""


def test_a_whole_set_has_no_fault_and_each_tile_its_place(folder: Path) -> None:
    report = check(folder)
    assert (report.problems, report.remarks, report.names.coverage.missing, report.names.unexpected) == ((), (), (), ())
    rows = {row["path"]: row for row in report.as_dict()["rasters"]}
    places = {tile: (rows[name(tile)]["row"], rows[name(tile)]["column"]) for tile in range(4)}
    assert places == {0: (0, 0), 1: (0, 1), 2: (1, 0), 3: (1, 1)}
    assert rows[name(1)]["key"] == f"dw/2015_2016/mode/{name(1)}"
    assert rows[name(0)]["bounds"][2] == rows[name(1)]["bounds"][0], "the second one lies in the east"


def test_without_a_pattern_files_are_judged_one_by_one(folder: Path) -> None:
    shutil.copy(folder / name(0), folder / "other.tif")
    report = check_rasters(str(folder), Selection(("*.tif",)), RasterRules())
    assert (report.files, report.problems) == (17, ())
    assert {row["row"] for row in report.as_dict()["rasters"]} == {None}


def fresh(path: Path) -> Path:
    """A file of its own in place of the link."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    return path


def remade(path: Path, **changes: Any) -> None:
    """The same pixels with another profile."""
    with rasterio.open(path) as dataset:
        pixels, profile = dataset.read(), dataset.profile
    path.unlink()
    wanted = {**profile, "driver": "COG", "blocksize": 64, **changes}
    for option in ("tiled", "blockxsize", "blockysize", "interleave"):
        wanted.pop(option, None)
    with rasterio.Env(GDAL_VALIDATE_CREATION_OPTIONS="NO"), rasterio.open(path, "w", **wanted) as dataset:
        for band in range(wanted["count"]):
            dataset.write(pixels[0].astype(wanted["dtype"]), band + 1)


def moved(path: Path, columns: float, rows: float) -> None:
    with rasterio.open(path) as dataset:
        transform = dataset.transform @ Affine.translation(columns, rows)
    remade(path, transform=transform)


def swap(folder: Path, one: str, other: str) -> None:
    (folder / one).rename(folder / "kept")
    (folder / other).rename(folder / one)
    (folder / "kept").rename(folder / other)


def subfolder(folder: Path) -> None:
    (folder / "old").mkdir()
    shutil.copy(folder / name(0), folder / "old")
    fresh(folder / "old" / name(0)).write_bytes((folder / name(1)).read_bytes())


ADVICE = "remove one of them"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (
            lambda f: (f / name(0)).rename(f / name(0).replace(".tif", ".TIF")),
            (name(0)[:-4] + ".TIF", f"its name should be {name(0)}: rename it"),
        ),
        (
            lambda f: (f / name(0)).rename(f / f"{name(0)}f"),
            (f"{name(0)}f", f"its name should be {name(0)}: rename it"),
        ),
        (
            lambda f: (f / name(0)).rename(f / f"{name(0)}.crdownload"),
            (f"{name(0)}.crdownload", f"it is a download of {name(0)} that has not ended: finish it, or remove it"),
        ),
        (
            lambda f: shutil.copy(f / name(0), f / name(0).replace(".tif", " (1).tif")),
            (name(0).replace(".tif", " (1).tif"), f"it is beside {name(0)}: {ADVICE}"),
        ),
        (
            lambda f: (f / name(0)).rename(f / name(0, "mode")),
            (name(0, "mode"), "it is not expected: type mode is none of HighestConf, Mode, is Mode meant?"),
        ),
        (
            lambda f: (f / name(0)).rename(f / name(0, season="2015_2017")),
            (name(0, season="2015_2017"), "its season 2015_2017 is not two consecutive years"),
        ),
        (
            lambda f: (f / "notes.tif").write_bytes((f / name(0)).read_bytes()),
            ("notes.tif", "its name does not match key_pattern"),
        ),
        (
            lambda f: remade(f / name(0), crs="EPSG:4148"),
            (name(0), "its coordinate reference system is EPSG:4148, that of 15 others EPSG:4326"),
        ),
        (
            lambda f: remade(f / name(0), dtype="float32"),
            (name(0), "its data type is float32, that of 15 others uint8"),
        ),
        (lambda f: remade(f / name(0), nodata=0), (name(0), "its nodata value is 0, that of 15 others 255")),
        (lambda f: remade(f / name(0), nodata=None), (name(0), "its nodata value is none, that of 15 others 255")),
        (lambda f: remade(f / name(0), count=3), (name(0), "its number of bands is 3, that of 15 others 1")),
        (lambda f: moved(f / name(0), -3, 0), (name(0), "the 4 tiles of 2015_2016 Mode do not cover their rectangle")),
        (lambda f: moved(f / name(0), 2, 0), (name(1), f"it lies over {name(0)} by 2 x")),
        (lambda f: moved(f / name(3), 0.4, 0), (name(3), f"it lies 0.40 pixels off the grid of {name(0)}")),
        (
            lambda f: swap(f, name(0), name(3)),
            (name(0), "its name says row 0, column 0, but it lies in row 1, column 1"),
        ),
        (
            lambda f: shutil.copy(f / name(0), fresh(f / name(0, season="2016_2017"))),
            (name(0, season="2016_2017"), f"it has the same content as {name(0)}"),
        ),
    ],
    ids=[
        *("capitals", "tiff", "unfinished", "copy", "type in small letters", "season", "other name", "crs", "dtype"),
        *("nodata", "no nodata", "bands", "gap", "overlap", "off the grid", "names exchanged", "same content"),
    ],
)
def test_what_is_wrong_with_a_set_is_said_of_the_file(
    folder: Path, harm: Callable[[Path], object], expected: tuple[str, str]
) -> None:
    harm(folder)
    found = said(check(folder))
    assert [text for path, text in found if path == expected[0] and expected[1] in text], found


def test_names_with_the_column_first_are_told_once(folder: Path) -> None:
    for season in SEASONS:
        for kind in TYPES:
            swap(folder, name(1, kind, season), name(2, kind, season))
    report = check(folder)
    [(_, text)] = said(report)
    assert text.startswith("the numbers of tile are column and row in the names of 8 files, where they must be row and")
    assert {row["path"]: (row["row"], row["column"]) for row in report.as_dict()["rasters"]}[name(1)] == (1, 0)


def test_a_missing_tile_is_missing_and_no_gap(folder: Path) -> None:
    (folder / name(1)).unlink()
    report = check(folder)
    assert said(report) == []
    assert report.as_dict()["missing"] == [{"season": "2015_2016", "type": "Mode", "tile": TILE_NAMES[1]}]
    assert missing(report) == (
        "Could not find all files in dw: 1 of 16 expected files are missing: season 2015_2016, type Mode, tile "
        f"{TILE_NAMES[1]}. Bring them, or change what is expected."
    )


def test_without_a_matrix_a_missing_tile_is_a_gap(folder: Path) -> None:
    (folder / name(1)).unlink()
    [(_, text)] = said(check(folder, expect=None))
    assert text.startswith("the 3 tiles of 2015_2016 Mode do not cover their rectangle")
    assert text.endswith("there is none in row 0, column 1")


def test_the_same_name_in_a_subfolder(folder: Path) -> None:
    subfolder(folder)
    found = said(check(folder))
    advice = f"it has the name of {name(0)} and would take its place: remove one of them, or exclude old/"
    assert (name(0), advice) in found
    assert said(check(folder, key_template="{dir}/{filename}", mosaic_by=None, alike=None)) != []


def test_what_is_beyond_the_matrix_is_a_remark(folder: Path) -> None:
    for tile in range(4):
        write_baseline(folder, Baseline("Mode", "2017_2018", TILES[tile]), seed=1, size=5_000)
    report = check(folder)
    assert said(report) == []
    assert len(report.remarks) == len(report.names.unexpected) == 4
    assert "season 2017_2018 is none of 2015_2016, 2016_2017" in report.remarks[0].problem


def test_kinds_may_be_told_apart(folder: Path) -> None:
    for season in SEASONS:
        for tile in range(4):
            remade(folder / name(tile, season=season), nodata=0)
    assert said(check(folder, alike_by=["type"])) == []
    assert len(said(check(folder))) == 8


@pytest.mark.parametrize(("unmatched", "files", "problems"), [("fail", 17, 1), ("keep", 17, 0), ("skip", 16, 0)])
def test_files_of_other_names(folder: Path, unmatched: str, files: int, problems: int) -> None:
    shutil.copy(folder / name(0), folder / "notes.tif")
    report = check(folder, unmatched=unmatched)
    assert (report.files, len(report.problems)) == (files, problems)


@pytest.mark.parametrize("option", ["season_group", "tile_group", "mosaic_by", "alike_by"])
def test_a_group_that_is_none_is_refused(option: str) -> None:
    value = ["year"] if option.endswith("by") else "year"
    with pytest.raises(InvalidInputError, match=rf"Could not use {option}: 'year' is no named group of key_pattern"):
        SetRules.from_params({**PARAMS, option: value})
