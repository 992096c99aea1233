"""A file that is not whole yet: beside its place, under a name of its own, and taken up again by the next run.

The name says which content it will be. Who works on it holds a lock, which goes with the process, so that two runs
never write to one, and what a killed run left is told from what another run is at.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Iterator, Sequence

#: The names of such files.
PART_NAME = re.compile(r"\.geocrop-[0-9a-f]{32}(?:-[0-9a-f]{8})?\.part")

_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

#: Bytes of a number that says how much of a stretch is there.
_MARK = 8

#: How often a file that vanishes while it is opened is opened again.
_TRIES = 5


@dataclass
class Part:
    """An open file with ``size`` bytes, those that a former run left included; ``kept`` says that it stays."""

    fd: int
    folder: int
    name: bytes
    size: int
    kept: bool = False

    def write(self, piece: memoryview) -> None:
        """Append.

        :raises OSError: where that is not possible
        """
        write_all(self.fd, piece, self.size)
        self.size += len(piece)

    def cut(self, size: int) -> None:
        """Go on from byte ``size``."""
        if size != self.size:
            self.end(size)

    def stretches(self, lengths: Sequence[int]) -> list[Stretch]:
        """The file as stretches of these ``lengths``, with what a former run left of each.

        It left bytes from the first on, or stretches, which say behind the content how many bytes of each are there.
        """
        whole, marks = sum(lengths), _MARK * len(lengths)
        if self.size == whole + marks:
            told = os.pread(self.fd, marks, whole)
            found = [int.from_bytes(told[at : at + _MARK], "big") for at in range(0, marks, _MARK)]
        else:
            left = self.size if self.size <= whole else 0
            found = [left - end + length for length, end in zip(lengths, accumulate(lengths))]
        stretches = [
            Stretch(self.fd, end - length, length, max(0, min(length, count)), whole + _MARK * number)
            for number, (length, end, count) in enumerate(zip(lengths, accumulate(lengths), found))
        ]
        write_all(self.fd, memoryview(b"".join(stretch.count for stretch in stretches)), whole)
        return stretches

    def end(self, size: int) -> None:
        """Leave off what is behind the content."""
        os.ftruncate(self.fd, size)
        self.size = size

    def become(self, name: bytes) -> None:
        """Take the place ``name`` in the same folder, whatever is there, in one step."""
        os.rename(self.name, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        self.kept = True


@dataclass
class Stretch:
    """``length`` bytes of the open file from byte ``start`` on. Place ``mark`` says that ``size`` of them are there."""

    fd: int
    start: int
    length: int
    size: int
    mark: int

    @property
    def count(self) -> bytes:
        """How many bytes are there, as it is noted."""
        return self.size.to_bytes(_MARK, "big")

    def write(self, piece: memoryview) -> None:
        """Append.

        :raises OSError: where that is not possible
        """
        write_all(self.fd, piece, self.start + self.size)
        self._note(self.size + len(piece))

    def cut(self, size: int) -> None:
        """Go on from byte ``size`` of the stretch."""
        if size != self.size:
            self._note(size)

    def _note(self, size: int) -> None:
        self.size = size
        write_all(self.fd, memoryview(self.count), self.mark)


def write_all(fd: int, content: memoryview, place: int) -> None:
    """Write from byte ``place`` of a file on."""
    while content:
        count = os.pwrite(fd, content, place)
        content, place = content[count:], place + count


def part_name(*content: str) -> str:
    """The name for what is to become ``content``: bucket, key, ETag and the name of the file."""
    digest = hashlib.md5("\0".join(content).encode("utf-8"), usedforsecurity=False)
    return f".geocrop-{digest.hexdigest()}.part"


def spare_name(name: str) -> str:
    """Another name for the same content, which no other run has."""
    return name.replace(".part", f"-{secrets.token_hex(4)}.part")


@contextmanager
def open_part(folder: int, name: str) -> Iterator[Part]:
    """The file ``name`` in the folder that is open as ``folder``, locked; removed at the end unless it is ``kept``.

    Where another run is at it, one of another name.
    """
    fd, used = _opened(folder, name)
    part = Part(fd, folder, used.encode("ascii"), os.fstat(fd).st_size)
    try:
        yield part
    finally:
        try:
            if not part.kept:
                with suppress(OSError):
                    os.unlink(part.name, dir_fd=folder)
        finally:
            os.close(fd)


def _opened(folder: int, name: str) -> tuple[int, str]:
    for _ in range(_TRIES):
        try:
            fd = os.open(name, _OPEN, 0o600, dir_fd=folder)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            break  # a link, and so somebody else's
        status = os.fstat(fd)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and locked(fd) and _is_there(folder, name, status):
            return fd, name
        os.close(fd)
        if status.st_nlink > 1 or not stat.S_ISREG(status.st_mode):
            break  # somebody else's
    other = spare_name(name)
    fd = os.open(other, _OPEN | os.O_EXCL, 0o600, dir_fd=folder)
    locked(fd)
    return fd, other


def locked(fd: int) -> bool:
    """Lock an open file for as long as it is open; whether nobody else has."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_there(folder: int, name: str, status: os.stat_result) -> bool:
    """Whether the name still is that of the file: another run may have been done with it before it was locked."""
    try:
        return os.path.samestat(status, os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def remove_left(folder: int, name: bytes, *, older_than: float) -> None:
    """Remove a file that nobody is at any more and that was last written before ``older_than`` (seconds since 1970)."""
    with suppress(OSError):
        fd = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            status = os.fstat(fd)
            if stat.S_ISREG(status.st_mode) and status.st_mtime < older_than and locked(fd):
                os.unlink(name, dir_fd=folder)
        finally:
            os.close(fd)
