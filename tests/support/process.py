"""Start a server process, recognise it later, and end exactly that one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ProcessId:
    """A process, told apart from a later one that got the same pid.

    ``started`` is the start time in clock ticks since boot, field 22 of ``/proc/<pid>/stat``.
    """

    pid: int
    started: int

    def is_running(self) -> bool:
        """Whether this very process is there and not a zombie."""
        stat = _read_stat(self.pid)
        return stat is not None and stat[0] != "Z" and stat[1] == self.started

    def stop(self, *, patience: float = 10.0) -> bool:
        """End it: SIGTERM, and SIGKILL after ``patience`` seconds. False where it was not running."""
        if not self.is_running():
            return False
        for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return True
            if self._ends_within(seconds):
                return True
        raise TimeoutError(f"process {self.pid} did not end")

    def _ends_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _reap(self.pid)
            if not self.is_running():
                return True
            time.sleep(0.02)
        return False


def identify(pid: int) -> ProcessId | None:
    """The identity of a running process, or None where there is none."""
    stat = _read_stat(pid)
    return ProcessId(pid=pid, started=stat[1]) if stat else None


def spawn(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path,
    die_with_parent: bool,
    death: signal.Signals = signal.SIGTERM,
) -> ProcessId | None:
    """Start ``command`` in a session of its own with both outputs in ``log``.

    ``die_with_parent`` asks the kernel to end it by ``death`` when the calling thread ends, so that a killed
    test run leaves no server behind. None means that it had ended before it could be looked at.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # one system call that takes no lock, so threads do no harm
            preexec_fn=partial(_die_with_parent, death) if die_with_parent else None,  # noqa: PLW1509
        )
    # the handle is let go on purpose: the process outlives it, and is reaped in stop()
    child.returncode = 0
    return identify(child.pid)


def _die_with_parent(death: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death)


def _read_stat(pid: int) -> tuple[str, int] | None:
    """State letter and start time. The name before them may hold spaces and parentheses."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19])


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def process_folders() -> list[Path]:
    """The folder below /proc of each process. No glob, which looks at what is in one: a process may end before."""
    return [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
