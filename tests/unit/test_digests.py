"""ETags of local files, and the cache that spares reading them again."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sqlite3
import sys
import threading
import time
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.files import digests
from ansible.module_utils.objectstore.files.digests import OPAQUE, WHOLE, DigestCache, etag_of_parts, md5_of, part_sizes
from ansible.module_utils.objectstore.trees.localfs import look_at
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.model import LocalFile

from tests.support.syncing import rewrite_keeping_times

#: Longer than a tick of the kernel's time stamps.
TICK = 0.02


def seen(path: Path) -> LocalFile:
    found = look_at(str(path), path.name)
    assert isinstance(found, LocalFile)
    return found


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalFile:
    """A file that is old enough to be remembered."""
    monkeypatch.setattr(digests, "RACY_NS", 0)
    path = tmp_path / "f"
    path.write_bytes(b"hello")
    time.sleep(TICK)
    return seen(path)


def remember(cache_path: Path, file: LocalFile, *items: tuple[int, str]) -> None:
    with closing(DigestCache(str(cache_path))) as cache:
        for layout, etag in items:
            cache.remember(file, layout, etag)


def recall(cache_path: Path, file: LocalFile) -> dict[int, str]:
    with closing(DigestCache(str(cache_path), writable=False)) as cache:
        return cache.known(file)


@pytest.mark.parametrize(
    ("size", "layout", "sizes"), [(0, 5, [0]), (4, 5, [4]), (5, 5, [5]), (6, 5, [5, 1]), (10, 5, [5, 5])]
)
def test_part_sizes(size: int, layout: int, sizes: list[int]) -> None:
    assert part_sizes(size, layout) == sizes


def test_etags_are_those_of_s3(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abcde")
    file = seen(tmp_path / "f")
    assert md5_of(file) == hashlib.md5(b"abcde").hexdigest()
    joined = hashlib.md5(hashlib.md5(b"abc").digest() + hashlib.md5(b"de").digest()).hexdigest()
    assert etag_of_parts(file, [3, 2]) == f"{joined}-2"


@pytest.mark.parametrize("installed", [True, False])
def test_crc32_is_the_same_with_isal_and_without(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)
    spec = importlib.util.spec_from_file_location(f"{digests.__package__}.loaded_again", digests.__file__)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, loaded)  # its dataclasses look for it
    spec.loader.exec_module(loaded)
    assert (loaded.crc32 is zlib.crc32) is not installed
    data = memoryview(os.urandom(1_000_003))
    assert loaded.crc32(data[777:], loaded.crc32(data[:777], 0)) == zlib.crc32(data)


def test_a_file_that_changed_since_it_was_looked_at_has_no_digest(file: LocalFile) -> None:
    Path(file.path).write_bytes(b"HELLO")
    with pytest.raises(SourceError, match="it changed while it was read"):
        md5_of(file)
    Path(file.path).unlink()
    with pytest.raises(SourceError, match=r"it cannot be read \(No such file or directory\)"):
        md5_of(file)


def test_the_cache_keeps_each_layout(file: LocalFile, tmp_path: Path) -> None:
    cache = tmp_path / "new folder" / "cache?x=%41#1"
    remember(cache, file, (WHOLE, "a"), (5, "b-2"), (OPAQUE, "c"))
    assert recall(cache, file) == {WHOLE: "a", 5: "b-2", OPAQUE: "c"}
    assert cache.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in cache.parent.iterdir()] == [cache.name]


@pytest.mark.parametrize("change", ["content", "mtime", "size", "copy", "rename", "chmod"])
def test_the_cache_forgets_what_may_have_changed(file: LocalFile, tmp_path: Path, change: str) -> None:
    cache, path = tmp_path / "cache", Path(file.path)
    remember(cache, file, (WHOLE, "a"))
    if change == "content":
        rewrite_keeping_times(path, b"HELLO")
        assert seen(path).mtime_ns == file.mtime_ns
    elif change == "mtime":
        os.utime(path, (1, 1))
    elif change == "size":
        path.write_bytes(b"hello!")
        os.utime(path, ns=(file.mtime_ns, file.mtime_ns))
    elif change == "chmod":
        path.chmod(0o600)
    elif change == "rename":
        path = path.rename(tmp_path / "g")
    else:
        (tmp_path / "g").write_bytes(b"hello")
        os.utime(tmp_path / "g", ns=(file.mtime_ns, file.mtime_ns))
        (tmp_path / "g").replace(path)
    assert recall(cache, seen(path)) == {}
    assert recall(cache, file) == {WHOLE: "a"}


def test_a_file_that_changed_a_moment_ago_is_not_remembered(
    file: LocalFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("time.time_ns", lambda: file.ctime_ns + 10_000_000)
    remember(tmp_path / "cache", file, (WHOLE, "a"))
    assert recall(tmp_path / "cache", file) == {}


@pytest.mark.parametrize("damage", [b"", b"no database at all, and longer than a header of one" * 9, None])
def test_a_damaged_cache_is_done_without_and_left_alone(file: LocalFile, tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "cache"
    remember(path, file, (WHOLE, "a"))
    if damage is None:
        content = bytearray(path.read_bytes())
        content[100:] = os.urandom(len(content) - 100)
        damage = bytes(content)
    path.write_bytes(damage)
    with closing(DigestCache(str(path))) as cache:
        assert cache.known(file) == {}
        cache.remember(file, WHOLE, "a")
    if damage:
        assert f"the digest cache {path} is of no use" in cache.problem
        assert path.read_bytes() == damage
    else:
        assert cache.problem == ""
        assert recall(path, file) == {WHOLE: "a"}


@pytest.mark.parametrize("place", ["file/cache", "."])
def test_a_cache_that_cannot_be_opened_is_done_without(file: LocalFile, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with closing(DigestCache(str(tmp_path / place))) as cache:
        cache.remember(file, WHOLE, "a")
        assert cache.known(file) == {}
    assert f"the digest cache {(tmp_path / place).resolve()} is of no use" in cache.problem


def test_a_dry_run_leaves_no_cache(file: LocalFile, tmp_path: Path) -> None:
    for name in ("cache", "what?is#this%20"):
        with closing(DigestCache(str(tmp_path / name), writable=False)) as cache:
            cache.remember(file, WHOLE, "a")
            assert cache.known(file) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_dry_run_adds_nothing_to_a_cache(file: LocalFile, tmp_path: Path) -> None:
    remember(tmp_path / "cache", file, (WHOLE, "a"))
    before = (tmp_path / "cache").read_bytes()
    with closing(DigestCache(str(tmp_path / "cache"), writable=False)) as cache:
        cache.remember(file, 5, "b")
    assert (tmp_path / "cache").read_bytes() == before
    assert cache.problem == ""


def test_a_number_beyond_signed_64_bits_is_kept(file: LocalFile, tmp_path: Path) -> None:
    large = file._replace(device=2**64 - 1, inode=2**63)
    remember(tmp_path / "cache", large, (WHOLE, "a"))
    assert recall(tmp_path / "cache", large) == {WHOLE: "a"}
    assert recall(tmp_path / "cache", file) == {}


def test_somebody_elses_database_is_left_alone(file: LocalFile, tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE digest (name TEXT)")
        database.commit()
    before = path.read_bytes()
    with closing(DigestCache(str(path))) as cache:
        cache.remember(file, WHOLE, "a")
        assert cache.known(file) == {}
    assert "it is another file" in cache.problem
    assert path.read_bytes() == before


def test_without_a_home_there_is_no_cache_and_no_folder(
    file: LocalFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with closing(DigestCache("~/.cache/digests")) as cache:
        cache.remember(file, WHOLE, "a")
    assert "no home folder" in cache.problem
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize("seconds", [-(2**34), 2**34, 2**40])
def test_times_beyond_every_calendar_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    found = look_at(str(path), "f")
    assert isinstance(found, LocalFile)
    monkeypatch.setattr("time.time_ns", lambda: found.ctime_ns + 10**10)
    odd = found._replace(mtime_ns=seconds * 10**9)
    remember(tmp_path / "cache", odd, (WHOLE, "a"))
    assert recall(tmp_path / "cache", odd) == {WHOLE: "a"}
    assert recall(tmp_path / "cache", found) == {}


def test_two_runs_write_at_once(file: LocalFile, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def run(first: int) -> None:
        items = [file._replace(inode=inode) for inode in range(first, first + 1500)]
        with closing(DigestCache(str(cache))) as mine:
            for item in items:
                mine.remember(item, WHOLE, f"{item.inode}")

    threads = [threading.Thread(target=run, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(sqlite3.connect(cache)) as database:
        assert database.execute("SELECT count(*), sum(etag = CAST(inode AS TEXT)) FROM digest").fetchone() == (
            3500,
            3500,
        )
