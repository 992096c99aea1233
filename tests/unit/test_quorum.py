"""Drives that are away: an upload that lost its quorum is begun anew where the store has one, and kept where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.s3.failures import from_code
from ansible.module_utils.objectstore.trees import retrying
from ansible.module_utils.objectstore.values.errors import NoQuorumError
from ansible.module_utils.objectstore.values.model import FileRegion, Receipt

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, copy, plant, sync

#: Parts of four bytes, and a file of three.
PARTS, CONTENT = 4, b"aaaabbbbcccc"


class Ailing(MemoryStore):
    """A store of which the uploads ``lost`` are on too few drives, or all while it is ``down``.

    Of each it takes the first ``taken`` requests.
    """

    lost: frozenset[str] = frozenset()
    taken = 0
    down = False

    def _need_quorum(self, upload_id: str = "") -> None:
        if upload_id in self.lost and self.taken:
            self.taken -= 1
        elif self.down or upload_id in self.lost:
            raise from_code("upload", "SlowDownWrite", "Resource requested is unwritable", 503)

    def start_upload(self, *place: str, **headers: Any) -> str:
        self._need_quorum()
        return super().start_upload(*place, **headers)

    def send_part(self, bucket: str, key: str, region: FileRegion, *, upload_id: str, number: int) -> Receipt:
        self._need_quorum(upload_id)
        return super().send_part(bucket, key, region, upload_id=upload_id, number=number)

    def copy_part(self, bucket: str, key: str, source: tuple[str, str], *, upload_id: str, **which: Any) -> str:
        self._need_quorum(upload_id)
        return super().copy_part(bucket, key, source, upload_id=upload_id, **which)

    def finish_upload(self, bucket: str, key: str, upload_id: str, parts: Any) -> str:
        self._need_quorum(upload_id)
        return super().finish_upload(bucket, key, upload_id, parts)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


@pytest.fixture
def store() -> Ailing:
    return Ailing({BUCKET: {}})


def verbs(store: MemoryStore) -> list[str]:
    return [verb for verb, _ in store.writes]


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_an_upload_without_its_quorum_is_begun_anew(tmp_path: Path, store: Ailing, taken: int) -> None:
    store.lost, store.taken = frozenset({"upload-1"}), taken
    assert sync(store, plant(tmp_path, {"f": CONTENT}), part_size=PARTS, workers=1).failure == ""
    assert store.contents(BUCKET) == {"p/f": CONTENT}
    assert verbs(store).count("start_upload") == 2
    assert not list(store.pending_uploads(BUCKET, ""))


def test_so_is_one_that_a_former_run_left(tmp_path: Path, store: Ailing) -> None:
    old = store.start_upload(BUCKET, "p/f", content_type="application/octet-stream", metadata={})
    store._pending[old].parts = {1: b"aaaa"}
    store.lost = frozenset({old})
    assert sync(store, plant(tmp_path, {"f": CONTENT}), part_size=PARTS).failure == ""
    assert store.contents(BUCKET) == {"p/f": CONTENT}
    assert not list(store.pending_uploads(BUCKET, ""))


def test_while_nothing_can_be_written_what_was_sent_is_kept_for_the_next_run(tmp_path: Path, store: Ailing) -> None:
    old = store.start_upload(BUCKET, "p/f", content_type="application/octet-stream", metadata={})
    store._pending[old].parts = {1: b"aaaa", 2: b"bbbb"}
    store.writes.clear()
    plant(tmp_path, {"f": CONTENT})
    store.down = True
    assert "SlowDownWrite" in sync(store, tmp_path, part_size=PARTS, retries=1).failure
    assert verbs(store) == []
    store.down = False
    assert sync(store, tmp_path, part_size=PARTS).failure == ""
    assert verbs(store) == ["send_part", "finish_upload"]


def test_what_was_sent_is_not_given_up_where_the_quorum_comes_back_meanwhile(tmp_path: Path, store: Ailing) -> None:
    store.lost, store.taken = frozenset({"upload-1"}), 2
    start = store.start_upload

    def comes_back(*place: str, **headers: Any) -> str:
        begun = start(*place, **headers)
        if begun != "upload-1":
            store.lost = frozenset()
        return begun

    store.start_upload = comes_back  # type: ignore[method-assign]
    assert sync(store, plant(tmp_path, {"f": CONTENT}), part_size=PARTS, workers=1).failure == ""
    assert store.contents(BUCKET) == {"p/f": CONTENT}
    assert verbs(store).count("send_part") == 3
    assert not list(store.pending_uploads(BUCKET, ""))


def test_a_copy_in_parts_is_begun_anew_as_well(store: Ailing) -> None:
    store.put(BUCKET, "p/f", CONTENT, parts=(4, 4, 4))
    store.lost = frozenset({"upload-2", "upload-1"})
    assert copy((store, store), same_store=True, bucket=BUCKET, prefix="p").failure == ""
    assert verbs(store).count("start_upload") == 2
    assert store.contents(BUCKET) == {"p/f": CONTENT, "q/f": CONTENT}
    assert not list(store.pending_uploads(BUCKET, ""))


def test_it_is_told_by_its_code() -> None:
    assert isinstance(from_code("upload", "SlowDownWrite", "unwritable", 503), NoQuorumError)
    assert not isinstance(from_code("upload", "SlowDown", "reduce your rate", 503), NoQuorumError)
