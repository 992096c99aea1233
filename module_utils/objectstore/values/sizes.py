"""Sizes as people write them."""

from __future__ import annotations

import re
from fractions import Fraction

from .errors import InvalidInputError

_SIZE = re.compile(r"(\d{1,30}(?:\.\d{1,30})?)\s*([KMGTPE]?)(i?)B?", re.IGNORECASE | re.ASCII)


def parse_size(text: str) -> int:
    """Bytes of ``"50GiB"``, ``"50 GB"``, ``"1.5T"`` or ``"1024"``. ``i`` means powers of 1024, its absence of 1000.

    :raises InvalidInputError: for anything else, and for a part of a byte: nothing becomes zero but zero itself
    """
    match = _SIZE.fullmatch(str(text).strip())
    if not match:
        raise InvalidInputError(f"read the size {text!r}", "it is not a number with a unit", "Write it like 50GiB.")
    number, unit, binary = match.groups()
    power = " KMGTPE".index(unit.upper()) if unit else 0
    size = Fraction(number) * (1024 if binary else 1000) ** power
    if 0 < size < 1:
        raise InvalidInputError(f"read the size {text!r}", "it is less than one byte", "Write it with a unit: 50GiB.")
    return int(size)


def human_size(count: float) -> str:
    """Bytes for people, in powers of 1024 and with one decimal, as ``7.4 GiB``; everywhere in this form."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
