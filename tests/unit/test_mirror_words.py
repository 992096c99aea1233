"""What a sync says besides: of its own files, of globs, of objects that it did not make, of looks that are denied."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.values.errors import AccessDeniedError, InvalidInputError
from ansible.module_utils.objectstore.values.model import ObjectStat

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, plant, sync


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore({BUCKET: {}})


def test_what_the_sync_writes_itself_is_left_out_and_said_once(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"1", "own/log.jsonl.txt": b"a file of the user's"})
    own: dict[str, Any] = {
        "log": str(src / "own/log.jsonl"),
        "digest_cache": str(src / "own/cache"),
        "progress_file": str(src / "progress"),
    }
    (src / "progress.watched").touch()
    first, second = sync(store, src, **own), sync(store, src, delete=True, delete_limit="100%", **own)
    assert sorted(store.contents(BUCKET)) == ["p/a", "p/own/log.jsonl.txt"]
    assert (first.changed, second.changed) == (True, False)
    for report in (first, second):
        (said,) = [text for text in report.warnings if "left out" in text]
        assert all(str(src / name) in said for name in ("own/log.jsonl", "own/cache", "progress.watched"))


def test_a_link_to_the_log_is_the_log(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"1"})
    (tmp_path / "log").touch()
    (src / "log").symlink_to(tmp_path / "log")
    sync(store, src, log=str(tmp_path / "log"))
    assert sorted(store.contents(BUCKET)) == ["p/a"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"include": ["*.tiff"]}, "none of the 2 files"),
        ({"exclude": ["*"]}, "none of the 2 files"),
        ({"include": ["*.tif"]}, ""),
        ({}, ""),
    ],
)
def test_globs_that_mean_no_file_are_said(
    tmp_path: Path, store: MemoryStore, options: dict[str, Any], words: str
) -> None:
    src = plant(tmp_path / "src", {"a.tif": b"1", "x/b.tif": b"2"})
    said = [text for text in sync(store, src, check=True, **options).warnings if "files in" in text]
    assert bool(said) == bool(words)
    assert all(words in text for text in said)


def test_an_empty_source_is_said(tmp_path: Path, store: MemoryStore) -> None:
    (tmp_path / "src").mkdir()
    assert any("holds no file" in text for text in sync(store, tmp_path / "src").warnings)


def test_objects_that_a_naming_cannot_have_made_are_extraneous_and_stay(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"DW_2016.tif": b"1"})
    for key in ("p/2015.tif", "p/2014.tif"):
        store.put(BUCKET, key, b"stale")
    naming = {"key_pattern": r"DW_(?P<year>\d+)\.tif", "key_template": "{year}.tif"}
    report = sync(store, src, delete=True, delete_limit="100%", **naming)
    assert report.returns["extraneous"] == 2
    assert report.returns["deleted"] == 0
    assert any("objects that have no file: 2; they are not removed" in text for text in report.warnings)


def test_a_denied_look_leaves_the_word_to_the_listing(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"new", "b": b"new", "c": b"new"})
    store.put(BUCKET, "p/a", b"old", parts=(1, 2))
    look = store.stat_object

    def denied(bucket: str, key: str, *, part: int | None = None, version: str = "") -> ObjectStat | None:
        if key == "p/a":
            raise AccessDeniedError(f"look at {bucket}/{key}", "Access Denied. (AccessDenied)")
        return look(bucket, key, part=part)

    store.stat_object = denied  # type: ignore[method-assign]
    report = sync(store, src)
    assert report.failure == ""
    assert store.contents(BUCKET) == {"p/a": b"new", "p/b": b"new", "p/c": b"new"}


def test_a_store_that_heeds_no_part_number_is_asked_once(tmp_path: Path, store: MemoryStore) -> None:
    """HEAD of a part is answered as one of the whole: then the sizes that others use are tried."""
    mebi = 1024 * 1024
    src = plant(tmp_path / "src", {"a": b"x" * (3 * mebi + 1)})
    store.put(BUCKET, "p/a", b"x" * (3 * mebi + 1), parts=(2 * mebi, mebi + 1))
    look, asked = store.stat_object, []

    def unheeding(bucket: str, key: str, *, part: int | None = None, version: str = "") -> ObjectStat | None:
        asked.append(part)
        return look(bucket, key)

    store.stat_object = unheeding  # type: ignore[method-assign]
    report = sync(store, src)
    assert (report.changed, report.returns["adopted"], asked) == (False, 1, [1])


LONG = "x" * 250


def test_a_key_that_no_object_can_have_fails_by_name_in_the_dry_run_too(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"1", "/".join([LONG] * 5): b"2"})
    for check in (True, False):
        report = sync(store, src, check=check)
        assert "it has 1256 bytes, and a key at most 1024" in report.failure
    assert sorted(store.contents(BUCKET)) == ["p/a"]


def test_names_that_are_not_utf8_can_be_excluded(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"1"})
    Path(os.fsdecode(bytes(src) + b"/caf\xe9.bad")).write_bytes(b"")
    Path(os.fsdecode(bytes(src) + b"/na\xefve")).mkdir()
    assert "not valid UTF-8" in sync(store, src).failure
    assert sync(store, src, exclude=["*.bad", "na*/"]).failure == ""


@pytest.mark.parametrize(
    "options",
    [
        {"metadata": {"a": "x\r\nx-amz-acl: public-read"}},
        {"metadata": {"owner": None}},
        {"content_type": "text/plain\nx: y"},
        {"content_type": ""},
        {"include": [""]},
    ],
)
def test_what_cannot_travel_is_refused_before_anything_is_read(
    tmp_path: Path, store: MemoryStore, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError):
        sync(store, tmp_path / "none", **options)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.csv", "text/csv"),
        ("a.csv.gz", "application/gzip"),
        ("a.tar.xz", "application/x-xz"),
        ("a.geojson", "application/geo+json"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.jsonl", "application/jsonl"),
        ("a.tif", "image/tiff"),
        ("a.json", "application/json"),
        ("a.unheardof", "application/octet-stream"),
        ("a", "application/octet-stream"),
        (".gz", "application/octet-stream"),
    ],
)
def test_content_types(tmp_path: Path, store: MemoryStore, name: str, content_type: str) -> None:
    sync(store, plant(tmp_path / "src", {name: b"1"}))
    seen = store.stat_object(BUCKET, f"p/{name}")
    assert seen is not None
    assert seen.content_type == content_type


def test_a_file_whose_place_another_takes_before_it_is_sent_fails_by_name(tmp_path: Path, store: MemoryStore) -> None:
    src = plant(tmp_path / "src", {"a": b"1", "b": b"2", "c": b"3"})

    def pipe(verb: str, key: str) -> None:
        if (src / "b").is_file():
            (src / "b").rename(tmp_path / "moved")
            os.mkfifo(src / "b")

    store.before = pipe
    report = sync(store, src, workers=1)
    assert sorted(store.contents(BUCKET)) == ["p/a", "p/c"]
    assert "p/b: Could not upload" in report.failure
    assert "it is not a regular file" in report.failure
