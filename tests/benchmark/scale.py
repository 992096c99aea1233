"""The measured part of ``docs/scale.md``: time and memory of runs with nothing to do, by the number of objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.figures.page import write_part
from tests.support.paths import REPO

from .peers import draw
from .report import Table, as_markdown
from .results import Result
from .scenarios import LARGE, Kind

PAGE, PLOT = REPO / "docs" / "scale.md", REPO / "docs" / "scale.svg"

_GROWING = tuple(one.name for one in LARGE if one.kind is Kind.NOOP)


def write_scale(results: Mapping[str, Result]) -> list[Path]:
    """Write the table and its plot, where each number of objects was measured; returns what was written."""
    if any(name not in results for name in _GROWING):
        return []
    growing = [results[name] for name in _GROWING]
    once = [results[one.name] for one in LARGE if one.kind is Kind.COLD and one.name in results]
    load = f"Load average {growing[0].load[0]} before, {growing[-1].load[1]} after."
    lines = [load, "", as_markdown(*growth(growing)), "", "![Time and memory by number of objects](scale.svg)"]
    for result in once:
        lines += ["", f"{result.title}:", "", as_markdown(*_uploads(result))]
    write_part("bench ARGS=--large", lines, PAGE)
    _plot(growing)
    return [PAGE.relative_to(REPO), PLOT.relative_to(REPO)]


def growth(growing: Sequence[Result]) -> Table:
    """A row for each contender: time and peak memory for each number of objects, and what one more costs."""
    headings = ["nothing to do", *(f"{result.files:,}" for result in growing), "an object more"]
    first, last = growing[0], growing[-1]
    rows = []
    for name, row in last.rows.items():
        cells = [f"{result.rows[name].seconds:.2f} s, {result.rows[name].memory:.0f} MB" for result in growing]
        more = last.files - first.files
        time = 1e6 * (row.seconds - first.rows[name].seconds) / more
        memory = 1e6 * (row.memory - first.rows[name].memory) / more
        rows.append([row.label, *cells, f"{time:.0f} µs, {max(memory, 0):,.0f} B"])
    return headings, rows


def _uploads(result: Result) -> Table:
    rows = [[row.label, f"{row.seconds:.1f} s", f"{row.memory:.0f} MB"] for row in result.rows.values()]
    return ("", "time", "peak memory"), rows


def _plot(growing: Sequence[Result]) -> None:
    lines = [
        {
            "label": row.label,
            "points": [[result.files, result.rows[name].seconds, result.rows[name].memory] for result in growing],
        }
        for name, row in growing[-1].rows.items()
    ]
    draw("scale_plot.py", lines, PLOT)
