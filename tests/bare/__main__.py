"""``python -m tests.bare [release…]``: the two commands on machines that have next to nothing.

``make demo`` twice, then of ``make test`` what needs no more than the first one has brought and a few minutes:
lint, unit, and the integration tests that need ssh. Servers are built from source as there, which takes
minutes: MINIO_BIN and MC_BIN name ready ones. It needs root, debootstrap and the registries.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import run_command
from tests.support.errors import SupportError

from .root import HOME, Root, make_root, say

RELEASES = ("bookworm", "trixie")
LENT = ("MINIO_BIN", "MC_BIN")

#: Of make test: the rest needs the API server of Kubernetes, and half an hour.
SSH_TESTS = "tests/integration/control_plane/test_watched_sync.py"
TESTS = ("make programs", "make lint", "make unit", f".venv/bin/python -m pytest -q {SSH_TESTS}")

#: What the user finds in the home afterwards, beside the clone.
_ALLOWED = {"my work"}


def try_release(release: str, *, tests: bool) -> list[str]:
    """What went wrong on a machine with this release of Debian."""
    root = make_root(release)
    root.renew_home()
    environment: dict[str, str] = {}
    for variable in LENT:
        if os.environ.get(variable):
            environment |= root.lend(variable, Path(os.environ[variable]))
    wrong = _demo(root, environment)
    for command in TESTS if tests and not wrong else ():
        wrong += [] if _timed(root, command, environment) == 0 else [f"{command} failed"]
    _timed(root, "make distclean", environment)
    return [f"{release}: {one}" for one in [*wrong, *_left_behind(root)]]


def _demo(root: Root, environment: Mapping[str, str]) -> list[str]:
    """Twice in one go: the server of the first run ends with what ``run`` starts."""
    log = root.clone.parent / "demo.log"
    # a pipe hides the status of make, so it is written
    once = "(make demo 2>&1; echo demo ended with $?)"
    _timed(root, f"({once}; {once}) | tee ../{log.name}", environment)
    said = log.read_text()
    log.unlink()
    first, _, second = said.partition("demo ended with 0\n")
    wrong = [] if "8 of 8 criteria are met" in first else ["the first make demo did not meet the criteria"]
    if not (second.endswith("demo ended with 0\n") and "changed=0 " in second):
        wrong.append("the second make demo did not end with changed=0")
    return wrong


def _timed(root: Root, command: str, environment: Mapping[str, str]) -> int:
    say(f"{root.folder.name}: {command}")
    started = time.monotonic()
    status = root.run(command, environment)
    say(f"{root.folder.name}: {command}: status {status}, {time.monotonic() - started:.0f} s")
    return status


def _left_behind(root: Root) -> list[str]:
    """What is outside the clone: in the home, and in folders that every user may write to."""
    home = {path.name for path in (root.folder / HOME.lstrip("/")).iterdir()}
    # pytest keeps the temporary folders of its last runs
    folders = [path for name in ("tmp", "var/tmp") for path in (root.folder / name).iterdir()]
    temporary = [path.name for path in folders if not path.name.startswith("pytest-of-")]
    left = sorted(home - _ALLOWED) + temporary
    return [f"left outside the clone: {', '.join(left)}"] if left else []


def main() -> int:
    """Exit status 0 where all went well on all machines."""
    parser = argparse.ArgumentParser(prog="python -m tests.bare", description=__doc__)
    parser.add_argument("releases", nargs="*", default=RELEASES, help=f"of Debian; default {' '.join(RELEASES)}")
    parser.add_argument("--demo-only", action="store_true", help="make demo, and no tests")
    options = parser.parse_args()

    def work() -> int:
        wrong = [one for name in options.releases for one in try_release(name, tests=not options.demo_only)]
        if wrong:
            raise SupportError("\n".join(wrong))
        say("all went well")
        return 0

    return run_command("bare", work)


if __name__ == "__main__":
    sys.exit(main())
