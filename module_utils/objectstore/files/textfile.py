"""Small text files on the host: read whole, and written so that a reader sees old or new content, never a part."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Optional

from ..values.errors import InvalidInputError, SourceError
from .opened import open_regular
from .places import absolute

#: Mode of a new file where none is asked for.
DEFAULT_MODE = 0o644

#: Owner, group and others; the files written here are no programs with rights of their own.
MOST_BITS = 0o777

_OCTAL = re.compile(r"0?o?[0-7]{3,4}")


def parse_mode(given: Any) -> Optional[int]:
    """The bits of a mode: of a text such as ``0644`` in octal, or of a number as it is.

    YAML reads ``0644`` without quotes as the number 420, whose bits are those that were meant (Ansible's own modules
    take it so, too). It reads ``644`` as a number with other bits, beyond those of a file that is no program.

    :raises InvalidInputError: for anything else
    """
    if given is None:
        return None
    bits = given if isinstance(given, int) and not isinstance(given, bool) else None
    if isinstance(given, str) and _OCTAL.fullmatch(given):
        bits = int(given.replace("o", ""), 8)
    if bits is None or not 0 <= bits <= MOST_BITS:
        raise InvalidInputError(
            f"use the mode {given!r}", "it is not an octal mode of three digits", 'Write it like "0644", in quotes.'
        )
    return bits


@dataclass(frozen=True)
class TextFile:
    """A file as seen: its content and permission bits; both ``None`` where there is no file."""

    content: Optional[bytes] = None
    mode: Optional[int] = None


def read_text_file(path: str) -> TextFile:
    """Look at a file that is to be written; links are followed.

    :raises SourceError: when it is no regular file or cannot be read, or when its folder cannot be written to
    """
    target = os.path.realpath(absolute(path))
    attempted = f"read {path}"
    try:
        with os.fdopen(open_regular(target, attempted), "rb") as stream:
            seen = TextFile(stream.read(), stat.S_IMODE(os.fstat(stream.fileno()).st_mode))
    except FileNotFoundError:
        seen = TextFile()
    except OSError as error:
        raise SourceError(attempted, f"it cannot be read ({error.strerror})") from error
    return seen


def check_writable(path: str) -> None:
    """Whether ``path`` could be written, asked of its nearest existing folder: so that a dry run tells, too.

    :raises SourceError: when it could not
    """
    folder = os.path.dirname(os.path.realpath(absolute(path)))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise SourceError(f"write {path}", f"{folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SourceError(f"write {path}", f"{folder} is read-only for this user", "Choose another place, or its mode.")


def write_text_file(path: str, content: bytes, *, mode: Optional[int] = None) -> None:
    """Put ``content`` at ``path`` in one step; missing folders are made, owner and mode of a former file are kept.

    :raises SourceError: when it cannot be written; what was there before is still there then, whole
    """
    target = os.path.realpath(absolute(path))
    folder = os.path.dirname(target)
    temporary = ""
    try:
        os.makedirs(folder, exist_ok=True)
        former = os.stat(target) if os.path.exists(target) else None
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(target)}.")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if former is not None and (former.st_uid, former.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):
                os.chown(temporary, former.st_uid, former.st_gid)
        kept = stat.S_IMODE(former.st_mode) if former is not None else DEFAULT_MODE
        os.chmod(temporary, mode if mode is not None else kept)
        os.replace(temporary, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise SourceError(
            f"write {path}",
            f"{error.strerror} (in {folder})",
            "What was there before is unchanged. Check the space and the permissions of that folder.",
        ) from error
