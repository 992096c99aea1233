"""One CSV file, read once: columns, rows, classes, SHA-256, and what is wrong with it, with the line.

Quoted and plain files are judged by one rule: RFC 4180 as the csv module reads it, in UTF-8 (a byte order mark may
stand in front), with commas; lines end in LF or CRLF, empty ones do not count, and the last one may lack its end.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence

from ..files.digests import sha256_of
from ..files.opened import of_status, stream, why_not
from ..values.errors import SourceError
from ..values.model import LocalFile
from .kinds import SEEN, other_kind
from .shape import Shape

#: Bytes read at a time: a block that stays in the processor's cache makes the passes over it a third faster.
_BLOCK = 64 * 1024

#: Bytes that the stream holds besides: it only completes the last line of a block.
_BUFFER = 8 * 1024

#: A line above this size is no line of a table. Bytes.
_LONGEST_LINE = 16 * 1024 * 1024

#: A column with more values than this holds no classes.
MOST_CLASSES = 1000

#: UTF-8's byte order mark.
_MARK = b"\xef\xbb\xbf"

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_NOT_FINITE = re.compile(r"\s*[-+]?(?:nan|inf|infinity)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class TableRules:
    """What rows must have: a class, and finite numbers in the columns ``features``. ``classes`` are those expected."""

    class_column: Optional[str] = None
    features: tuple[str, ...] = ()
    classes: Optional[frozenset[str]] = None


class Table(NamedTuple):
    """What was found in a file.

    ``rows`` is ``None`` where they cannot be counted; ``strange`` has the first line of each class that was not
    expected. ``sha256`` is empty where the file cannot be read.
    """

    file: LocalFile
    columns: tuple[str, ...] = ()
    rows: Optional[int] = None
    classes: Mapping[str, int] = {}
    strange: Mapping[str, int] = {}
    sha256: str = ""
    faults: tuple[str, ...] = ()


class _UnreadableError(Exception):
    """The file is no table, or not from here on: what else it holds cannot be said."""


def read_table(file: LocalFile, rules: TableRules) -> Table:
    """Read a file. Whatever is wrong with it is in the answer."""
    try:
        with stream(file, buffering=_BUFFER) as content:
            reading = _Reading(content, rules)
            reading.read_all()
            _check_unchanged(file, os.fstat(content.fileno()))
    except _UnreadableError as error:
        return Table(file, sha256=_digest(file), faults=(str(error),))
    except SourceError as error:
        return Table(file, faults=(error.reason,))
    except OSError as error:
        return Table(file, faults=(why_not(error),))
    return Table(
        file,
        reading.columns,
        reading.rows,
        reading.classes,
        reading.strange,
        reading.digest.hexdigest(),
        reading.faults.texts(),
    )


def _digest(file: LocalFile) -> str:
    """SHA-256 of a file that was not read to its end; empty where it cannot be."""
    try:
        return sha256_of(file)
    except SourceError:
        return ""


def _check_unchanged(file: LocalFile, after: os.stat_result) -> None:
    if of_status(file.path, file.key, after) != file:
        raise _UnreadableError("it changed while it was read")


@dataclass
class _Faults:
    """The first fault of each kind, and how many more there are."""

    first: dict[str, str] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, text: str) -> None:
        self.first.setdefault(kind, text)
        self.count[kind] += 1

    def texts(self) -> tuple[str, ...]:
        return tuple(
            f"{text} ({self.count[kind]} such lines)" if self.count[kind] > 1 else text
            for kind, text in self.first.items()
        )


class _Reading:
    """A pass over a file. ``line`` is the number of the last line that was judged, from 1."""

    def __init__(self, content: BinaryIO, rules: TableRules) -> None:
        self._stream, self._rules = content, rules
        self.line, self.rows = 0, 0
        self.columns: tuple[str, ...] = ()
        self.classes: Counter[str] = Counter()
        self.strange: dict[str, int] = {}
        self.faults = _Faults()
        self.digest = hashlib.sha256()
        self._class_at: Optional[int] = None
        self._features: tuple[tuple[str, int], ...] = ()

    def read_all(self) -> None:
        """Read to the end."""
        start = self._stream.read(SEEN)
        kind = other_kind(start)
        if kind:
            raise _UnreadableError(kind)
        blocks = self._blocks(start)
        rest = self._read_header(blocks)
        shape = Shape(len(self.columns), [column for _, column in self._features], self._class_at)
        # where no column is looked at, only this shows a header that comes again
        name = b"" if self._features or self._class_at is not None else max(self.columns, key=len).encode("utf-8")
        for block in chain(rest, blocks):
            if not block.isascii():
                self._text(block)
            classes = None if name and name in block else shape.classes_of(block)
            if classes is None or not self._take(classes):
                self._read_rows(chain([block], blocks) if b'"' in block else [block])
            else:
                self.line += len(classes)
        if not self.rows and not self.faults.first:
            self.faults.add("rows", "it has a header and no row")

    def _blocks(self, start: bytes) -> Iterator[bytes]:
        """``start`` and what follows in whole lines, each block ending in LF, with CRLF as LF."""
        block = start + self._stream.read(_BLOCK)
        while block:
            if not block.endswith(b"\n"):
                end = self._stream.readline(_LONGEST_LINE)
                if len(end) == _LONGEST_LINE and not end.endswith(b"\n"):
                    raise _UnreadableError(f"it has a line that is longer than {_LONGEST_LINE >> 20} MiB")
                block += end
            self.digest.update(block)
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n")
            yield block if block.endswith(b"\n") else block.removesuffix(b"\r") + b"\n"
            block = self._stream.read(_BLOCK)

    def _read_header(self, blocks: Iterator[bytes]) -> list[bytes]:
        """Take the names of the columns off the first block; gives what is left of it."""
        block = next(blocks, b"").removeprefix(_MARK)
        bare = block.lstrip(b"\n")
        self.line = len(block) - len(bare)
        if not bare:
            raise _UnreadableError("it is empty")
        text = self._text(bare)
        lines = io.StringIO(text, newline="\n")
        self._judge_first_line(text[: text.index("\n")])
        self.columns = _names(lines, self.line + 1)
        length = len(text[: lines.tell()].encode("utf-8"))
        self._judge_header()
        self.line += bare.count(b"\n", 0, length)
        self._find_columns()
        return [bare[length:]] if bare[length:] else []

    def _judge_first_line(self, line: str) -> None:
        if re.fullmatch(r"\s*\"?sep=.\"?\s*", line, re.IGNORECASE):
            raise _UnreadableError(f"its first line is {line.strip()}, a note to Excel, and no header")
        if "\r" in line.rstrip("\r") and '"' not in line:
            raise _UnreadableError("its lines end in a carriage return alone, not in a newline")

    def _judge_header(self) -> None:
        for sign, said in _SEPARATORS.items():
            if len(self.columns) == 1 and sign in self.columns[0]:
                raise _UnreadableError(f"its fields are separated by {said}, not by commas")
        for name, times in Counter(self.columns).items():
            if times > 1:
                called = f"the column {name}" if name.strip() else "a column without a name"
                self.faults.add(f"twice {name}", f"it has {called} {'twice' if times == 2 else f'{times} times'}")

    def _find_columns(self) -> None:
        """Where the columns are that rules are about."""
        places = {name: place for place, name in reversed(list(enumerate(self.columns)))}
        name = self._rules.class_column
        self._features = tuple((name, places[name]) for name in self._rules.features if name in places)
        if not name:
            return
        self._class_at = places.get(name)
        if self._class_at is None and not _is_data(self.columns):
            self.faults.add("class", f"it has no column {name}")
        elif self._class_at is None:
            raise _UnreadableError("it has no header: most fields of its first line are numbers")

    def _take(self, classes: Sequence[bytes]) -> bool:
        """Count the rows of a block that was proved; not those that need a look at their lines."""
        if self._class_at is not None:
            counted = Counter(classes)
            known = self._rules.classes if self._rules.classes is not None else self.classes
            try:
                named = {value.decode("utf-8"): count for value, count in counted.items()}
            except UnicodeDecodeError:
                return False
            if not all(name in known for name in named):
                return False
            self.classes.update(named)
        self.rows += len(classes)
        return True

    def _text(self, block: bytes) -> str:
        """The block as text, where it is text."""
        if b"\0" in block:
            raise _UnreadableError(f"line {self._line_of(block, block.index(0))} has a NUL byte")
        try:
            return block.decode("utf-8")
        except UnicodeDecodeError as error:
            where = self._line_of(block, error.start)
            raise _UnreadableError(f"line {where} is not UTF-8 (byte 0x{block[error.start]:02x})") from None

    def _line_of(self, block: bytes, place: int) -> int:
        return self.line + 1 + block.count(b"\n", 0, place)

    def _lines(self, blocks: Iterable[bytes]) -> Iterator[str]:
        for block in blocks:
            for line in io.StringIO(self._text(block), newline="\n"):
                self.line += 1
                yield line

    def _read_rows(self, blocks: Iterable[bytes]) -> None:
        """Read row by row; a quoted field may go on in the next line, so a block with quotes takes the rest along."""
        start = self.line
        reader = csv.reader(self._lines(blocks), strict=True)
        while True:
            before = reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise _UnreadableError(_csv_fault(error, start + before + 1)) from None
            if row is None:
                return
            if row and not (len(row) == 1 and row[0].isspace()):
                self._judge_row(row, start + before + 1)

    def _judge_row(self, row: list[str], line: int) -> None:
        if len(row) != len(self.columns):
            self.rows += 1
            fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
            self.faults.add("ragged", f"line {line} has {fields}, the header {len(self.columns)}")
            return
        if (row[0].removeprefix("\ufeff"), *row[1:]) == self.columns:
            self.faults.add("header", f"line {line} is the header again")
            return
        self.rows += 1
        for name, place in self._features:
            said = _number_fault(row[place])
            if said:
                self.faults.add(f"number {name}", f"line {line}: {name} {said}")
        if self._class_at is not None:
            self._judge_class(row[self._class_at], line)

    def _judge_class(self, value: str, line: int) -> None:
        if not value.strip():
            self.faults.add("no class", f"line {line}: {self._rules.class_column} is empty")
            return
        self.classes[value] += 1
        if len(self.classes) > MOST_CLASSES:
            column = self._rules.class_column
            raise _UnreadableError(f"its column {column} has more than {MOST_CLASSES} values, which are no classes")
        if self._rules.classes is not None and value not in self._rules.classes:
            self.strange.setdefault(value, line)


def _names(lines: Iterator[str], line: int) -> tuple[str, ...]:
    try:
        row = next(csv.reader(lines, strict=True), [])
    except csv.Error as error:
        raise _UnreadableError(_csv_fault(error, line)) from None
    if not row:
        raise _UnreadableError("it is empty")
    return tuple(row)


def _csv_fault(error: csv.Error, line: int) -> str:
    text = str(error)
    if "unexpected end" in text or "field limit" in text:
        return f"a quote in line {line} is never closed"
    if "new-line character" in text:
        return f"line {line} has a carriage return that ends no line"
    if "expected after" in text:
        return f"line {line} has text behind a closing quote"
    return f"line {line} is no CSV ({text})"


def _number_fault(text: str) -> str:
    """In words what is wrong with a number; empty where nothing is."""
    if _NUMBER.fullmatch(text):
        return "" if math.isfinite(float(text)) else f"is {_shown(text)}, not a finite number"
    if not text.strip():
        return "is empty"
    return f"is {_shown(text)}, not a {'finite ' if _NOT_FINITE.fullmatch(text) else ''}number"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _is_data(columns: Sequence[str]) -> bool:
    return 2 * sum(bool(_NUMBER.fullmatch(name)) for name in columns) > len(columns)
