"""Records of releases: when there is a new one, what it says, and how it is read and chosen again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.objectstore.manifests.index import StoredIndex
from ansible.module_utils.objectstore.manifests.manifest import Entry, make_manifest
from ansible.module_utils.objectstore.manifests.pruning import doomed_releases, doomed_versions
from ansible.module_utils.objectstore.manifests.publish import publish
from ansible.module_utils.objectstore.manifests.record import Record, choose_record, entries_of
from ansible.module_utils.objectstore.manifests.recovery import plan_recovery
from ansible.module_utils.objectstore.values.errors import InvalidInputError, SourceError, VerificationError
from ansible.module_utils.objectstore.values.model import ObjectVersion

from tests.support.published import OCCASION, PREFIX, TILES, entries, published, spec

FOLDER = "releases/dw/"
WANTED = spec(releases_prefix="releases/dw")
FILES = [f"DW_Zim_Mode_2015_2016-{tile}.tif" for tile in TILES]
FIRST = entries(FILES, version_id="v1")
INDEX = "manifests/index.json"


def index_and_record(objects: tuple[Entry, ...], stored: bytes | None = None) -> tuple[bytes, dict[str, bytes]]:
    documents, _ = published(objects, WANTED, stored)
    return documents[INDEX], {key: text for key, text in documents.items() if key.startswith(FOLDER)}


def test_what_is_new_is_recorded_before_the_index_that_names_it() -> None:
    documents, publication = published(FIRST, WANTED)
    (name,) = [key for key in documents if key.startswith(FOLDER)]
    assert list(documents)[-2:] == [name, INDEX]
    assert name.startswith(f"{FOLDER}20260301T123000Z-")
    assert json.loads(documents[INDEX])["release"] == name == publication.release
    record = json.loads(documents[name])
    assert (record["host"], record["since"], record["count"]) == ("control-plane", None, 4)
    assert record["added"] == [entry.key for entry in FIRST]
    read = Record.parse(name, documents[name])
    assert read.prefix == PREFIX
    assert [(one.key, one.size, one.etag, one.version_id) for one in read.objects.values()] == [
        (entry.key, entry.size, entry.etag, "v1") for entry in FIRST
    ]


def test_what_is_as_it_was_has_no_other_release() -> None:
    index, (name, *_) = index_and_record(FIRST)
    again, records = index_and_record(FIRST, index)
    assert again == index
    assert records == {}
    other_pins = tuple(entry._replace(version_id="v2") for entry in FIRST)
    repinned, records = index_and_record(other_pins, index)
    assert records == {}, "the content is the same"
    assert json.loads(repinned)["release"] == name


def test_a_change_has_a_record_that_says_what_is_other_and_since_when() -> None:
    index, (former, *_) = index_and_record(FIRST)
    gone, kept, replaced, *_ = FIRST
    added = entries(["DW_Zim_Mode_2016_2017-0000000000-0000000000.tif"])
    objects = tuple(sorted((kept, replaced._replace(etag="f" * 32), *FIRST[3:], *added)))
    changed, records = index_and_record(objects, index)
    (name,) = records
    record = json.loads(records[name])
    assert record["since"] == former
    assert (record["added"], record["replaced"], record["removed"]) == ([added[0].key], [replaced.key], [gone.key])
    assert json.loads(changed)["release"] == name != former


def test_a_later_release_has_a_later_name_whatever_the_clock_says() -> None:
    index, (former, *_) = index_and_record(FIRST)
    _, (name,) = index_and_record(FIRST[:-1], index)
    assert (former[:28], name[:28]) == (f"{FOLDER}20260301T123000Z", f"{FOLDER}20260301T123001Z")


def test_a_dry_run_does_not_make_a_name_up() -> None:
    planned = (FIRST[0]._replace(etag=None), *FIRST[1:])
    documents, publication = published(planned, WANTED)
    assert publication.release == f"{FOLDER}TIME-DIGEST.json"
    assert f"{FOLDER}TIME-DIGEST.json" in documents


def test_without_a_place_for_records_nothing_is_said_of_releases() -> None:
    documents, publication = published(FIRST, spec())
    assert "release" not in json.loads(documents[INDEX])
    assert publication.release is None


def test_records_are_documents_and_not_listed() -> None:
    assert WANTED.is_own(f"{FOLDER}20260301T123000Z-1f0c2a9b.json")
    assert not spec().is_own(f"{FOLDER}20260301T123000Z-1f0c2a9b.json")
    with pytest.raises(InvalidInputError, match="index_object"):
        spec(releases_prefix="releases/dw", index_object=None)


def test_an_index_of_before_has_no_release_until_something_changes() -> None:
    documents, _ = published(FIRST, spec())
    index, records = index_and_record(FIRST, documents[INDEX])
    assert records == {}
    assert json.loads(index)["release"] is None
    assert StoredIndex.parse(index).problem == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "read the release"),
        (b"[]", "it has not what a record has"),
        (b'{"record_version": 2, "bucket": "b", "prefix": ""}', "its form is 2"),
        (b'{"record_version": 1, "objects": [{}]}', "it has not what a record has"),
    ],
)
def test_what_is_no_record_is_said_to_be_none(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        Record.parse("releases/dw/x.json", content)


NAMES = [f"{FOLDER}2026010{day}T000000Z-0000000{day}.json" for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("wanted", "current", "found"),
    [
        (NAMES[0], NAMES[2], NAMES[0]),
        ("20260102T000000Z-00000002", NAMES[2], NAMES[1]),
        ("20260102T000000Z-00000002.json", None, NAMES[1]),
        ("previous", NAMES[2], NAMES[1]),
        ("previous", None, NAMES[2]),
    ],
)
def test_a_release_is_chosen_by_its_name_or_as_the_one_before(wanted: str, current: Any, found: str) -> None:
    assert choose_record(wanted, FOLDER, NAMES, current=current) == found


@pytest.mark.parametrize(("wanted", "current"), [("previous", NAMES[0]), ("20260109T000000Z", NAMES[2])])
def test_a_release_that_is_none_is_refused_with_those_that_there_are(wanted: str, current: str) -> None:
    with pytest.raises(InvalidInputError, match="20260103T000000Z-00000003"):
        choose_record(wanted, FOLDER, NAMES, current=current)


@pytest.mark.parametrize(
    ("wanted", "current", "found"),
    [("latest", NAMES[0], NAMES[2]), ("20260102", NAMES[2], NAMES[1]), ("20260103T000000Z-", None, NAMES[2])],
)
def test_a_release_is_chosen_by_the_beginning_of_its_id_or_as_the_newest(wanted: str, current: Any, found: str) -> None:
    assert choose_record(wanted, FOLDER, NAMES, current=current) == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("2026", "3 below releases/dw/ begin so"), ("", "there is no such one"), ("latest", "There are: none")],
)
def test_a_beginning_of_several_is_none(wanted: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        choose_record(wanted, FOLDER, [] if wanted == "latest" else NAMES, current=None)


def recorded(objects: tuple[Entry, ...]) -> Record:
    documents, publication = published(objects, WANTED)
    assert publication.release is not None
    return Record.parse(publication.release, documents[publication.release])


def versions_of(*found: tuple[int, str, str]) -> list[ObjectVersion]:
    """Versions of the first objects: number of the object, version, ETag."""
    return [ObjectVersion(FIRST[number].key, version, etag=etag) for number, version, etag in found]


def test_each_object_comes_back_from_the_version_that_its_record_names_or_one_of_the_same_content() -> None:
    one, two, three, four = (str(entry.etag) for entry in FIRST)
    versions = versions_of((0, "v9", one), (0, "v1", one), (1, "v8", two), (1, "v1", "e" * 32), (2, "v1", "e" * 32))
    markers = [ObjectVersion(FIRST[3].key, "v1", is_marker=True)]
    recovery = plan_recovery(recorded(FIRST), [*versions, *markers], {FIRST[3].key: four})
    assert [(item.name, item.version) for item in recovery.objects] == [
        (FIRST[0].key, "v1"),
        (FIRST[1].key, "v8"),
        (FIRST[3].key, ""),
    ]
    assert recovery.lost == (FIRST[2].key,)
    assert plan_recovery(recorded(FIRST), [], {FIRST[2].key: three}).lost == tuple(
        entry.key for entry in FIRST if entry.etag != three
    )


def test_a_release_is_published_of_its_objects_alone_with_what_it_knows() -> None:
    record = recorded(FIRST[:2])
    again = tuple(entry._replace(version_id="v7") for entry in FIRST)
    kept = entries_of(record, again)
    assert kept == again[:2]
    assert entries_of(record, [FIRST[0]._replace(etag=None), FIRST[1]])[0].etag == FIRST[0].etag, (
        "as a dry run foresees"
    )
    documents = {
        document.place.name: document.content
        for document in publish(make_manifest(kept, WANTED), WANTED, record.as_index(), OCCASION).documents
    }
    index = json.loads(documents[f"{WANTED.bucket}/{INDEX}"] or b"")
    assert (index["release"], index["count"]) == (record.name, 2)
    assert not [name for name in documents if FOLDER in name], "it has its record"
    for other in (FIRST[:1], (FIRST[0]._replace(etag="f" * 32), FIRST[1]), (FIRST[0]._replace(size=1), FIRST[1])):
        with pytest.raises(VerificationError, match=r"1 object \(.*\) not in the bucket as it has them"):
            entries_of(record, other)
    hidden = entries_of(record, [FIRST[0]._replace(etag="f" * 32, opaque=True), FIRST[1]])
    assert hidden[0].etag == "f" * 32, "encryption hides what it is"


@pytest.mark.parametrize(
    ("keep", "current", "gone"),
    [(1, NAMES[2], NAMES[:2]), (2, NAMES[0], []), (1, NAMES[0], NAMES[1:2]), (9, None, []), (3, None, [])],
)
def test_old_releases_go_and_the_current_one_stays(keep: int, current: str | None, gone: list[str]) -> None:
    assert doomed_releases(NAMES, keep=keep, current=current) == tuple(gone)


def test_versions_go_that_only_releases_that_go_have_named() -> None:
    old, kept = recorded(FIRST), recorded(FIRST[:1])
    one, two, three, _ = (str(entry.etag) for entry in FIRST)
    named = versions_of((0, "v1", one), (1, "v1", two), (2, "v1", three), (1, "v2", two))
    latest = ObjectVersion(FIRST[3].key, "v1", is_latest=True, etag="x")
    index = {FIRST[2].key: {"etag": three}}
    assert doomed_versions([old], [kept], index, [*named, latest]) == (named[1],)
    assert doomed_versions([], [kept], {}, named) == ()
    unversioned = recorded(tuple(entry._replace(version_id=None) for entry in FIRST))
    before = versions_of((1, "null", two), (2, "null", "e" * 32))
    assert doomed_versions([unversioned], [kept], {}, before) == (before[0],)
