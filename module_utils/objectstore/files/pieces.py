"""Bytes of an open file by their place, of which one piece at a time is held."""

from __future__ import annotations

import os
from typing import Iterator

_PIECE = 1024 * 1024


class ShortenedError(Exception):
    """The file ends before what is read of it."""


def pieces(fd: int, start: int, size: int) -> Iterator[memoryview]:
    """``size`` bytes from ``start`` on, in pieces of up to 1 MiB, each good until the next.

    :raises OSError: where they cannot be read
    :raises ShortenedError: where the file ends before
    """
    buffer = memoryview(bytearray(min(_PIECE, max(size, 1))))
    position, end = start, start + size
    while position < end:
        count = os.preadv(fd, [buffer[: min(len(buffer), end - position)]], position)
        if not count:
            raise ShortenedError
        yield buffer[:count]
        position += count
