"""A sync ends when nobody waits for it: in order where it can, and by force where a request hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.paths import MODULE_UTILS

PROGRAM = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
import ansible.module_utils
ansible.module_utils.__path__.append(sys.argv[1])
from ansible.module_utils.objectstore.sync import watch
watch.INTERVAL, watch.GRACE = 0.05, 0.5
hangs, left = Event(), open(sys.argv[2], "w")
try:
    with watch.stop_when_unwatched(sys.argv[3] or None), ThreadPoolExecutor(1) as pool:
        if sys.argv[4]:
            pool.submit(hangs.wait, 60)
        print("ready", flush=True)
        time.sleep(60)
finally:
    left.write("in order")
    left.close()
"""


def run(tmp_path: Path, *, progress_file: str = "", hangs: bool = False) -> tuple[int, str]:
    """The status of a program that is left alone while it works, and what it wrote at its end."""
    left = tmp_path / "left"
    command = [sys.executable, "-c", PROGRAM, str(MODULE_UTILS), str(left), progress_file, "yes" * hangs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if not progress_file:
            process.stdout.close()
        return process.wait(30), left.read_text()


def test_without_a_reader_it_ends_in_order(tmp_path: Path) -> None:
    assert run(tmp_path) == (128 + signal.SIGTERM, "in order")


def test_a_request_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    assert run(tmp_path, hangs=True) == (-signal.SIGKILL, "")


def test_without_a_heartbeat_it_ends_in_order(tmp_path: Path) -> None:
    heartbeat = tmp_path / "progress.watched"
    heartbeat.touch()
    os.utime(heartbeat, (0, 0))
    assert run(tmp_path, progress_file=str(tmp_path / "progress")) == (128 + signal.SIGTERM, "in order")
