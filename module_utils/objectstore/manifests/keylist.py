"""The list of keys, one a line: a line ends at a line feed and nowhere else, whatever else Unicode calls a line."""

from __future__ import annotations

from typing import Iterable

from ..values.errors import InvalidInputError


def list_of(keys: Iterable[str]) -> bytes:
    """One key a line.

    :raises InvalidInputError: for a key with a line feed, which would be two lines that name nothing
    """
    lines = []
    for key in keys:
        if "\n" in key:
            raise InvalidInputError(
                "list the keys, one a line",
                f"{key!r} has a line feed in it",
                "Narrow include so that it is left out, or leave dest and object out: the index can name it.",
            )
        lines.append(f"{key}\n")
    return "".join(lines).encode("utf-8")


def keys_of(content: bytes) -> list[str]:
    """The keys of a list, whoever wrote it.

    :raises UnicodeDecodeError: where it is no text
    """
    return [line for line in content.decode("utf-8").split("\n") if line]
