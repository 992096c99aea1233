"""Run a program that takes minutes, say every ten seconds that it still runs, and leave nothing of it behind."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Seconds between two lines on the screen.
INTERVAL = 10.0

#: Seconds that a program is given to end by itself after Ctrl-C, which the terminal sends to it, too.
PATIENCE = 10.0


def run_patiently(
    command: Sequence[str | Path],
    *,
    doing: str,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    interval: float = INTERVAL,
) -> subprocess.CompletedProcess[str]:
    """The ended program, with what it said on both outputs in ``stdout``; ``doing`` is what the lines say.

    When this process is interrupted, the program is ended before the interruption goes on.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            while True:
                try:
                    status = process.wait(timeout=interval)
                    break
                except subprocess.TimeoutExpired:
                    print(f"{doing}, {time.monotonic() - started:.0f} s so far", flush=True)
        except BaseException:
            _end(process)
            raise
        said.seek(0)
        return subprocess.CompletedProcess(list(command), status, said.read().decode(errors="replace"), "")


def last_lines(text: str, count: int = 5) -> str:
    """The end of what a program said."""
    return "\n".join(text.strip().splitlines()[-count:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
