"""A sync stops when nobody waits for it any more: Ctrl-C on the workstation, a lost connection."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from contextlib import contextmanager
from typing import Iterator, Optional

#: Seconds between two looks, and without a sign of life of the watcher until it counts as gone.
INTERVAL, UNWATCHED_AFTER = 1.0, 10.0

#: Seconds that the requests under way have to end in.
GRACE = 5.0

_STDOUT = 1


def heartbeat_file(progress_file: str) -> str:
    """The file beside the progress that a watcher touches."""
    return f"{progress_file}.watched"


@contextmanager
def stop_when_unwatched(progress_file: Optional[str]) -> Iterator[None]:
    """End the block by ``SystemExit`` once its result has no reader, or its progress no watcher, any more.

    So log and cache are closed and Ansible's temporary files go. A request that hangs is not waited for: the
    process is killed then. Nothing half-visible is left either way: an object appears whole or not at all, and the
    next run goes on from what is there.
    """
    over = threading.Event()
    heartbeat = heartbeat_file(progress_file) if progress_file else None
    if heartbeat is not None and not os.path.exists(heartbeat):
        heartbeat = None
    watcher = threading.Thread(target=_watch, args=(over, heartbeat), daemon=True)
    former = signal.signal(signal.SIGTERM, _end)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(signal.SIGTERM, former)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _watch(over: threading.Event, heartbeat: Optional[str]) -> None:
    poll = select.poll()
    poll.register(_STDOUT, 0)
    while not over.wait(INTERVAL):
        hung_up = any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
        if hung_up or (heartbeat is not None and _age(heartbeat) > UNWATCHED_AFTER):
            os.kill(os.getpid(), signal.SIGTERM)
            if not over.wait(GRACE):
                os.kill(os.getpid(), signal.SIGKILL)
            return


def _age(path: str) -> float:
    try:
        return time.time() - os.stat(path).st_mtime
    except OSError:
        return float("inf")
