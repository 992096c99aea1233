"""``make faults``: each fault happens to real syncs; the table is printed, and written to docs/reliability.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.faults import many_hosts, on_cluster, on_server
from tests.faults.scene import MIB, Tally
from tests.figures.page import write_part
from tests.support.binaries import mc_binary, minio_binary
from tests.support.command import run_command
from tests.support.daemons import garage_program
from tests.support.errors import SupportError
from tests.support.garage_cluster import running_garages
from tests.support.paths import REPO
from tests.support.programs import need_programs
from tests.support.world import is_inside, run_inside

PAGE = REPO / "docs" / "reliability.md"


class Fault(NamedTuple):
    """What happens, to how many syncs, and what the table says of it."""

    happen: Callable[..., Tally]
    tries: int
    words: str


FAULTS = {
    "node-down": Fault(on_cluster.node_down, 3, "of four nodes, the first that is named is down when it begins"),
    "node-killed": Fault(on_cluster.node_killed, 3, "of four nodes, the one in use is killed"),
    "node-after-node": Fault(
        on_cluster.node_after_node,
        3,
        "of four nodes, one is down when the sync is killed, and another one when it is run again",
    ),
    "node-cut-off": Fault(on_cluster.node_cut_off, 3, "of four nodes, the link of the one in use goes down"),
    "quorum-lost": Fault(on_cluster.quorum_lost, 2, "two of four nodes are killed, and started later"),
    "garage-node-killed": Fault(
        partial(on_cluster.node_killed, running=running_garages),
        3,
        "of three nodes of a Garage, the one in use is killed",
    ),
    "server-killed": Fault(on_server.server_killed, 20, "the only server is killed (-9), and started again"),
    "client-killed": Fault(on_server.client_killed, 20, "the sync is killed (-9)"),
    "bad-network": Fault(
        on_server.bad_network, 5, "between them: reset, delayed, cut, a byte changed, no answer, 503, in turn"
    ),
    "disk-full": Fault(on_server.disk_full, 3, "the server's disk fills, and is made larger"),
    "clock-off": Fault(on_server.clock_off, 4, "the sync's clock is off by 20 minutes, then right"),
    "host-ends": Fault(
        many_hosts.shared_by_hosts, 5, "1, 2 and 4 hosts share the baselines; of two, one alone; of four, one ends"
    ),
    "credentials-end": Fault(on_server.credentials_end, 3, "its user is disabled in the middle, and enabled later"),
}

#: What ``make test`` tries, with so many syncs each: seconds.
QUICK = {"node-down": 1, "server-killed": 1}

_HEAD = (
    "| fault | what happens to a sync | tries | survived | syncs, at most | sent again, at most | objects compared "
    "| lost | stray uploads |"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where every fault was survived each time."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(FAULTS)}; all of them where none is named")
    parser.add_argument("--quick", action="store_true", help="some of them, with few tries, as make test does")
    parser.add_argument("--tries", type=int, help="syncs that each happens to, instead of its own number")
    parser.add_argument("--seed", type=int, default=1, help="of the instants and contents")
    parser.add_argument("--json", type=Path, help="where to write what was counted")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")

    def work() -> int:
        if is_inside():
            return _happen(options)
        minio_binary(), mc_binary()
        if not options.quick and (not options.names or "clock-off" in options.names):
            on_server.faketime_library()
        if not options.quick and (not options.names or "host-ends" in options.names):
            need_programs(["ssh", "ssh-keygen", "sshd"])
        return run_inside("tests.faults", list(sys.argv[1:] if arguments is None else arguments))

    return run_command("faults", work)


def _happen(options: argparse.Namespace) -> int:
    names = options.names or (list(QUICK) if options.quick else _to_be_had())
    counted: dict[str, Tally] = {}
    for name in names:
        tries = options.tries or (QUICK.get(name, 1) if options.quick else FAULTS[name].tries)
        started = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
                counted[name] = FAULTS[name].happen(Path(folder), tries=tries, seed=options.seed)
        except (AssertionError, SupportError) as error:
            print(f"{name}: {error}", flush=True)
            continue
        counted[name].seconds = time.monotonic() - started
        _say(name, counted[name])
    if options.json:
        kept = {name: {**asdict(tally), "said": sorted(tally.said)} for name, tally in counted.items()}
        options.json.write_text(json.dumps(kept))
    print("\n".join(["", *_table(counted)]))
    whole = not options.quick and not options.names and len(counted) == len(names)
    if whole:
        write_part("faults", _table(counted), PAGE)
        print(f"wrote {PAGE.relative_to(REPO)}")
    return int(len(counted) < len(names) or not all(tally.holds for tally in counted.values()))


def _to_be_had() -> list[str]:
    """All faults but those of a program that takes long to build and is not here, which is said."""
    try:
        garage_program()
    except SupportError as error:
        print(f"!!! {error}\n!!! garage-node-killed will NOT be tried.", flush=True)
        return [name for name in FAULTS if name != "garage-node-killed"]
    return list(FAULTS)


def _say(name: str, tally: Tally) -> None:
    print(f"{name}: {tally.survived} of {tally.tries} survived, {tally.seconds:.0f} s; what was said:", flush=True)
    for text in sorted(tally.said):
        print(f"  {text[:300]}", flush=True)


def _table(counted: dict[str, Tally]) -> list[str]:
    lines = [_HEAD, "|---" * 9 + "|"]
    for name, tally in counted.items():
        cells = (
            f"`{name}`",
            FAULTS[name].words,
            tally.tries,
            tally.survived,
            tally.runs,
            "-" if tally.sent_again is None else f"{tally.sent_again / MIB:.1f} MiB",
            tally.compared,
            tally.lost,
            tally.stray,
        )
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
