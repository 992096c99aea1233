"""``make failures``: try all of it, print what became of each, and write the table in docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.figures.page import write_part
from tests.support.paths import REPO
from tests.support.tripwire import Pair

from .instants import INSTANTS, Outcome, client_killed, connection_broken, server_killed, staged, undisturbed
from .others import SOME, bucket_removed, disk_full, source_replaced, two_at_once
from .ways import WAYS, Stage

PAGE = REPO / "docs" / "reliability.md"


def instants(stage: Stage) -> Iterator[Outcome]:
    """The faults that come at twenty instants; those of the server last, since each ends it."""
    sizes = undisturbed(stage)
    for way in WAYS:
        for number in range(INSTANTS):
            yield client_killed(stage, way, sizes, number)
        for turn, (name, action) in enumerate(BROKEN.items()):
            for number in range(turn, INSTANTS, len(BROKEN)):
                yield connection_broken(stage, way, sizes, number, name=name, action=action)
    for number in range(INSTANTS):
        stage, outcomes = server_killed(stage, sizes, number)
        yield from outcomes


#: How a connection ends where it should not.
BROKEN: dict[str, Callable[[Pair], object]] = {"connection reset": Pair.reset, "connection cut short": Pair.end}


def others(stage: Stage) -> Iterator[Outcome]:
    """What others do in the middle of a run."""
    sizes = undisturbed(stage)
    for way in WAYS:
        yield from (source_replaced(stage, way, sizes, number) for number in SOME)
        yield from (bucket_removed(stage, way, sizes, number) for number in SOME)
        yield from (two_at_once(stage, way, number) for number in range(3))


def full_disks(folder: Path) -> Iterator[Outcome]:
    """A disk that is full, for each direction; PermissionError where this user may not mount one."""
    for way in WAYS:
        yield disk_full(folder / way.name, way)


def rows(outcomes: Sequence[Outcome]) -> list[str]:
    """The table in Markdown: a row for each fault and direction."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        found.setdefault((one.fault, one.way), []).append(one)
    lines = ["| fault | direction | tries | as it should be | sent or asked again |", "|---|---|---|---|---|"]
    for (fault, way), tries in found.items():
        again = [one.again for one in tries if one.again]
        moved = f"{_size(median(again))}, at most {_size(max(again))}" if again else ""
        right = sum(not one.problem for one in tries)
        lines.append(f"| {fault} | {way} | {len(tries)} | {right} | {moved} |")
    return lines


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try everything; the page is written only where all was tried."""
    argparse.ArgumentParser(prog="python -m tests.failures", description=__doc__).parse_args(arguments)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for tries in (instants, others):
            with staged(folder / tries.__name__) as stage:
                outcomes += _told(tries(stage))
        try:
            outcomes += _told(full_disks(folder))
        except PermissionError as error:
            print(f"!!! full disks were NOT tried: {error}", flush=True)
            return 1
    write_part("failures", rows(outcomes), page=PAGE)
    print("\n".join(rows(outcomes)))
    return int(any(one.problem for one in outcomes))


def _told(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for one in outcomes:
        print(f"{one.fault}, {one.way}: {one.problem or 'as it should be'}", flush=True)
        yield one


if __name__ == "__main__":
    # a module's process ends with its connections; here they end when somebody collects them
    warnings.simplefilter("ignore", ResourceWarning)
    sys.exit(main())
