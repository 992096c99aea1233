"""Pages of listings as bytes become objects, and the texts that ask for the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

import pytest
from ansible.module_utils.objectstore.s3 import listing
from ansible.module_utils.objectstore.s3.listing import Page, iterate, parse_page, sort_by_key
from ansible.module_utils.objectstore.s3.objects import _UNFIT_FOR_XML, _right_before
from ansible.module_utils.objectstore.values.model import RemoteObject

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult{namespace}><Name>b</Name><IsTruncated>{truncated}</IsTruncated>{token}{encoding}
<Contents><Key>a%2Bb+c%0D%C3%A9</Key><ETag>&quot;0123&quot;</ETag><Size>5</Size>
<UserMetadata><X-Amz-Meta-Sha256>ab</X-Amz-Meta-Sha256><content-type>x</content-type></UserMetadata></Contents>
<Contents><Key>z</Key><ETag>0123-2</ETag><Size>0</Size></Contents>
</ListBucketResult>"""

ENCODED = "<EncodingType>url</EncodingType>"


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'])
@pytest.mark.parametrize(
    ("truncated", "token", "following"),
    [
        ("false", "", None),
        ("true", "<NextContinuationToken>t</NextContinuationToken>", "t"),
        ("false", "<NextContinuationToken>t</NextContinuationToken>", None),
    ],
)
def test_parse_page(namespace: str, truncated: str, token: str, following: str | None) -> None:
    page = parse_page(PAGE.format(namespace=namespace, truncated=truncated, token=token, encoding=ENCODED).encode())
    assert page == Page(
        [
            RemoteObject("a+b c\r\u00e9", 5, "0123", {"sha256": "ab", "content-type": "x"}),
            RemoteObject("z", 0, "0123-2", {}),
        ],
        following,
    )


def test_a_page_that_does_not_say_that_it_is_encoded_is_taken_as_it_is() -> None:
    """A server may leave ``encoding-type`` unheeded: ``+`` and ``%`` are characters of its keys."""
    whole = PAGE.format(namespace="", truncated="false", token="", encoding="")
    plain = f"<ListBucketResult>{plain_object('50%25+', 1)}<EncodingType></EncodingType></ListBucketResult>"
    assert [parse_page(body.encode()).objects[0].key for body in (whole, plain)] == ["a%2Bb+c%0D%C3%A9", "50%25+"]


