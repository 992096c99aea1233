"""What ran and what did not, a line at the end of ``make test``: ``python -m tests.support.ran``.

Each suite leaves a note of how it ended; those of an earlier run are removed first (``--forget``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from .paths import CACHE

FOLDER = CACHE / "ran"
#: In the order of ``make test``; what lint and sanity say is part of what comes before and after them.
SUITES = ("unit", "integration", "molecule")
#: Not part of ``make test``, so that nobody takes it for tested.
NOT_A_PART = "fuzz, bare, bench, corpus, planted, coverage, mutants, flaky, matrix"


def note(suite: str, said: str, folder: Path = FOLDER) -> None:
    """Remember how a suite ended."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / suite).write_text(said + "\n")


def counts(numbers: Mapping[str, int]) -> str:
    """``12 passed, 1 skipped``, without what there is none of."""
    return ", ".join(f"{number} {what}" for what, number in numbers.items() if number) or "nothing ran"


def line(folder: Path = FOLDER) -> str:
    """The line."""
    said = [f"{suite}: {_said(folder / suite)}" for suite in SUITES]
    return f"make test: lint: passed; {'; '.join(said)}. Targets of their own, not run: {NOT_A_PART}."


def _said(file: Path) -> str:
    return file.read_text().strip() if file.exists() else "NOT RUN"


def main() -> int:
    """Print the line, or forget the notes."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.ran", description=__doc__)
    parser.add_argument("--forget", action="store_true", help="remove the notes of an earlier run")
    if parser.parse_args().forget:
        shutil.rmtree(FOLDER, ignore_errors=True)
    else:
        print(line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
