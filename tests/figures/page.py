"""The figures in pages of docs/, such as testing.md: each program writes its own part, and no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.support.paths import REPO

#: Where most of them are.
PAGE = REPO / "docs" / "testing.md"


def replaced(text: str, part: str, lines: Sequence[str]) -> str:
    """``text`` with the lines between the marks of a part; ValueError where it has no such marks."""
    begin, end = f"<!-- written by make {part} -->", f"<!-- end of make {part} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"there is no place for {part}")
    body = "\n".join(["", "", *lines, "", ""])
    return re.sub(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", lambda _: body, text, flags=re.DOTALL)


def write_part(part: str, lines: Sequence[str], page: Path = PAGE) -> None:
    """Put the lines into the page."""
    page.write_text(replaced(page.read_text(), part, lines))
