"""Faults at instants that are spread over all that a run says to the server and hears from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.state import Server
from tests.support.tripwire import Pair, Tripwire

from .ways import BEFORE, WAYS, Stage, Way, in_a_process, run_way

#: How many instants each fault is tried at, in each direction.
INSTANTS = 20


@dataclass(frozen=True)
class Outcome:
    """What became of one try. ``again``: bytes that passed in all, beyond those of a run that nothing happened to."""

    fault: str
    way: str
    again: int
    problem: str = ""


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A server and a tree in ``folder``."""
    server = start_server(folder / "server", ServerOptions(die_with_parent=True))
    try:
        yield Stage.set_up(server, folder / "server", folder / "home")
    finally:
        stop_server(server)


def undisturbed(stage: Stage) -> dict[str, int]:
    """Way -> bytes that pass when nothing happens."""
    found = {}
    for way in WAYS:
        place = place_of(way, "undisturbed", 0)
        way.prepare(stage, place)
        with Tripwire(stage.server) as wire:
            assert run_way(way, stage, wire.server, place) == ""
            found[way.name] = wire.passed
        assert judged(way, stage, place) == ""
    return found


def client_killed(stage: Stage, way: Way, sizes: dict[str, int], number: int) -> Outcome:
    """End the run by kill -9, and start another one."""
    place = place_of(way, "client", number)
    way.prepare(stage, place)
    with Tripwire(stage.server) as wire:
        process = in_a_process(way, stage, wire.server, place)
        wire.arm(instant(stage, sizes[way.name], number), lambda _: process.kill())
        process.start()
        process.join(60)
        first = wire.passed
        problem = "" if process.exitcode == -9 else f"it ended with {process.exitcode}"
        process.close()
        problem = problem or mixed(way, stage, place)
        wire.arm()
        problem = problem or run_way(way, stage, wire.server, place) or judged(way, stage, place)
        return Outcome("kill -9 of the run", way.name, first + wire.passed - sizes[way.name], problem)


def connection_broken(
    stage: Stage, way: Way, sizes: dict[str, int], number: int, *, name: str, action: Callable[[Pair], object]
) -> Outcome:
    """One connection ends where it should not; the run itself goes on."""
    place = place_of(way, name, number)
    way.prepare(stage, place)
    with Tripwire(stage.server) as wire:
        wire.arm(instant(stage, sizes[way.name], number), action)
        problem = run_way(way, stage, wire.server, place) or judged(way, stage, place)
        problem = problem or ("" if wire.sprung else "it did not come so far")
        return Outcome(name, way.name, wire.passed - sizes[way.name], problem)


def server_killed(stage: Stage, sizes: dict[str, int], number: int) -> tuple[Stage, list[Outcome]]:
    """End the server by kill -9 under a run in each direction, at an instant of one of them; then it comes back.

    Returns the stage with the server that is there now.
    """
    places = [place_of(way, "server", number) for way in WAYS]
    for way, place in zip(WAYS, places, strict=True):
        way.prepare(stage, place)
    process = stage.server.process
    assert process is not None
    chosen = number % len(WAYS)
    with ExitStack() as stack:
        wires = [stack.enter_context(Tripwire(stage.server)) for _ in WAYS]
        wires[chosen].arm(instant(stage, sizes[WAYS[chosen].name], number), lambda _: os.kill(process.pid, 9))
        runs = [
            in_a_process(way, stage, wire.server, place) for way, wire, place in zip(WAYS, wires, places, strict=True)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join(60)
            run.close()
        firsts = [wire.passed for wire in wires]
    stop_server(stage.server)
    again = start_server(stage.folder, ServerOptions(die_with_parent=True))
    stage = replace(stage, server=again, server_was_killed=True)
    outcomes = []
    for way, place, first in zip(WAYS, places, firsts, strict=True):
        problem = mixed(way, stage, place)
        with Tripwire(again) as wire:
            problem = problem or _until_done(way, stage, wire.server, place)
            moved = first + wire.passed - sizes[way.name]
        problem = problem or judged(way, stage, place)
        outcomes.append(Outcome("kill -9 of the server", way.name, moved, problem))
    return stage, outcomes


def _until_done(way: Way, stage: Stage, server: Server, place: str) -> str:
    """Run again, twice where need be: an object that MinIO was putting in place when it was killed is refused once."""
    return run_way(way, stage, server, place) and run_way(way, stage, server, place)


def instant(stage: Stage, size: int, number: int) -> int:
    """A byte of ``size``: every run has a moment of its own, none the very first or last.

    A fetch may receive some bytes twice, and in another run not: what passes in each is the content.
    """
    content = sum(map(len, stage.content.values()))
    return max(1, int(min(size, content) * (number + 0.5) / INSTANTS))


def place_of(way: Way, fault: str, number: int) -> str:
    return f"{way.name}-{fault}-{number}".replace(" ", "-")


def mixed(way: Way, stage: Stage, place: str) -> str:
    """A name under which there is neither what was there before nor what is to come."""
    found = way.there(stage, place)
    wrong = [name for name, content in found.items() if content not in (BEFORE.get(name), stage.content.get(name))]
    lost = BEFORE.keys() - found.keys()
    return f"neither old nor new: {wrong}, lost: {sorted(lost)}" if wrong or lost else ""


def judged(way: Way, stage: Stage, place: str) -> str:
    """What is not as it should be at the end."""
    found = way.there(stage, place)
    wrong = [name for name in {*found, *stage.content} if found.get(name) != stage.content.get(name)]
    if wrong:
        return f"not what was to come: {sorted(wrong)}"
    stray = way.stray(stage, place)
    return f"left behind: {stray}" if stray else ""
