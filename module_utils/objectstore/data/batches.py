"""Files of one set beside each other: batches that are numbered, copies, equal contents, other columns."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Iterator, Optional, Sequence

from ..values.errors import InvalidInputError
from .csvfile import Table
from .folder import Problem

#: The number of a batch where nothing else is said: the digits before the last dot of a name.
NUMBERED = r"(\d+)\.[^.]+"

#: How browsers, Windows, macOS and Nautilus name a file that is there already.
_COPY = re.compile(
    r"(.+?)(?: ?\(\d+\)| - Copy(?: \(\d+\))?| copy(?: \d+)?| \((?:another )?copy\))(\.[^.]+)", re.IGNORECASE
)


def is_copy(name: str) -> bool:
    """Whether a file's name is one that is made for a copy."""
    return bool(_COPY.fullmatch(os.path.basename(name)))


def compare_files(tables: Sequence[Table]) -> Iterator[Problem]:
    """What is wrong with files only beside the others: other columns, a copy, the content of another."""
    usual = usual_columns(tables)
    first: dict[str, str] = {}
    # a copy comes after what it is a copy of, however they sort
    for table in sorted(tables, key=lambda table: is_copy(table.file.key)):
        copied = is_copy(table.file.key)
        same = first.setdefault(table.sha256, table.file.key) if table.rows is not None else table.file.key
        if same != table.file.key:
            yield Problem(table.file.path, f"it has the same content as {same}")
        elif copied:
            yield Problem(table.file.path, "its name is that of a copy")
        if table.columns and table.columns != usual:
            said = _difference(table.columns, usual)
            if said:
                yield Problem(table.file.path, said)


def usual_columns(tables: Sequence[Table]) -> tuple[str, ...]:
    """The columns that most files have; of those that equally many have, the first."""
    counted = Counter(table.columns for table in tables if table.rows is not None)
    return max(counted, key=lambda columns: counted[columns]) if counted else ()


def _difference(columns: tuple[str, ...], usual: tuple[str, ...]) -> str:
    """How columns differ from those of the other files; empty where names stand twice, which is said already."""
    lacking = [name for name in usual if name not in columns]
    more = [name for name in columns if name not in usual]
    if not lacking and not more:
        return "its columns are in another order than those of the other files" if len(columns) == len(usual) else ""
    parts = [f"it lacks {', '.join(lacking)}"] if lacking else []
    parts += [f"it has {', '.join(more)} besides"] if more else []
    return f"its columns are not those of the other files: {' and '.join(parts)}"


def misnumbered(names: Sequence[str], count: int, pattern: Optional[str]) -> list[str]:
    """In words, which of the batches 1 to ``count`` are missing, there twice, or not expected.

    Names without any number are no batches by number, so that nothing is said; of a few without among others with, it
    is.

    :raises InvalidInputError: for a pattern that is no regular expression with one group
    """
    if not pattern:
        return []
    numbers: dict[int, list[str]] = {}
    unnumbered = []
    regex = _compile(pattern)
    for name in sorted(os.path.basename(name) for name in names):
        found = regex.search(name)
        if found and found[1].isdigit():
            numbers.setdefault(int(found[1]), []).append(name)
        else:
            unnumbered.append(name)
    if not numbers:
        return []
    said = [f"no {_ranges(missing)}"] if (missing := [n for n in range(1, count + 1) if n not in numbers]) else []
    said += [f"{number} twice: {' and '.join(same)}" for number, same in sorted(numbers.items()) if len(same) > 1]
    said += [f"{number} not expected" for number in sorted(numbers) if not 1 <= number <= count]
    return said + [f"{name} has no number" for name in unnumbered]


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        regex = re.compile(rf"(?:{pattern})\Z")
    except re.error as error:
        raise InvalidInputError(
            f"use the batch_pattern {pattern!r}", f"it is no regular expression: {error}"
        ) from error
    if regex.groups != 1:
        raise InvalidInputError(
            f"use the batch_pattern {pattern!r}", f"it has {regex.groups} groups", r"Write it like Batch_(\d+)\.csv."
        )
    return regex


def _ranges(numbers: Sequence[int]) -> str:
    """``3, 5 to 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)
