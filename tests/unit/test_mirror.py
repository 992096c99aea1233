"""A whole sync against a store in memory: guards, faults, encrypted objects, and what is reported and logged."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.files import digests
from ansible.module_utils.objectstore.sync import journal
from ansible.module_utils.objectstore.values.errors import (
    InvalidInputError,
    NotFoundError,
    ObjectStoreError,
    RefusedError,
    SourceError,
    TransientError,
)

from tests.support.memory_store import KMS, MemoryStore
from tests.support.syncing import BUCKET, actions, mirror_spec, plant, rewrite_keeping_times, sync


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore({BUCKET: {}})


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return plant(tmp_path / "src", {"a": b"1", "b": b"22", "c/d": b"333", "e": b""})


def log_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def untimed(report_or_event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report_or_event.items() if name not in ("seconds", "time", "etag", "check")}


# --- deletion ----------------------------------------------------------------------------------------------------


def fill(store: MemoryStore, *extra: str) -> None:
    for key, content in {"p/a": b"1", "p/b": b"22", "p/c/d": b"333", "p/e": b""}.items():
        store.put(BUCKET, key, content)
    for key in extra:
        store.put(BUCKET, key, b"extra")


def test_removal_takes_what_is_not_in_the_source_and_nothing_beyond_the_prefix(store: MemoryStore, src: Path) -> None:
    fill(store, "p/gone", "p-2/x", "p.x", "p", "q", "p/marker/", "p/x.tmp")
    report = sync(store, src, delete=True, exclude=["*.tmp"])
    assert report.changed
    assert sorted(store.contents(BUCKET)) == [
        "p",
        "p-2/x",
        "p.x",
        "p/a",
        "p/b",
        "p/c/d",
        "p/e",
        "p/marker/",
        "p/x.tmp",
        "q",
    ]
    assert report.returns["deleted"] == 1
    assert actions(report)["p/gone"] == ("delete", "not in the source")


@pytest.mark.parametrize("limit", ["1", "33%"])
def test_the_limit_is_judged_before_the_first_write(store: MemoryStore, src: Path, limit: str) -> None:
    fill(store, "p/gone1", "p/gone2")
    (src / "new").write_bytes(b"new")
    for check in (True, False):
        with pytest.raises(
            RefusedError, match=f"remove 2 of 6 objects .* delete_limit {limit} allows 1.*raise delete_limit"
        ):
            sync(store, src, delete=True, delete_limit=limit, check=check)
    assert store.writes == []


def test_removals_come_last_and_not_after_a_failed_upload(store: MemoryStore, src: Path) -> None:
    fill(store, "p/gone")
    (src / "new1").write_bytes(b"new")
    sync(store, src, delete=True)
    assert store.writes[-1] == ("remove_object", "p/gone")
    fill(store, "p/gone")
    (src / "new2").write_bytes(b"new")

    def fail(verb: str, _key: str) -> None:
        if verb == "send_file":
            raise NotFoundError("upload it", "gone (NoSuchBucket)")

    store.before = fail
    report = sync(store, src, delete=True)
    assert "p/gone" in store.contents(BUCKET)
    assert report.returns["failures"] == [
        "p/new2: Could not upload it: gone (NoSuchBucket).",
        "p/gone: removal withheld: an upload failed",
    ]
    assert report.returns["deleted"] == 0


def test_each_removal_has_its_own_answer(store: MemoryStore, src: Path) -> None:
    fill(store, "p/gone1", "p/gone2")
    store.unremovable = frozenset({"p/gone1"})
    report = sync(store, src, delete=True, delete_limit="2")
    assert report.returns["deleted"] == 1
    assert report.returns["failures"] == ["p/gone1: it is locked (AccessDenied)"]
    assert report.changed
    assert "p/gone1" in store.contents(BUCKET)


def test_an_empty_source_removes_nothing(store: MemoryStore, tmp_path: Path) -> None:
    fill(store)
    for options in ({}, {"include": ["*.tif"]}):
        folder = plant(tmp_path / f"empty{len(options)}", {"note.txt": b""} if options else {})
        store.put(BUCKET, "p/x.tif", b"")
        with pytest.raises(RefusedError, match="the source has no matching file"):
            sync(store, folder, delete=True, delete_limit="100%", **options)
    with pytest.raises(SourceError, match="there is no such folder"):
        sync(store, tmp_path / "missing", delete=True, delete_limit="100%")
    assert store.writes == []


def test_a_source_without_files_and_nothing_to_remove_is_fine(store: MemoryStore, tmp_path: Path) -> None:
    assert not sync(store, plant(tmp_path / "empty", {}), delete=True).changed


@pytest.mark.parametrize("prefix", ["", "/", "//"])
def test_a_removal_over_a_whole_bucket_is_refused(src: Path, prefix: str) -> None:
    with pytest.raises(InvalidInputError, match="an empty prefix would cover the whole bucket"):
        mirror_spec(src, prefix=prefix, delete=True)


def test_without_subfolders_their_objects_stay(store: MemoryStore, src: Path) -> None:
    fill(store)
    (src / "a").unlink()
    sync(store, src, delete=True, recurse=False, delete_limit="1")
    assert sorted(store.contents(BUCKET)) == ["p/b", "p/c/d", "p/e"]


def test_a_dangling_link_keeps_everything_and_fails_at_the_end(store: MemoryStore, src: Path) -> None:
    fill(store, "p/gone")
    (src / "a").unlink()
    (src / "a").symlink_to(src / "nowhere")
    (src / "new").write_bytes(b"new")
    dry, real = (sync(store, src, delete=True, delete_limit="100%", check=check) for check in (True, False))
    assert actions(dry) == actions(real)
    assert real.returns["failures"] == dry.returns["failures"] == [f"{src}/a: it is a dangling symbolic link"]
    assert sorted(store.contents(BUCKET)) == ["p/a", "p/b", "p/c/d", "p/e", "p/gone", "p/new"]
    assert actions(real)["p/gone"] == ("keep", "removal withheld: the source was not read whole")


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_shard_without_files_does_as_one_run(store: MemoryStore, src: Path, count: int) -> None:
    fill(store, "p/gone")
    for index in range(count):
        sync(store, src, delete=True, shard={"index": index, "count": count})
    assert sorted(store.contents(BUCKET)) == ["p/a", "p/b", "p/c/d", "p/e"]
    fill(store, "p/gone", "p/gone2")
    for index in range(count):
        with pytest.raises(RefusedError, match="remove 2 of 6 objects"):
            sync(store, src, delete=True, shard={"index": index, "count": count})


# --- content -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [(), (4, 4, 2), (10,), (3, 7), (9, 1), (1,) * 10])
def test_what_others_uploaded_in_any_parts_is_adopted(
    store: MemoryStore, tmp_path: Path, parts: tuple[int, ...]
) -> None:
    plant(tmp_path, {"f": b"0123456789"})
    store.put(BUCKET, "p/f", b"0123456789", parts=parts)
    report = sync(store, tmp_path)
    assert store.writes == []
    assert (report.returns["adopted"], report.changed) == (1, False)
    assert actions(report) == {"p/f": ("adopt", "same content, found by reading the file")}
    store.put(BUCKET, "p/f", b"012345678X", parts=parts)
    assert actions(sync(store, tmp_path)) == {"p/f": ("replace", "content differs")}
    assert store.contents(BUCKET) == {"p/f": b"0123456789"}


def test_part_sizes_are_guessed_where_the_server_does_not_tell(store: MemoryStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096 * 3  # 3 MiB
    plant(tmp_path, {"f": content})
    store.put(BUCKET, "p/f", content, parts=[2 * 1024**2, 1024**2])
    stat = store.stat_object
    store.stat_object = lambda bucket, key, **_part: stat(bucket, key)  # type: ignore[method-assign, assignment]
    assert sync(store, tmp_path).returns["adopted"] == 1


def test_a_rewrite_with_size_and_mtime_kept_is_seen(
    store: MemoryStore, src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "RACY_NS", 0)
    cache = str(tmp_path / "cache")
    sync(store, src, digest_cache=cache)
    time.sleep(0.02)  # longer than a tick of the kernel's time stamps
    assert sync(store, src, digest_cache=cache).returns["unchanged"] == 4
    rewrite_keeping_times(src / "b", b"XX")
    report = sync(store, src, digest_cache=cache)
    assert actions(report) == {"p/b": ("replace", "content differs")}
    assert store.contents(BUCKET)["p/b"] == b"XX"


def test_a_cached_run_reads_no_file(
    store: MemoryStore, src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "RACY_NS", 0)
    cache = str(tmp_path / "cache")
    sync(store, src, digest_cache=cache)
    monkeypatch.setattr("builtins.open", lambda *_a, **_k: pytest.fail("a file was read"))
    assert sync(store, src, digest_cache=cache).returns["unchanged"] == 4


def test_existing_objects_that_may_not_be_replaced(store: MemoryStore, src: Path) -> None:
    store.put(BUCKET, "p/b", b"other")
    assert actions(sync(store, src, existing="keep"))["p/b"] == ("keep", "size differs")
    assert store.contents(BUCKET)["p/b"] == b"other"
    store.writes.clear()
    (src / "z").write_bytes(b"new")
    with pytest.raises(RefusedError, match=r"existing is fail, and 1 objects have other content: p/b\. Nothing was"):
        sync(store, src, existing="fail")
    assert store.writes == []


def test_encrypted_objects_are_told_by_our_own_digest(
    src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "RACY_NS", 0)
    store, cache = MemoryStore({BUCKET: {}}, kms=True, bundles=True), str(tmp_path / "cache")
    sync(store, src, digest_cache=cache, part_size=2, metadata={"mine": "yes"})
    assert store.buckets[BUCKET]["p/c/d"].metadata == {"mine": "yes", "sha256": hashlib.sha256(b"333").hexdigest()}
    store.writes.clear()
    assert sync(store, src, digest_cache=cache).returns["unchanged"] == 4
    assert sync(store, src).returns["adopted"] == 4  # the cache is lost: told by the digest in the metadata
    assert store.writes == []
    rewrite_keeping_times(src / "c/d", b"XXX")
    assert actions(sync(store, src, digest_cache=cache)) == {"p/c/d": ("replace", "content differs")}


def test_an_encrypted_object_of_others_is_reported_and_stays(store: MemoryStore, src: Path) -> None:
    fill(store)
    store.put(BUCKET, "p/b", b"22", encryption=KMS)
    for _ in range(2):
        report = sync(store, src)
        assert actions(report)["p/b"] == ("keep", "content cannot be verified")
        assert report.returns["unverifiable"] == 1
    assert store.writes == []


# --- what is said ------------------------------------------------------------------------------------------------


def test_a_missing_bucket(store: MemoryStore, src: Path) -> None:
    for check, assume in ((True, False), (False, False), (False, True)):
        with pytest.raises(NotFoundError, match=r"sync to bucket other: there is no such bucket.*minio_bucket"):
            sync(store, src, bucket="other", check=check, assume_bucket=assume)
    planned = sync(store, src, bucket="other", check=True, assume_bucket=True)
    assert planned.returns["uploaded"] == 4
    assert planned.changed


def test_the_log_of_a_dry_run_and_of_a_real_one_tell_the_same(store: MemoryStore, src: Path, tmp_path: Path) -> None:
    fill(store, "p/gone")
    store.put(BUCKET, "p/b", b"other")
    (src / "new").write_bytes(b"new")
    logs = {check: tmp_path / "logs" / f"{check}.jsonl" for check in (True, False)}
    logs[True].parent.mkdir()
    reports = {
        check: sync(store, src, check=check, delete=True, log=str(log), log_unchanged=True)
        for check, log in logs.items()
    }
    dry, real = log_of(logs[True]), log_of(logs[False])
    assert all(event["check"] is True for event in dry)
    assert not any("check" in event for event in real)
    assert [event["event"] for event in dry] == ["object"] * 6 + ["summary"]
    assert sorted(map(str, map(untimed, dry[:-1]))) == sorted(map(str, map(untimed, real[:-1])))
    assert untimed(dry[-1]) == untimed(real[-1])
    assert [untimed(entry) for entry in reports[True].returns["objects"]] == [
        untimed(entry) for entry in reports[False].returns["objects"]
    ]
    assert {event["key"]: event["etag"] for event in real if event.get("action") in ("upload", "replace")} == {
        f"p/{name}": hashlib.md5((src / name).read_bytes()).hexdigest() for name in ("b", "new")
    }
    assert all("seconds" in event for event in real if event.get("action") in ("upload", "replace", "delete"))
    assert logs[False].stat().st_mode & 0o777 == 0o640
    assert reports[True].diff == reports[False].diff


def test_a_limit_of_what_is_returned_is_not_below_none(store: MemoryStore, src: Path) -> None:
    assert sync(store, src, check=True, objects_limit=0).returns["uploaded"] == 4
    with pytest.raises(InvalidInputError, match="objects_limit -1"):
        sync(store, src, objects_limit=-1)


@pytest.mark.parametrize("check", [True, False])
def test_a_log_is_no_pipe_and_nobody_elses_file(store: MemoryStore, src: Path, tmp_path: Path, check: bool) -> None:
    pipe, data = tmp_path / "pipe", tmp_path / "training.csv"
    os.mkfifo(pipe)
    data.write_bytes(b"time,event\n")
    for path, said in ((pipe, "pipe: "), (data, "it is no log of a sync")):
        with pytest.raises(SourceError, match=said):
            sync(store, src, check=check, log=str(path))
    assert data.read_bytes() == b"time,event\n"
    log = tmp_path / "log"
    for _ in range(2):
        sync(store, src, log=str(log))
    assert len(log_of(log)) > 2


def test_a_dry_run_makes_no_folder_for_its_log(store: MemoryStore, src: Path, tmp_path: Path) -> None:
    sync(store, src, check=True, log=str(tmp_path / "logs/x"), digest_cache=str(tmp_path / "cache/x"))
    assert [path.name for path in tmp_path.iterdir()] == ["src"]


def test_a_log_that_cannot_be_opened_is_refused_before_anything_is_done(
    store: MemoryStore, src: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"write the log .*: its folder is a file\. Nothing was changed"):
        sync(store, src, log=str(src / "a/log"))
    assert store.writes == []


def test_a_full_disk_under_the_log_fails_the_run_at_its_end(store: MemoryStore, src: Path) -> None:
    report = sync(store, src, log="/dev/full")
    assert len(store.contents(BUCKET)) == report.returns["uploaded"] == 4
    assert "the log /dev/full could not be written (No space left on device)" in report.failure


def test_a_refused_plan_is_in_the_log(store: MemoryStore, src: Path, tmp_path: Path) -> None:
    with pytest.raises(ObjectStoreError) as refused:
        sync(store, src, log=str(tmp_path / "log"), key_pattern=r"(?P<x>a)")
    assert log_of(tmp_path / "log")[-1]["error"] == str(refused.value)
    assert "3 do not match key_pattern: b, c/d, e" in str(refused.value)
    assert store.writes == []


def test_objects_and_diff_are_capped_and_the_log_is_whole(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SHOWN", 2)
    folder = plant(tmp_path / "src", {f"f{number}": b"" for number in range(7)})
    for check in (True, False):
        report = sync(store, folder, check=check, log=str(tmp_path / f"log{check}"), objects_limit=3)
        assert [entry["key"] for entry in report.returns["objects"]] == ["p/f0", "p/f1", "p/f2"]
        assert report.returns["objects_truncated"]
        assert report.diff["after"].endswith("… and 5 more; the log has all\n")
        assert len(log_of(tmp_path / f"log{check}")) == 8


def test_one_failed_file_does_not_stop_the_others_and_each_is_named(store: MemoryStore, tmp_path: Path) -> None:
    folder = plant(tmp_path / "src", {f"f{number:02}": b"x" for number in range(30)})

    def fail(verb: str, key: str) -> None:
        if verb == "send_file" and int(key[-2:]) % 2:
            raise TransientError(f"upload {key}", "HTTP 503")

    store.before = fail
    report = sync(store, folder, retries=0)
    assert (report.returns["uploaded"], len(report.returns["failures"])) == (15, 15)
    assert report.failure.startswith("15 failed in the sync to store/p/: ")
    assert report.failure.endswith("; and 5 more")
    errors = {entry["key"]: entry.get("error", "") for entry in report.returns["objects"]}
    assert [key for key, error in errors.items() if error] == [f"p/f{number:02}" for number in range(1, 30, 2)]


def test_the_progress_file_tells_what_is_done(store: MemoryStore, src: Path, tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []
    path = tmp_path / "progress"
    store.before = lambda _verb, _key: seen.append(json.loads(path.read_text()))
    sync(store, src, progress_file=str(path), workers=1)
    compared = {"compared": 4, "bytes_compared": 6}
    assert untimed(seen[0]) == {**compared, "files": 4, "files_done": 0, "failed": 0, "bytes": 6, "bytes_done": 0}


@pytest.mark.parametrize("delete", [True, False])
def test_objects_whose_names_no_file_could_get_are_told_of_where_removal_was_asked_for(
    tmp_path: Path, delete: bool
) -> None:
    store = MemoryStore({BUCKET: {}})
    store.put(BUCKET, "p/notes.txt", b"somebody else's")
    src = plant(tmp_path / "src", {"a.tif": b"a"})
    report = sync(store, src, key_pattern=r"(?P<name>.+)\.tif", key_template="{name}.cog.tif", delete=delete)
    told = [warning for warning in report.warnings if "this sync cannot have made their names" in warning]
    assert [warning.startswith("objects that have no file: 1;") for warning in told] == [True] * delete
    assert sorted(store.contents(BUCKET)) == ["p/a.cog.tif", "p/notes.txt"]
