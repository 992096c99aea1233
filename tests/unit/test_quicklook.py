"""Pictures of GeoTIFFs: read from real files, judged by GDAL's own PNG reader."""

from __future__ import annotations

import base64
import builtins
import shutil
from pathlib import Path
from typing import Any

import pytest
import rasterio
from ansible.module_utils.objectstore.data.quicklook import QuicklookSpec, indexed_png, make_quicklooks
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from rasterio.io import MemoryFile

from tests.support.baselines import CLASS_COLOURS, Baseline, write_baseline

PATTERN = r"DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif"
CLASSES = [
    {"value": value, "name": str(value), "color": "#{:02x}{:02x}{:02x}".format(*colour)}
    for value, colour in enumerate(CLASS_COLOURS)
]
LEGEND = {"applies_to": {"type": ["Mode"]}, "classes": CLASSES}
TILES = [
    Baseline(kind, season, ("0000000000", "0000000000"))
    for kind in ("Agreement", "Mode")
    for season in ("2015_2016", "2016_2017")
]

# a PNG has no place on the earth
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def spec(**changes: Any) -> QuicklookSpec:
    given = {
        "include": ["*.tif"],
        "exclude": [],
        "key_pattern": PATTERN,
        "newest": "season",
        "side": 64,
        "legend": LEGEND,
    }
    return QuicklookSpec.from_params({**given, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cogs")
    for tile in TILES:
        write_baseline(made, tile, seed=1, size=64 * 1024)
    return made


def pixels(tile: dict[str, Any]) -> Any:
    """Red, green, blue and transparency, as GDAL decodes them."""
    with MemoryFile(base64.b64decode(tile["png"])) as file, file.open(driver="PNG") as dataset:
        colours = dataset.colormap(1)
        return [[colours[value] for value in row] for row in dataset.read(1).tolist()]


def test_the_newest_season_is_shown_small_and_in_its_place(folder: Path) -> None:
    found = make_quicklooks(str(folder), spec()).as_dict()
    assert (found["newest"], found["reason"], found["problems"]) == ("2016_2017", "", [])
    agreement, mode = found["tiles"]
    assert [tile["groups"]["season"] for tile in found["tiles"]] == ["2016_2017"] * 2
    assert mode["bounds"] == pytest.approx(TILES[0].bounds)
    assert (mode["crs"], mode["geographic"]) == ("EPSG:4326", True)
    assert agreement["classes"] == {}
    seen = pixels(mode)
    assert len(seen) == len(seen[0]) == 64
    assert seen[0][0][3] == 0, "the corner has no data"
    colours = {pixel[:3] for row in seen for pixel in row if pixel[3]}
    assert colours <= set(CLASS_COLOURS)
    assert sum(mode["classes"].values()) == sum(1 for row in seen for pixel in row if pixel[3])
    assert 0 <= found["low"] < found["high"] <= 100
    shades = {pixel[:3] for row in pixels(agreement) for pixel in row if pixel[3]}
    assert max(sum(shade) for shade in shades) > 600
    assert min(sum(shade) for shade in shades) < 300


def test_without_a_group_all_files_are_shown_and_without_a_legend_as_values(folder: Path) -> None:
    found = make_quicklooks(str(folder), spec(newest=None, legend=None)).as_dict()
    assert (found["newest"], len(found["tiles"])) == ("", 4)
    assert [tile["classes"] for tile in found["tiles"]] == [{}] * 4


def test_what_one_file_does_is_its_own_problem(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        shutil.copy(path, tmp_path)
    last = tmp_path / TILES[3].filename
    last.write_bytes(last.read_bytes()[:5000])
    nowhere = tmp_path / TILES[1].filename
    with rasterio.open(folder / nowhere.name) as source:
        values = source.read(1)
    with rasterio.open(nowhere, "w", driver="GTiff", dtype="uint8", count=1, width=96, height=96) as target:
        target.write(values[:96, :96], 1)
    found = make_quicklooks(str(tmp_path), spec()).as_dict()
    assert found["tiles"] == []
    assert [problem["problem"][:17] for problem in found["problems"]] == ["it cannot be read", "it has no place o"]


def test_without_rasterio_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == "rasterio":
            raise ImportError("No module named 'rasterio'")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    found = make_quicklooks(str(folder), spec()).as_dict()
    assert found["tiles"] == []
    assert found["reason"] == "the Python library rasterio cannot be used here (No module named 'rasterio')"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"side": 0}, "side is 0"),
        ({"side": 513}, "from 1 to 512"),
        ({"newest": "year"}, "no group of this name"),
        ({"key_pattern": "("}, "no regular expression"),
        ({"legend": {"classes": [{"value": 0, "color": "red;}"}]}}, "it is none"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        spec(**changes)


def test_a_png_is_one_that_others_read() -> None:
    png = indexed_png(bytes([0, 1, 2, 0, 1, 2]), 3, 2, [(255, 0, 0), (0, 255, 0)])
    red, green, nothing = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 0, 0)
    assert pixels({"png": base64.b64encode(png)}) == [[red, green, nothing]] * 2
