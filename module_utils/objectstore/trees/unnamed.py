"""A small file that has no name until it is whole: nobody sees it before, and a run that is killed leaves nothing.

It takes half of the system calls of one that has a name and a lock for the sake of the next run (``partfile``).
Sources: open(2), O_TMPFILE; link(2), which names an open file by its entry in /proc/self/fd.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator

from .partfile import Part, locked, open_part, spare_name

_OPEN = os.O_RDWR | getattr(os, "O_TMPFILE", 0) | os.O_CLOEXEC


class Unnamed(Part):
    """An open file without a name, in ``folder``; ``name`` is what it has for a moment where it replaces another."""

    def appear(self, name: bytes) -> bool:
        """Take the place ``name`` where nothing is yet, in one step; ``False`` where something is.

        :raises OSError: where that is not possible
        """
        try:
            self._link(name)
        except FileExistsError:
            return False
        self.kept = True
        return True

    def become(self, name: bytes) -> None:
        """Take the place ``name`` of what is there, in one step.

        :raises OSError: where that is not possible; so it is where what has this file's own name is another's
        """
        locked(self.fd)
        self._link(self.name)
        try:
            super().become(name)
        finally:
            if not self.kept:
                os.unlink(self.name, dir_fd=self.folder)

    def _link(self, name: bytes) -> None:
        os.link(f"/proc/self/fd/{self.fd}", name, dst_dir_fd=self.folder, follow_symlinks=True)


@contextmanager
def unnamed_part(folder: int, name: str) -> Iterator[Part]:
    """A file without a name in the folder that is open as ``folder``; gone at the end unless it got one.

    Where the file system knows no such files, such as NFS, one of the name ``name``.
    """
    try:
        fd = os.open(b".", _OPEN, 0o666, dir_fd=folder)
    except OSError:
        with open_part(folder, name) as part:
            yield part
        return
    try:
        yield Unnamed(fd, folder, spare_name(name).encode("ascii"), 0)
    finally:
        os.close(fd)


def can_be_named(path: str, name: str) -> bool:
    """Whether what has no name in the folder can get one: tried, with a file ``name`` that is there for a moment.

    Not where /proc is not mounted, nor where a rule of the system forbids it.
    """
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        with unnamed_part(folder, name) as part:
            found = isinstance(part, Unnamed) and part.appear(part.name)
            if found:
                os.unlink(part.name, dir_fd=folder)
    except OSError:
        return False
    finally:
        os.close(folder)
    return found
