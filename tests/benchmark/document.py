"""``docs/benchmarks.md`` and its plot, from the results as they are; nothing in it is written by hand but its text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.paths import REPO

from .peers import draw
from .report import as_markdown, table, verdict_table
from .results import TRUTH, Result
from .scenarios import TITLES, in_order
from .targets import verdicts
from .whole_report import WHOLE, whole_section

PAGE, PLOT = REPO / "docs" / "benchmarks.md", REPO / "docs" / "benchmarks.svg"

_HEAD = """\
# Benchmarks

<!-- Written by `make bench`; do not edit. -->

`make bench` runs every contender in turn against one MinIO on the same machine and writes this page. 2 cores,
MinIO on the same machine: client and server share them, so what a client burns, the server lacks. Ratios matter,
seconds do not.

- Each round runs all contenders one after the other, beginning with another than the last, and every second round
  backwards. Before each run the server is idle, and large files of the run before are on disk and removed, so that
  each run writes into memory that was in use before. Sources are in the page cache.
- A cold run goes into a bucket of its own, and what it stored is counted. Where there is nothing to do, each
  contender finds what it uploaded itself, and nothing may have been written in the end.
- Every peer runs with its own defaults, without progress output. Its time is that of its process. Our engine is
  timed from its call to its return; `minio_sync (playbook)` is the whole `ansible-playbook`, as is s3_sync.
- The modules' Python has isal, as the role `control_plane` installs it. It computes the CRC-32 that goes with each
  upload; without it, the standard library does.
- The no-cost client sends each file by one PUT that was signed before the clock started, with `sendfile` from four
  threads. It compares, checks and retries nothing: what it takes is the server's time.
- What is fetched was uploaded by our engine, and is compared with the source after each run. The no-cost client's GETs
  were signed before the clock started, too, and it receives into files, from four threads.
- What is copied was uploaded by our engine, and each program has the server copy it from one bucket into another.
- `x engine` is a median over our engine's median. CPU seconds are the client's and the server's, medians too.
  Peak memory is that of the largest process.
- What is *20 ms away*, or 100 ms, is reached through a proxy that holds each byte back for half of it each way, and
  hands on 100 Mbit/s in all (`make bench ARGS=--far`, on its own).
- Data that is read and judged before it is sent takes no server. Time and CPU (of all threads) are without imports.

![Medians by scenario](benchmarks.svg)
"""

_TARGETS_TITLE, _TRUTH_TITLE = "Targets", "What is true afterwards"

_TRUTH = f"""\
## {_TRUTH_TITLE}

`python -m tests.benchmark.truth` lets each contender bring something over, makes something happen, and lets it run
again. Each cell is judged by what the target holds afterwards. Exit statuses other than 0 are named; a run that leaves
everything in place, and ends with 0 although it could not read all, is "kept, rc 0".
"""


def write_document(results: Mapping[str, Result]) -> list[Path]:
    """Write page and plot; returns what was written. What was not measured stays on the page as it was."""
    ordered = in_order(results)
    written = {result.title: _section(result) for result in ordered.values()}
    if whole := whole_section():
        written[WHOLE] = whole
    if TRUTH.exists():
        written[_TRUTH_TITLE] = "\n".join([_TRUTH, *map(_truth_section, json.loads(TRUTH.read_text()))])
    if not written:
        return []
    former = sections_of(PAGE.read_text()) if PAGE.exists() else {}
    found = {**former, **written}
    titles = [title for title in (*TITLES, WHOLE, _TRUTH_TITLE) if title in found]
    head = _HEAD + "\n" + _versions(ordered, former.get("", ""))
    parts = [head, _targets(ordered, former.get(_TARGETS_TITLE, "")), *(found[title] for title in titles)]
    PAGE.write_text("\n".join(parts))
    _plot({title: found[title] for title in titles if title in TITLES})
    return [PAGE.relative_to(REPO), PLOT.relative_to(REPO)]


def sections_of(text: str) -> dict[str, str]:
    """Heading -> section of level 2, with its heading; under the empty one what stands before the first."""
    head, *sections = text.rstrip("\n").split("\n\n## ")
    found = {section.partition("\n")[0]: f"## {section}\n" for section in sections}
    return {"": head, **found}


def table_in(section: str) -> list[list[str]]:
    """The cells of the first table of a section, without its headings."""
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[2:]]


def _versions(results: Mapping[str, Result], former: str) -> str:
    if not results:
        return next(line for line in former.splitlines() if line.startswith("Versions: ")) + "\n"
    named = next(iter(results.values())).versions
    return f"Versions: {', '.join(f'{name} {version}' for name, version in named.items())}.\n"


def _targets(results: Mapping[str, Result], former: str) -> str:
    """The targets, with those of scenarios that were not measured as they stood."""
    headings, rows = verdict_table(verdicts(results))
    found = {(row[0], row[1]): row for row in table_in(former)} | {(row[0], row[1]): row for row in rows}
    return f"## {_TARGETS_TITLE}\n\n{as_markdown(headings, list(found.values()))}\n"


def _truth_section(known: Mapping[str, Any]) -> str:
    return f"### {known['title']}\n\n{as_markdown(['', *known['columns']], known['rows'])}\n"


def _section(result: Result) -> str:
    runs = max(len(row.samples) for row in result.rows.values())
    load = f"Median of {runs} runs. Load average {result.load[0]} before, {result.load[1]} after."
    return f"## {result.title}\n\n{load}\n\n{as_markdown(*table(result))}\n"


def _plot(sections: Mapping[str, str]) -> None:
    """Drawn from the page."""
    bars = [{"title": title, "bars": [_bar(row) for row in table_in(section)]} for title, section in sections.items()]
    draw("plot.py", bars, PLOT)


def _bar(row: Sequence[str]) -> list[str | float]:
    """Label, median, fastest and slowest."""
    label, median, spread, *_ = row
    return [label, float(median.removesuffix(" s")), *map(float, spread.split(" - "))]
