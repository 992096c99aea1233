"""``python -m tests.planted [name…]``: plant each mistake in a copy, and see whether its tests catch it.

First the tests must pass without any mistake. Then the copy has one mistake at a time, and each test that the
patch names must fail. Nothing is written to the work tree.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.command import run_command
from tests.support.errors import SupportError

from .patches import Planted, apply, planted
from .tree import copy_of_the_tree

#: What is no test of pytest: whether the reference pages are in step.
COMMANDS = {"docs.generate --check": ["-m", "docs.generate", "--check"]}

#: Seconds that the tests of one mistake may take: some make a walk without end.
_LONGEST = 120.0
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:\[.*)?(?: - .*)?$", re.MULTILINE)


def failures(folder: Path, names: Sequence[str]) -> set[str]:
    """Which of these tests and commands fail there; all of them where they do not end."""
    tests = [name for name in names if name not in COMMANDS]
    found = {name for name in names if name in COMMANDS and _python(folder, COMMANDS[name])[0]}
    if tests:
        status, said = _python(folder, ["-m", "pytest", "-q", "-p", "no:cacheprovider", *tests])
        found |= set(tests) if status is None else set(_FAILED.findall(said))
        if status not in (0, 1, None):
            raise SupportError(f"planted: the tests could not be run\n{said[-2000:]}")
    return found


def _python(folder: Path, arguments: Sequence[str]) -> tuple[int | None, str]:
    """Exit status and output, the status ``None`` where it did not end."""
    try:
        done = subprocess.run(
            [sys.executable, "-B", *arguments],
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def judge(mistake: Planted, folder: Path) -> str:
    """What went wrong with a mistake, or an empty text where it was caught."""
    problem = apply(mistake.patch, folder)
    if problem:
        return f"does not apply any more: {problem}"
    try:
        lost = sorted(set(mistake.caught_by) - failures(folder, mistake.caught_by))
    finally:
        apply(mistake.patch, folder, undo=True)
    return f"NOT CAUGHT by {', '.join(lost)}" if lost else ""


def main() -> int:
    """Exit status 0 where each mistake was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", help="of patches, without .patch; all where none is named")
    options = parser.parse_args()

    def work() -> int:
        chosen = [one for one in planted() if one.name in options.names or not options.names]
        with tempfile.TemporaryDirectory(prefix="geocrop-planted-") as temporary:
            folder = Path(temporary)
            copy_of_the_tree(folder)
            already = failures(folder, sorted({name for one in chosen for name in one.caught_by}))
            if already:
                raise SupportError(f"planted: these fail without any mistake: {', '.join(sorted(already))}")
            escaped = 0
            for one in chosen:
                started = time.monotonic()
                problem = judge(one, folder)
                escaped += bool(problem)
                print(f"{one.name}: {problem or 'caught'}, {time.monotonic() - started:.1f} s", flush=True)
        print(f"planted: {len(chosen) - escaped} of {len(chosen)} mistakes were caught")
        return 1 if escaped else 0

    return run_command("planted", work)


if __name__ == "__main__":
    sys.exit(main())
