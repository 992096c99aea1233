"""From both ends to the plan of a sync: the merge, the comparisons in parallel, the guards."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional, Protocol, Union

from ..files.spool import Spool
from ..trees.compare import Match
from ..trees.source import Source
from ..trees.verbs import Entry, Writable
from ..values.errors import InvalidInputError, RefusedError, SourceError
from ..values.model import SourceFault
from .decisions import (
    DELETE,
    KEEP,
    REPLACE,
    Extent,
    ObjectAction,
    Pair,
    SyncRules,
    Totals,
    check_removals,
    decide,
    pair,
)
from .directions import UPLOAD, Direction

#: How many comparisons may wait for their turn.
WINDOW = 256

#: How many names an error lists before it counts.
NAMED = 10

Verdict = Union[None, Match, SourceError]


class Comparer(Protocol):
    """How an entry of the source is compared with that of the target."""

    def quick(self, source: Any, target: Any) -> Optional[Match]:
        """The answer where it takes no reading."""

    def thorough(self, source: Any, target: Any) -> Match:
        """The answer, by reading."""


class Overlaps(Protocol):
    """How keys of which one is the beginning of another, as ``a`` and ``a/b``, get along at the target.

    ``hidden`` is key -> key of the entry that hides it from listings, ``refused`` key -> why it cannot be written.
    """

    hidden: dict[str, str]
    refused: dict[str, str]

    def revealed(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs, sorted by key as they came, each with what its key really has."""


@dataclass
class SyncPlan:
    """What a sync will do. ``writes`` holds what is brought over, ``removals`` the rest, both in key order.

    ``hidden`` has the keys of files below the key of an object, and that key; ``remarks`` is what a person should know.
    """

    direction: Direction = UPLOAD
    totals: Totals = field(default_factory=Totals)
    faults: list[SourceFault] = field(default_factory=list)
    unverifiable: int = 0
    hidden: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    writes: Spool[ObjectAction] = field(default_factory=Spool)
    removals: Spool[ObjectAction] = field(default_factory=Spool)


class Ends(NamedTuple):
    """What a sync works on. ``present`` is what the target has, sorted by key, listed when it is asked for."""

    direction: Direction
    source: Source[Any]
    target: Writable[Any, Any]
    present: Iterable[Entry]
    overlaps: Overlaps
    comparer: Comparer


def plan_sync(ends: Ends, *, rules: SyncRules, workers: int, observe: Callable[[ObjectAction], None]) -> SyncPlan:
    """Plan the whole sync; nothing has been written when this returns or raises.

    ``observe`` is told every action in key order, those that change nothing included.

    :raises InvalidInputError: for entries of the source that have no key, or share one
    :raises RefusedError: for removals above the limit, or existing entries where none may be replaced
    """
    direction, source, target, present, overlaps, comparer = ends
    plan = SyncPlan(direction, Totals(direction.verb))
    conflicts: list[str] = []
    removals: Spool[ObjectAction] = Spool()
    extent = Extent()
    share = _share(overlaps.revealed(pair(source.entries(), present)), source=source, extent=extent)
    for item, verdict in _judged(share, comparer=comparer, workers=workers):
        problem = overlaps.refused.get(item.key) or _problem(item, verdict, source, target)
        action = _unread(item, problem, source, plan) if problem else decide(item, _match(verdict), rules, direction)
        if rules.existing == "fail" and action.action == REPLACE:
            conflicts.append(item.key)
        if action.action == DELETE:
            removals.append(action)
            plan.totals.add(item, action)
            continue
        plan.totals.add(item, action)
        plan.unverifiable += verdict is Match.UNVERIFIABLE
        if action.sends:
            plan.writes.append(action)
        observe(action)
    plan.faults[:0] = source.faults
    plan.hidden = overlaps.hidden
    plan.totals.extraneous += extent.foreign
    plan.remarks = (
        *source.remarks(),
        *target.remarks(size=plan.totals.bytes_sent),
        *_foreign(extent, rules, direction),
    )
    _refuse_unmatched(source)
    _refuse_conflicts(conflicts, target.where, direction)
    if not plan.faults:
        check_removals(extent, rules, target.where, direction)
    _settle_removals(plan, removals, observe=observe)
    return plan


