"""Whether a block of CSV lines is as it must be, proved for the whole block at once.

Reading every row with the csv module takes several times as long. Here two passes in C do it: what is left of a block
when all is deleted that neither separates nor quotes shows whether each line has its number of fields, and one regular
expression proves the numbers of the features and takes out the classes. What is not proved is read row by row.
"""

from __future__ import annotations

import re
from typing import Optional, Sequence

#: What remains of a block: separators, and what makes it another case (a quote, NUL, a carriage return).
_ORDINARY = bytes(byte for byte in range(256) if byte not in b',\n"\0\r')

#: Numbers that are surely finite; the first form takes a quarter less time, and most data has no other.
_NUMBERS = (rb"-?[0-9]{1,99}\.?[0-9]{0,99}", rb"-?[0-9]{1,99}\.?[0-9]{0,99}(?:[eE][-+]?[0-9]{1,2})?")

#: Columns that may follow the gap which ``.*`` leaps over: it goes back over them from the end of the line.
_MOST_BEHIND = 4

#: A quoted field that would be the same without its quotes.
_NEEDLESS = re.compile(rb'"(?<![^,\n]")([^",\n]*)"(?=[,\n])')

#: Quotes a line up to which taking them off is faster than the csv module.
_FEW = 4


class Shape:
    """What is proved: ``count`` fields a line, numbers in the columns ``numbers``, and one column of classes."""

    def __init__(self, count: int, numbers: Sequence[int], class_at: Optional[int]) -> None:
        self._line = b"," * (count - 1) + b"\n"
        self._patterns: tuple[re.Pattern[bytes], ...] = ()
        if numbers or class_at is not None:
            self._patterns = tuple(
                re.compile(_pattern(count, dict.fromkeys(numbers, number), class_at), re.MULTILINE)
                for number in _NUMBERS[: 2 if numbers else 1]
            )

    def classes_of(self, block: bytes) -> Optional[list[bytes]]:
        """The class of each line (empty texts where there is no such column); ``None`` where it is not proved.

        ``block`` is whole lines that end in a newline and begin outside of any quotes.
        """
        if b'"' in block:
            block = _without_quotes(block)
        left = block.translate(None, _ORDINARY)
        rows = len(left) // len(self._line)
        if left != self._line * rows:
            return None
        if not self._patterns:
            return [b""] * rows
        for pattern in self._patterns:
            found: list[bytes] = pattern.findall(block)
            if len(found) == rows:
                if pattern is not self._patterns[0]:
                    self._patterns = self._patterns[::-1]  # the rest of the file is most likely the same
                return found
        return None


def _without_quotes(block: bytes) -> bytes:
    """The block without needless quotes; any other quote stays."""
    return _NEEDLESS.sub(rb"\1", block) if block.count(b'"') <= _FEW * block.count(b"\n") else block


def _pattern(count: int, numbers: dict[int, bytes], class_at: Optional[int]) -> bytes:
    """A line of ``count`` fields: those that matter one by one, and the widest gap between them in one leap.

    It is right only where each line is known to have its number of fields.
    """
    fields = {**numbers, **({class_at: rb"([^,\n]*)"} if class_at is not None else {})}
    needed = sorted(fields)
    first, behind = _gap(count, needed)
    left = [fields.get(column, rb"[^,]*") for column in range(first)]
    right = [fields.get(column, rb"[^,\n]*") for column in range(behind, count)]
    gap = [rb".*"] if behind > first else []
    line = b",".join([*left, *gap, *right])
    return b"^" + (b"" if class_at is not None else b"()") + line + b"\n"


def _gap(count: int, needed: Sequence[int]) -> tuple[int, int]:
    """The widest run of columns that do not matter, near enough to the end: from its first to behind its last."""
    starts = [0, *(column + 1 for column in needed)]
    ends = [*needed, count]
    gaps = [(start, end) for start, end in zip(starts, ends) if end == count or count - end <= _MOST_BEHIND]
    return max(gaps, key=lambda gap: gap[1] - gap[0])
