"""The index and what is made of the same values: its schema, the STAC catalog, mosaics, and three-way comparison."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.module_utils.objectstore.manifests.facts import RasterFacts
from ansible.module_utils.objectstore.manifests.index import Sight, StoredIndex
from ansible.module_utils.objectstore.manifests.jsontext import json_text
from ansible.module_utils.objectstore.manifests.manifest import Entry
from ansible.module_utils.objectstore.manifests.schema import SCHEMA, schema_text
from ansible.module_utils.objectstore.manifests.verdicts import three_ways
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.model import LocalFile
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.support.paths import REPO
from tests.support.published import OPTIONS, SIZE, TILES, entries, names, published, raster, spec

FILES = names()
RASTERS = [raster(name) for name in FILES]
INDEX = "manifests/index.json"


def index_of(stored: bytes | None = None, **changes: Any) -> dict[str, Any]:
    contents, _ = published(entries(FILES), spec(**{"rasters": RASTERS, **changes}), stored)
    document: dict[str, Any] = json.loads(contents[INDEX])
    return document


# --- the index ---------------------------------------------------------------------------------------------------


def test_the_index_says_of_each_object_what_pins_it_and_what_is_known() -> None:
    index = index_of()
    leaf = index["objects"]["2015_2016"]["Mode"][TILES[1]]
    assert leaf == {
        "key": f"dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-{TILES[1]}.tif",
        "size": SIZE,
        "etag": f"{5:032x}",
        "version_id": None,
        "sha256": None,
        **{name: value for name, value in raster(FILES[1]).items() if name not in ("path", "size")},
    }
    assert (leaf["row"], leaf["column"]) == (0, 1), "the first number of a name is the row"
    head = {name: value for name, value in index.items() if name not in ("objects", "legend", "mosaics")}
    assert head == {
        "$schema": "index.schema.json",
        "schema_version": 1,
        "bucket": "geocrop-baselines",
        "prefix": "dw/zim/summer/",
        "base_url": "http://store:9000/geocrop-baselines",
        "count": 8,
        "bytes": 8 * SIZE,
        "levels": ["season", "type", "tile"],
        "catalog": "stac/dw/collection.json",
    }
    assert index["mosaics"] == {"2015_2016": {kind: f"vrt/dw/2015_2016/{kind}.vrt" for kind in ("Agreement", "Mode")}}
    assert index["legend"]["applies_to"] == {"type": ["Mode"]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rasters": None},
        {"base_url": None, "legend": None, "stac": None, "vrt_prefix": None},
        {
            "index_by": ["tile"],
            "key_pattern": r".*_(?P<tile>Mode_.*)\.tif",
            "key_template": None,
            "stac": None,
            "legend": None,
        },
    ],
)
def test_every_index_is_as_its_schema_says(changes: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(index_of(**changes))


def test_the_schema_finds_an_object_that_lacks_its_pin() -> None:
    index = index_of()
    del index["objects"]["2015_2016"]["Mode"][TILES[0]]["etag"]
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(index)] == [
        "'etag' is a required property"
    ]


def test_the_schema_is_written_to_the_store_and_to_the_documentation() -> None:
    contents, _ = published(entries(FILES), spec())
    assert contents["manifests/index.schema.json"] == schema_text()
    assert (REPO / "docs" / "index.schema.json").read_bytes() == schema_text()


def test_what_is_known_of_the_same_content_is_kept_and_of_other_content_is_not() -> None:
    known, _ = published(entries(FILES), spec(rasters=RASTERS))
    kept = index_of(known[INDEX], rasters=None)
    assert kept == index_of()
    changed = tuple(entry._replace(etag="f" * 32) for entry in entries(FILES))
    contents, _ = published(changed, spec(rasters=None), known[INDEX])
    assert {leaf["crs"] for _, leaf in StoredIndex.parse(contents[INDEX]).objects.values()} == {None}


def test_a_file_of_another_size_says_nothing_of_the_object() -> None:
    index = index_of(rasters=[raster(name, size=SIZE - 1) for name in FILES])
    assert index["objects"]["2015_2016"]["Mode"][TILES[0]]["crs"] is None


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"objects": {"a": 1}}', b"\xff", b"[" * 100_000])
def test_an_index_that_cannot_be_read_is_no_traceback(text: bytes) -> None:
    assert StoredIndex.parse(text).problem
    assert index_of(text) == index_of()


@pytest.mark.parametrize(
    ("nodata", "kept"), [(255.0, 255), (0.5, 0.5), (math.nan, "nan"), (-math.inf, "-inf"), ("nan", "nan"), (None, None)]
)
def test_nodata_is_a_value_that_json_has(nodata: Any, kept: Any) -> None:
    found = RasterFacts.of({"nodata": nodata}).nodata
    assert (found, type(found)) == (kept, type(kept))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_its_text_is_json_with_one_line_for_each_innermost_object(value: Any) -> None:
    assert json.loads(json_text(value)) == value


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rasters": [{"path": "a.tif"}]}, "has no path and size"),
        ({"legend": {"classes": [{"value": 0, "name": "water", "color": "blue"}]}}, "'blue' is no colour"),
        ({"legend": {"classes": [{"value": 0, "name": "a", "color": "#000000"}] * 2}}, "the same value"),
        ({"legend": {"classes": [], "applies_to": {"kind": ["Mode"]}}}, "applies_to has 'kind'"),
        ({"stac": {**OPTIONS["stac"], "period_group": "year"}}, "'year' is no named group"),
        ({"stac": {**OPTIONS["stac"], "period": ["09-31", "05-31"]}}, "the period is"),
        ({"stac": {**OPTIONS["stac"], "prefix": "/"}}, "use stac.prefix: it is empty"),
        ({"vrt_prefix": "a/../b"}, "object key"),
        ({"key_pattern": None, "key_template": None, "index_by": None, "object": None}, "Set key_pattern"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        spec(**changes)
    assert said in str(refused.value)


# --- the catalog -------------------------------------------------------------------------------------------------


def item(name: str, **changes: Any) -> dict[str, Any]:
    objects = entries(FILES, **changes.pop("entry", {}))
    contents, _ = published(objects, spec(**{"rasters": RASTERS, **changes}))
    document: dict[str, Any] = json.loads(contents[f"stac/dw/items/{Path(name).stem}.json"])
    return document


def test_an_item_says_where_and_when_and_names_its_file() -> None:
    found = item(FILES[-1])
    assert found["bbox"] == [26.0, -16.6, 27.0, -15.8]
    assert found["properties"]["start_datetime"] == "2015-09-01T00:00:00Z"
    assert found["properties"]["end_datetime"] == "2016-05-31T23:59:59Z"
    assert found["properties"]["geocrop:type"] == "Mode"
    asset = found["assets"]["data"]
    assert asset["href"] == f"../../../dw/zim/summer/2015_2016/mode/{FILES[-1]}"
    assert asset["file:checksum"] == f"d50110{7:032x}"
    assert asset["nodata"] == 255
    assert asset["classification:classes"][1] == {"value": 2, "name": "grass", "color_hint": "88B053"}
    assert asset["raster:spatial_resolution"] == pytest.approx(1091, abs=1)
    assert "classification:classes" not in item(FILES[0])["assets"]["data"], "the values of Agreement are no classes"


@pytest.mark.parametrize(
    ("entry", "checksum"),
    [
        ({"sha256": "a" * 64}, "1220" + "a" * 64),
        ({"etag": f"{'b' * 32}-2"}, None),
        ({"opaque": True}, None),
        ({"etag": None}, None),
    ],
)
def test_a_checksum_is_a_digest_of_the_content_or_left_out(entry: dict[str, Any], checksum: str | None) -> None:
    assert item(FILES[0], entry=entry)["assets"]["data"].get("file:checksum") == checksum


def test_what_is_not_known_is_left_out() -> None:
    found = item(FILES[0], rasters=None)
    assert found["geometry"] is None
    assert "bbox" not in found
    assert [url.split("/")[3] for url in found["stac_extensions"]] == ["file"]
    metres = item(FILES[0], rasters=[{**row, "crs": "EPSG:32735"} for row in RASTERS])
    assert metres["geometry"] is None, "degrees would take a projection library"
    assert metres["properties"]["proj:code"] == "EPSG:32735"


@pytest.mark.parametrize(
    ("season", "period", "times"),
    [
        ("2015_2016", ("11-01", "04-30"), ("2015-11-01T00:00:00Z", "2016-04-30T23:59:59Z")),
        ("2015", ("11-01", "04-30"), ("2015-11-01T00:00:00Z", "2016-04-30T23:59:59Z")),
        ("2015", ("01-01", "12-31"), ("2015-01-01T00:00:00Z", "2015-12-31T23:59:59Z")),
    ],
)
def test_a_season_lies_in_its_years(season: str, period: tuple[str, str], times: tuple[str, str]) -> None:
    stac = spec(stac={**OPTIONS["stac"], "period": list(period)}).stac
    assert stac is not None
    assert stac.times({"season": season}) == times


def test_a_season_without_a_year_is_refused() -> None:
    stac = spec().stac
    assert stac is not None
    with pytest.raises(InvalidInputError, match="'summer' has no year"):
        stac.times({"season": "summer"})


def test_two_files_that_would_be_one_item_are_refused() -> None:
    pattern = r"(?P<season>\d{4})/(?P<tile>\w+)\.tif"
    objects = tuple(Entry(f"{year}/north.tif", 1, None) for year in (2015, 2016))
    with pytest.raises(InvalidInputError, match=r"2015/north\.tif and 2016/north\.tif would both be"):
        published(
            objects,
            spec(prefix="", key_pattern=pattern, key_template=None, index_by=None, legend=None),
        )


# --- mosaics -----------------------------------------------------------------------------------------------------


def vrt(kind: str) -> ElementTree.Element:
    contents, _ = published(entries(FILES), spec(rasters=RASTERS))
    return ElementTree.fromstring(contents[f"vrt/dw/2015_2016/{kind}.vrt"])  # noqa: S314  # made a line ago


def test_a_mosaic_has_each_tile_in_its_place() -> None:
    root = vrt("Mode")
    assert root.attrib == {"rasterXSize": "200", "rasterYSize": "160"}
    assert root.findtext("GeoTransform") == "25.0, 0.01, 0.0, -15.0, 0.0, -0.01"
    places = {
        (source.findtext("SourceFilename") or "")[-25:-4]: (rect.attrib["xOff"], rect.attrib["yOff"])
        for source in root.iter("SimpleSource")
        for rect in source.iter("DstRect")
    }
    assert places == dict(zip(TILES, [("0", "0"), ("100", "0"), ("0", "80"), ("100", "80")], strict=True))
    (source, *_) = root.iter("SourceFilename")
    assert (source.text or "").startswith("/vsis3/geocrop-baselines/dw/zim/summer/2015_2016/mode/DW_Zim_Mode")
    assert [category.text for category in root.iter("Category")] == ["water", None, "grass"]
    assert [entry.attrib["c1"] for entry in root.iter("Entry")] == ["65", "0", "136"]
    assert not list(vrt("Agreement").iter("ColorTable"))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"crs": "EPSG:32735"}, "its tiles differ in crs"),
        ({"dtype": "float32"}, "its tiles differ in dtype"),
        ({"nodata": 0}, "its tiles differ in nodata"),
        ({"bands": 3}, "its tiles differ in bands"),
        ({"transform": None}, "it is not known where"),
        ({"transform": [0.01, 0.001, 25.0, 0.0, -0.01, -15.0]}, "its tiles are not north up"),
        ({"transform": [0.01, 0.0, 25.003, 0.0, -0.01, -15.0]}, "does not lie on the grid of the others"),
        ({"transform": [0.0101, 0.0, 25.0, 0.0, -0.0101, -15.0]}, "does not lie on the grid of the others"),
    ],
)
def test_tiles_that_are_no_image_together_get_no_mosaic(facts: dict[str, Any], why: str) -> None:
    rasters = [raster(name, **(facts if name == FILES[0] else {})) for name in FILES]
    contents, publication = published(entries(FILES), spec(rasters=rasters))
    assert [key for key in contents if key.endswith(".vrt")] == ["vrt/dw/2015_2016/Mode.vrt"]
    (warning,) = publication.warnings
    assert warning.startswith("1 mosaic (2015_2016 Agreement) left out: ")
    assert why in warning
    assert json.loads(contents[INDEX])["mosaics"] == {"2015_2016": {"Mode": "vrt/dw/2015_2016/Mode.vrt"}}


def test_a_type_that_gdal_does_not_have_gets_no_mosaic() -> None:
    _, publication = published(entries(FILES), spec(rasters=[{**row, "dtype": "bfloat16"} for row in RASTERS]))
    assert "GDAL has no data type bfloat16" in publication.warnings[0]


def test_the_index_is_written_last_and_the_collection_after_its_items() -> None:
    _, publication = published(entries(FILES), spec(rasters=RASTERS))
    keys = [one.place.name for one in publication.documents]
    assert keys[-1].endswith("/manifests/index.json")
    assert keys.index("geocrop-baselines/stac/dw/collection.json") > max(
        number for number, key in enumerate(keys) if "/items/" in key
    )


# --- three ways --------------------------------------------------------------------------------------------------

CONTENTS = st.none() | st.sampled_from("ab")


@given(st.dictionaries(st.sampled_from(["k1", "k2"]), st.tuples(CONTENTS, CONTENTS, CONTENTS), min_size=1))
def test_the_odd_one_out_is_the_one_unlike_the_two_others(keys: dict[str, tuple[str | None, ...]]) -> None:
    index, store = (
        {key: Sight(1, sides[side]) for key, sides in keys.items() if sides[side] is not None} for side in (0, 1)
    )
    files = {key: LocalFile(key, key, 1, 0, 0, 0, 0) for key, sides in keys.items() if sides[2] is not None}

    def same(_: LocalFile, key: str, sight: Sight) -> bool:
        return sight.etag == keys[key][2]

    found = {difference.key: difference.odd for difference in three_ways(index, store, files, same)}
    for key, (pinned, there, file) in keys.items():
        odd = (
            None
            if pinned == there == file
            else "file"
            if pinned == there
            else "index"
            if there == file
            else "store"
            if pinned == file
            else "all"
        )
        assert found.get(key) == odd


def test_without_files_it_is_the_index_that_follows_the_store() -> None:
    found = three_ways({"k": Sight(1, "a")}, {"k": Sight(1, "b")}, None, lambda *_: False)
    assert [(difference.odd, difference.file) for difference in found] == [("index", None)]
