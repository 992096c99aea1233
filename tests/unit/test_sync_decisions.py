"""The pure heart of a sync: the merge, the decision for each key, the guards of removals."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.sync.decisions import (
    Extent,
    Pair,
    SyncRules,
    Totals,
    check_removals,
    decide,
    pair,
)
from ansible.module_utils.objectstore.trees.compare import Match
from ansible.module_utils.objectstore.values.errors import InvalidInputError, RefusedError, UnsupportedError
from ansible.module_utils.objectstore.values.model import LocalFile, RemoteObject


def local(key: str, size: int = 3) -> LocalFile:
    return LocalFile(key, f"/src/{key}", size, 1, 1, 1, 1)


def remote(key: str, size: int = 3) -> RemoteObject:
    return RemoteObject(key, size, "etag")


@pytest.mark.parametrize(
    ("here", "there", "merged"),
    [
        ([], [], []),
        (["a"], [], ["a<"]),
        ([], ["a"], ["a>"]),
        (["a", "c"], ["b", "c", "d"], ["a<", "b>", "c=", "d>"]),
        (["a.b", "a/b"], ["a.b", "a/b"], ["a.b=", "a/b="]),
        (["z", "\ue000", "\U0001f33d"], ["\uffff", "\U0001f33d"], ["z<", "\ue000<", "\uffff>", "\U0001f33d="]),
    ],
)
def test_pair(here: list[str], there: list[str], merged: list[str]) -> None:
    pairs = list(pair(map(local, here), map(remote, there)))
    marks = {(True, True): "=", (True, False): "<", (False, True): ">"}
    assert [item.key + marks[item.source is not None, item.target is not None] for item in pairs] == merged


@pytest.mark.parametrize("there", [["b", "a"], ["a", "a"], ["a/b", "a.b"]])
def test_a_listing_out_of_order_is_refused_since_a_merge_would_call_keys_missing(there: list[str]) -> None:
    with pytest.raises(UnsupportedError, match="not sorted"):
        list(pair([], map(remote, there)))


@pytest.mark.parametrize(
    ("sides", "match", "rules", "expected"),
    [
        ("local", None, SyncRules(), ("upload", "new")),
        ("remote", None, SyncRules(), ("keep", "not in the source")),
        ("remote", None, SyncRules(delete=True), ("delete", "not in the source")),
        ("both", Match.KNOWN, SyncRules(), ("keep", "same content, known from before")),
        ("both", Match.READ, SyncRules(), ("adopt", "same content, found by reading the file")),
        ("both", Match.SAME_SIZE, SyncRules(), ("keep", "same size")),
        ("both", Match.DIFFERENT, SyncRules(), ("replace", "content differs")),
        ("both", Match.RESIZED, SyncRules(), ("replace", "size differs")),
        ("both", Match.DIFFERENT, SyncRules(existing="keep"), ("keep", "content differs")),
        ("both", Match.DIFFERENT, SyncRules(existing="fail"), ("replace", "content differs")),
        ("both", Match.UNVERIFIABLE, SyncRules(), ("keep", "content cannot be verified")),
        ("both", Match.UNVERIFIABLE, SyncRules(existing="fail"), ("keep", "content cannot be verified")),
    ],
)
def test_decide(sides: str, match: Match | None, rules: SyncRules, expected: tuple[str, str]) -> None:
    item = Pair("k", local("k") if sides != "remote" else None, remote("k", 5) if sides != "local" else None)
    action = decide(item, match, rules)
    assert (action.action, action.reason) == expected
    assert action.size == (5 if sides == "remote" else 3)
    assert action.writes == (action.action in ("upload", "replace", "delete"))


@pytest.mark.parametrize(
    ("limit", "objects", "most"),
    [
        ("0", 100, 0),
        ("7", 3, 7),
        ("25%", 100, 25),
        ("25%", 3, 0),
        ("100%", 3, 3),
        ("0%", 1000, 0),
        ("0.1%", 2999, 2),
        (" 50 % ", 10, 5),
        ("29%", 100, 29),
    ],
)
def test_most_removals(limit: str, objects: int, most: int) -> None:
    assert SyncRules(delete_limit=limit).most_removals(objects) == most


@pytest.mark.parametrize("limit", ["", "%", "-1", "-1%", "101%", "many", "1.5", "nan%", "inf%", "nan", "25 percent"])
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    with pytest.raises(InvalidInputError, match="delete_limit"):
        SyncRules(delete_limit=limit)


@pytest.mark.parametrize(
    ("extent", "rules", "said"),
    [
        (Extent(wanted=3, present=4, extraneous=1), SyncRules(delete=True), ""),
        (Extent(wanted=3, present=4, extraneous=2), SyncRules(delete=True), "delete_limit 25% allows 1"),
        (Extent(wanted=900, present=4, extraneous=2), SyncRules(delete=True), "delete_limit 25% allows 1"),
        (Extent(wanted=3, present=4, extraneous=2), SyncRules(delete=False), ""),
        (Extent(wanted=3, present=3, extraneous=0), SyncRules(delete=True, delete_limit="0"), ""),
        (
            Extent(wanted=3, present=3, extraneous=1),
            SyncRules(delete=True, delete_limit="0"),
            "delete_limit 0 allows 0",
        ),
        (Extent(wanted=0, present=3, extraneous=3), SyncRules(delete=True, delete_limit="100%"), "no matching file"),
        (Extent(wanted=0, present=0, extraneous=0), SyncRules(delete=True), ""),
        (Extent(wanted=1, present=1000, extraneous=1000), SyncRules(delete=True, delete_limit="100%"), ""),
    ],
)
def test_check_removals(extent: Extent, rules: SyncRules, said: str) -> None:
    if not said:
        check_removals(extent, rules, "bucket b")
        return
    with pytest.raises(RefusedError, match=said) as refused:
        check_removals(extent, rules, "bucket b")
    assert f"remove {extent.extraneous} of {extent.present} objects from bucket b" in str(refused.value)


def test_a_file_that_was_not_read_counts_as_scanned_and_not_as_unchanged() -> None:
    totals, item = Totals(), Pair("k", local("k"), remote("k"))
    totals.add(item, decide(item, Match.KNOWN, SyncRules()))
    totals.add(item, decide(item, Match.KNOWN, SyncRules())._replace(item=None, reason="source cannot be read"))
    assert (totals.scanned, totals.unchanged, totals.count["keep"]) == (2, 1, 2)
