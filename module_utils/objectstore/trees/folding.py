"""Whether a file system takes names for the same that differ in case: found by looking, so that a dry run knows it."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from typing import Iterator, Optional

#: File systems that fold names, for folders where no name shows it (Linux: fs/; macOS and Windows as network shares).
FOLDING = frozenset({"apfs", "cifs", "exfat", "hfs", "hfsplus", "msdos", "smb3", "vfat"})

#: How many names of a folder are looked at.
_LOOKED_AT = 100


def folds_names(folder: str) -> bool:
    """Whether the folder, or what would hold it, finds a file by a name in another case.

    A file system that folds case may fold forms of accents (NFC, NFD) as well, and is taken to do so.
    """
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    with suppress(OSError):
        for path in islice(_names(folder), _LOOKED_AT):
            shown = _shows(path)
            if shown is not None:
                return shown
    return _kind_of(folder) in FOLDING


def _names(folder: str) -> Iterator[str]:
    """Paths on the folder's file system: what is in it, then the folders above."""
    with os.scandir(folder) as entries:
        yield from (entry.path for entry in islice(entries, _LOOKED_AT - 10))
    device = os.stat(folder).st_dev
    while folder != "/" and os.stat(os.path.dirname(folder)).st_dev == device:
        yield folder
        folder = os.path.dirname(folder)


def _shows(path: str) -> Optional[bool]:
    """What one name shows; ``None`` where it has no letters, or two files have its two forms."""
    folder, name = os.path.split(path)
    other = os.path.join(folder, name.swapcase())
    if name.swapcase() == name or not name.isascii():
        return None
    try:
        return os.path.samestat(os.lstat(path), os.lstat(other)) or None
    except FileNotFoundError:
        return False


def _kind_of(folder: str) -> str:
    """The name of the file system, as Linux tells it; empty where it does not."""
    device = os.stat(folder).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                fields = line.split()
                if fields[2] == wanted:
                    return fields[fields.index("-") + 1]
    except (OSError, IndexError, ValueError):
        pass
    return ""
