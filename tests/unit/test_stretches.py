"""A large object arrives in stretches, beside each other: whatever order they come in, and whatever stops them."""

from __future__ import annotations

import os
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest
from ansible.module_utils.objectstore.trees import fetching, retrying
from ansible.module_utils.objectstore.trees.layouts import stretches_of
from ansible.module_utils.objectstore.trees.partfile import Part, part_name
from ansible.module_utils.objectstore.values.errors import TransientError
from ansible.module_utils.objectstore.values.model import Delivery
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.memory_store import MemoryStore
from tests.support.syncing import BUCKET, fetch, tree

PARTS = (30, 30, 30, 30, 7)
CONTENT = Random(7).randbytes(sum(PARTS))
Take = Callable[[memoryview], None]


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrying, "FIRST_PAUSE", 0.001)
        patch.setattr(fetching, "STRETCH", 40)
        patch.setattr(fetching, "RESUMED_FROM", 1)
        yield


class Pieces(MemoryStore):
    """Gives content in pieces that end at each tenth byte, and breaks off for good after ``most`` of them.

    ``asked`` are first byte and end of each request, ``given`` the bytes that were taken. ``crc32`` is what it says of
    the whole content.
    """

    crc32 = ""

    def __init__(self, most: int = 1_000_000) -> None:
        super().__init__({BUCKET: {}})
        self.most = most
        self.asked: list[tuple[int, int | None]] = []
        self.given = 0
        self._lock = threading.Lock()

    def fetch_object(
        self, bucket: str, key: str, *, start: int, begin: Any, end: int | None = None, **named: Any
    ) -> None:
        with self._lock:
            self.asked.append((start, end))

        def begun(answer: Delivery) -> Take:
            take = begin(answer._replace(crc32=self.crc32))

            def pieces(content: memoryview) -> None:
                while content:
                    with self._lock:
                        self.most -= 1
                        if self.most < 0:
                            raise TransientError("fetch it", "the connection broke")
                    here = len(CONTENT[:end]) - len(content)
                    piece = content[: 10 - here % 10]
                    take(piece)
                    with self._lock:
                        self.given += len(piece)
                    content = content[len(piece) :]

            return pieces

        super().fetch_object(bucket, key, start=start, begin=begun, end=end, **named)


def filled(store: Pieces) -> Pieces:
    store.put(BUCKET, "p/large", CONTENT, parts=PARTS)
    return store


def test_parts_come_together_until_they_are_many_bytes() -> None:
    assert stretches_of((3, 3, 3, 3, 3, 1), least=6) == [[3, 3], [3, 3], [3, 1]]
    assert stretches_of((9, 1), least=6) == [[9], [1]]
    assert stretches_of(None, least=6) == []


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("of_the_whole", [True, False])
def test_each_byte_comes_once(tmp_path: Path, workers: int, of_the_whole: bool) -> None:
    store = filled(Pieces())
    store.crc32 = b64encode(crc32(CONTENT).to_bytes(4, "big")).decode() if of_the_whole else ""
    assert fetch(store, tmp_path, workers=workers).failure == ""
    assert tree(tmp_path) == {"large": CONTENT}
    assert store.asked[0] == (0, None)
    assert set(store.asked[1:]) <= {(60, 120), (120, 127)}
    assert store.given == len(CONTENT)
    if workers == 1 or of_the_whole:
        assert store.asked == [(0, None)]


def with_the_first_last(store: Pieces, fetch_object: Callable[..., None]) -> None:
    """Have requests go to ``fetch_object``; nothing of the first stretch comes before another one came, or failed."""
    taken = threading.Event()

    def waiting(*arguments: Any, start: int, begin: Any, **named: Any) -> None:
        def begun(answer: Delivery) -> Take:
            take = begin(answer)

            def pieces(piece: memoryview) -> None:
                assert start or taken.wait(10)
                take(piece)

            return pieces

        if not start:
            taken.clear()
        try:
            fetch_object(*arguments, start=start, begin=begun, **named)
        finally:
            if start:
                taken.set()

    store.fetch_object = waiting  # type: ignore[method-assign]


def test_who_is_idle_begins_with_the_last(tmp_path: Path) -> None:
    store = filled(Pieces())
    with_the_first_last(store, store.fetch_object)
    assert fetch(store, tmp_path, workers=2).failure == ""
    assert store.asked[:2] == [(0, None), (120, 127)]
    assert (tree(tmp_path), store.given) == ({"large": CONTENT}, len(CONTENT))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("most", range(13))
