"""``python -m tests.figures.mutants [--most N] [file…]``: how many small changes of the pure files a test notices.

Each file is changed in a copy of the work tree, one change at a time, and its own unit tests are run. A mutant
that no test notices survives, and is named. With ``--write`` the scores go into docs/testing.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ansible.module_utils.basic  # noqa: F401  # imported for all mutants at once
import pytest

from tests.planted.tree import copy_of_the_tree
from tests.support.command import run_command
from tests.support.errors import SupportError
from tests.support.paths import REPO

from .mutations import Mutant, mutants
from .page import write_part

ENGINE = "module_utils/objectstore"
#: A pure file of the engine -> the unit tests that are its own.
TESTS = {
    "access/policy.py": ["test_policy.py"],
    "access/rights.py": ["test_policy.py", "test_identities.py"],
    "buckets/lifecycle.py": ["test_lifecycle.py", "test_bucket.py", "test_limits.py"],
    "manifests/index.py": ["test_index.py"],
    "manifests/releases.py": ["test_releases.py"],
    "sync/decisions.py": ["test_sync_decisions.py", "test_mirror.py"],
    "sync/planner.py": ["test_mirror.py", "test_sync_decisions.py"],
    "trees/compare.py": ["test_compare.py", "test_mirror.py", "test_digests.py"],
    "values/arguments.py": ["test_options.py"],
    "values/headers.py": ["test_headers.py"],
    "values/limits.py": ["test_limits.py", "test_headers.py"],
    "values/naming.py": ["test_naming.py"],
    "values/selection.py": ["test_selection.py"],
    "values/sizes.py": ["test_sizes.py"],
}
#: Seconds of a processor that the tests of a mutant may take: one that goes on without end is noticed by that.
_LONGEST = 60
#: Seconds by the clock, for one that waits without end; long, since the machine may have other work.
_LONGEST_WAIT = 1200


@dataclass(frozen=True)
class Score:
    """What became of the mutants of a file that were tried, and how many there are."""

    file: str
    tried: int
    there: int
    survivors: Sequence[Mutant]

    @property
    def noticed(self) -> int:
        """How many a test noticed."""
        return self.tried - len(self.survivors)

    @property
    def percent(self) -> float:
        """The score."""
        return 100.0 * self.noticed / self.tried if self.tried else 100.0


def score(file: str, folder: Path, *, most: int) -> Score:
    """Try the mutants of a file in the copy; where there are more than ``most``, some of them, the same each time."""
    target = folder / ENGINE / file
    source = target.read_text()
    there = list(mutants(source))
    chosen = there if len(there) <= most else sorted(random.Random(file).sample(there, most), key=lambda one: one.line)
    statuses = _run(target, [source, *(mutant.source for mutant in chosen)], folder, TESTS[file])
    target.write_text(source)
    if statuses[0] != 0:
        raise SupportError(f"mutants: the tests of {file} fail without any change")
    survivors = [mutant for mutant, status in zip(chosen, statuses[1:], strict=True) if status == 0]
    return Score(file, len(chosen), len(there), survivors)


def _run(target: Path, sources: Sequence[str], folder: Path, tests: Sequence[str]) -> list[int]:
    """The exit status of the tests for each source, by a process that has imported what they all need."""
    work = {"target": str(target), "sources": sources, "tests": [f"tests/unit/{name}" for name in tests]}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "tests.figures.mutants", "--serve"],
        cwd=folder,
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SupportError(f"mutants: {done.stderr[-2000:]}")
    statuses: list[int] = json.loads(done.stdout.splitlines()[-1])
    return statuses


def serve() -> int:
    """In the copy: fork once a mutant, so that nothing of it stays and nothing else is imported again."""
    work = json.load(sys.stdin)
    statuses = []
    for source in work["sources"]:
        Path(work["target"]).write_text(source)
        child = os.fork()
        if not child:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST)
            signal.alarm(_LONGEST_WAIT)
            os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *work["tests"]])))
        _, status = os.waitpid(child, 0)
        statuses.append(status)
    print(json.dumps(statuses))
    return 0


def main() -> int:
    """Exit status 0 where the files could be tried, whatever survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", help=f"below {ENGINE}; where none is named: {', '.join(TESTS)}")
    parser.add_argument("--most", type=int, default=60, help="mutants of a file at most")
    parser.add_argument("--write", action="store_true", help="write the scores into docs/testing.md")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()

    def work() -> int:
        unknown = sorted(set(options.files) - set(TESTS))
        if unknown:
            raise SupportError(f"mutants: no tests are known for {', '.join(unknown)}; there are: {', '.join(TESTS)}")
        scores = []
        with tempfile.TemporaryDirectory(prefix="geocrop-mutants-") as temporary:
            copy_of_the_tree(Path(temporary))
            for file in options.files or TESTS:
                scores.append(score(file, Path(temporary), most=options.most))
                _say(scores[-1])
        if options.write:
            write_part("mutants", table(scores))
        return 0

    return serve() if options.serve else run_command("mutants", work)


def _say(one: Score) -> None:
    lines = (REPO / ENGINE / one.file).read_text().splitlines()
    print(f"{one.file}: {one.noticed} of {one.tried} noticed, {one.percent:.0f} %", flush=True)
    for mutant in one.survivors:
        print(f"  line {mutant.line}: {mutant.change}: {lines[mutant.line - 1].strip()}", flush=True)


def table(scores: Sequence[Score]) -> list[str]:
    """The scores as Markdown."""
    rows = [f"| `{one.file}` | {one.noticed} of {one.tried} | {one.there} | {one.percent:.0f} % |" for one in scores]
    noticed, tried = sum(one.noticed for one in scores), sum(one.tried for one in scores)
    total = f"| all | {noticed} of {tried} | {sum(one.there for one in scores)} | {100 * noticed / tried:.0f} % |"
    return ["| file | noticed, of those tried | mutants | score |", "|---|---|---|---|", *rows, total]


if __name__ == "__main__":
    sys.exit(main())
