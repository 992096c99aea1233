"""What happened to each object: a JSON-lines log for people and programs, and the capped list that a module returns."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timezone
from typing import Any, Optional

from ..files.opened import open_regular
from ..files.places import absolute
from ..values.errors import SourceError
from ..values.model import JsonDict
from ..values.sizes import human_size
from ..values.visible import visible
from .decisions import ADOPT, DELETE, KEEP, REPLACE, ObjectAction
from .spec import Recording
from .transfer import Outcome

#: How each line of a log begins.
_BEGIN = b'{"time": "'

#: Changes that a diff shows; the log has all.
SHOWN = 1000


class Journal:
    """Writes one event a line, so that ``tail -f`` follows it; every line of a dry run carries ``"check": true``.

    A dry run appends to a log only where its folder exists, and makes none. A log that cannot be written
    any more (a full disk) does not stop a sync: ``problem`` says so, and nothing more is written.
    """

    def __init__(self, path: Optional[str], *, check: bool) -> None:
        self._check = {"check": True} if check else {}
        self._path = absolute(path) if path else ""
        self._fd = _open_log(self._path, make_folder=not check) if path else None
        self.problem = ""

    def write(self, event: str, **fields: Any) -> None:
        """Append an event, as one write, so that the lines of two runs do not mix."""
        if self._fd is None or self.problem:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **self._check, **fields}) + "\n"
        try:
            _write_whole(self._fd, line.encode("ascii"))
        except OSError as error:
            self.problem = f"the log {self._path} could not be written ({error.strerror or error})"

    def close(self) -> None:
        """Close the log."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _write_whole(fd: int, content: bytes) -> None:
    while content:
        content = content[os.write(fd, content) :]


def _open_log(path: str, *, make_folder: bool) -> Optional[int]:
    try:
        if make_folder:
            os.makedirs(os.path.dirname(path), mode=0o750, exist_ok=True)
        elif not os.path.isdir(os.path.dirname(path)):
            return None
        # a pipe is not waited for; a log that may only be appended to is taken for ours
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o640)
    except OSError as error:
        reason = "its folder is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
        raise SourceError(f"write the log {path}", reason, "Nothing was changed.") from error
    try:
        _check_is_log(path, fd)
    except SourceError:
        os.close(fd)
        raise
    return fd


def _check_is_log(path: str, fd: int) -> None:
    """Refuse to append to somebody's file: a line of ours begins in one way only."""
    attempted = f"write the log {path}"
    mode = os.fstat(fd).st_mode
    if stat.S_ISFIFO(mode):
        raise SourceError(attempted, "it is a pipe", "Nothing was changed.")
    if not stat.S_ISREG(mode):
        return
    try:
        reader = open_regular(path, attempted)
    except OSError:
        return
    try:
        begin = os.read(reader, len(_BEGIN))
    finally:
        os.close(reader)
    if begin and begin != _BEGIN:
        raise SourceError(attempted, "there is a file by this name, and it is no log of a sync", "Name another.")


class Record:
    """Every action of a sync, as planned and as it went.

    The form is the same for both: an outcome adds ``etag``, ``seconds`` or ``error`` to what was planned.
    """

    def __init__(self, journal: Journal, recording: Recording, *, check: bool) -> None:
        self._journal = journal
        self._check = check
        self._unchanged = recording.log_unchanged
        self._limit = recording.objects_limit
        self._noted: dict[str, JsonDict] = {}
        self._changes = 0
        self.truncated = False

    def planned(self, action: ObjectAction) -> None:
        """Note an action of the plan. What will be written is logged when it is done, or at once in a dry run."""
        if not action.notable and not self._unchanged:
            return
        self._changes += action.writes
        if len(self._noted) < self._limit:
            self._noted[action.key] = action.as_dict()
        else:
            self.truncated = True
        if self._check or not action.writes:
            self._journal.write("object", **action.as_dict())

    def done(self, outcome: Outcome) -> None:
        """Note how an action went."""
        entry = {**outcome.action.as_dict(), "seconds": round(outcome.seconds, 3)}
        if outcome.etag:
            entry["etag"] = outcome.etag
        if outcome.error:
            entry["error"] = outcome.error
        if outcome.action.key in self._noted:
            self._noted[outcome.action.key] = entry
        self._journal.write("object", **entry)

    def objects(self) -> list[JsonDict]:
        """The noted actions by key, at most ``limit``."""
        return [self._noted[key] for key in sorted(self._noted)]

    def diff(self, target: str) -> JsonDict:
        """The changes in the form that ``ansible-playbook --diff`` prints: keys before and after, a line each."""
        before, after = [], []
        changes = [entry for entry in self.objects() if entry["action"] not in (ADOPT, KEEP)]
        for entry in changes[:SHOWN]:
            if entry["action"] in (REPLACE, DELETE):
                before.append(f"{visible(entry['key'])}\n")
            if entry["action"] != DELETE:
                after.append(
                    f"{visible(entry['key'])}  {human_size(entry['size'])}  ({entry['action']}: {entry['reason']})\n"
                )
        if more := self._changes - len(changes[:SHOWN]):
            after.append(f"… and {more} more; the log has all\n")
        return {
            "before_header": target,
            "after_header": target,
            "before": "".join(before),
            "after": "".join(after),
        }
