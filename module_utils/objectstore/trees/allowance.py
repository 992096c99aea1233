"""How many requests a server is asked at a time, by what it says of them."""

from __future__ import annotations


class Allowance:
    """Room for ``most`` requests under way; for fewer after the server said that they are too many.

    One crowd is told once: half of it is left then, and a new crowd begins. Each answer makes room for a little more,
    so that a whole crowd of answers makes it for one (the additive increase and multiplicative decrease of TCP,
    RFC 5681).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._room = float(most)
        #: which crowd those are of who go now
        self.crowd = 0

    @property
    def room(self) -> int:
        """How many may be under way now, one at least."""
        return int(self._room)

    def slowed(self, crowd: int) -> None:
        """Note that the server wants fewer, as it told somebody of ``crowd``."""
        if crowd == self.crowd:
            self._room = max(1.0, self.room // 2)
            self.crowd += 1

    def answered(self) -> None:
        """Note that the server did what it was asked for."""
        self._room = min(float(self._most), self._room + 1 / self._room)
