"""Sending files that change, requests that fail, uploads that were interrupted: no object is ever mixed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.trees import parts, retrying
from ansible.module_utils.objectstore.values.errors import AccessDeniedError, NotFoundError, SilentError, TransientError
from ansible.module_utils.objectstore.values.model import ObjectStat, PendingUpload

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, actions, plant, sync

#: Parts of four bytes.
PARTS = 4


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore({BUCKET: {}})


def times(count: int, act: Callable[[], object], *verbs: str) -> Callable[[str, str], None]:
    """A hook that acts before the first ``count`` requests of these verbs."""
    left = [count]

    def before(verb: str, key: str) -> None:
        if verb in verbs and left[0] > 0:
            left[0] -= 1
            act()

    return before


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


OLD, NEW = b"old content!", b"new content!"


@pytest.mark.parametrize("part_size", [64, PARTS])
@pytest.mark.parametrize("new", [NEW, b"shorter", b"", b"a longer content than before"])
def test_a_file_that_changes_between_digest_and_request_is_begun_again(
    tmp_path: Path, store: MemoryStore, part_size: int, new: bytes
) -> None:
    path = plant(tmp_path, {"f": OLD}) / "f"
    store.before = times(1, lambda: path.write_bytes(new), "send_file", "send_part")
    report = sync(store, tmp_path, part_size=part_size)
    assert report.failure == ""
    assert store.contents(BUCKET) == {"p/f": new}
    assert not list(store.pending_uploads(BUCKET, ""))


@pytest.mark.parametrize("part_size", [64, PARTS])
def test_a_file_that_always_changes_is_reported_and_its_object_is_as_before(
    tmp_path: Path, store: MemoryStore, part_size: int
) -> None:
    path = plant(tmp_path, {"f": OLD, "g": b"fine"}) / "f"
    store.put(BUCKET, "p/f", b"what was there")
    store.before = lambda _verb, key: key == "p/f" and path.write_bytes(os.urandom(12))
    report = sync(store, tmp_path, part_size=part_size)
    assert store.contents(BUCKET) == {"p/f": b"what was there", "p/g": b"fine"}
    assert len(report.returns["failures"]) == 1
    assert report.failure.startswith("1 failed in the sync to store/p/: p/f: Could not upload")
    assert report.returns["uploaded"] == 1
    assert not list(store.pending_uploads(BUCKET, ""))


@pytest.mark.parametrize("part_size", [64, PARTS])
def test_a_file_that_goes_away_is_reported(tmp_path: Path, store: MemoryStore, part_size: int) -> None:
    path = plant(tmp_path, {"f": OLD, "g": b"fine"}) / "f"

    def vanish() -> None:
        path.unlink(missing_ok=True)
        raise TransientError("upload", "reset")

    store.before = times(1, vanish, "send_file", "send_part")
    report = sync(store, tmp_path, part_size=part_size, workers=1)
    assert "p/g" in store.contents(BUCKET)
    assert "p/f" not in store.contents(BUCKET)
    assert "it cannot be read (No such file or directory)" in report.failure


@pytest.mark.parametrize("part_size", [64, PARTS])
def test_transient_failures_are_tried_again_and_others_are_not(
    tmp_path: Path, store: MemoryStore, part_size: int
) -> None:
    plant(tmp_path, {"f": OLD})
    store.before = times(2, raising(TransientError("upload", "SlowDown")), "send_file", "send_part")
    assert sync(store, tmp_path, part_size=part_size, retries=2, workers=1).failure == ""
    assert store.contents(BUCKET) == {"p/f": OLD}
    store.buckets[BUCKET].clear()
    store.writes.clear()
    store.before = times(9, raising(AccessDeniedError("upload", "no")), "send_file", "send_part")
    assert "Could not upload: no." in sync(store, tmp_path, part_size=part_size, workers=1).failure
    assert [verb for verb, _ in store.writes].count("send_file") == (1 if part_size == 64 else 0)
    assert store.contents(BUCKET) == {}


def test_what_stays_unreachable_is_kept_for_the_next_run_which_sends_only_what_is_missing(
    tmp_path: Path, store: MemoryStore
) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    sent = [0]

    def fail_from_the_third_part(verb: str, key: str) -> None:
        if verb == "send_part":
            sent[0] += 1
            if sent[0] > 2:
                raise TransientError("upload", "the connection broke")

    store.before = fail_from_the_third_part
    assert "the connection broke" in sync(store, tmp_path, part_size=PARTS, workers=1, retries=1).failure
    assert store.contents(BUCKET) == {}
    store.before = None
    store.writes.clear()
    report = sync(store, tmp_path, part_size=PARTS)
    assert store.contents(BUCKET) == {"p/f": b"aaaabbbbcccc"}
    assert [verb for verb, _ in store.writes] == ["send_part", "finish_upload"]
    assert report.returns["failures"] == []


def test_an_upload_that_was_begun_with_other_headers_is_begun_again(tmp_path: Path, store: MemoryStore) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    store.before = times(9, raising(TransientError("upload", "the connection broke")), "finish_upload")
    sync(store, tmp_path, part_size=PARTS, metadata={"season": "old"}, retries=0)
    store.before = None
    report = sync(store, tmp_path, part_size=PARTS, metadata={"season": "new"})
    assert report.returns["failures"] == []
    assert store.buckets[BUCKET]["p/f"].metadata == {"season": "new"}
    assert store.contents(BUCKET) == {"p/f": b"aaaabbbbcccc"}


def test_parts_of_an_interrupted_upload_that_hold_other_content_are_sent_again(
    tmp_path: Path, store: MemoryStore
) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    old = store.start_upload(BUCKET, "p/f", content_type="application/octet-stream", metadata={})
    store._pending[old].parts = {1: b"aaaa", 2: b"XXXX"}
    store.writes.clear()
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert store.contents(BUCKET) == {"p/f": b"aaaabbbbcccc"}
    assert [verb for verb, _ in store.writes].count("send_part") == 2


@pytest.mark.parametrize(
    ("initiated", "left"),
    [("2020-01-01T00:00:00.000Z", []), ("2999-01-01T00:00:00.000Z", ["upload-1"]), ("", ["upload-1"])],
)
def test_a_stale_upload_that_does_not_fit_is_aborted_and_a_fresh_one_may_be_anothers(
    tmp_path: Path, store: MemoryStore, initiated: str, left: list[str]
) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    store.now = initiated
    other = store.start_upload(BUCKET, "p/f", content_type="application/octet-stream", metadata={})
    store._pending[other].parts = {1: b"seven--"}
    neighbour = store.start_upload(BUCKET, "p/f2", content_type="application/octet-stream", metadata={})
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert [item.upload_id for item in store.pending_uploads(BUCKET, "p/")] == [*left, neighbour]


def test_an_upload_that_is_listed_and_gone_hides_no_other(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    begun = store.start_upload(BUCKET, "p/f", content_type="application/octet-stream", metadata={})
    store._pending[begun].parts = {1: b"aaaa"}
    gone = PendingUpload("p/f", "gone", "2999-01-01T00:00:00.000Z")
    listed = store.pending_uploads
    monkeypatch.setattr(store, "pending_uploads", lambda *asked: iter([gone, *listed(*asked)]))
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert store.contents(BUCKET) == {"p/f": b"aaaabbbbcccc"}
    assert [verb for verb, _ in store.writes].count("send_part") == 2


def test_an_upload_that_somebody_aborts_is_begun_again(tmp_path: Path, store: MemoryStore) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    store.before = times(1, store._pending.clear, "finish_upload")
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert store.contents(BUCKET) == {"p/f": b"aaaabbbbcccc"}


def test_a_completion_whose_answer_was_lost_is_recognised_by_the_object(tmp_path: Path, store: MemoryStore) -> None:
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    finish = store.finish_upload

    def finish_and_forget(*arguments: object) -> str:
        finish(*arguments)  # type: ignore[arg-type]
        raise NotFoundError("complete", "there is no such upload (NoSuchUpload)")

    store.finish_upload = finish_and_forget  # type: ignore[method-assign, assignment]
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert [verb for verb, _ in store.writes].count("send_part") == 3


@pytest.mark.parametrize("may_look", [True, False])
def test_a_completion_that_names_no_etag_is_proved_by_a_look_or_by_its_parts(
    tmp_path: Path, store: MemoryStore, may_look: bool
) -> None:
    """As Ceph 16 answers; who may only write has what the server said of each part."""
    plant(tmp_path, {"f": b"aaaabbbbcccc"})
    finish, look_at, looks = store.finish_upload, store.stat_object, []

    def finish_silently(*arguments: object) -> str:
        finish(*arguments)  # type: ignore[arg-type]
        return ""

    def look(bucket: str, key: str, *, part: int | None = None) -> ObjectStat | None:
        looks.append(key)
        if not may_look:
            raise AccessDeniedError("look", "Access Denied. (AccessDenied)")
        return look_at(bucket, key, part=part)

    store.finish_upload = finish_silently  # type: ignore[method-assign, assignment]
    store.stat_object = look  # type: ignore[method-assign]
    report = sync(store, tmp_path, part_size=PARTS)
    assert report.failure == ""
    assert looks == ["p/f"]
    assert report.returns["objects"][0]["etag"].endswith("-3")


def test_metadata_and_content_type_travel_with_each_form_of_upload(tmp_path: Path) -> None:
    plant(tmp_path, {"large.tif": b"x" * 9, "small.csv": b"x", "none": b""})
    for bundles in (False, True):
        store = MemoryStore({BUCKET: {}}, bundles=bundles)
        sync(store, tmp_path, part_size=PARTS, metadata={"Season": "2015"})
        stored = store.buckets[BUCKET]
        assert {key: one.content_type for key, one in stored.items()} == {
            "p/large.tif": "image/tiff",
            "p/small.csv": "text/csv",
            "p/none": "application/octet-stream",
        }
        assert all(one.metadata == {"season": "2015"} for one in stored.values())


@pytest.mark.parametrize(
    ("size", "wished", "fitting"),
    [
        (10, 5, 5),
        (50_000, 5, 5),
        (50_001, 5, 1024**2),
        (10_000 * 5 * 1024**2, 5 * 1024**2, 5 * 1024**2),
        (10_000 * 5 * 1024**2 + 1, 5 * 1024**2, 6 * 1024**2),
    ],
)
def test_part_sizes_that_make_at_most_10000_parts(size: int, wished: int, fitting: int) -> None:
    assert parts.fitting_part_size(size, wished) == fitting
    assert -(-size // parts.fitting_part_size(size, wished)) <= 10_000


def test_a_bundle_proves_each_of_its_objects_and_sends_the_others_one_by_one(tmp_path: Path) -> None:
    store = MemoryStore({BUCKET: {}}, bundles=True)
    plant(tmp_path, {f"f{number}": b"%d" % number for number in range(20)})
    write = store.write_bundle

    def damaged(bucket: str, prefix: str, archive: bytes) -> None:
        write(bucket, prefix, archive)
        del store.buckets[bucket]["p/f3"]
        store.put(bucket, "p/f4", b"?")

    store.write_bundle = damaged  # type: ignore[method-assign]
    report = sync(store, tmp_path)
    assert store.contents(BUCKET) == {f"p/f{number}": b"%d" % number for number in range(20)}
    assert sorted(key for verb, key in store.writes if verb == "send_file") == ["p/f3", "p/f4"]
    assert report.returns["uploaded"] == len(actions(report)) == 20


def test_silence_is_waited_for_once(tmp_path: Path, store: MemoryStore) -> None:
    plant(tmp_path, {"a": b"1", "b": b"2"})
    store.before = times(9, raising(SilentError("upload store/p/a", "no answer within 60 s")), "send_file")
    report = sync(store, tmp_path, workers=1)
    assert [verb for verb, _ in store.writes].count("send_file") <= 2
    assert report.failure.count("no answer within 60 s") == 2
