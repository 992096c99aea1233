"""The list and the index of keys, and their comparison with what is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.objectstore.manifests.document import Document, DocumentState
from ansible.module_utils.objectstore.manifests.index import StoredIndex
from ansible.module_utils.objectstore.manifests.manifest import (
    Entry,
    changed_keys,
    former_keys,
    make_manifest,
    missing_text,
    select_entries,
    with_planned,
)
from ansible.module_utils.objectstore.manifests.publish import publish
from ansible.module_utils.objectstore.manifests.spec import ManifestSpec
from ansible.module_utils.objectstore.manifests.verdicts import judge
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.model import RemoteObject

from tests.support.published import OCCASION

PATTERN = r"(?P<type>[A-Z]\w*)_(?P<season>\d{4})-(?P<tile>\d)\.tif"
BASE: dict[str, Any] = {
    "bucket": "maps",
    "prefix": "dw/",
    "include": ["*.tif"],
    "exclude": None,
    "dest": None,
    "object": "manifests/keys.txt",
    "index_dest": None,
    "index_object": "manifests/index.json",
    "mode": None,
    "key_pattern": PATTERN,
    "index_by": ["season", "type", "tile"],
    "expect": {"season": ["2015", "2016"], "type": ["Mode"]},
    "key_template": None,
    "rasters": None,
    "base_url": None,
    "legend": None,
    "stac": None,
    "vrt_prefix": None,
    "releases_prefix": None,
    "release": None,
}


@pytest.mark.parametrize(("one", "other"), [("dest", "index_dest"), ("object", "index_object")])
def test_the_list_and_the_index_have_a_place_each(one: str, other: str) -> None:
    with pytest.raises(InvalidInputError, match="a place each"):
        spec(**{one: "/same", other: "/same"})


def spec(**changes: Any) -> ManifestSpec:
    return ManifestSpec.from_params({**BASE, **changes})


def remote(*keys: str) -> list[RemoteObject]:
    return [RemoteObject(key, 10, f"e{key[-5:-4]}") for key in keys]


def entries(*keys: str, **changes: Any) -> tuple[Entry, ...]:
    return select_entries(remote(*keys), spec(**changes), versions={}, opaque=False)


def test_only_selected_objects_are_listed_and_never_the_manifest_itself() -> None:
    listed = entries("dw/", "dw/Mode_2015-0.tif", "dw/notes.txt", "manifests/keys.txt", prefix="", include=None)
    assert [entry.key for entry in listed] == ["dw/Mode_2015-0.tif", "dw/notes.txt"]


@pytest.mark.parametrize("prefix", ["dw", "dw/", "/dw/"])
def test_a_prefix_ends_at_a_slash(prefix: str) -> None:
    assert spec(prefix=prefix).prefix == "dw/"


def test_the_index_is_nested_as_asked_and_its_text_does_not_depend_on_the_order_of_the_listing() -> None:
    keys = ["dw/Mode_2015-0.tif", "dw/Mode_2015-1.tif", "dw/Mode_2016-0.tif"]
    manifest = make_manifest(entries(*keys), spec())
    listed, _, index = contents(*keys)
    leaf = json.loads(index or b"")["objects"]["2015"]["Mode"]["1"]
    assert (leaf["key"], leaf["size"], leaf["etag"]) == (keys[1], 10, "e1")
    assert index == contents(*reversed(keys))[-1]
    assert listed == manifest.keys_text
    assert manifest.keys_text.decode() == "\n".join(keys) + "\n"
    assert not manifest.missing
    assert not manifest.unexpected


def test_what_is_missing_and_what_is_unexpected() -> None:
    manifest = make_manifest(entries("dw/Mode_2015-0.tif", "dw/Mode_2017-0.tif", "dw/other.tif"), spec())
    assert manifest.missing == ({"season": "2016", "type": "Mode"},)
    assert manifest.unexpected == ("dw/Mode_2017-0.tif", "dw/other.tif")
    assert missing_text(manifest, spec()) == "of 2 expected, 1 combination (2016 Mode) is missing"


def test_two_keys_with_the_same_groups_are_an_error_that_names_both() -> None:
    with pytest.raises(InvalidInputError, match=r"dw/a/Mode_2015-0\.tif and dw/Mode_2015-0\.tif have the same"):
        contents("dw/a/Mode_2015-0.tif", "dw/Mode_2015-0.tif")


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ({"key": "dw/Mode_2015-1.tif", "action": "upload", "size": 7}, ["Mode_2015-0", "Mode_2015-1"]),
        ({"key": "dw/Mode_2015-0.tif", "action": "replace", "size": 7}, ["Mode_2015-0"]),
        ({"key": "dw/Mode_2015-0.tif", "action": "delete", "size": 7}, []),
        ({"key": "dw/Mode_2015-0.tif", "action": "keep", "size": 7}, ["Mode_2015-0"]),
        ({"key": "dw-v2/Mode_2015-1.tif", "action": "upload", "size": 7}, ["Mode_2015-0"]),
        ({"key": "dw/readme.txt", "action": "upload", "size": 7}, ["Mode_2015-0"]),
    ],
)
def test_planned_actions_change_the_listing(action: dict[str, Any], keys: list[str]) -> None:
    after = with_planned(entries("dw/Mode_2015-0.tif"), [action], spec())
    assert [entry.key for entry in after] == [f"dw/{key}.tif" for key in keys]
    unknown = {action["key"]} if action["action"] in ("upload", "replace") else set()
    assert {entry.key for entry in after if entry.etag is None} == unknown & {entry.key for entry in after}


def test_a_planned_action_without_a_key_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Could not use planned"):
        with_planned((), [{"action": "upload"}], spec())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key_pattern": None}, "no key_pattern with named groups"),
        ({"index_by": ["year"]}, "'year' is no named group"),
        ({"expect": {"year": ["2015"]}}, "'year' is no named group"),
        ({"object": "/keys.txt"}, "object key '/keys.txt'"),
        ({"dest": "/tmp/keys.txt", "mode": "rw"}, "not an octal mode"),  # noqa: S108  # never written
    ],
)
def test_options_that_do_not_fit_together_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        spec(**changes)
    assert said in str(refused.value)


def stored_pairs(manifest_keys: list[str], stored: list[bytes | None]) -> list[tuple[Document, DocumentState]]:
    documents = documents_of(*manifest_keys)
    return [(document, DocumentState(content)) for document, content in zip(documents, stored, strict=True)]


def documents_of(*keys: str) -> tuple[Document, ...]:
    """The list, the schema and the index."""
    return publish(make_manifest(entries(*keys), spec()), spec(), StoredIndex(), OCCASION).documents


def contents(*keys: str) -> list[bytes | None]:
    return [document.content for document in documents_of(*keys)]


def problems(keys: list[str], stored: list[bytes | None]) -> str:
    manifest = make_manifest(entries(*keys), spec())
    verdict = judge(stored_pairs(keys, stored), manifest, spec(), files=None, same=lambda *_: False)
    return str(verdict.failure(spec()) or "")


ONE, TWO = "dw/Mode_2015-0.tif", "dw/Mode_2016-0.tif"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (
            [None] * 3,
            [f"there is no maps/manifests/{name}" for name in ("keys.txt", "index.json", "index.schema.json")],
        ),
        (
            contents(ONE),
            [
                f"keys.txt lacks 1 key ({TWO})",
                f"index.json, the index is the odd one out for 1 key ({TWO}: not in index)",
            ],
        ),
        (
            contents(ONE, TWO, "dw/Mode_2014-0.tif"),
            [
                "keys.txt names 1 key (dw/Mode_2014-0.tif) that the store does not",
                "for 1 key (dw/Mode_2014-0.tif: not in store)",
            ],
        ),
        ([*contents(ONE, TWO)[:2], b"{"], ["index.json is not readable"]),
        (
            [*contents(ONE, TWO)[:2], (contents(ONE, TWO)[2] or b"").replace(b"e0", b"e9", 1)],
            [f"for 1 key ({ONE}: other content)"],
        ),
        (
            [*contents(ONE, TWO)[:2], (contents(ONE, TWO)[2] or b"").replace(b'"maps"', b'"seas"', 1)],
            ["index.json says otherwise: bucket"],
        ),
        (
            [*contents(ONE, TWO)[:2], (contents(ONE, TWO)[2] or b"").replace(b"null", b"7", 1)],
            ["index.json says otherwise: base_url"],
        ),
        (
            [(TWO + "\n" + ONE + "\n").encode(), *contents(ONE, TWO)[1:]],
            ["keys.txt is not written as a manifest is"],
        ),
        (
            [contents(ONE, TWO)[0], b"{}", contents(ONE, TWO)[2]],
            ["index.schema.json is another than this version writes"],
        ),
    ],
)
def test_verification_names_the_difference(stored: list[bytes | None], said: list[str]) -> None:
    failure = problems([ONE, TWO], stored)
    assert failure.startswith("Could not verify the manifest of maps/dw/: ")
    assert all(text in failure for text in said), failure


def test_verification_is_silent_where_nothing_differs() -> None:
    assert problems([ONE, TWO], contents(ONE, TWO)) == ""


def test_added_and_removed_keys_are_those_of_the_stored_list() -> None:
    pairs = stored_pairs([ONE, TWO], contents(ONE, "dw/Mode_2014-0.tif"))
    changes = changed_keys(make_manifest(entries(ONE, TWO), spec()), former_keys(pairs, spec()), spec())
    assert changes == ([TWO], ["dw/Mode_2014-0.tif"])
