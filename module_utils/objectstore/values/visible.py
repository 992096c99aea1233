"""Names and answers that somebody else chose, as they may be shown: nothing in them steers a terminal."""

from __future__ import annotations

from typing import Any


def visible(text: str) -> str:
    """The text with all that is not printable written out: line ends, escapes, and marks of direction."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def visible_lines(value: Any) -> Any:
    """A diff with each text in it visible, line by line; tabs stay."""
    if isinstance(value, str):
        return "\n".join("\t".join(map(visible, line.split("\t"))) for line in value.split("\n"))
    if isinstance(value, dict):
        return {visible_lines(name): visible_lines(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [visible_lines(entry) for entry in value]
    return value
