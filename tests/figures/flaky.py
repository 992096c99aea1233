"""``python -m tests.figures.flaky [--runs N] [--write] [pytest's arguments…]``: which tests fail now and then.

The unit tests, in another order each time, unless tests are named. A test that fails in some runs and passes
in others is flaky; one that fails in all is broken. With ``--write`` the count goes into docs/testing.md.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.support.command import run_command
from tests.support.errors import SupportError
from tests.support.paths import REPO

from .page import write_part

_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+(?:\[.*\])?)(?: - .*)?$", re.MULTILINE)
_ENDED = (0, 1)  # pytest: all passed, some failed


def failures(arguments: Sequence[str], seed: int) -> set[str]:
    """The tests that fail in one run, in the order of the seed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--order-seed={seed}", *arguments]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode not in _ENDED:
        raise SupportError(f"flaky: pytest ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = set(_FAILED.findall(done.stdout))
    if done.returncode and not found:
        raise SupportError(f"flaky: a run failed and named no test\n{done.stdout[-2000:]}")
    return found


def verdict(counts: Mapping[str, int], runs: int) -> list[str]:
    """What became of the runs, a line each; the first says how many tests are flaky."""
    flaky = {name: count for name, count in counts.items() if count < runs}
    broken = sorted(name for name, count in counts.items() if count == runs)
    said = [f"{runs} runs, each in another order: {len(flaky) or 'no'} flaky tests, {len(broken) or 'no'} broken ones."]
    said += [f"- {name}: failed in {count} of {runs}" for name, count in sorted(flaky.items())]
    return said + [f"- {name}: broken" for name in broken]


def main() -> int:
    """Exit status 0 where no test failed in any run."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.flaky", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--write", action="store_true", help="write the count into docs/testing.md")
    options, arguments = parser.parse_known_args()

    def work() -> int:
        chosen = arguments if any(one.startswith("tests/") for one in arguments) else [*arguments, "tests/unit"]
        counts: Counter[str] = Counter()
        for number in range(1, options.runs + 1):
            seed, started = random.randrange(2**32), time.monotonic()
            failed = failures(chosen, seed)
            counts.update(failed)
            seconds = time.monotonic() - started
            print(f"flaky: run {number}, seed {seed}: {len(failed)} failed, {seconds:.0f} s", flush=True)
        lines = verdict(counts, options.runs)
        print("\n".join(lines))
        if options.write:
            write_part("flaky", lines)
        return 1 if counts else 0

    return run_command("flaky", work)


if __name__ == "__main__":
    sys.exit(main())
