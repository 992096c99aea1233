"""The tables: as text for a terminal, and as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .results import Result, Row
from .targets import Verdict

Table = tuple[Sequence[str], Sequence[Sequence[str]]]

HEADINGS = ("", "median", "fastest - slowest", "x engine", "CPU client + server", "peak memory")


def table(result: Result) -> Table:
    """Headings and rows, in the order of the contenders."""
    engine = result.rows["engine"].seconds if "engine" in result.rows else 0.0
    found = any(row.found is not None for row in result.rows.values())
    headings = [*HEADINGS, *(["change found"] if found else [])]
    return headings, [_cells(row, engine, found=found) for row in result.rows.values()]


def _cells(row: Row, engine: float, *, found: bool) -> list[str]:
    low, high = row.spread
    client, server = row.cpu
    cells = [
        row.label,
        f"{row.seconds:.2f} s",
        f"{low:.2f} - {high:.2f}",
        f"{row.seconds / engine:.2f}" if engine else "",
        f"{client:.1f} + {server:.1f} s",
        f"{row.memory:.0f} MB" if row.memory else "",
    ]
    return [*cells, f"{row.found} of {len(row.samples)}"] if found else cells


def verdict_table(verdicts: Iterable[Verdict]) -> Table:
    """The targets."""
    rows = [
        [verdict.scenario, verdict.aim, verdict.figure, "reached" if verdict.reached else "missed"]
        for verdict in verdicts
    ]
    return ("scenario", "target", "measured", ""), rows


def as_text(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns for a terminal: names to the left, figures to the right."""
    widths = [max(len(line[column]) for line in (headings, *rows)) for column in range(len(headings))]
    lines = []
    for line in (headings, *rows):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for the documentation."""
    ruler = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, ruler, *rows))


def heading(result: Result) -> str:
    """The scenario's name and what it is, with what else the machine did."""
    runs = max(len(row.samples) for row in result.rows.values())
    return f"{result.scenario}: {result.title} (median of {runs}; load {result.load[0]} to {result.load[1]})"


def all_text(results: Mapping[str, Result], verdicts: Sequence[Verdict]) -> str:
    """Everything that was measured, and the targets."""
    parts = [f"{heading(result)}\n{as_text(*table(result))}" for result in results.values()]
    if verdicts:
        parts.append(as_text(*verdict_table(verdicts)))
    return "\n\n".join(parts)
