"""Carrying a sync plan out: what is written first, then removals, and these only if every write succeeded."""

from __future__ import annotations

from typing import Any, Callable, Generator, Iterable, Iterator, NamedTuple

from ..trees.verbs import Writable, Written
from .decisions import ObjectAction
from .planner import SyncPlan


class Outcome(NamedTuple):
    """What became of an action: the content's ETag and how long it took in seconds, or why it failed."""

    action: ObjectAction
    etag: str = ""
    seconds: float = 0.0
    error: str = ""


Outcomes = Generator[Outcome, None, None]


def carry_out(target: Writable[Any, Any], plan: SyncPlan, *, sent: Callable[[int], None]) -> Outcomes:
    """The outcome of each action, as it is known. ``sent`` is told bytes that have arrived."""
    failed = False
    for outcome in _outcomes(plan.writes, lambda actions: target.write((one.item for one in actions), sent)):
        failed = failed or bool(outcome.error)
        yield outcome
    if failed:
        yield from (Outcome(action, error=f"removal withheld: {plan.direction.one} failed") for action in plan.removals)
    else:
        yield from _outcomes(plan.removals, lambda actions: target.remove(one.key for one in actions))


def predicted(plan: SyncPlan) -> Outcomes:
    """The outcomes that a dry run foresees: everything works."""
    for actions in (plan.writes, plan.removals):
        yield from map(Outcome, actions)


def _outcomes(
    actions: Iterable[ObjectAction], carry: Callable[[Iterator[ObjectAction]], Iterator[Written]]
) -> Iterator[Outcome]:
    """What ``carry`` tells of keys, told of the actions under way; not all of them are held."""
    under_way: dict[str, ObjectAction] = {}

    def begun() -> Iterator[ObjectAction]:
        for action in actions:
            under_way[action.key] = action
            yield action

    for done in carry(begun()):
        yield Outcome(under_way.pop(done.key), done.etag, done.seconds, done.error)
