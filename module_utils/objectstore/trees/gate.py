"""Where workers wait until the server may be asked for more."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Iterator

from .allowance import Allowance


class Gate:
    """Lets ``most`` workers through at a time, and fewer after a server said that they are too many.

    A worker is inside during a ``with``, and goes in once at most.
    """

    def __init__(self, most: int) -> None:
        self._allowance = Allowance(most)
        self._inside = 0
        self._changed = threading.Condition()
        self._own = threading.local()

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(self._has_room)
            self._go_in()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._allowance.answered()
            self._inside -= 1
            self._changed.notify(2)  # there may be room for one more than before

    @contextmanager
    def if_room(self) -> Iterator[bool]:
        """A ``with`` for who does not wait: whether there was room."""
        with self._changed:
            entered = self._has_room()
            if entered:
                self._go_in()
        try:
            yield entered
        finally:
            if entered:
                self.__exit__()

    def step_aside(self, seconds: float, *, slowed: bool) -> None:
        """Leave room for others for so long, and come back when there is some. ``slowed``: the server wants fewer."""
        if slowed:
            with self._changed:
                self._allowance.slowed(self._own.crowd)
        with self.outside():
            time.sleep(seconds)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """A ``with`` for who is inside and waits for others, who may wait for room to come in."""
        with self._changed:
            self._inside -= 1
            self._changed.notify()
        try:
            yield
        finally:
            self.__enter__()

    def _has_room(self) -> bool:
        return self._inside < self._allowance.room

    def _go_in(self) -> None:
        self._inside += 1
        self._own.crowd = self._allowance.crowd
