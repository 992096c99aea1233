"""A question that takes a round trip, asked beside what does not wait for its answer."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Generic, Optional, TypeVar

Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """Calls ``ask`` once: in a thread of its own from ``begin`` on, or when the answer is wanted."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._asked: Optional[Future[Answer]] = None

    def begin(self) -> None:
        """Ask now."""
        thread = ThreadPoolExecutor(max_workers=1)
        self._asked = thread.submit(self._ask)
        thread.shutdown(wait=False)

    def answer(self) -> Answer:
        """What ``ask`` returned; what it raised is raised here."""
        if self._asked is None:
            self.begin()
        assert self._asked is not None
        return self._asked.result()
