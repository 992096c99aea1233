"""How far a sync is: a small JSON file that is replaced about every second, for whoever watches."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from typing import Optional

from .decisions import DELETE, REPLACE, ObjectAction
from .planner import SyncPlan
from .transfer import Outcome

#: Seconds between two reports.
INTERVAL = 1.0


class Progress:
    """Counts files and bytes as they arrive. Without a path it only counts.

    The file holds ``compared`` (keys) and ``bytes_compared``, then ``files``, ``files_done``, ``failed``, ``bytes``,
    ``bytes_done``, and ``seconds`` since the comparison or the transfer began. A watcher never sees half of it, since
    it is replaced as a whole.
    """

    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._state = {
            "compared": 0,
            "bytes_compared": 0,
            "files": 0,
            "files_done": 0,
            "failed": 0,
            "bytes": 0,
            "bytes_done": 0,
        }
        self._next = 0.0

    def compared(self, action: ObjectAction) -> None:
        """One more key is decided on. Comparing takes long where much has to be read."""
        self._state["compared"] += 1
        self._state["bytes_compared"] += action.size
        self._report_if_due()

    def begin(self, plan: SyncPlan) -> None:
        """The plan is known: what there is to do."""
        count = plan.totals.count
        self._state["files"] = sum(count[action] for action in (plan.direction.verb, REPLACE, DELETE))
        self._state["bytes"] = plan.totals.bytes_sent
        self._start = time.monotonic()
        self._report()

    def sent(self, size: int) -> None:
        """So many more bytes have arrived. Called from many threads."""
        with self._lock:
            self._state["bytes_done"] += size
            self._report_if_due()

    def finished(self, outcome: Outcome) -> None:
        """One more file is done."""
        with self._lock:
            self._state["files_done"] += 1
            self._state["failed"] += bool(outcome.error)
            self._report_if_due()

    def _report_if_due(self) -> None:
        if self._path and time.monotonic() >= self._next:
            self._report()

    def _report(self) -> None:
        if not self._path:
            return
        self._next = time.monotonic() + INTERVAL
        state = {**self._state, "seconds": round(time.monotonic() - self._start, 1)}
        with suppress(OSError):  # a sync does not fail because nobody can watch it
            with open(f"{self._path}.new", "w", encoding="utf-8") as file:
                json.dump(state, file)
            os.replace(f"{self._path}.new", self._path)
