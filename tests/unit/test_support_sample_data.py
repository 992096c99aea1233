"""The sample data is what the mission describes, repeatable, and safe to ask for twice."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
import rasterio

from tests.support.baselines import NODATA, TILES, Baseline, baselines, write_baseline
from tests.support.errors import SupportError
from tests.support.sample_data import SampleOptions, main, make_sample_data, parse_size

SMALL = SampleOptions(cog_size=20 * 1024)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("sample") / "data"
    assert make_sample_data(dest, SMALL)
    return dest


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_matrix_is_whole_and_no_two_files_are_alike(made: Path) -> None:
    found = digests(made / "dw_cogs")
    assert len(found) == len(set(found.values())) == 132
    assert "DW_Zim_HighestConf_2015_2016-0000000000-0000065536.tif" in found
    assert "DW_Zim_Agreement_2025_2026-0000065536-0000000000.tif" in found


def test_files_are_cogs_of_their_type(made: Path) -> None:
    for baseline in list(baselines())[::11]:
        with rasterio.open(made / "dw_cogs" / baseline.filename) as dataset:
            assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert dataset.overviews(1)
            assert dataset.profile["tiled"]
            assert (dataset.crs.to_epsg(), dataset.nodata) == (4326, NODATA)
            values = set(dataset.read(1).ravel().tolist()) - {NODATA}
            assert max(values) <= (100 if baseline.type == "Agreement" else 8)
            assert len(values) > 3


def test_footprints_make_a_grid_without_gaps() -> None:
    west, south, east, north = 0, 1, 2, 3
    bounds = {tile: Baseline("Mode", "2015_2016", tile).bounds for tile in TILES}
    first, right, below, corner = (bounds[tile] for tile in TILES)
    assert first[east] == pytest.approx(right[west]) == pytest.approx(corner[west])
    assert first[south] == pytest.approx(below[north]) == pytest.approx(corner[north])
    assert first[west] == below[west] < right[west]
    assert bounds["0000000000", "0000065536"] == right


def test_batches_hold_25000_samples_of_the_seven_classes(made: Path) -> None:
    paths = list((made / "training").glob("Zimbabwe_Full_Augmented_Batch_*.csv"))
    rows = []
    for path in paths:
        with path.open(newline="") as stream:
            rows += list(csv.DictReader(stream))
    assert (len(paths), len(rows)) == (23, 25_000)
    assert {row["class"] for row in rows} == {"cropland", "grass", "shrubland", "forest", "water", "builtup", "bare"}
    assert {"ndvi_peak", "evi_peak", "savi_peak"} <= set(rows[0])
    assert len({row["sample_id"] for row in rows}) == 25_000


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    one = next(iter(baselines()))
    again = write_baseline(tmp_path, one, seed=1, size=SMALL.cog_size)
    other = write_baseline(tmp_path / "..", one, seed=2, size=SMALL.cog_size)
    original = (made / "dw_cogs" / one.filename).read_bytes()
    assert again.read_bytes() == original != other.read_bytes()


def test_made_again_it_leaves_what_was_changed(made: Path) -> None:
    extra = made / "dw_cogs" / "extra"
    extra.write_text("x")
    assert not make_sample_data(made, SMALL)
    assert extra.exists()
    extra.unlink()


def test_a_folder_of_others_is_never_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dw_cogs").mkdir()
    (tmp_path / "dw_cogs" / "precious.tif").write_text("x")
    with pytest.raises(SupportError, match="not made here"):
        make_sample_data(tmp_path, SMALL)
    assert main(["--dest", str(tmp_path)]) == 1
    assert "name another folder" in capsys.readouterr().err
    assert (tmp_path / "dw_cogs" / "precious.tif").read_text() == "x"


@pytest.mark.parametrize(
    ("text", "size"), [("64KiB", 65536), ("60MiB", 62914560), ("60 MB", 60000000), ("12", 12), ("1kb", 1000)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size
