"""The local side: a sorted walk that never guesses about what it cannot read, and atomic writes."""

from __future__ import annotations

import os
import stat
from typing import Iterator, Optional, Union

from ..files.opened import of_status, why_not
from ..values.errors import SourceError
from ..values.model import LocalFile, SourceFault

#: What a walk yields: files, and paths whose content stays unknown.
Found = Union[LocalFile, SourceFault]


def check_source(folder: str) -> str:
    """The absolute path of a source folder.

    :raises SourceError: when it is empty text, missing, no folder or cannot be listed
    """
    attempted = f"read the source folder {folder}"
    if not folder.strip():
        # an empty text would be the folder that the module happens to run in
        raise SourceError("read the source folder", "src is empty", "Give the folder that holds the files.")
    path = os.path.abspath(os.path.expanduser(folder))
    try:
        with os.scandir(path):
            return path
    except FileNotFoundError:
        raise SourceError(attempted, "there is no such folder on this host", "Check src.") from None
    except NotADirectoryError:
        raise SourceError(attempted, "it is not a folder", "Give the folder that holds the files.") from None
    except OSError as error:
        raise SourceError(attempted, f"it cannot be listed ({error.strerror})") from error


def walk(folder: str, *, recurse: bool = True) -> Iterator[Found]:
    """Files below ``folder``, sorted by the UTF-8 bytes of their relative paths, which are their keys here.

    Symbolic links are followed. What is there but cannot be read (a folder without permission, a
    dangling link, a loop of links, a name that is not UTF-8, a socket) is yielded as a ``SourceFault``.
    Names are kept as they are: NFC and NFD forms of a letter are different keys, as they are different files.
    """
    return _walk(folder, "", recurse=recurse, ancestors=())


def _walk(folder: str, prefix: str, *, recurse: bool, ancestors: tuple[tuple[int, int], ...]) -> Iterator[Found]:
    try:
        status = os.stat(folder)
        identity = (status.st_dev, status.st_ino)
        if identity in ancestors:
            yield SourceFault(folder, prefix, "it is a loop of symbolic links")
            return
        with os.scandir(folder) as entries:
            names = sorted(_sort_key(entry) for entry in entries)
    except OSError as error:
        yield SourceFault(folder, prefix, why_not(error))
        return
    for name in names:
        plain = name.removesuffix("/")
        path, key = f"{folder}/{plain}", prefix + name
        if not _is_utf8(plain):
            shown = plain.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            yield SourceFault(f"{folder}/{shown}", prefix, "its name is not valid UTF-8, which object keys must be")
        elif name.endswith("/"):
            if recurse:
                yield from _walk(path, key, recurse=True, ancestors=(*ancestors, identity))
        else:
            yield look_at(path, key)


def _sort_key(entry: os.DirEntry[str]) -> str:
    """The name as it continues in keys: a folder sorts as ``name/``, so ``a.b`` comes before ``a/b``."""
    try:
        return entry.name + "/" if entry.is_dir() else entry.name
    except OSError:
        return entry.name


def look_at(path: str, key: str) -> Found:
    """The file at ``path``, or why its content is unknown."""
    try:
        status = os.stat(path)
    except OSError as error:
        reason = "it is a dangling symbolic link" if os.path.islink(path) else why_not(error)
        return SourceFault(path, key, reason)
    if not stat.S_ISREG(status.st_mode):
        return SourceFault(path, key, "it is not a regular file")
    return of_status(path, key, status)


def readable(path: str) -> Optional[str]:
    """``None`` when the file can be opened for reading, else the reason."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        return why_not(error)
    return None


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
