"""Whether a bucket hides content from ETags is asked beside its listing, once, and by no dry run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.trees.question import Question
from ansible.module_utils.objectstore.values.errors import TransientError
from ansible.module_utils.objectstore.values.model import RemoteObject

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, copy, plant, sync


class Together(MemoryStore):
    """Answers a listing and the question only when both were asked. ``asked`` counts the questions."""

    def __init__(self) -> None:
        super().__init__({BUCKET: {}})
        self._both = threading.Barrier(2, timeout=20)
        self.asked = 0

    def hides_content(self, bucket: str) -> bool:
        self.asked += 1
        self._both.wait()
        return super().hides_content(bucket)

    def list_objects(self, bucket: str, prefix: str = "", *, metadata: bool = False) -> Iterator[RemoteObject]:
        self._both.wait()
        return super().list_objects(bucket, prefix, metadata=metadata)


def test_an_upload_asks_beside_its_listing(tmp_path: Path) -> None:
    store = Together()
    assert sync(store, plant(tmp_path, {"a": b"1"})).failure == ""
    assert store.asked == 1


def test_a_copy_asks_beside_the_listing_of_its_target() -> None:
    there, here = MemoryStore({BUCKET: {}}), Together()
    there.put(BUCKET, "p/a", b"1")
    assert copy((there, here), same_store=False).failure == ""
    assert here.asked == 1


def test_a_dry_run_does_not_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore({BUCKET: {}})
    asked: list[str] = []
    monkeypatch.setattr(store, "hides_content", asked.append)
    assert sync(store, plant(tmp_path, {"a": b"1"}), check=True).changed
    assert not asked


def test_who_wants_the_answer_has_the_error_and_nobody_else() -> None:
    def ask() -> bool:
        raise TransientError("read the encryption of bucket b", "the connection broke")

    unheard = Question(ask)
    unheard.begin()
    with pytest.raises(TransientError, match="the connection broke"):
        Question(ask).answer()
