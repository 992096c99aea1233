"""The local side: a sorted walk that never guesses about what it cannot read, and a folder as a source."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from typing import Iterable, Iterator, NamedTuple, Union

from ..files.opened import of_status, why_not
from ..files.places import absolute
from ..values.errors import SourceError
from ..values.model import LocalFile, SourceFault

#: Whether the system's names are decoded as UTF-8, which a locale of another encoding changes.
_UTF8_SYSTEM = sys.getfilesystemencoding().lower() == "utf-8"

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
    path = absolute(os.fsdecode(folder.encode("utf-8", "surrogateescape")))
    try:
        with os.scandir(path):
            return path
    except FileNotFoundError:
        raise SourceError(attempted, "there is no such folder on this host", "Check src.") from None
    except NotADirectoryError:
        raise SourceError(attempted, "it is not a folder", "Give the folder that holds the files.") from None
    except OSError as error:
        raise SourceError(attempted, f"it cannot be listed ({error.strerror})") from error


class OwnFiles:
    """The files, as real paths, that a sync writes on its host."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._paths = frozenset(paths)
        self._names = {os.path.basename(path) for path in self._paths}

    def holds(self, file: LocalFile) -> bool:
        """Whether ``file`` is one of them; most are not by their name alone."""
        return os.path.basename(file.path) in self._names and os.path.realpath(file.path) in self._paths


#: The files of who writes none.
NONE = OwnFiles()


@dataclass(frozen=True)
class FolderListing:
    """The files of ``folder`` as a source. ``own`` are those that the sync itself writes."""

    folder: str
    own: OwnFiles = NONE
    thing: str = "file"

    @property
    def where(self) -> str:
        """The folder, for people."""
        return self.folder

    def names(self, *, recurse: bool) -> Iterator[Found]:
        """Every file, and what cannot be read."""
        return walk(self.folder, recurse=recurse)

    def is_own(self, item: LocalFile) -> bool:
        """Whether the sync itself writes the file."""
        return self.own.holds(item)

    def shown(self, item: LocalFile) -> str:
        """The file's path."""
        return item.path

    def problem(self, item: LocalFile) -> str:
        """Why the file cannot be opened for reading."""
        return readable(item.path)


def walk(folder: str, *, recurse: bool = True, follow: bool = True) -> Iterator[Found]:
    """Files below ``folder``, sorted by the UTF-8 bytes of their relative paths, which are their keys here.

    Symbolic links are followed, or with ``follow`` off yielded as faults. So is what is there but cannot be read: a
    folder without permission, a dangling link, a loop of links, a name that is not UTF-8, a socket.
    Names are kept as they are: NFC and NFD forms of a letter are different keys, as they are different files.
    """
    levels: list[_Level] = []  # by hand, since folders nest deeper than calls may
    yield from _enter(folder, "", levels, follow=follow)
    while levels:
        level = levels[-1]
        name = next(level.names, None)
        if name is None:
            levels.pop()
            continue
        path, key = f"{level.folder}/{name.plain}", level.prefix + name.key
        if not is_utf8(name.key):
            yield SourceFault(shown(path), key, "its name is not valid UTF-8, which object keys must be")
        elif not key.endswith("/"):
            yield look_at(path, key, follow=follow)
        elif recurse:
            yield from _enter(path, key, levels, follow=follow)


class _Name(NamedTuple):
    """A name as it continues in keys, a folder's with ``/``, and as the system gives it."""

    key: str
    plain: str


class _Level(NamedTuple):
    """A folder on the way down: the identity tells loops of links, ``names`` what is still to come."""

    folder: str
    prefix: str
    identity: tuple[int, int]
    names: Iterator[_Name]


def _enter(folder: str, prefix: str, levels: list[_Level], *, follow: bool) -> Iterator[SourceFault]:
    """Put the folder on top of ``levels``, or yield why it is not entered."""
    try:
        status = os.stat(folder)
        identity = (status.st_dev, status.st_ino)
        if any(level.identity == identity for level in levels):
            yield SourceFault(folder, prefix, "it is a loop of symbolic links")
            return
        with os.scandir(folder) as entries:
            names = sorted(_name_of(entry, follow=follow) for entry in entries)
            levels.append(_Level(folder, prefix, identity, iter(names)))
    except OSError as error:
        yield SourceFault(folder, prefix, why_not(error))


def _name_of(entry: os.DirEntry[str], *, follow: bool) -> _Name:
    """Keys are UTF-8 whatever the locale is. With its ``/``, a folder sorts as S3 does: ``a.b`` before ``a/b``."""
    key = entry.name if _UTF8_SYSTEM else os.fsencode(entry.name).decode("utf-8", "surrogateescape")
    try:
        return _Name(f"{key}/" if entry.is_dir(follow_symlinks=follow) else key, entry.name)
    except OSError:
        return _Name(key, entry.name)


def look_at(path: str, key: str, *, follow: bool = True) -> Found:
    """The file at ``path``, or why its content is unknown."""
    try:
        status = os.stat(path, follow_symlinks=follow)
    except OSError as error:
        reason = "it is a dangling symbolic link" if os.path.islink(path) else why_not(error)
        return SourceFault(path, key, reason)
    if not stat.S_ISREG(status.st_mode):
        return SourceFault(path, key, kind_problem(status.st_mode))
    return of_status(path, key, status)


def kind_problem(mode: int) -> str:
    """Why what has this mode is not taken as a file; empty for a regular one."""
    if stat.S_ISREG(mode):
        return ""
    return "it is a symbolic link" if stat.S_ISLNK(mode) else "it is not a regular file"


def readable(path: str) -> str:
    """Why the file cannot be opened for reading; empty where it can."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        return why_not(error)
    return ""


def is_utf8(name: str) -> bool:
    """Whether a name is valid UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str) -> str:
    """A path as it can be printed, whatever bytes are in it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
