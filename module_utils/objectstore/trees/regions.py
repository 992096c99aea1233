"""Regions of open files, and whether a file is still what it was when reading began."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import Callable, Iterator

from ..files.digests import crc32
from ..files.opened import of_status, opened
from ..files.pieces import ShortenedError, pieces
from ..values.errors import SourceError
from ..values.model import FileRegion, LocalFile


class ChangedError(Exception):
    """The file is no longer what its status said when reading began."""


@contextmanager
def open_to_send(file: LocalFile) -> Iterator[tuple[LocalFile, int]]:
    """The file as it is now, and a descriptor to read it by.

    :raises SourceError: as ``files.opened``
    """
    with opened(file, f"upload {file.path}") as fd:
        yield of_status(file.path, file.key, os.fstat(fd)), fd


def region(fd: int, offset: int, size: int) -> FileRegion:
    """``size`` bytes from ``offset`` with their CRC-32, read now.

    :raises ChangedError: where the file ends before
    """
    checksum = 0
    for piece in _pieces(fd, offset, size):
        checksum = crc32(piece, checksum)
    return FileRegion(fd, offset, size, checksum)


def md5_of_region(part: FileRegion) -> str:
    """MD5 of the bytes, in hex: the ETag of a part (S3 API)."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in _pieces(part.fd, part.offset, part.size):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(fd: int, offset: int, size: int) -> Iterator[memoryview]:
    try:
        yield from pieces(fd, offset, size)
    except OSError as error:
        raise SourceError("read a file to upload", f"reading failed ({error.strerror})") from error
    except ShortenedError:
        raise ChangedError from None


def unchanged(digest: Callable[[LocalFile], str], file: LocalFile) -> str:
    """A digest of the whole file; a change meanwhile begins the upload again.

    :raises ChangedError: where the file is another than it was
    """
    try:
        return digest(file)
    except SourceError:
        raise ChangedError from None


def check_unchanged(file: LocalFile, fd: int) -> None:
    """:raises ChangedError: where the file's status is another than it was."""
    if of_status(file.path, file.key, os.fstat(fd)) != file:
        raise ChangedError
