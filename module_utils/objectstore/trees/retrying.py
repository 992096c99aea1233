"""How a request is tried again: after a transient failure, later each time, while the file is what it was."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Callable, TypeVar

from ..values.errors import BusyError, SilentError, TransientError
from ..values.model import FileRegion, LocalFile, Receipt
from .gate import Gate
from .regions import check_unchanged

#: Pauses between tries, in seconds: doubled each time up to the longest, each shortened at random.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 8.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Retrying:
    """Tries a request up to ``retries`` times more, for workers that are inside ``gate``."""

    retries: int
    gate: Gate

    def request(self, ask: Callable[[], Answer]) -> Answer:
        """The answer, or the failure of the last try. Silence is waited for once: the next run goes on from there."""
        pause = FIRST_PAUSE
        for _ in range(self.retries):
            try:
                return ask()
            except SilentError:
                raise
            except TransientError as error:
                self.gate.step_aside(pause * random.uniform(0.5, 1.0), slowed=isinstance(error, BusyError))
                pause = min(2 * pause, LONGEST_PAUSE)
        return ask()

    def send(self, file: LocalFile, region: FileRegion, put: Callable[[], Receipt]) -> Receipt:
        """The receipt of a region, tried again only while the file is what ``region`` was read from.

        :raises ChangedError: where it is not
        """

        def once() -> Receipt:
            try:
                return put()
            except TransientError:
                check_unchanged(file, region.fd)
                raise

        return self.request(once)
