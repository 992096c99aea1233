"""``make stores``: the whole playbook and the table of behaviours on each store, written to docs/compatibility.md.

What is found is kept in ``tests/stores/found.json``, so that a run of some stores leaves what is known of the others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import ansible.module_utils

from tests.support.command import run_command
from tests.support.errors import SupportError
from tests.support.paths import CACHE, MODULE_UTILS, REPO

if str(MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(MODULE_UTILS))

from tests.stores.behaviours import BEHAVIOURS, LACKS, Store
from tests.stores.page import Tried, keep, kept, page, unexpected
from tests.stores.whole import Whole, run_whole
from tests.support.stores import STORES

PAGE = REPO / "docs" / "compatibility.md"

#: Minutes of making it are spent once, for all stores.
VENV = CACHE / "stores" / "venv"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the stores, print what was found, and write the page where all of them were tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.stores", description=__doc__)
    parser.add_argument("stores", nargs="*", help=f"of {', '.join(STORES)}; all of them where none is named")
    names = parser.parse_args(arguments).stores or list(STORES)
    if unknown := set(names) - set(STORES):
        parser.error(f"there is no store {', '.join(sorted(unknown))}")
    return run_command("stores", lambda: _try_all(names))


def _try_all(names: Sequence[str]) -> int:
    wrong = 0
    for name in names:
        try:
            held, whole = _try_one(name)
        except SupportError as error:
            print(f"!!! {name} was NOT tried: {error}", flush=True)
            wrong += 1
            continue
        problems = unexpected(name, held, whole)
        for line in problems:
            print(f"{name}: {line}", flush=True)
        wrong += len(problems)
        keep({name: Tried.of(name, held, whole)})
    PAGE.write_text(page(kept()), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(REPO)}")
    return int(wrong > 0)


def _try_one(name: str) -> tuple[dict[str, str], Whole]:
    with tempfile.TemporaryDirectory() as temporary, STORES[name](Path(temporary, "store")) as server:
        held = {}
        for promise, behaviour in BEHAVIOURS.items():
            folder = Path(temporary, promise)
            folder.mkdir()
            try:
                behaviour.holds(Store(server, folder))
                held[promise] = ""
            except AssertionError as error:
                held[promise] = LACKS.get((name, promise)) or str(error) or "it does not hold"
            print(f"{name}: {behaviour.promise}: {held[promise] or 'yes'}", flush=True)
        whole = run_whole(server, Path(temporary, "site"), venv=VENV, identities=(name, "private") not in LACKS)
        for criterion in whole.criteria:
            why = "" if criterion["status"] == "met" else f": {criterion['evidence']}"
            print(f"{name}: {criterion['criterion']}: {criterion['status']}{why}", flush=True)
    return held, whole


if __name__ == "__main__":
    # a module's process ends with its connections; here they end when somebody collects them
    warnings.simplefilter("ignore", ResourceWarning)
    sys.exit(main())
