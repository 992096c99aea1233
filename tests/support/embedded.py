"""The demonstration's store: ``python -m tests.support.embedded up|down|status --state .demo``.

It is a MinIO, or another of ``STORES`` that ``up --store`` names. Where ``MINIO_ENDPOINT``,
``MINIO_ACCESS_KEY`` and ``MINIO_SECRET_KEY`` are set, that server is used and nothing is started. What
is known of the server is in ``<state>/minio.json``, mode 0600. The server ends by ``down``, and when that
folder is removed.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .binaries import minio_binary
from .command import run_command
from .daemons import start_seaweedfs, start_versitygw
from .errors import SupportError
from .golang import discard_go_work
from .health import probe, wait_ready
from .locks import file_lock
from .paths import REPO
from .server import start_server, stop_server
from .state import STATE_FILE, Server, forget_state, load_state, save_state, server_from_environment
from .store_notes import NOTES
from .watchdog import watch_folder

#: The demonstration's folder where none is named, and in it the page that the role acceptance writes.
DEMO, REPORT = REPO / ".demo", "acceptance.html"


def _start_minio(folder: Path) -> Server:
    return start_server(folder, binary=minio_binary())


#: How each store is started that the demonstration may run on.
STORES: dict[str, Callable[[Path], Server]] = {
    "minio": _start_minio,
    "seaweedfs": partial(start_seaweedfs, die_with_parent=False),
    "versitygw": partial(start_versitygw, die_with_parent=False),
}


def up(folder: Path, store: str = "minio") -> str:
    """Make sure that a server runs and that ``folder`` tells how to reach it; returns what was done.

    :raises SupportError: where another store than ``store`` runs there
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock(folder / "lock", waiting="demo: waiting for another `up` or `down`"):
        known = load_state(folder)
        external = server_from_environment()
        if external is not None:
            if known is not None and stop_server(known):
                print(f"{known.store}: stopped {known.endpoint}, MINIO_ENDPOINT is used instead", flush=True)
            wait_ready(external.endpoint, ca_cert=external.ca_cert, seconds=5)
            save_state(folder, external)
            return f"demo: {external.endpoint} from MINIO_ENDPOINT is used; nothing was started"
        if known is not None and known.process is not None and known.process.is_running():
            if known.store != store:
                raise SupportError(
                    f"demo: {known.store} runs in {folder}, not {store}; stop it ({_stop(folder)}), "
                    f"or take another folder (make demo STORE={store} STATE=.demo-{store})"
                )
            wait_ready(known.endpoint, ca_cert=known.ca_cert)
            return f"{store}: already running on {known.endpoint} (process {known.process.pid})"
        started = time.monotonic()
        server = STORES[store](folder)
        save_state(folder, server)
        assert server.process is not None
        watch_folder(server.process, folder)
        return f"{store}: running on {server.endpoint} (process {server.process.pid}), ready in {_since(started)}"


def down(folder: Path) -> str:
    """Stop the server that ``up`` started, and only that; its data stays. Returns what was done."""
    if not folder.is_dir():
        return "demo: not running"
    with file_lock(folder / "lock", waiting="demo: waiting for another `up` or `down`"):
        known = load_state(folder)
        if known is None:
            return "demo: not running"
        stopped = stop_server(known)
        forget_state(folder)
    if known.process is None:
        return f"demo: {known.endpoint} is not ours and goes on running; its credentials were removed from here"
    return f"{known.store}: stopped process {known.process.pid}" if stopped else f"{known.store}: had ended before"


def status(folder: Path) -> tuple[bool, str]:
    """Whether the server that ``folder`` knows of answers, and lines about it, the last report and how to stop it."""
    known = load_state(folder)
    if known is None:
        return False, "demo: not running"
    if known.process is not None and not known.process.is_running():
        return False, f"{known.store}: process {known.process.pid} has ended; `make demo` starts a new one"
    problem = probe(known.endpoint, ca_cert=known.ca_cert)
    if problem:
        return False, f"{known.store}: {known.endpoint} does not answer ({problem})"
    report = folder / REPORT
    lines = [f"report: {report}"] if report.exists() else []
    if known.process is None:
        return True, "\n".join([*lines, f"demo: {known.endpoint} is ready (run by others)"])
    if known.store != "minio":
        lines.append(f"{known.store} is not MinIO (docs/compatibility.md has more):")
        lines += [f"  {note}" for note in NOTES[known.store]]
    running = f"{known.store}: {known.endpoint} goes on running (process {known.process.pid}); to stop it: "
    return True, "\n".join([*lines, running + _stop(folder)])


def _stop(folder: Path) -> str:
    return "make demo-down" if folder == DEMO else f"make demo-down STATE={shlex.quote(str(folder))}"


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when done (for ``status``: when the server is ready), else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.embedded", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status"])
    parser.add_argument("--state", type=Path, default=DEMO, help=f"folder of {STATE_FILE}, data and log")
    parser.add_argument("--store", choices=sorted(STORES), default="minio", help="what `up` starts")
    options = parser.parse_args(arguments)
    folder: Path = options.state.absolute()

    def work() -> int:
        if options.command == "status":
            ready, line = status(folder)
            print(line)
            return 0 if ready else 1
        print(up(folder, options.store) if options.command == "up" else down(folder), flush=True)
        discard_go_work()
        return 0

    return run_command("demo", work)


if __name__ == "__main__":
    sys.exit(main())
