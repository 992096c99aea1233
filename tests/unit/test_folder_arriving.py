"""What arrives in a folder: in unfinished files first, proved, and never a mixture or a half."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.trees import fetching, retrying
from ansible.module_utils.objectstore.trees.partfile import PART_NAME, Part, open_part, part_name
from ansible.module_utils.objectstore.trees.places import Places
from ansible.module_utils.objectstore.trees.proof import proof_of
from ansible.module_utils.objectstore.values.errors import TransientError
from ansible.module_utils.objectstore.values.model import Delivery

from tests.support.harmed import Harmed
from tests.support.memory_store import KMS, MemoryStore
from tests.support.syncing import BUCKET, WHOLE, fetch, plant, tree, whole_store

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.001)


@pytest.fixture
def store() -> MemoryStore:
    return whole_store()


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "dest"


# --- unfinished files --------------------------------------------------------------------------------------------


def opened(dest: Path) -> int:
    dest.mkdir(exist_ok=True)
    return os.open(dest, os.O_DIRECTORY)


def test_two_runs_never_write_to_one_unfinished_file(dest: Path) -> None:
    above, name = opened(dest), part_name("b", "k")
    with open_part(above, name) as first, open_part(above, name) as second:
        assert first.name == name.encode()
        assert second.name != first.name
        assert PART_NAME.fullmatch(second.name.decode())
        first.write(memoryview(b"first"))
        first.become(b"done")
    assert tree(dest) == {"done": b"first"}
    with open_part(above, name) as again:  # the place of the former is free, and nothing of it is left
        assert (again.name, again.size) == (name.encode(), 0)
    os.close(above)
    assert tree(dest) == {"done": b"first"}


@pytest.mark.parametrize("what", ["link", "hard link", "pipe"])
def test_what_somebody_else_put_in_the_place_of_an_unfinished_file(dest: Path, tmp_path: Path, what: str) -> None:
    above, name = opened(dest), part_name("b", "k")
    victim = plant(tmp_path, {"victim": b"mine"}) / "victim"
    {"link": lambda: (dest / name).symlink_to(victim), "hard link": lambda: os.link(victim, dest / name),
     "pipe": lambda: os.mkfifo(dest / name)}[what]()  # fmt: skip
    with open_part(above, name) as part:
        part.write(memoryview(b"over"))
        part.become(b"done")
    os.close(above)
    assert (victim.read_bytes(), (dest / "done").read_bytes()) == (b"mine", b"over")


def test_what_a_former_run_left_is_taken_up_or_removed(store: MemoryStore, dest: Path) -> None:
    content = os.urandom(3 * MIB)
    store.put(BUCKET, "p/large", content, parts=(MIB, MIB, MIB))
    etag = store.buckets[BUCKET]["p/large"].etag
    name = part_name(BUCKET, "p/large", etag, "large")
    stale, held = part_name("other"), part_name("of a run that goes on")
    plant(dest, {name: content[: 2 * MIB], stale: b"x", f"sub/{held}": b"y"})
    starts: list[int] = []
    whole = store.fetch_object

    def watched(bucket: str, key: str, *, etag: str, start: int, begin: Any) -> None:
        starts.append(start)
        whole(bucket, key, etag=etag, start=start, begin=begin)

    store.fetch_object = watched  # type: ignore[method-assign]
    other = os.open(dest / "sub" / held, os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert fetch(store, dest, check=True).failure == ""
    assert starts == []
    assert fetch(store, dest).failure == ""
    assert (max(starts), starts.count(2 * MIB)) == (2 * MIB, 1)
    assert tree(dest) == {**WHOLE, "large": content, f"sub/{held}": b"y"}
    os.close(other)
    fetch(store, dest)
    assert tree(dest) == {**WHOLE, "large": content}


def test_what_a_former_run_left_and_is_not_what_it_should_be_is_fetched_anew(store: MemoryStore, dest: Path) -> None:
    content = os.urandom(2 * MIB)
    store.put(BUCKET, "p/large", content)
    name = part_name(BUCKET, "p/large", store.buckets[BUCKET]["p/large"].etag, "large")
    for left in (bytes(MIB), bytes(3 * MIB)):
        plant(dest, {name: left})
        assert fetch(store, dest).failure == ""
        assert tree(dest) == {**WHOLE, "large": content}
        (dest / "large").unlink()


# --- what arrives ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [(), (1, 1)])
def test_content_that_is_not_the_objects_is_never_left(store: MemoryStore, dest: Path, parts: tuple[int, ...]) -> None:
    store.put(BUCKET, "p/b", b"22", parts=parts)
    plant(dest, {"b": b"as it was"})
    once = fetch(Harmed(store, lambda _content: b"23", 1), dest)
    assert (once.failure, tree(dest)) == ("", WHOLE)
    (dest / "b").write_bytes(b"as it was")
    report = fetch(Harmed(store, lambda _content: b"23", 99), dest)
    assert "what arrived makes the " in report.failure
    assert "look for a proxy that changes bodies" in report.failure
    assert tree(dest) == {**WHOLE, "b": b"as it was"}


def test_a_connection_that_breaks_again_and_again_gets_on_as_long_as_something_arrives(dest: Path) -> None:
    store, content = MemoryStore({BUCKET: {}}), os.urandom(100)
    store.put(BUCKET, "p/b", content)

    def begin_and_break(bucket: str, key: str, *, etag: str, start: int, begin: Any) -> None:
        assert etag == store.buckets[bucket][key].etag
        take = begin(Delivery(start, 100, etag))
        take(memoryview(content)[start : start + 10])
        if start + 10 < 100:
            raise TransientError("fetch it", "the connection broke")

    store.fetch_object = begin_and_break  # type: ignore[method-assign]
    assert fetch(store, dest, retries=1).failure == ""
    assert tree(dest) == {"b": content}


def test_a_disk_that_is_full_leaves_what_was_there_and_no_half_file(
    store: MemoryStore, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(dest, {"b": b"as it was"})
    write = Part.write

    def full(part: Part, piece: memoryview) -> None:
        if bytes(piece) == b"22":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(part, piece)

    monkeypatch.setattr(Part, "write", full)
    report = fetch(store, dest)
    assert f"{dest}/b could not be written (No space left on device)." in report.failure
    assert tree(dest) == {**WHOLE, "b": b"as it was"}


def test_room_is_looked_at_before(store: MemoryStore, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "room", lambda _self: 5)
    assert fetch(store, dest, check=True).warnings == (f"6 B are to be written, and 5 B are free for {dest}",)


@pytest.mark.parametrize(
    ("answer", "known", "kind"),
    [
        (Delivery(0, 2, "e", "AAAAAA=="), True, "CRC-32"),
        (Delivery(0, 2, "e-2", "AAAAAA==-2"), True, "CRC-32"),
        (Delivery(0, 2, "e"), True, "ETag"),
        (Delivery(0, 2, "e", encryption="AES256"), True, "ETag"),
        (Delivery(0, 2, "e", encryption=KMS), True, ""),
        (Delivery(0, 2, "e", encryption=KMS, metadata={"sha256": "00"}), True, "SHA-256"),
        (Delivery(0, 2, "e", metadata={"sha256": "00"}), False, "SHA-256"),
        (Delivery(0, 2, "strange"), False, ""),
    ],
)
def test_what_content_is_proved_by(answer: Delivery, known: bool, kind: str) -> None:
    assert proof_of(answer, (1, 1), known=known).kind == kind


def test_an_object_that_is_replaced_while_it_is_read(dest: Path) -> None:
    store = MemoryStore({BUCKET: {}})
    store.put(BUCKET, "p/b", b"old")
    whole, replaced = store.fetch_object, iter(range(2))

    def meddled(*arguments: Any, **options: Any) -> None:
        number = next(replaced, None)
        if number is not None:
            store.put(BUCKET, "p/b", b"new %d" % number)
        whole(*arguments, **options)

    store.fetch_object = meddled  # type: ignore[method-assign]
    assert fetch(store, dest).failure == ""
    assert tree(dest) == {"b": b"new 1"}
    store.put(BUCKET, "p/b", b"newer")
    replaced = iter(range(100))
    report = fetch(store, dest)
    assert f"it was replaced each time it was read ({fetching.TRIES} tries)" in report.failure
    assert tree(dest) == {"b": b"new 1"}
