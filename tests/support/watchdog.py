"""Ends the demonstration's server when its folder, or another server's state there, leaves nobody who knows of it.

``python -m tests.support.watchdog PID STARTED FOLDER`` runs beside the server and ends with it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from .errors import SupportError
from .paths import REPO
from .process import ProcessId, spawn
from .state import load_state

#: Seconds between two looks.
INTERVAL = 1.0


def watch_folder(server: ProcessId, folder: Path) -> ProcessId | None:
    """Start the watch over ``folder``, whose state names the server already."""
    command = [sys.executable, "-m", "tests.support.watchdog", str(server.pid), str(server.started), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    return spawn(command, environment=environment, log=folder / "watchdog.log", die_with_parent=False)


def watch(server: ProcessId, folder: Path) -> None:
    """Return when the server has ended, by itself or because ``folder`` does not name it any more."""
    while server.is_running():
        if not _is_known(server, folder):
            server.stop()
            return
        time.sleep(INTERVAL)


def _is_known(server: ProcessId, folder: Path) -> bool:
    try:
        known = load_state(folder)
    except (SupportError, OSError):
        return True  # that it cannot be read is no reason to end a server
    return known is not None and known.process == server


def main(arguments: list[str]) -> int:
    """Watch until the server has ended."""
    pid, started, folder = arguments
    os.chdir("/")  # no folder is kept busy
    watch(ProcessId(int(pid), int(started)), Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
