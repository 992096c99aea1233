"""Each limit, at it and beyond it."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.servers.minio.keys import key_problem as minio_key_problem
from ansible.module_utils.objectstore.values import limits
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from hypothesis import given
from hypothesis import strategies as st

AT = 255


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("a" * 1024, ""),
        ("a" * 1025, "1025 bytes, and a key at most 1024"),
        ("ü" * 512, ""),
        ("ü" * 513, "1026 bytes"),
        ("a//b", "empty"),
        ("/a", "empty"),
        ("a/", "empty"),
        ("", "empty"),
        ("a/../b", "'..'"),
        ("a\0b", "NUL"),
        ("a\udcff", "UTF-8"),
    ],
)
def test_keys(key: str, words: str) -> None:
    found = limits.key_problem(key)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("part", "fits"), [("a" * 255, True), ("a" * 256, False), ("ü" * 127, True), ("ü" * 128, False)]
)
def test_components_count_in_bytes_where_the_server_has_a_limit(part: str, fits: bool) -> None:
    assert limits.key_problem(f"x/{part}/y") == ""
    assert (limits.key_problem(f"x/{part}/y", of_server=minio_key_problem) == "") == fits


@pytest.mark.parametrize("key", ["a__XLDIR__", "a__XLDIR__/b", "a/ .. /b", "a\\..\\b", "a/.\t/b"])
def test_keys_that_a_minio_does_not_keep_under_their_name(key: str) -> None:
    assert limits.key_problem(key) == ""
    assert limits.key_problem(key, of_server=minio_key_problem) != ""


@pytest.mark.parametrize("key", ["__XLDIR__a", "a\\b", "...", " a", "xl.meta/b", "a/\u00a0b"])
def test_keys_that_a_minio_keeps(key: str) -> None:
    assert limits.key_problem(key, of_server=minio_key_problem) == ""


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, ""),
        ({"a": "v" * 2036}, ""),
        ({"a": "v" * 2037}, "2049 bytes"),
        ({"a": "é" * 1018}, ""),
        ({"a": "é" * 1019}, "2050 bytes"),
        ({"a b": "v"}, "name 'a b'"),
        ({"": "v"}, "name ''"),
        ({"ü": "v"}, "name 'ü'"),
        ({"a": "x\r\ny"}, "control character '\\r'"),
        ({"a": " x"}, "outer blanks"),
        ({"a": "x\udcff"}, "UTF-8"),
    ],
)
def test_metadata(metadata: dict[str, str], words: str) -> None:
    found = limits.metadata_problem(metadata)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("text/plain", True),
        ("text/plain; charset=utf-8", True),
        ("application/vnd.apache.parquet", True),
        ("image/tiff;application=geotiff", True),
        ("plain", False),
        ("", False),
        ("text/plain\r\nx-evil: 1", False),
        ("text/ü", False),
        ("a/" + "b" * 1022, True),
        ("a/" + "b" * 1023, False),
    ],
)
def test_content_types(text: str, fits: bool) -> None:
    assert (limits.content_type_problem(text) == "") == fits


@pytest.mark.parametrize(
    ("tags", "any_script", "words"),
    [
        ({f"k{i}": "v" for i in range(50)}, False, ""),
        ({f"k{i}": "v" for i in range(51)}, False, "51 tags, and at most 50"),
        ({"k" * 128: ""}, False, ""),
        ({"k" * 129: ""}, False, "129 characters"),
        ({"k": "v" * 256}, False, ""),
        ({"k": "v" * 257}, False, "257 characters"),
        ({"k": "a*b"}, True, "may hold letters"),
        ({"k": "Jürgen"}, True, ""),
        ({"k": "Jürgen"}, False, "letters of ASCII"),
        ({"": "v"}, True, "a key is empty"),
        ({"k": " v"}, True, "outer blanks"),
    ],
)
def test_tags(tags: dict[str, str], any_script: bool, words: str) -> None:
    found = limits.tags_problem(tags, any_script=any_script)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("text", "fits"), [("2027-02-28", True), ("2028-02-29", True), ("2027-02-29", False), ("2027-13-01", False)]
)
def test_days_of_the_calendar(text: str, fits: bool) -> None:
    assert (limits.date_problem(text) == "") == fits


@pytest.mark.parametrize(
    "name", ["xn--abc", "sthree-x", "amzn-s3-demo-x", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3"]
)
def test_names_that_s3_keeps(name: str) -> None:
    assert limits.new_bucket_problem(name)
    assert not limits.new_bucket_problem("geocrop-models")


@pytest.mark.parametrize("prefix", ["/", "//"])
def test_a_slash_is_never_the_whole_bucket(prefix: str) -> None:
    with pytest.raises(InvalidInputError, match="leave it out for the whole bucket"):
        limits.prefix_of("rule r", prefix)


@given(st.text(max_size=40))
def test_a_prefix_stays_but_for_slashes_in_front(prefix: str) -> None:
    try:
        found = limits.prefix_of("rule r", prefix)
    except InvalidInputError:
        assert set(prefix) == {"/"}
    else:
        assert prefix.endswith(found)
        assert bool(found) == bool(prefix)
        assert not found.startswith("/")


@given(st.text(max_size=40), st.text(max_size=60))
def test_every_value_has_an_answer(name: str, value: str) -> None:
    assert isinstance(limits.key_problem(value, of_server=minio_key_problem), str)
    assert isinstance(limits.metadata_problem({name: value}), str)
    assert isinstance(limits.content_type_problem(value), str)
    assert isinstance(limits.tags_problem({name: value}, any_script=False), str)
    assert isinstance(limits.date_problem(value), str)


@pytest.mark.parametrize(("value", "fits"), [(0, False), (1, True), (9, True), (10, False)])
def test_whole_numbers_at_their_bounds(value: int, fits: bool) -> None:
    assert (limits.whole_problem(value, least=1, most=9) == "") is fits
