"""CSV files on the host: how many, how many rows, which columns and classes; and whether claims about them are true."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, NamedTuple, Optional

from ..files.opened import stream, why_not
from ..values.errors import InvalidInputError, SourceError
from ..values.model import LocalFile
from ..values.selection import Selection
from .raster import Problem, find_files, problem_report

_SLICE = 1024 * 1024


@dataclass(frozen=True)
class TableFacts:
    """What a folder of CSV files holds.

    ``columns`` are those of the first file, ``classes`` the values of the class column with their numbers of rows
    (``None`` where there is no such column), ``bytes`` the size of all files.
    """

    files: int
    bytes: int
    rows: int
    columns: tuple[str, ...]
    classes: Optional[Mapping[str, int]]
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """The result of a module."""
        return {
            "files": self.files,
            "bytes": self.bytes,
            "rows": self.rows,
            "columns": list(self.columns),
            "classes": dict(sorted(self.classes.items())) if self.classes is not None else None,
            "problems": [problem.as_dict() for problem in self.problems],
        }


class _Table(NamedTuple):
    columns: tuple[str, ...]
    rows: int
    classes: Mapping[str, int]
    problem: str = ""


def read_tables(folder: str, selection: Selection, *, class_column: Optional[str], recurse: bool = True) -> TableFacts:
    """Read every selected file of a folder once, line by line.

    :raises SourceError: when there is nothing to read
    """
    files, problems = find_files(folder, selection, recurse=recurse)
    columns: tuple[str, ...] = ()
    classes: Counter[str] = Counter()
    rows = 0
    for file in files:
        table = _read(file, class_column)
        if table.problem:
            problems.append(Problem(file.path, table.problem))
        if table.columns and not columns:
            columns = table.columns
        elif table.columns and table.columns != columns:
            problems.append(Problem(file.path, f"its columns are not those of {files[0].key}"))
        rows += table.rows
        classes.update(table.classes)
    return TableFacts(
        files=len(files),
        bytes=sum(file.size for file in files),
        rows=rows,
        columns=columns,
        classes=classes if class_column in columns else None,
        problems=tuple(problems),
    )


def _read(file: LocalFile, class_column: Optional[str]) -> _Table:
    try:
        return _read_quoted(file, class_column) if _has_quotes(file) else _read_plain(file, class_column)
    except UnicodeDecodeError as error:
        return _Table((), 0, {}, f"it is not UTF-8 (byte {error.start} of a line)")
    except csv.Error as error:
        return _Table((), 0, {}, f"it is not a CSV file ({error})")
    except SourceError as error:
        return _Table((), 0, {}, error.reason)
    except OSError as error:
        return _Table((), 0, {}, why_not(error))


def _has_quotes(file: LocalFile) -> bool:
    with stream(file) as content:
        return any(b'"' in piece for piece in iter(lambda: content.read(_SLICE), b""))


def _read_plain(file: LocalFile, class_column: Optional[str]) -> _Table:
    """Without a quote a line is a row and a comma ends a field, which is several times faster than a CSV reader."""
    rows, uneven = 0, 0
    seen: Counter[bytes] = Counter()
    with stream(file, buffering=_SLICE) as content:
        header = content.readline().decode("utf-8-sig").rstrip("\r\n")
        columns = tuple(header.split(",")) if header else ()
        commas = len(columns) - 1
        after = commas - columns.index(class_column) if class_column in columns else None
        for number, line in enumerate(content, 2):
            if line.isspace():
                continue
            rows += 1
            if line.count(b",") != commas:
                uneven = uneven or number
            elif after is not None:
                seen[line.rstrip(b"\r\n").rsplit(b",", after + 1)[-after - 1] if commas else line.rstrip(b"\r\n")] += 1
    classes = {value.decode("utf-8"): count for value, count in seen.items()}
    return _Table(columns, rows, classes, _shape_problem(columns, rows, uneven))


def _read_quoted(file: LocalFile, class_column: Optional[str]) -> _Table:
    rows, uneven = 0, 0
    seen: Counter[str] = Counter()
    with stream(file) as content, io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        columns = tuple(next(reader, ()))
        place = columns.index(class_column) if class_column in columns else None
        for row in reader:
            if not row:
                continue
            rows += 1
            if len(row) != len(columns):
                uneven = uneven or reader.line_num
            elif place is not None:
                seen[row[place]] += 1
    return _Table(columns, rows, seen, _shape_problem(columns, rows, uneven))


def _shape_problem(columns: tuple[str, ...], rows: int, uneven: int) -> str:
    if not columns:
        return "it is empty"
    if uneven:
        return f"line {uneven} does not have {len(columns)} fields as the first one"
    return "" if rows else "it has a header and no row"


class Claim(NamedTuple):
    """A statement about the data that is false; both values are in words."""

    name: str
    claimed: str
    found: str

    def __str__(self) -> str:
        return f"{self.name}: {self.claimed} claimed, {self.found} found"

    def as_dict(self) -> dict[str, str]:
        """The claim as a module returns it."""
        return {"name": self.name, "claimed": self.claimed, "found": self.found}


def false_claims(claims: Mapping[str, Any], facts: TableFacts) -> list[Claim]:
    """Compare what a description says with what the files hold.

    ``batches`` is the number of files, ``total_samples`` that of rows, ``features`` are columns, and ``classes``
    are all values of the class column. Anything else in a description is no claim about the files.

    :raises InvalidInputError: for a claim that is no number or no list
    """
    wrong = []
    for name, found in (("batches", facts.files), ("total_samples", facts.rows)):
        if name in claims and _number(name, claims[name]) != found:
            wrong.append(Claim(name, str(claims[name]), str(found)))
    if "features" in claims:
        lacking = [feature for feature in _texts("features", claims["features"]) if feature not in facts.columns]
        if lacking:
            wrong.append(Claim("features", _list(lacking), f"no such column among {_list(facts.columns)}"))
    if "classes" in claims:
        wrong += _false_classes(set(_texts("classes", claims["classes"])), facts)
    return wrong


def _false_classes(claimed: set[str], facts: TableFacts) -> list[Claim]:
    if facts.classes is None:
        return [Claim("classes", _list(sorted(claimed)), "no class column")]
    found = set(facts.classes)
    if claimed == found:
        return []
    only_claimed, only_found = sorted(claimed - found), sorted(found - claimed)
    return [
        Claim(
            "classes",
            f"{len(claimed)} ({_list(only_claimed)} in no row)" if only_claimed else str(len(claimed)),
            f"{len(found)} ({_list(only_found)} not claimed)" if only_found else str(len(found)),
        )
    ]


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidInputError(f"check the claim {name}", f"{value!r} is no number") from None


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise InvalidInputError(f"check the claim {name}", f"{value!r} is no list")
    return [str(item) for item in value]


def _list(names: Iterable[str], *, shown: int = 12) -> str:
    listed = list(names)
    return ", ".join(listed[:shown]) + (f" and {len(listed) - shown} more" if len(listed) > shown else "")


def table_faults(folder: str, facts: TableFacts, wrong: Iterable[Claim]) -> dict[str, SourceError]:
    """What is wrong as errors, by the option that decides what happens then."""
    faults: dict[str, SourceError] = {}
    problems = problem_report(folder, facts.problems)
    if problems is not None:
        faults["on_problem"] = problems
    false = "; ".join(str(claim) for claim in wrong)
    if false:
        faults["on_false_claim"] = SourceError(
            f"describe the data in {folder}", false, "Correct the description or the data."
        )
    return faults