def test_a_run_that_stops_leaves_what_it_has_for_the_next(tmp_path: Path, workers: int, most: int) -> None:
    store = filled(Pieces(most))
    assert "the connection broke" in fetch(store, tmp_path, workers=workers, retries=0).failure
    assert "large" not in tree(tmp_path)
    store.most = 1_000_000
    store.given = 0
    assert fetch(store, tmp_path, workers=workers).failure == ""
    assert tree(tmp_path) == {"large": CONTENT}
    missing = len(CONTENT) - 10 * most
    # the last byte of a first stretch that is whole is asked for, so that the server says what it has; and who took a
    # piece when another one failed has let it go
    assert missing <= store.given <= missing + 1 + 10 * (workers - 1)


@settings(max_examples=60)
@given(counts=st.lists(st.integers(0, 70), min_size=3, max_size=3), junk=st.booleans(), workers=st.integers(1, 4))
def test_whatever_is_left_the_content_is_right(counts: list[int], junk: bool, workers: int) -> None:
    store = filled(Pieces())
    there = bytearray(os.urandom(len(CONTENT)))
    if not junk:
        for start, length, count in zip((0, 60, 120), (60, 60, 7), counts, strict=True):
            there[start : start + min(length, count)] = CONTENT[start : start + min(length, count)]
    marks = b"".join(count.to_bytes(8, "big") for count in counts)
    name = part_name(BUCKET, "p/large", store.buckets[BUCKET]["p/large"].etag, "large")
    with tempfile.TemporaryDirectory() as dest:
        (Path(dest) / name).write_bytes(bytes(there) + marks)
        assert fetch(store, Path(dest), workers=workers).failure == ""
        assert tree(Path(dest)) == {"large": CONTENT}
    if not junk:
        missing = sum(max(0, length - count) for length, count in zip((60, 60, 7), counts, strict=True))
        assert store.given == missing + (counts[0] >= 60)


@pytest.mark.parametrize("left", [b"", CONTENT[:1], CONTENT[:61], CONTENT[:126], CONTENT, CONTENT + b"more"], ids=len)
def test_what_came_over_one_connection_is_taken_up_in_stretches(tmp_path: Path, left: bytes) -> None:
    store = filled(Pieces())
    name = part_name(BUCKET, "p/large", store.buckets[BUCKET]["p/large"].etag, "large")
    (tmp_path / name).write_bytes(left)
    assert fetch(store, tmp_path).failure == ""
    assert tree(tmp_path) == {"large": CONTENT}
    kept = 0 if len(left) > len(CONTENT) else len(left)
    assert store.given == len(CONTENT) - kept + (kept >= 60)


def test_an_object_that_is_replaced_between_stretches_is_begun_anew(tmp_path: Path) -> None:
    store, other, once = filled(Pieces()), os.urandom(len(CONTENT)), iter([True])
    asked = store.fetch_object

    def replacing(*arguments: Any, **named: Any) -> None:
        if named["start"] and next(once, False):
            store.put(BUCKET, "p/large", other, parts=PARTS)
        asked(*arguments, **named)

    with_the_first_last(store, replacing)
    assert fetch(store, tmp_path).failure == ""
    assert tree(tmp_path) == {"large": other}


def test_one_stretch_that_is_harmed_is_found(tmp_path: Path) -> None:
    store = filled(Pieces())

    def harming(*arguments: Any, begin: Any, start: int, **named: Any) -> None:
        def begun(answer: Delivery) -> Take:
            take = begin(answer)
            return lambda piece: take(memoryview(bytes(len(piece))) if start == 0 else piece)

        Pieces.fetch_object(store, *arguments, start=start, begin=begun, **named)

    store.fetch_object = harming  # type: ignore[method-assign]
    assert "what arrived makes the ETag " in fetch(store, tmp_path).failure
    assert tree(tmp_path) == {}


def test_a_server_that_sends_other_bytes_than_it_was_asked_for(tmp_path: Path) -> None:
    store = filled(Pieces())

    def whole(bucket: str, key: str, *, etag: str, begin: Any, **_: Any) -> None:
        MemoryStore.fetch_object(store, bucket, key, etag=etag, start=0, begin=begin)

    with_the_first_last(store, whole)
    assert "the server sent other bytes of it than it was asked for" in fetch(store, tmp_path).failure
    assert tree(tmp_path) == {}


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(Pieces())
    (tmp_path / "large").write_bytes(b"as it was")

    def full(_fd: int, content: memoryview, place: int) -> int:
        if place >= 100:
            raise OSError(28, "No space left on device")
        return len(content)

    monkeypatch.setattr(os, "pwrite", full)
    assert "could not be written (No space left on device)" in fetch(store, tmp_path).failure
    assert tree(tmp_path) == {"large": b"as it was"}


def test_a_part_file_ends_with_its_content(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    part = Part(fd, -1, b"f", 0)
    first, second = part.stretches([3, 2])
    second.write(memoryview(b"de"))
    first.write(memoryview(b"abc"))
    assert (tmp_path / "f").stat().st_size == 5 + 16
    part.end(5)
    os.close(fd)
    assert (tmp_path / "f").read_bytes() == b"abcde"
