"""Opening files to read: without waiting, regular files alone, and the very file that was listed.

Between a listing and the reading a name can come to mean something else: a pipe would be waited for without end,
``/dev/null`` would be an empty file, and a link could lead anywhere.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import BinaryIO, Iterator

from ..values.errors import SourceError
from ..values.model import LocalFile

_HINT = "Run again when nothing writes to the folder."


def of_status(path: str, key: str, status: os.stat_result) -> LocalFile:
    """A ``stat`` result as the value that travels."""
    return LocalFile(key, path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_dev, status.st_ino)


def why_not(error: OSError) -> str:
    """The reason that a reader is given for a path that cannot be read."""
    return f"it cannot be read ({error.strerror or error})"


def open_regular(path: str, attempted: str) -> int:
    """A descriptor of the regular file at ``path``; neither a pipe nor a device is waited for.

    :raises SourceError: saying what was ``attempted``, when it is something else
    :raises OSError: when it cannot be opened
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    raise SourceError(attempted, "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file")


@contextmanager
def opened(file: LocalFile, attempted: str) -> Iterator[int]:
    """A descriptor to read the file by. Its content may have changed since it was listed, its place has not.

    :raises SourceError: saying what was ``attempted``, when it is gone, unreadable, not a regular file, or when its
        name has come to mean another file (device and inode)
    """
    try:
        fd = open_regular(file.path, attempted)
    except OSError as error:
        raise SourceError(attempted, why_not(error)) from error
    try:
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != (file.device, file.inode):
            raise SourceError(attempted, "another file has taken its place since it was listed", _HINT)
        yield fd
    finally:
        os.close(fd)


@contextmanager
def stream(file: LocalFile, *, buffering: int = 1024 * 1024) -> Iterator[BinaryIO]:
    """The file as a stream of bytes; see ``opened``. ``buffering`` is that of ``open``, in bytes."""
    with opened(file, f"read {file.path}") as fd, open(fd, "rb", buffering=buffering, closefd=False) as content:
        yield content
