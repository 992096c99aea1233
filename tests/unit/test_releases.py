"""Versions of data sets that are published: what is refused, what may be put right."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.objectstore.manifests.releases import Release, check_apart, judge_release
from ansible.module_utils.objectstore.values.errors import InvalidInputError, NotFoundError, RefusedError

from tests.support.memory_store import MemoryStore

BUCKET = "sets"
PARAMS: dict[str, Any] = {
    "source": "/data",
    "bucket": BUCKET,
    "prefix": "zim/v1",
    "include": ["*.csv"],
    "metadata": {"version": "v1"},
    "metadata_name": "metadata.json",
    "immutable": True,
}
RELEASE = Release.from_params(PARAMS)


def described(**digests: str) -> dict[str, Any]:
    """A description of files with these contents."""
    files = [{"name": f"{name}.csv", "rows": 1, "bytes": len(text), "sha256": text} for name, text in digests.items()]
    return {"version": "v1", "measured": {"files": files}}


def store_with(document: Any = None, **objects: str) -> MemoryStore:
    store = MemoryStore(buckets={BUCKET: {}})
    for name, text in objects.items():
        store.write_object(BUCKET, f"zim/v1/{name}.csv", text.encode(), content_type="text/csv", metadata={})
    if document is not None:
        content = (json.dumps(document, indent=2) + "\n").encode()
        store.write_object(BUCKET, "zim/v1/metadata.json", content, content_type="application/json", metadata={})
    return store


def judged(store: MemoryStore, wanted: dict[str, Any], **changes: Any) -> tuple[bool, Any, str]:
    found = judge_release(store, replace(RELEASE, **changes), wanted, assume_bucket=False).as_dict()
    assert found["key"] == "zim/v1/metadata.json"
    return found["published"], found["described"], found["existing"]


SAME = described(a="1", b="2")


@pytest.mark.parametrize(
    ("document", "objects", "found"),
    [
        (None, {}, (False, False, "replace")),
        # an upload that was interrupted: what is there may be half of anything
        (None, {"a": "x"}, (False, False, "replace")),
        (SAME, {"a": "1", "b": "2"}, (True, True, "replace")),
        # the store was damaged: the files are what was published, so they may go there again
        (SAME, {"a": "x"}, (True, True, "replace")),
        # words were corrected
        ({**SAME, "version": "1"}, {"a": "1", "b": "2"}, (True, False, "replace")),
        # described by others, without digests: nothing is replaced, since it may be what was published
        ({"version": "v1"}, {"a": "1", "b": "2"}, (True, False, "fail")),
        ({"version": "v1"}, {"a": "9", "b": "2"}, (True, False, "fail")),
        ([], {"a": "1", "b": "2"}, (True, False, "fail")),
    ],
)
def test_what_may_be_published(document: Any, objects: dict[str, str], found: tuple[Any, ...]) -> None:
    assert judged(store_with(document, **objects), SAME) == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (described(a="1", b="3"), "1 changed (b.csv)"),
        (described(a="1", b="22"), "1 changed (b.csv)"),
        (described(a="1", b="2", c="3"), "1 added (c.csv)"),
        (described(a="1"), "1 removed (b.csv)"),
        (described(a="3", c="2"), "1 changed (a.csv), 1 added (c.csv), 1 removed (b.csv)"),
    ],
)
def test_other_files_are_another_version(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        judged(store_with(SAME), wanted)
    assert str(refused.value) == (
        f"Could not publish into sets/zim/v1/: this version is published, and its files are others now: {said}. "
        "Make a new version, zim/v2/, or set immutable to false to replace this one. Nothing was changed."
    )
    assert judged(store_with(SAME), wanted, immutable=False) == (True, False, "replace")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (described(a="1", b="22"), "1 changed (b.csv)"),
        (described(a="1", b="2", c="3"), "1 added (c.csv)"),
        (described(b="2"), "1 removed (a.csv)"),
    ],
)
def test_without_digests_names_and_sizes_decide(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match="its files are others now") as refused:
        judged(store_with({}, a="1", b="2"), wanted)
    assert said in str(refused.value)


def test_a_set_without_description_is_not_described() -> None:
    assert judged(store_with(), SAME, described=False) == (False, None, "replace")


def test_a_missing_bucket_is_an_error_unless_it_will_be_made() -> None:
    with pytest.raises(NotFoundError):
        judged(MemoryStore(), SAME)
    assert not judge_release(MemoryStore(), RELEASE, SAME, assume_bucket=True).published


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prefix": "/"}, "a version needs a prefix of its own"),
        ({"prefix": "zim/v2/"}, "its description says version v1. Correct one of the two."),
        ({"metadata": {"version": 2}}, "its description says version 2"),
    ],
)
def test_a_version_has_its_own_prefix(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match="Could not publish /data into sets/") as refused:
        Release.from_params({**PARAMS, **changes})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata": {"version": 1}},
        {"metadata": {}},
        {"metadata": None},
        {"prefix": "zim/2026", "metadata": {"version": "v7"}},
    ],
)
def test_a_version_may_be_called_so(changes: dict[str, Any]) -> None:
    assert Release.from_params({**PARAMS, **changes}).bucket == BUCKET


def test_no_set_lies_in_another() -> None:
    other = replace(RELEASE, prefix="zim/v1/more/")
    check_apart([RELEASE, replace(RELEASE, prefix="zim/v10/"), replace(RELEASE, bucket="others")])
    for releases in ([RELEASE, RELEASE], [other, RELEASE]):
        with pytest.raises(InvalidInputError, match="another set goes to sets/zim/v1/"):
            check_apart(releases)
