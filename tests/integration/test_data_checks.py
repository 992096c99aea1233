"""geotiff_info and csv_info on the sample data, whole and harmed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.baselines import TILES
from tests.support.modules import run_module

SET: dict[str, Any] = {
    "include": ["*.tif"],
    "dtype": "uint8",
    "prefix": "dw/",
    "key_pattern": r"DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif",
    "key_template": "{season}/{type:snake}/{filename}",
    "expect": {"type": ["Mode", "HighestConf", "Agreement"], "tile": [f"{y}-{x}" for y, x in TILES]},
    "season_group": "season",
    "tile_group": "tile",
    "mosaic_by": ["season", "type"],
    "alike": ["crs", "dtype", "bands", "nodata", "pixel_size"],
}


def test_the_sample_cogs_are_as_they_should_be(sample_data: Path) -> None:
    result = run_module("geotiff_info", {"path": str(sample_data / "dw_cogs"), **SET})
    size = sum(file.stat().st_size for file in (sample_data / "dw_cogs").iterdir())
    assert (result["changed"], result["files"], result["bytes"], result["checked"]) == (False, 132, size, True)
    assert (result["problems"], result["remarks"], result["crs"]) == ([], [], ["EPSG:4326"])
    assert (result["missing"], result["unexpected"], len(result["rasters"])) == ([], [], 132)
    second = result["rasters"][1]
    assert second["key"] == f"dw/2015_2016/agreement/{second['path']}"
    assert (second["row"], second["column"]) == (0, 1)


def test_a_missing_tile_fails_unless_it_may_be_missing(sample_data: Path) -> None:
    wanted = {"path": str(sample_data / "dw_cogs"), **SET, "expect": {"season": ["2014_2015"], "type": ["Mode"]}}
    failed = run_module("geotiff_info", wanted)
    assert "1 of 1 expected files are missing: season 2014_2015, type Mode. Bring them" in failed["msg"]
    assert len(run_module("geotiff_info", {**wanted, "on_missing": "warn"})["warnings"]) == 1


@pytest.mark.parametrize(
    ("on_problem", "failed", "warned"), [("fail", True, 0), ("warn", False, 1), ("ignore", False, 0)]
)
def test_a_harmed_cog_is_named(tmp_path: Path, on_problem: str, failed: bool, warned: int) -> None:
    (tmp_path / "text.tif").write_text("hello")
    result = run_module("geotiff_info", {"path": str(tmp_path), "on_problem": on_problem}, check=True)
    assert (result["failed"], len(result.get("warnings", []))) == (failed, warned)
    assert result["problems"] == [{"path": str(tmp_path / "text.tif"), "problem": "it is not a TIFF"}]
    if failed:
        assert "text.tif: it is not a TIFF. Repair or exclude them." in result["msg"]


CLAIMS: dict[str, Any] = {
    "batches": 23,
    "total_samples": 25000,
    "features": ["ndvi_peak", "evi_peak", "savi_peak"],
    "classes": ["cropland", "grass", "shrubland", "forest", "water", "builtup", "bare"],
}


@pytest.fixture
def training(sample_data: Path, tmp_path: Path) -> dict[str, Any]:
    shutil.copytree(sample_data / "training", tmp_path / "training")
    return {"path": str(tmp_path / "training"), "include": ["*.csv"], "class_column": "class", "claims": CLAIMS}


def test_the_claims_about_the_sample_are_true(training: dict[str, Any]) -> None:
    result = run_module("csv_info", training)
    assert (result["changed"], result["files"], result["rows"], result["false_claims"]) == (False, 23, 25000, [])
    assert sum(result["classes"].values()) == 25000


@pytest.mark.parametrize(
    ("on_false_claim", "failed", "warned"), [("fail", True, 0), ("warn", False, 1), ("ignore", False, 0)]
)
def test_a_false_claim_names_both_numbers(
    training: dict[str, Any],
    on_false_claim: str,
    failed: bool,
    warned: int,
) -> None:
    last = max(Path(training["path"]).iterdir())
    last.write_text("".join(last.read_text().splitlines(keepends=True)[:-1]))
    result = run_module("csv_info", {**training, "on_false_claim": on_false_claim})
    assert (result["failed"], len(result.get("warnings", []))) == (failed, warned)
    assert result["false_claims"] == [{"name": "total_samples", "claimed": "25000", "found": "24999"}]
    if failed:
        assert "total_samples: 25000 claimed, 24999 found" in result["msg"]


def test_a_missing_folder_is_one_message(tmp_path: Path) -> None:
    for module in ("geotiff_info", "csv_info"):
        failed = run_module(module, {"path": str(tmp_path / "no")}, check=True)
        assert f"Could not read the source folder {tmp_path}/no: there is no such folder on this host" in failed["msg"]
