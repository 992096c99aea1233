"""``python -m tests.figures.coverage [--unit] [--write]``: which lines and branches the tests run.

Unit and integration together; modules and playbooks run in processes of their own and are counted, too, also
where Ansible has packed them. With ``--write`` the table goes into docs/testing.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.command import run_command
from tests.support.errors import SupportError
from tests.support.paths import CACHE, REPO

from .page import write_part

FOLDER = CACHE / "coverage"
ENGINE = "module_utils/objectstore"


def measure(suites: Sequence[str], arguments: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """Run the tests; returns coverage's report as JSON, and whether all passed.

    :raises SupportError: where nothing was measured
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    _coverage("erase")
    failed = _coverage("run", "-m", "pytest", "-q", *arguments, *suites)
    _coverage("combine", "--quiet")
    report = FOLDER / "report.json"
    if _coverage("json", "--quiet", "-o", str(report)):
        raise SupportError("coverage: nothing was measured")
    found: dict[str, Any] = json.loads(report.read_text())
    return found, not failed


def _coverage(*arguments: str) -> int:
    environment = {**os.environ, "COVERAGE_FILE": str(FOLDER / "data")}
    return subprocess.run(
        [sys.executable, "-m", "coverage", *arguments], cwd=REPO, env=environment, check=False
    ).returncode


def part_of(file: str) -> str:
    """The wing of the engine that a file is in, or its folder."""
    path = Path(file)
    if path.is_relative_to(ENGINE):
        inner = path.relative_to(ENGINE).parts
        return f"engine, {inner[0]}" if len(inner) > 1 else "engine, beside the wings"
    return path.parts[0]


def table(report: Mapping[str, Any], suites: Sequence[str]) -> list[str]:
    """Lines and branches by part, as Markdown."""
    sums: dict[str, Counter[str]] = {}
    for file, measured in report["files"].items():
        for name in (part_of(file), "engine, all of it" if file.startswith(ENGINE) else "", "all"):
            if name:
                sums.setdefault(name, Counter()).update(_counts(measured["summary"]))
    order = sorted(name for name in sums if name not in ("all", "engine, all of it"))
    rows = [_row(name, sums[name]) for name in [*order, "engine, all of it", "all"] if name in sums]
    lost = sorted(unseen(report["files"]))
    said = ["", f"Never loaded: {', '.join(lost)}."] if lost else []
    return [f"By {' and '.join(suites)}:", "", "| part | lines | branches |", "|---|---|---|", *rows, *said]


def unseen(files: Iterable[str]) -> set[str]:
    """What the tests might have run, has a text, and no process loaded."""
    there = {path for folder in (ENGINE, "library", "plugins") for path in (REPO / folder).rglob("*.py")}
    # fragments are read as texts
    runs = {str(path.relative_to(REPO)) for path in there if path.stat().st_size and "doc_fragments" not in path.parts}
    return runs - set(files)


def _counts(summary: Mapping[str, Any]) -> dict[str, int]:
    names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    return {name: int(summary[name]) for name in names}


def _row(name: str, counts: Mapping[str, int]) -> str:
    lines = _share(counts["covered_lines"], counts["num_statements"])
    branches = _share(counts["covered_branches"], counts["num_branches"])
    return f"| {name} | {lines} | {branches} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % of {whole}" if whole else "none"


def main() -> int:
    """Exit status 0 where all tests passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.coverage", description=__doc__)
    parser.add_argument("--unit", action="store_true", help="the unit tests alone")
    parser.add_argument("--write", action="store_true", help="write the table into docs/testing.md")
    parser.add_argument("-n", default="2", metavar="JOBS", help="tests at a time")
    options = parser.parse_args()
    suites = ["tests/unit"] if options.unit else ["tests/unit", "tests/integration"]

    def work() -> int:
        report, passed = measure(suites, ["-n", options.n, "--dist", "loadfile"])
        lines = table(report, suites)
        print("\n".join(lines))
        if not passed:
            raise SupportError("coverage: tests failed, so these are no figures to keep")
        if options.write:
            write_part("coverage", lines)
        return 0

    return run_command("coverage", work)


if __name__ == "__main__":
    sys.exit(main())
