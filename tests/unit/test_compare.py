"""Whether two objects have the same content, decided by what is known of both."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from ansible.module_utils.objectstore.trees.compare import (
    SOURCE_ETAG,
    Match,
    ObjectComparer,
    VersionComparer,
    is_opaque,
)
from ansible.module_utils.objectstore.values.model import ObjectStat

SIZE = 9


class Listed(NamedTuple):
    name: str
    size: int
    etag: str


class Known:
    """Answers HEAD, and no other request."""

    def __init__(self, seen: ObjectStat | None) -> None:
        self._seen = seen

    def stat_object(self, _bucket: str, _key: str, **_how: Any) -> ObjectStat | None:
        return self._seen


def plain(etag: str) -> ObjectStat:
    return ObjectStat(SIZE, etag, None, {})


def hidden(etag: str, **metadata: str) -> ObjectStat:
    return ObjectStat(SIZE, etag, None, {name.replace("_", "-"): word for name, word in metadata.items()}, "aws:kms")


@pytest.mark.parametrize(
    ("encryption", "opaque"), [(None, False), ("AES256", False), ("aws:kms", True), ("SSE-C", True)]
)
def test_which_etags_say_nothing(encryption: str | None, opaque: bool) -> None:
    assert is_opaque(plain("a")._replace(encryption=encryption)) is opaque


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (None, plain("b"), Match.DIFFERENT),
        (plain("a"), None, Match.DIFFERENT),
        (plain("a"), plain("b"), Match.DIFFERENT),
        (plain("a"), hidden("b"), Match.UNVERIFIABLE),
        (hidden("a"), plain("b"), Match.UNVERIFIABLE),
        (plain("a"), hidden("b", source_etag="a"), Match.KNOWN),
        (hidden("a"), plain("b")._replace(metadata={SOURCE_ETAG: "a"}), Match.KNOWN),
        (plain("a"), hidden("b", source_etag="c"), Match.DIFFERENT),
    ],
)
def test_objects_of_one_size_and_other_etags(
    source: ObjectStat | None, target: ObjectStat | None, found: Match
) -> None:
    comparer = ObjectComparer((Known(source), "from"), (Known(target), "to"))  # type: ignore[arg-type]
    assert comparer.thorough(Listed("k", SIZE, "a"), Listed("k", SIZE, "b")) is found


@pytest.mark.parametrize("comparer", [ObjectComparer, VersionComparer])
@pytest.mark.parametrize(
    ("size", "etag", "found"), [(SIZE, "a", Match.KNOWN), (SIZE + 1, "a", Match.RESIZED), (SIZE, "b", None)]
)
def test_what_takes_no_request(comparer: Any, size: int, etag: str, found: Match | None) -> None:
    nobody = Known(None)
    made = comparer(nobody, "b") if comparer is VersionComparer else comparer((nobody, "b"), (nobody, "b"))
    assert made.quick(Listed("k", SIZE, "a"), Listed("k", size, etag)) is found


@pytest.mark.parametrize(
    ("present", "found"),
    [
        (None, Match.DIFFERENT),
        (plain("b"), Match.DIFFERENT),
        (plain("b")._replace(metadata={SOURCE_ETAG: "a"}), Match.DIFFERENT),
        (hidden("b"), Match.DIFFERENT),
        (hidden("b", source_etag="c"), Match.DIFFERENT),
        (hidden("b", source_etag="a"), Match.KNOWN),
    ],
)
def test_a_version_and_what_is_there_now(present: ObjectStat | None, found: Match) -> None:
    comparer = VersionComparer(Known(present), "b")  # type: ignore[arg-type]
    assert comparer.thorough(Listed("k", SIZE, "a"), Listed("k", SIZE, "b")) is found
