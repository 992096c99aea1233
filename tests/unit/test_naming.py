"""Names of files and keys, and the matrix of what is expected."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.naming import CONVERSIONS, Expected, KeyNaming

BASELINE = r"DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif"
FILE = "DW_Zim_HighestConf_2015_2016-0000000000-0000065536.tif"


@pytest.mark.parametrize(
    ("conversion", "text", "converted"),
    [
        ("snake", "HighestConf", "highest_conf"),
        ("snake", "DWBaseline", "dw_baseline"),
        ("snake", "Mode", "mode"),
        ("snake", "already_snake", "already_snake"),
        ("snake", "kebab-Case  text", "kebab_case_text"),
        ("snake", "V2Model", "v2_model"),
        ("kebab", "HighestConf", "highest-conf"),
        ("kebab", "2015_2016", "2015-2016"),
        ("lower", "HighestConf", "highestconf"),
        ("upper", "Mode", "MODE"),
    ],
)
def test_conversions(conversion: str, text: str, converted: str) -> None:
    assert CONVERSIONS[conversion](text) == converted


@pytest.mark.parametrize(
    ("pattern", "template", "relative", "key"),
    [
        (None, None, "a/b.tif", "a/b.tif"),
        (BASELINE, None, FILE, FILE),
        (BASELINE, None, "readme.txt", None),
        (BASELINE, None, FILE + ".aux.xml", None),
        (BASELINE, None, "x" + FILE, None),
        (BASELINE, "{season}/{type:snake}/{filename}", FILE, f"2015_2016/highest_conf/{FILE}"),
        (BASELINE, "{season}/{type:snake}/{filename}", f"below/{FILE}", f"2015_2016/highest_conf/{FILE}"),
        (BASELINE, "{dir}/{type:upper}/{filename}", f"below/{FILE}", f"below/HIGHESTCONF/{FILE}"),
        (None, "{dir}/{filename}", "top.csv", "top.csv"),
        (None, "v1/{path}", "a/b.csv", "v1/a/b.csv"),
        (None, "{{literal}}/{filename}", "b.csv", "{literal}/b.csv"),
        (r"(?P<year>\d{4})/(?P<name>[^/]+)", "{name}/{year}", "2015/x.tif", "x.tif/2015"),
        (r"(?P<year>\d{4})/(?P<name>[^/]+)", "{name}/{year}", "deep/2015/x.tif", None),
    ],
)
def test_key_for(pattern: str | None, template: str | None, relative: str, key: str | None) -> None:
    assert KeyNaming(pattern, template).key_for(relative) == key


@pytest.mark.parametrize(
    ("pattern", "template", "said"),
    [
        ("DW_(", None, "no regular expression"),
        (BASELINE, "{year}/{filename}", "'year' is no named group of the pattern"),
        (None, "{season}/{filename}", "there is no pattern that names 'season'"),
        (BASELINE, "{type:camel}", "'camel' is no conversion"),
        (BASELINE, "{type!r}", "no conversion"),
        (BASELINE, "{type", "expected '}'"),
        (BASELINE, "{}", "'' is no named group"),
        (BASELINE, "{type.upper}", "no named group"),
    ],
)
def test_what_can_never_work_is_refused_at_construction(pattern: str | None, template: str | None, said: str) -> None:
    with pytest.raises(InvalidInputError, match="Could not use the key_") as refused:
        KeyNaming(pattern, template)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "template", "relative"),
    [
        (r"(?P<a>\w*)-(?P<b>.+)", "{a}/{b}", "-x.tif"),
        (r"(?P<a>[.]*)x", "{a}/{filename}", "..x"),
        (None, "/{filename}", "x"),
        (None, "{path}/", "x"),
    ],
)
def test_a_key_with_an_unusable_component_is_refused(pattern: str | None, template: str, relative: str) -> None:
    with pytest.raises(InvalidInputError, match="a component that is empty"):
        KeyNaming(pattern, template).key_for(relative)


def test_groups_of_a_key_come_in_the_order_of_the_pattern() -> None:
    groups = KeyNaming(BASELINE).groups(f"dw/zim/summer/2015_2016/highest_conf/{FILE}")
    assert groups is not None
    assert list(groups.items()) == [
        ("type", "HighestConf"),
        ("season", "2015_2016"),
        ("tile", "0000000000-0000065536"),
    ]
    assert KeyNaming(BASELINE).groups("dw/readme.tif") is None
    assert KeyNaming().groups("anything") == {}


def test_coverage_names_what_is_missing_and_what_is_outside() -> None:
    expected = Expected.from_param({"season": ["2015_2016", "2016_2017"], "type": ["Mode"]}, ("type", "season", "tile"))
    seen = [
        {"season": "2016_2017", "type": "Mode", "tile": "0"},
        {"season": "2016_2017", "type": "Mode", "tile": "1"},
        {"season": "2014_2015", "type": "Mode", "tile": "0"},
    ]
    coverage = expected.coverage(seen)
    assert expected.count == 2
    assert coverage.missing == ({"season": "2015_2016", "type": "Mode"},)
    assert coverage.unexpected == ({"season": "2014_2015", "type": "Mode"},)


def test_numbers_in_an_expected_matrix_are_taken_as_text() -> None:
    assert Expected.from_param({"year": [2015]}, ["year"]).coverage([{"year": "2015"}]) == ((), ())


@pytest.mark.parametrize("expect", [{"year": [2015]}, {"type": []}, {"type": "Mode"}])
def test_an_expected_matrix_that_fits_no_pattern_is_refused(expect: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match="Could not use expect"):
        Expected.from_param(expect, ["type"])
