"""From a source and a bucket to the plan of a sync: the merge, the comparisons in parallel, the guards."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable, Iterable, Iterator, Optional, Protocol, Union

from ..files.spool import Spool
from ..trees.compare import Match
from ..trees.localfs import readable
from ..trees.source import Source
from ..values.errors import InvalidInputError, RefusedError, SourceError
from ..values.model import LocalFile, RemoteObject, SourceFault
from .decisions import Extent, ObjectAction, Pair, SyncRules, Totals, check_removals, decide, pair
from .shadows import Shadows

#: How many comparisons may wait for their turn.
WINDOW = 256

#: How many names an error lists before it counts.
NAMED = 10

Verdict = Union[None, Match, SourceError]


class Comparer(Protocol):
    """``compare``'s two comparers."""

    def quick(self, local: LocalFile, remote: RemoteObject) -> Optional[Match]:
        """The answer where it takes no reading."""

    def thorough(self, local: LocalFile, remote: RemoteObject) -> Match:
        """The answer, by reading."""


@dataclass
class SyncPlan:
    """What a sync will do. ``writes`` holds uploads and replacements, ``removals`` the rest, both in key order.

    ``hidden`` has the keys of files below the key of an object, and that key; ``remarks`` is what a person should know.
    """

    totals: Totals = field(default_factory=Totals)
    faults: list[SourceFault] = field(default_factory=list)
    unverifiable: int = 0
    hidden: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    writes: Spool[ObjectAction] = field(default_factory=Spool)
    removals: Spool[ObjectAction] = field(default_factory=Spool)


class Target(Protocol):
    """What a plan asks of the end that is brought in step."""

    @property
    def where(self) -> str:
        """Its name, for people."""

    def look(self, key: str) -> Optional[RemoteObject]:
        """One object."""

    def key_problem(self, key: str) -> str:
        """Why no object can have this key; ``""`` where one can."""


def plan_sync(
    source: Source,
    remote: Iterable[RemoteObject],
    *,
    target: Target,
    comparer: Comparer,
    rules: SyncRules,
    workers: int,
    observe: Callable[[ObjectAction], None],
) -> SyncPlan:
    """Plan the whole sync; nothing has been written when this returns or raises.

    ``observe`` is told every action in key order, those that change nothing included.

    :raises InvalidInputError: for files that have no key, or share one
    :raises RefusedError: for removals above the limit, or existing objects where none may be replaced
    """
    plan = SyncPlan()
    conflicts: list[str] = []
    removals: Spool[ObjectAction] = Spool()
    extent = Extent()
    shadows = Shadows(target.look)
    share = _share(shadows.revealed(pair(source.entries(), remote)), source=source, extent=extent)
    for item, verdict in _judged(share, comparer=comparer, workers=workers):
        problem = shadows.refused.get(item.key) or _problem(item, verdict, target)
        action = _unread(item, problem, plan) if problem else decide(item, _match(verdict), rules)
        if rules.existing == "fail" and action.action == "replace":
            conflicts.append(item.key)
        if action.action == "delete":
            removals.append(action)
            plan.totals.add(item, action)
            continue
        plan.totals.add(item, action)
        plan.unverifiable += verdict is Match.UNVERIFIABLE
        if action.sends:
            plan.writes.append(action)
        observe(action)
    plan.faults[:0] = source.faults
    plan.hidden = shadows.hidden
    plan.totals.extraneous += extent.foreign
    plan.remarks = (*source.remarks(), *_foreign(extent, rules))
    _refuse_unmatched(source)
    _refuse_conflicts(conflicts, target.where)
    if not plan.faults:
        check_removals(extent, rules, target.where)
    _settle_removals(plan, removals, observe=observe)
    return plan


def _share(pairs: Iterable[Pair], *, source: Source, extent: Extent) -> Iterator[Pair]:
    """The keys that are this shard's to decide on; ``extent`` counts those of all shards."""
    for item in pairs:
        if item.local is None and not source.concerns(item.key):
            continue
        mine = source.shard.holds(item.key)
        if item.local is None and not source.removable(item.key):
            extent.foreign += mine
            continue
        extent.add(item)
        if mine:
            yield item


def _foreign(extent: Extent, rules: SyncRules) -> tuple[str, ...]:
    if not (rules.delete and extent.foreign):
        return ()
    text = "objects have no file, and are not removed: this sync cannot have made their names (key_pattern)"
    return (f"{extent.foreign} {text}",)


def _problem(item: Pair, verdict: Verdict, target: Target) -> str:
    """Why nothing can be decided on a key: what cannot be read is a fault, and its object stays."""
    if isinstance(verdict, SourceError):
        return verdict.reason
    if item.local is None or (isinstance(verdict, Match) and verdict.same):
        return ""
    return target.key_problem(item.key) or readable(item.local.path) or ""


def _match(verdict: Verdict) -> Optional[Match]:
    assert not isinstance(verdict, SourceError)  # _problem has words for those
    return verdict


def _unread(item: Pair, reason: str, plan: SyncPlan) -> ObjectAction:
    local = item.local
    assert local is not None
    plan.faults.append(SourceFault(local.path, item.key, reason))
    return ObjectAction("keep", "source cannot be read", item.key, item.remote.size if item.remote else 0)


def _judged(pairs: Iterator[Pair], *, comparer: Comparer, workers: int) -> Iterator[tuple[Pair, Verdict]]:
    """Each pair with its comparison, in order; files that must be read are read in parallel."""
    waiting: deque[tuple[Pair, Union[Verdict, Future[Verdict]]]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for item in pairs:
            verdict: Union[Verdict, Future[Verdict]] = None
            if item.local is not None and item.remote is not None:
                verdict = comparer.quick(item.local, item.remote)
                if verdict is None:
                    verdict = pool.submit(_thorough, comparer, item.local, item.remote)
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


def _thorough(comparer: Comparer, local: LocalFile, remote: RemoteObject) -> Verdict:
    try:
        return comparer.thorough(local, remote)
    except SourceError as error:
        return error


def _refuse_unmatched(source: Source) -> None:
    if source.unmatched and source.unmatched_action == "fail":
        raise InvalidInputError(
            f"map the files of {source.folder} to keys",
            f"{len(source.unmatched)} do not match key_pattern: {some(source.unmatched)}",
            "Exclude them, or set unmatched to skip or keep. Nothing was changed.",
        )


def _refuse_conflicts(conflicts: list[str], where: str) -> None:
    if conflicts:
        raise RefusedError(
            f"write to {where}",
            f"existing is fail, and {len(conflicts)} objects have other content: {some(conflicts)}",
            "Nothing was changed.",
        )


def _settle_removals(plan: SyncPlan, removals: Spool[ObjectAction], *, observe: Callable[[ObjectAction], None]) -> None:
    """Removals stay planned only when the source was read whole."""
    if plan.faults:
        for action in removals:
            kept = action._replace(action="keep", reason="removal withheld: the source was not read whole")
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
