"""``python -m tests.benchmark``: run the scenarios, print the tables, write the documentation's page.

``BENCH=cold-large,noop-small`` or ``--only`` picks some. A full run takes about half an hour.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.support.errors import SupportError

from .bench import Bench, work_folder
from .document import write_document
from .passes import PASSES, Pass, measure_pass, quick_pass
from .report import all_text, as_text, heading, table
from .results import Result, load_results, results_folder
from .scale import write_scale
from .scenarios import APART, EVERY, SCENARIOS, Scenario, in_order, quick
from .targets import verdicts
from .whole import measure_whole


def main(arguments: list[str] | None = None) -> int:
    names = [*(one.name for one in EVERY), *(one.name for one in PASSES)]
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default=os.environ.get("BENCH", ""), help=f"of {', '.join(names)}")
    parser.add_argument("--runs", type=int, default=0, help="rounds a scenario; 5, or 1 when quick or large")
    parser.add_argument("--who", default="", help="only these contenders, as engine,mc,floor; nothing is kept")
    parser.add_argument("--quick", action="store_true", help="small trees, a minute in all: figures that say nothing")
    parser.add_argument("--report", action="store_true", help="measure nothing, print and write what is known")
    apart = parser.add_mutually_exclusive_group()
    apart.add_argument(
        "--far", dest="apart", action="store_const", const="far", help="the store 20 and 100 ms away, and nothing else"
    )
    apart.add_argument(
        "--large", dest="apart", action="store_const", const="large", help="a million objects, 50 GiB; 80 GB of room"
    )
    parser.add_argument("--whole", action="store_true", help="the whole playbook, and nothing else; 3 rounds")
    parser.add_argument("--before", default="", metavar="COMMIT", help="with --whole, a former state beside it")
    options = parser.parse_args(arguments)
    if options.whole:
        return _whole(runs=options.runs or 3, before=options.before)
    wanted = [part for part in options.only.replace(",", " ").split() if part]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        parser.error(f"no scenario is called {', '.join(unknown)}; there are {', '.join(names)}")
    offered = EVERY if wanted else APART.get(options.apart, SCENARIOS)
    chosen = [one for one in offered if one.name in wanted or not wanted]
    passes = [one for one in PASSES if one.name in wanted or not (wanted or options.apart)]
    if options.quick:
        chosen = [quick(scenario) for scenario in chosen]
        passes = [quick_pass(one) for one in passes]
    who = [part for part in options.who.replace(",", " ").split() if part]
    if who:
        chosen = [replace(s, contenders=[c for c in s.contenders if c.name in who]) for s in chosen]
        passes = [replace(p, contenders=[c for c in p.contenders if c[0] in who]) for p in passes]
    keep = None if who else results_folder(quick=options.quick)
    try:
        if not options.report:
            _measure(
                chosen, passes, runs=options.runs or (1 if options.quick or options.apart == "large" else 5), keep=keep
            )
        return _report(quick=options.quick) if keep else 0
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1


def _whole(*, runs: int, before: str) -> int:
    try:
        measure_whole(runs=runs, before=before)
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1
    return _report(quick=False)


def _report(*, quick: bool) -> int:
    known = in_order(load_results(quick=quick))
    print(f"\n{all_text(known, list(verdicts(known)))}\n")
    if not quick:
        for path in (*write_document(known), *write_scale(known)):
            print(f"bench: wrote {path}")
    return 0


def _measure(chosen: list[Scenario], passes: list[Pass], *, runs: int, keep: Path | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what runs and what is stored is cleared away
    started = time.monotonic()
    bench = Bench(work_folder(), runs=runs)
    try:
        for scenario in chosen:
            _show(scenario, partial(bench.measure, scenario), keep)
        for one in passes:
            _show(one, partial(measure_pass, one, runs=runs), keep)
    finally:
        bench.close()
    print(f"\nbench: {time.monotonic() - started:.0f} s in all", flush=True)


def _show(what: Scenario | Pass, measure: Callable[[], Result], keep: Path | None) -> None:
    print(f"\nbench: {what.name} ({what.title}) …", flush=True)
    result = measure()
    if keep:
        result.save(keep)
    print(f"{heading(result)}\n{as_text(*table(result))}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
