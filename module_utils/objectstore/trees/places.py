"""Places below a folder, reached component by component: no link on the way is followed, so none leads outside.

Source: openat(2) with O_NOFOLLOW. Names are UTF-8 whatever the locale is, as keys are.
"""

from __future__ import annotations

import os
import stat
import threading
from contextlib import suppress
from typing import NamedTuple, Optional, Sequence

from ..files.opened import of_status
from ..values.errors import SourceError
from ..values.limits import bytes_of
from ..values.model import LocalFile
from .localfs import kind_problem

#: Bytes of a component, and of a path, which is what is listed later (NAME_MAX and PATH_MAX of Linux, with its end).
LONGEST_NAME, LONGEST_PATH = 255, 4095

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)


class _Held:
    """The descriptor of a folder, closed with the last that knows of it."""

    def __init__(self, fd: int, components: Sequence[str]) -> None:
        self.fd = fd
        self.components = tuple(components)

    def __del__(self) -> None:
        os.close(self.fd)


class _Judged(NamedTuple):
    """A folder below, why no file can be in it, and whether it is still to be made."""

    folder: str
    problem: str
    absent: bool = False


class Places:
    """The places below ``folder``, an absolute path, which may be a link itself and need not be there yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._local = threading.local()
        self._judged = _Judged("/", "")

    def make(self) -> None:
        """Make the folder itself.

        :raises SourceError: where it cannot be made
        """
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise SourceError(f"make the folder {self.folder}", str(error.strerror)) from error

    def parent(self, name: str, *, make: bool = False) -> tuple[int, bytes]:
        """A descriptor of the folder that the file ``name`` is in, and its last component.

        The descriptor is good until this thread asks for the next.

        :raises OSError: where there is none; ``NotADirectoryError`` where a link or a file is in the way
        """
        *folders, last = name.split("/")
        held: Optional[_Held] = getattr(self._local, "held", None)
        if held is None or held.components != tuple(folders):
            held = self._local.held = self._descend(folders, make=make)
        return held.fd, last.encode("utf-8")

    def forget(self) -> None:
        """Have the next ``parent`` of this thread look anew."""
        self._local.held = None

    def _descend(self, folders: Sequence[str], *, make: bool) -> _Held:
        held = _Held(os.open(self.folder, _FOLDER & ~os.O_NOFOLLOW), ())
        for depth, component in enumerate(folders, 1):
            name = component.encode("utf-8")
            try:
                fd = os.open(name, _FOLDER, dir_fd=held.fd)
            except FileNotFoundError:
                if not make:
                    raise
                with suppress(FileExistsError):  # another worker was faster
                    os.mkdir(name, dir_fd=held.fd)
                fd = os.open(name, _FOLDER, dir_fd=held.fd)
            held = _Held(fd, folders[:depth])
        return held

    def look(self, name: str) -> os.stat_result:
        """The status of what is at a place, of a link that of the link itself.

        :raises OSError: as ``parent``, and where nothing is there
        """
        fd, last = self.parent(name)
        return os.stat(last, dir_fd=fd, follow_symlinks=False)

    def file(self, name: str) -> LocalFile:
        """The file that is at a place."""
        return of_status(f"{self.folder}/{name}", name, self.look(name))

    def remove(self, name: str) -> None:
        """Remove a file, and the folders that are empty without it.

        :raises SourceError: where it is none by now
        :raises OSError: where it cannot be removed
        """
        fd, last = self.parent(name)
        problem = kind_problem(os.stat(last, dir_fd=fd, follow_symlinks=False).st_mode)
        if problem:
            raise SourceError(f"remove {self.folder}/{name}", problem)
        os.unlink(last, dir_fd=fd)
        while "/" in name:
            name = name.rpartition("/")[0]
            fd, last = self.parent(name)
            try:
                os.rmdir(last, dir_fd=fd)
            except OSError:  # it is not empty, or not ours to remove
                return

    def in_the_way(self, name: str) -> str:
        """Why there can be no file at a place; empty where there can, or is one. To be asked by one thread."""
        folder = name.rpartition("/")[0]
        if folder != self._judged.folder:
            self._judged = self._judge(folder)
        if self._judged.problem or self._judged.absent:
            return self._judged.problem
        try:
            mode = self.look(name).st_mode
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"its place cannot be looked at ({error.strerror})"
        if stat.S_ISDIR(mode):
            return "a folder is in its place"
        problem = kind_problem(mode)
        return f"of what is in its place, {problem}" if problem else ""

    def _judge(self, folder: str) -> _Judged:
        """Whether files can be in a folder, which is made where it is missing."""
        path, seen = "", self.folder
        for component in folder.split("/") if folder else ():
            path = f"{path}/{component}" if path else component
            try:
                mode = self.look(path).st_mode
            except FileNotFoundError:
                return _Judged(folder, _not_writable(seen), absent=True)
            except OSError as error:
                return _Judged(folder, f"{self.folder}/{path} cannot be looked at ({error.strerror})")
            if not stat.S_ISDIR(mode):
                return _Judged(folder, f"{self.folder}/{path} is in the way: {kind_problem(mode) or 'it is a file'}")
            seen = f"{self.folder}/{path}"
        return _Judged(folder, _not_writable(seen), absent=not os.path.lexists(seen))

    def other_spelling(self, name: str) -> str:
        """What is found in place of a name, or of a folder of it, where the file system folds names; else empty."""
        path = ""
        for component in name.split("/"):
            above, path = path, f"{path}/{component}" if path else component
            try:
                found = self.look(path)
                beside = os.listdir(f"{self.folder}/{above}" if above else self.folder)
            except OSError:
                return ""
            if component not in beside:
                return next((one for one in beside if self._is(found, f"{above}/{one}" if above else one)), "another")
        return ""

    def _is(self, status: os.stat_result, name: str) -> bool:
        try:
            return os.path.samestat(status, self.look(name))
        except OSError:
            return False

    def room(self) -> Optional[int]:
        """Bytes that are free for this user, ``None`` where that is not known."""
        try:
            found = os.statvfs(_nearest(self.folder))
        except OSError:
            return None
        return found.f_bavail * found.f_frsize


def name_problem(name: str, folder: str) -> str:
    """Why no file below ``folder`` can have this name."""
    size, components = bytes_of(name), name.split("/")
    longest = max(bytes_of(component) or 0 for component in components)
    problem = ""
    if size is None:
        problem = "it is not valid UTF-8"
    elif "\0" in name:
        problem = "it has a NUL character, which no path has"
    elif name.startswith("/"):
        problem = "it begins with '/', and would be a path of its own"
    elif any(component in ("", ".", "..") for component in components):
        problem = "it has a component that is empty, '.' or '..'"
    elif longest > LONGEST_NAME:
        problem = f"it has a component of {longest} bytes, and a file's name has at most {LONGEST_NAME}"
    elif len(os.fsencode(folder)) + 1 + size > LONGEST_PATH:
        problem = f"its path would be longer than {LONGEST_PATH} bytes"
    return problem


def _not_writable(folder: str) -> str:
    there = _nearest(folder)
    return "" if os.access(there, os.W_OK | os.X_OK) else f"this user may not write to {there}"


def _nearest(path: str) -> str:
    """The nearest folder that exists."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path
