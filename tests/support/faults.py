"""What the proxy can do to a request, and what it remembers of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """How a request is harmed."""

    SLOW_DOWN = "slow_down"  #: answer 503 SlowDown and forward nothing
    LACK = "lack"  #: answer 501 NotImplemented and forward nothing
    RESET_UPLOAD = "reset_upload"  #: forward so many bytes of the request's body, then reset
    RESET_DOWNLOAD = "reset_download"  #: hand on so many bytes of the answer's body, then reset
    DRIP = "drip"  #: hand on ``after`` bytes of the answer's body, wait so many seconds, and so on
    CORRUPT = "corrupt"  #: forward all, with ``mask`` put on what comes after so many bytes of the request's body
    TRUNCATE = "truncate"  #: forward so many bytes of the request's body, then end both connections in good order
    DROP = "drop"  #: forward nothing, close without an answer
    LOSE_ANSWER = "lose_answer"  #: forward all, let the server act, close without an answer
    DELAY = "delay"  #: wait so many seconds, then forward
    CALL = "call"  #: call a function, then forward


@dataclass
class Fault:
    """One planned fault.

    It meets the next ``times`` requests whose method and path (with its query) match, and that have a header whose name
    begins with ``header``. ``after`` counts
    bytes of a body, ``seconds`` is a delay; ``action`` runs in the proxy's thread.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    header: str = ""
    times: int = 1
    after: int = 0
    seconds: float = 0.0
    action: Callable[[], None] | None = None
    mask: bytes = b"\x01"

    def matches(self, method: str, target: str, headers: Iterable[str] = ()) -> bool:
        """``method`` empty means any; ``path`` is a regular expression searched in path and query."""
        if self.header and not any(name.lower().startswith(self.header) for name in headers):
            return False
        return self.times > 0 and self.method in ("", method) and re.search(self.path, target) is not None


@dataclass(frozen=True)
class Exchange:
    """A request that reached the proxy. ``status`` is 0 where it gave no answer; sizes are bytes of bodies."""

    method: str
    path: str
    query: str
    status: int
    sent: int
    received: int
    fault: Kind | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_write(self) -> bool:
        """Whether it could change the store: S3 reads by GET and HEAD alone."""
        return self.method not in ("GET", "HEAD", "OPTIONS")
