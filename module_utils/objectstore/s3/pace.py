"""The least pace of a body: each wait for some of it may be short, and all of them together have no end."""

from __future__ import annotations

import io
import math
import socket
import time
from typing import Any, Callable, Optional

#: Bytes a second that a body comes at, at least, over as long as one wait for it may take.
LEAST_RATE = 1000


class TooSlowError(socket.timeout):
    """A body comes so slowly that it would hold the run up."""


class Pace:
    """Counts the waits for a body, and what came by them; what is done with it between them takes its own time.

    ``patience`` is in seconds; ``None`` bounds nothing.
    """

    def __init__(self, patience: Optional[float]) -> None:
        self._patience = math.inf if patience is None else patience
        self._waited = 0.0
        self._came = 0

    def receive(self, into: Callable[[Any], Optional[int]], buffer: Any) -> Optional[int]:
        """What ``into`` answers, which puts what comes into ``buffer`` and says how many bytes that are.

        :raises TooSlowError: where less than ``LEAST_RATE`` came for ``patience`` seconds
        """
        begun = time.monotonic()
        count = into(buffer)
        self._waited += time.monotonic() - begun
        self._came += count or 0
        if self._waited >= self._patience:
            if count and self._came < LEAST_RATE * self._waited:
                raise TooSlowError(f"{self._came} bytes came in {self._waited:.0f} s")
            self._waited, self._came = 0.0, 0
        return count


class PacedStream(io.RawIOBase):
    """What comes from a socket, at the pace that is set; at none before."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._raw: Any = sock.makefile("rb", buffering=0)
        self.pace = Pace(None)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        """Read what is there, at least a byte."""
        return self.pace.receive(self._raw.readinto, buffer)

    def close(self) -> None:
        """Let go of the socket, which stays open for whoever has it."""
        self._raw.close()
        super().close()