@pytest.mark.parametrize("at_once", [1, 3, 4, 5, 100])
def test_a_listing_in_another_order_is_sorted_in_pieces(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """As a walk through folders has it, and with a key that two pages have."""
    monkeypatch.setattr(listing, "SORTED_AT_ONCE", at_once)
    walked = ["d1/x", "d1/y/z", "d1!/z", "d1-/x", "d1-/x", "d1.txt", "\u00e9", "\U0001f600", "\uffee", "Z"]
    objects = [RemoteObject(key, number, "", {"n": "1"}) for number, key in enumerate(walked)]
    found = list(sort_by_key(iter(objects)))
    assert [item.key for item in found] == sorted(set(walked), key=lambda key: key.encode())
    assert all(item in objects for item in found)
    assert list(sort_by_key([])) == []


def plain_object(key: str, size: int) -> str:
    return (
        f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&#34;0a-2&#34;</ETag>"
        f"<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )


@pytest.mark.parametrize("unusual", ["", "<Contents><Key>c&amp;d</Key><ETag>0a-2</ETag><Size>3</Size></Contents>"])
def test_plain_objects_and_the_parser_agree(unusual: str) -> None:
    body = (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>'
        f"{ENCODED}"
        f"<NextContinuationToken>t+/=</NextContinuationToken>{plain_object('a%2Bb+c', 1)}{plain_object('b', 2)}"
        f"{unusual}</ListBucketResult>"
    )
    objects = [RemoteObject("a+b c", 1, "0a-2", {}), RemoteObject("b", 2, "0a-2", {})]
    assert parse_page(body.encode()) == Page(objects + [RemoteObject("c&d", 3, "0a-2", {})] * bool(unusual), "t+/=")


@pytest.mark.parametrize(
    ("encoding", "token", "following"),
    [
        (ENCODED, "a%2Bb+c", "a+b c"),
        (ENCODED, "a+b c", "a+b c"),
        (ENCODED, "b%2Bb+c", "b%2Bb+c"),
        ("", "a%2Bb+c", "a%2Bb+c"),
    ],
)
@pytest.mark.parametrize("unusual", [False, True])
def test_a_token_that_is_the_encoded_last_key_is_sent_back_as_that_key(
    encoding: str, token: str, following: str, unusual: bool
) -> None:
    """As it came it stands for another place (S3Proxy): the same page comes again, for ever."""
    entry = "<Contents><Key>a%2Bb+c</Key><Size>1</Size></Contents>" if unusual else plain_object("a%2Bb+c", 1)
    body = (
        f"<ListBucketResult>{encoding}<IsTruncated>true</IsTruncated>"
        f"<NextContinuationToken>{token}</NextContinuationToken>{entry}</ListBucketResult>"
    )
    assert parse_page(body.encode()).next_token == following


def test_a_failure_in_a_page_is_told_after_those_before_it() -> None:
    def fetch(position: Mapping[str, str]) -> Page:
        number = int(position.get("start-after", -1)) + 1
        if number == 3:
            raise OSError("gone")
        return Page([RemoteObject(f"{number}", 0, "")], "token")

    seen: list[str] = []
    with pytest.raises(OSError, match="gone"):
        seen.extend(item.key for item in iterate(fetch, listing.timed(fetch, {}), by_key=True))
    assert seen == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("slow", "empty", "by_key"), [(-1, -1, listing.FIRST_PAGES - 1), (0, -1, 0), (2, -1, 2), (-1, 3, 3)]
)
def test_the_first_pages_are_asked_for_by_key_while_that_is_quick(
    monkeypatch: pytest.MonkeyPatch, slow: int, empty: int, by_key: int
) -> None:
    """Once by its token, always by its token: the server stores the listing by then."""
    now = 0.0
    asked: list[Mapping[str, str]] = []

    def fetch(position: Mapping[str, str]) -> Page:
        nonlocal now
        number = len(asked)
        asked.append(position)
        now += 2 * listing.QUICK if number == slow else listing.QUICK / 2
        objects = [] if number == empty else [RemoteObject(f"k{number}", 0, "")]
        return Page(objects, f"t{number}" if number < 14 else None)

    monkeypatch.setattr(listing.time, "monotonic", lambda: now)
    assert len(list(iterate(fetch, listing.timed(fetch, {}), by_key=True))) == 15 - (empty >= 0)
    expected = [{"start-after": f"k{n}"} if n < by_key else {"continuation-token": f"t{n}"} for n in range(14)]
    assert asked == [{}, *expected]


def test_a_page_by_key_is_not_believed_to_be_the_last() -> None:
    """What MinIO does where many names sort between ``a`` and ``a/``."""
    pages = {"": ["a/b"], "start-after": [], "continuation-token": ["a/c"]}

    def fetch(position: Mapping[str, str]) -> Page:
        (kind,) = position or [""]
        return Page([RemoteObject(key, 0, "") for key in pages[kind]], None if kind else "token")

    assert [item.key for item in iterate(fetch, listing.timed(fetch, {}), by_key=True)] == ["a/b", "a/c"]


@pytest.mark.parametrize("key", ["a", "a/b", "a b", "a ", "\x01", "\u00e9", "\ue000", "\ud7ff", "x\U00010000", "\x7f"])
def test_right_before(key: str) -> None:
    before = _right_before(key).encode()
    assert before < key.encode()
    assert not any(before < other.encode() < key.encode() for other in ("", "a", "a!", "a/", "a/b", "\ud7ff", "\uffff"))


@pytest.mark.parametrize("character", [chr(number) for number in (*range(0x21), 0x7F, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE)])
def test_what_xml_carries_unchanged_is_batched_and_nothing_else(character: str) -> None:
    try:
        carried = ElementTree.fromstring(f"<k>{character}</k>").text == character  # noqa: S314 - one of our characters
    except ElementTree.ParseError:
        carried = False
    if character not in "\t\n\ufffe":  # these two are carried, and cost no more one by one; U+FFFE is none of XML 1.0
        assert carried is not bool(_UNFIT_FOR_XML.search(character))
    assert carried or _UNFIT_FOR_XML.search(character)
