"""What former syncs did, read from the end of their log."""

from __future__ import annotations

import errno
import json
import os
import stat
from typing import Any, Iterator, NamedTuple, Optional

from ..values.model import JsonDict
from .directions import DIRECTIONS

#: Bytes that are read at a time, and at most in all: a sync of a million objects may stand before the last one.
_BLOCK, _LOOKBACK = 64 * 1024, 256 * 1024 * 1024

#: What is told of a sync.
_TOLD = (
    *("time", "bucket", "prefix", "dest", "scanned", *(one.done for one in DIRECTIONS), "unchanged", "adopted"),
    *("deleted", *(f"bytes_{one.done}" for one in DIRECTIONS), "failures", "seconds"),
)


class History(NamedTuple):
    """The last sync, and the last one that changed something, as in the log's summaries; ``None`` where there is none.

    A sync that was refused has ``error`` in place of the numbers. Dry runs do not count.
    """

    path: str
    last: Optional[JsonDict]
    change: Optional[JsonDict]
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The form of a module's result."""
        return self._asdict()


def read_history(path: str) -> History:
    """Read a log; one that cannot be read has its ``reason``."""
    last: Optional[JsonDict] = None
    where = os.path.abspath(os.path.expanduser(path))
    try:
        for line in lines_backwards(where):
            event = _ending(line)
            if event is None:
                continue
            last = last or event
            if event.get("deleted") or any(event.get(one.done) for one in DIRECTIONS):
                return History(where, last, event)
    except OSError as error:
        return History(where, None, None, f"it cannot be read ({error.strerror})")
    return History(where, last, None)


def _ending(line: bytes) -> Optional[JsonDict]:
    """The end of a real sync; ``None`` for any other line, and for one that a full disk cut short."""
    if b'"summary"' not in line and b'"refused"' not in line:
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("check") or event.get("event") not in ("summary", "refused"):
        return None
    told = {name: event[name] for name in _TOLD if name in event}
    return {**told, "error": str(event["error"])} if "error" in event else told


def lines_backwards(path: str) -> Iterator[bytes]:
    """The lines of a file from its end, without reading what is before those that are asked for.

    :raises OSError: when it cannot be read
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would keep whoever opens it waiting
        raise OSError(errno.EINVAL, "it is no file", path)
    with open(path, "rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stop, rest = max(0, end - _LOOKBACK), b""
        while end > stop:
            start = max(stop, end - _BLOCK)
            stream.seek(start)
            rest, *lines = (stream.read(end - start) + rest).split(b"\n")
            yield from reversed(lines)
            end = start
        if not end:
            yield rest
