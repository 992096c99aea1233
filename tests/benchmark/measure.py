"""Run a command and say what it cost; look at the server's share; wait until the machine is quiet again."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.errors import SupportError
from tests.support.process import ProcessId

_TICK = os.sysconf("SC_CLK_TCK")

#: A command that takes longer than this is stuck. Seconds.
LONGEST = 3600.0


@dataclass(frozen=True)
class Job:
    """A command to run. Credentials are in ``environment`` only; ``stdin`` is text for programs of ours."""

    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(repr=False)
    stdin: str = ""


@dataclass(frozen=True)
class Sample:
    """What one run cost.

    ``seconds`` is what counts, ``wall`` the life of the process; they differ for programs that time themselves.
    ``cpu`` and ``server_cpu`` are seconds of CPU of the client and of the server, ``rss`` the client's peak in bytes.
    """

    seconds: float
    wall: float
    cpu: float
    server_cpu: float
    rss: int


@dataclass(frozen=True)
class Finished:
    """How a command ended: its cost, exit status, and what it printed."""

    sample: Sample
    rc: int
    output: str = field(repr=False)

    def expect_ok(self, what: str) -> Finished:
        """Itself, or a SupportError with the end of what was printed."""
        if self.rc:
            tail = "\n".join(self.output.strip().splitlines()[-15:])
            raise SupportError(f"{what} ended with {self.rc}:\n{tail}")
        return self

    def told(self) -> dict[str, Any]:
        """The JSON document on the last line."""
        document: dict[str, Any] = json.loads(self.output.strip().splitlines()[-1])
        return document


def run(job: Job, *, server: ProcessId | None = None, scratch: Path) -> Finished:
    """Run ``job`` to its end. A program of ours replaces time and memory by its own, which leave out Python's start."""
    output = scratch / "output.txt"
    before = cpu_seconds(server)
    with output.open("wb") as written, (scratch / "stdin.txt").open("w+b") as given:
        given.write(job.stdin.encode())
        given.seek(0)
        started = time.monotonic()
        # no shell between, and wait4 below for what it used
        child = subprocess.Popen(
            [str(word) for word in job.command],
            env=dict(job.environment),
            stdin=given,
            stdout=written,
            stderr=subprocess.STDOUT,
            cwd=scratch,
        )
        usage, status, seen = _wait(child)
        wall = time.monotonic() - started
    text = output.read_text(errors="replace")
    sample = Sample(
        seconds=wall,
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        server_cpu=cpu_seconds(server) - before,
        rss=_peak(usage.ru_maxrss * 1024, seen),
    )
    return Finished(sample, os.waitstatus_to_exitcode(status), text)


def _wait(child: subprocess.Popen[bytes]) -> tuple[Any, int, int]:
    """``wait4`` with an upper bound, and the last peak memory that was seen meanwhile, in bytes."""
    until = time.monotonic() + LONGEST
    pause = 0.001
    seen = 0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage, status, seen
        if time.monotonic() > until:
            child.kill()
        seen = peak_memory(child.pid) or seen
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)


def _peak(counted: int, seen: int) -> int:
    """``ru_maxrss``, unless it is just this process's own size, which the kernel counts for each child of it."""
    return counted if counted > peak_memory(os.getpid()) or not seen else seen


def peak_memory(pid: int) -> int:
    """The most resident memory that a process had since its program started, in bytes; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def cpu_seconds(process: ProcessId | None) -> float:
    """CPU time that a process has used, in seconds (``/proc/<pid>/stat``, fields 14 and 15)."""
    if process is None:
        return 0.0
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def wait_idle(process: ProcessId | None, *, seconds: float = 30.0) -> None:
    """Return when the server uses less than 3 % of a core in two windows of 0.25 s, or after ``seconds``."""
    until = time.monotonic() + seconds
    quiet = 0
    while quiet < 2 and time.monotonic() < until:
        before = cpu_seconds(process)
        time.sleep(0.25)
        quiet = quiet + 1 if cpu_seconds(process) - before <= 0.01 else 0