def _share(pairs: Iterable[Pair], *, source: Source[Any], extent: Extent) -> Iterator[Pair]:
    """The keys that are this shard's to decide on; ``extent`` counts those of all shards."""
    for item in pairs:
        if item.source is None and not source.concerns(item.key):
            continue
        mine = source.shard.holds(item.key)
        if item.source is None and not source.removable(item.key):
            extent.foreign += mine
            continue
        extent.add(item)
        if mine:
            yield item


def _foreign(extent: Extent, rules: SyncRules, direction: Direction) -> tuple[str, ...]:
    if not (rules.delete and extent.foreign):
        return ()
    text = "they are not removed, since this sync cannot have made their names (key_pattern)"
    return (f"{direction.things} that have no {direction.wanted}: {extent.foreign}; {text}",)


def _problem(item: Pair, verdict: Verdict, source: Source[Any], target: Writable[Any, Any]) -> str:
    """Why nothing can be decided on a key: what cannot be read is a fault, and what the target has stays."""
    if isinstance(verdict, SourceError):
        return verdict.reason
    if item.source is None or (isinstance(verdict, Match) and verdict.same):
        return ""
    return target.key_problem(item.key) or source.problem(item.source)


def _match(verdict: Verdict) -> Optional[Match]:
    assert not isinstance(verdict, SourceError)  # _problem has words for those
    return verdict


def _unread(item: Pair, reason: str, source: Source[Any], plan: SyncPlan) -> ObjectAction:
    plan.faults.append(SourceFault(source.shown(item.source), item.key, reason))
    return ObjectAction(KEEP, plan.direction.stuck, item.key, item.target.size if item.target else 0)


def _judged(pairs: Iterator[Pair], *, comparer: Comparer, workers: int) -> Iterator[tuple[Pair, Verdict]]:
    """Each pair with its comparison, in order; files that must be read are read in parallel."""
    waiting: deque[tuple[Pair, Union[Verdict, Future[Verdict]]]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for item in pairs:
            verdict: Union[Verdict, Future[Verdict]] = None
            if item.source is not None and item.target is not None:
                verdict = comparer.quick(item.source, item.target)
                if verdict is None:
                    verdict = pool.submit(_thorough, comparer, item)
            if not waiting and not isinstance(verdict, Future):
                yield item, verdict
                continue
            waiting.append((item, verdict))
            while waiting and (len(waiting) > WINDOW or _ready(waiting[0][1])):
                yield _settled(*waiting.popleft())
        while waiting:
            yield _settled(*waiting.popleft())


def _ready(verdict: Union[Verdict, Future[Verdict]]) -> bool:
    return not isinstance(verdict, Future) or verdict.done()


def _settled(item: Pair, verdict: Union[Verdict, Future[Verdict]]) -> tuple[Pair, Verdict]:
    return item, verdict.result() if isinstance(verdict, Future) else verdict


def _thorough(comparer: Comparer, item: Pair) -> Verdict:
    try:
        return comparer.thorough(item.source, item.target)
    except SourceError as error:
        return error


def _refuse_unmatched(source: Source[Any]) -> None:
    if source.unmatched and source.unmatched_action == "fail":
        raise InvalidInputError(
            f"map the {source.listing.thing}s of {source.where} to keys",
            f"{len(source.unmatched)} do not match key_pattern: {some(source.unmatched)}",
            "Exclude them, or set unmatched to skip or keep. Nothing was changed.",
        )


def _refuse_conflicts(conflicts: list[str], where: str, direction: Direction) -> None:
    if conflicts:
        raise RefusedError(
            f"write to {where}",
            f"existing is fail, and {len(conflicts)} {direction.things} have other content: {some(conflicts)}",
            "Nothing was changed.",
        )


def _settle_removals(plan: SyncPlan, removals: Spool[ObjectAction], *, observe: Callable[[ObjectAction], None]) -> None:
    """Removals stay planned only when the source was read whole."""
    if plan.faults:
        for action in removals:
            kept = action._replace(action=KEEP, reason="removal withheld: the source was not read whole")
            plan.totals.move(action, kept)
            observe(kept)
        return
    for action in removals:
        observe(action)
    plan.removals = removals


def some(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
