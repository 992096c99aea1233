"""What travels in headers comes back as it was, or is refused before it is sent."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.headers import (
    checked_content_type,
    checked_metadata,
    decoded,
    encoded,
    spelled,
)
from hypothesis import given
from hypothesis import strategies as st

UTF8 = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)


@given(UTF8)
def test_any_text_comes_back(text: str) -> None:
    sent = encoded(text)
    assert sent.isascii()
    assert decoded(sent) == text
    assert all(len(word) <= 75 for word in sent.split(" ")) or sent == text


def test_plain_text_stays_plain() -> None:
    assert encoded("season 2015, 100 %") == "season 2015, 100 %"


@pytest.mark.parametrize("value", ["=?UTF-8?q?J=C3=BCrgen?=", "=?utf-8?B?SsO8cmdlbg==?="])
def test_what_servers_and_others_encode_is_read(value: str) -> None:
    assert decoded(value) == "Jürgen"


@pytest.mark.parametrize("value", ["=?UTF-8?B?%%%?=", "=?none?B?YQ==?=", "=?", "a=?b"])
def test_what_only_looks_encoded_stays(value: str) -> None:
    assert isinstance(decoded(value), str)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"owner": None}, "owner is null"),
        ({"owner": ["a"]}, "owner is no text"),
        ({"a": "x\r\nx-amz-acl: public-read"}, "control character"),
        ({"a": "x\x85"}, "control character"),
        ({"a\r\nb": "x"}, "the name"),
        ({"a": " x"}, "outer blanks"),
        ({"a": "x\u00a0"}, "outer blanks"),
        ({"a": "x", "A": "y"}, "differ in case"),
        ({"snowball-auto-extract": "true"}, "unpack"),
        ({"Minio-Snowball-Prefix": "elsewhere/"}, "unpack"),
        ({"a": "v" * 2037}, "2049 bytes"),
        ({"a": "é" * 1000}, "at most 2048"),
    ],
)
def test_metadata_that_would_not_arrive_is_refused(metadata: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        checked_metadata(metadata)


def test_metadata_that_arrives() -> None:
    assert checked_metadata({"Season": 2015, "owner": "Jürgen", "empty": ""}) == {
        "season": "2015",
        "owner": "Jürgen",
        "empty": "",
    }


@pytest.mark.parametrize(
    "content_type", ["", "x", "text/plain\r\nx: y", " text/plain", "text/plän", "a/b" + "c" * 1100]
)
def test_content_types_that_are_none_are_refused(content_type: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_content_type(content_type)


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv; charset=utf-8", "image/tiff; application=geotiff"])
def test_content_types(content_type: str) -> None:
    assert checked_content_type(content_type) == content_type


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("text/plain", "text/plain"),
        ("text/csv; charset=utf-8", "text/csv; charset=UTF-8"),
        ("text/csv; header=present;charset=Utf-8", "text/csv; header=present;charset=UTF-8"),
        (
            "image/tiff; application=geotiff; profile=cloud-optimized",
            "image/tiff; application=geotiff; profile=cloud-optimized",
        ),
    ],
)
def test_the_charset_alone_is_in_capitals(given: str, written: str) -> None:
    assert spelled(given) == written
