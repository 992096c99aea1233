"""A training set on the host: CSV files read once, judged one by one and beside each other, and described."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from ..values.errors import InvalidInputError, SourceError
from ..values.selection import Selection
from .batches import NUMBERED, compare_files, is_copy, misnumbered, usual_columns
from .claims import Claim, Claims, Evidence, false_claims
from .csvfile import Table, TableRules, read_table
from .folder import Problem, find_files, problem_report

#: What a description gets besides its own words; a description that has it already would hide what was measured.
MEASURED = "measured"

#: What a false claim or a problem leads to.
REACTIONS = ("fail", "warn", "ignore")


@dataclass(frozen=True)
class TableSpec:
    """A training set as it is asked about. ``description`` holds the claims; any other word of it is not checked."""

    folder: str
    selection: Selection
    recurse: bool = True
    class_column: Optional[str] = None
    description: Mapping[str, Any] = field(default_factory=dict)
    batch_pattern: Optional[str] = NUMBERED
    on_false_claim: str = "fail"
    on_problem: str = "fail"

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> TableSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a description that says itself what is measured
        """
        description = params["claims"] or {}
        if MEASURED in description:
            raise InvalidInputError(
                f"describe the data in {params['path']}", f"its {MEASURED} is written here", "Leave it out of claims."
            )
        return cls(
            folder=params["path"],
            selection=Selection.from_params(params),
            recurse=params["recurse"],
            class_column=params["class_column"],
            description=description,
            batch_pattern=params["batch_pattern"],
            on_false_claim=params["on_false_claim"],
            on_problem=params["on_problem"],
        )


@dataclass(frozen=True)
class TableFacts:
    """What a folder of CSV files holds.

    ``columns`` are those of most files, ``classes`` the values of the class column with their numbers of rows (``None``
    where there is no such column). ``problems`` and ``false`` are what is wrong, each thing once.
    """

    spec: TableSpec
    tables: tuple[Table, ...]
    columns: tuple[str, ...]
    classes: Optional[Mapping[str, int]]
    problems: tuple[Problem, ...]
    false: tuple[Claim, ...]

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(table.rows or 0 for table in self.tables)

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(table.file.size for table in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """The result of a module."""
        return {
            "files": len(self.tables),
            "bytes": self.bytes,
            "rows": self.rows,
            "columns": list(self.columns),
            "classes": dict(sorted(self.classes.items())) if self.classes is not None else None,
            "tables": [
                {"name": table.file.key, "rows": table.rows, "bytes": table.file.size, "sha256": table.sha256}
                for table in self.tables
            ],
            "description": self.description(),
            "false_claims": [claim.as_dict() for claim in self.false],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def description(self) -> dict[str, Any]:
        """The words of the description in their order, and what was measured: the same for the same files."""
        measured = {
            "rows": self.rows,
            "bytes": self.bytes,
            "columns": list(self.columns),
            "class_counts": dict(sorted(self.classes.items())) if self.classes is not None else {},
            "files": [
                {"name": table.file.key, "rows": table.rows or 0, "bytes": table.file.size, "sha256": table.sha256}
                for table in self.tables
            ],
        }
        return {**self.spec.description, MEASURED: measured}

    def faults(self) -> dict[str, list[SourceError]]:
        """What is wrong as errors, by what happens then: those that ``fail`` and those that ``warn``."""
        faults: dict[str, list[SourceError]] = {reaction: [] for reaction in REACTIONS}
        problems = problem_report(self.spec.folder, self.problems)
        if problems is not None:
            faults[self.spec.on_problem].append(problems)
        if self.false:
            said = "; ".join(str(claim) for claim in self.false)
            hint = "Correct the description or the data."
            faults[self.spec.on_false_claim].append(SourceError(f"describe the data in {self.spec.folder}", said, hint))
        return faults


def read_tables(spec: TableSpec) -> TableFacts:
    """Read every selected file of a folder once.

    :raises SourceError: when there is nothing to read
    :raises InvalidInputError: for claims that cannot be checked
    """
    claims = Claims.from_param(spec.description)
    rules = TableRules(
        class_column=spec.class_column or None,
        features=claims.features or (),
        classes=frozenset(claims.classes) if claims.classes is not None else None,
    )
    files, problems = find_files(spec.folder, spec.selection, recurse=spec.recurse)
    tables = tuple(read_table(file, rules) for file in files)
    problems += [Problem(table.file.path, fault) for table in tables for fault in table.faults]
    problems += compare_files(tables)
    columns = usual_columns(tables)
    return TableFacts(
        spec=spec,
        tables=tables,
        columns=columns,
        classes=_classes(tables) if spec.class_column in columns else None,
        problems=tuple(sorted(problems, key=lambda problem: problem.path)),
        false=tuple(false_claims(claims, _evidence(spec, claims, tables))),
    )


def _classes(tables: tuple[Table, ...]) -> Counter[str]:
    classes: Counter[str] = Counter()
    for table in tables:
        classes.update(table.classes)
    return classes


def _evidence(spec: TableSpec, claims: Claims, tables: tuple[Table, ...]) -> Evidence:
    """What the claims are compared with.

    A fault is said once: where a problem names a copy or a file that is no table, no sum is false because of it. Where
    problems are not told, all that is there counts.
    """
    told = spec.on_problem != "ignore"
    proper = tuple(table for table in tables if not (told and is_copy(table.file.key)))
    read = [table for table in proper if table.rows is not None]
    columns = usual_columns(proper)
    whole = not told or len(read) == len(proper)
    column = spec.class_column
    numbers = misnumbered([table.file.key for table in proper], claims.batches or 0, spec.batch_pattern)
    strange: dict[str, str] = {}
    for table in proper:
        for name, line in table.strange.items():
            strange.setdefault(name, f"{table.file.key} line {line}")
    return Evidence(
        batches=len(proper),
        misnumbered=tuple(numbers) if claims.batches is not None else (),
        rows=sum(table.rows or 0 for table in proper) if whole else None,
        columns=columns if read else None,
        classes=_classes(proper) if column in columns else None,
        # a file without the column is named already
        whole=whole and (not told or not column or all(column in table.columns for table in proper)),
        strange=strange,
    )
