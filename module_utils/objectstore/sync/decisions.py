"""The plan of a sync: two sorted listings merged, and a decision for each key. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, NamedTuple, Optional

from ..trees.compare import Match
from ..trees.verbs import Entry
from ..values.errors import InvalidInputError, RefusedError, UnsupportedError
from ..values.model import JsonDict
from .directions import UPLOAD, Direction

#: What is done with a key beside the verb of the direction, in the order in which a summary names them.
REPLACE, ADOPT, KEEP, DELETE = "replace", "adopt", "keep", "delete"

#: Why an entry stays, where that is no news.
EXTRANEOUS = "not in the source"
QUIET_REASONS = (EXTRANEOUS, Match.KNOWN.value, Match.SAME_SIZE.value)


class Pair(NamedTuple):
    """A key that is on either side or on both."""

    key: str
    source: Optional[Entry]
    target: Optional[Entry]

    @property
    def etag(self) -> str:
        """What the store knows the content by: that of the object, or of the one that is brought in step."""
        return getattr(self.target, "etag", "") or getattr(self.source, "etag", "")


class ObjectAction(NamedTuple):
    """What happens to a key of the target, and why.

    ``size`` in bytes: of the source's entry, or of the target's that goes or stays alone. ``item`` is the source's.
    """

    action: str
    reason: str
    key: str
    size: int
    item: Optional[Entry] = None
    etag: str = ""

    @property
    def writes(self) -> bool:
        """Whether the target changes."""
        return self.action not in (ADOPT, KEEP)

    @property
    def notable(self) -> bool:
        """Whether it is worth a line: all but what stays because nothing is to be done."""
        return self.action != KEEP or self.reason not in QUIET_REASONS

    @property
    def sends(self) -> bool:
        """Whether content is brought over."""
        return self.action not in (ADOPT, KEEP, DELETE)

    def as_dict(self) -> JsonDict:
        """The form of results and logs, the same for a dry run and a real one."""
        shown: JsonDict = {"key": self.key, "action": self.action, "reason": self.reason, "size": self.size}
        if self.etag and not self.sends:
            shown["etag"] = self.etag
        return shown


@dataclass(frozen=True)
class SyncRules:
    """What the user decided. ``delete_limit`` is a number, or a share of what the target holds."""

    existing: str = "replace"
    delete: bool = False
    delete_limit: str = "25%"

    def __post_init__(self) -> None:
        self.most_removals(0)

    def most_removals(self, objects: int) -> int:
        """How many of ``objects`` may go.

        :raises InvalidInputError: when the limit is neither a number nor a percentage
        """
        text = self.delete_limit.strip()
        share = text.endswith("%")
        try:
            number = float(text[:-1]) if share else int(text)
        except ValueError:
            number = -1
        if not (0 <= number <= 100 if share else number >= 0):  # not a number is neither
            raise InvalidInputError(
                f"use the delete_limit {self.delete_limit!r}",
                "it is neither a number nor a percentage",
                'Write "25%" or 100.',
            )
        return int(objects * number / 100) if share else int(number)


def pair(source: Iterable[Entry], target: Iterable[Entry]) -> Iterator[Pair]:
    """Merge two iterables sorted by key; each is read once, one item ahead.

    Code points sort as their UTF-8 bytes do, so ``str`` comparison is S3's order.

    :raises UnsupportedError: when one is not sorted: a merge would take what it passed over as missing
    """
    here, there = _in_order(source), _in_order(target)
    mine, theirs = next(here, None), next(there, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and mine.key < theirs.key):
            yield Pair(mine.key, mine, None)  # type: ignore[union-attr]  # one of the two is there
            mine = next(here, None)
        elif mine is None or theirs.key < mine.key:
            yield Pair(theirs.key, None, theirs)
            theirs = next(there, None)
        else:
            yield Pair(mine.key, mine, theirs)
            mine, theirs = next(here, None), next(there, None)


def _in_order(entries: Iterable[Entry]) -> Iterator[Entry]:
    last = ""
    for item in entries:
        if item.key <= last:
            raise UnsupportedError(
                "compare the source with the bucket",
                f"{item.key} is listed after {last}, not sorted by the bytes of keys",
                "S3 directory buckets do so; use a general purpose bucket.",
            )
        last = item.key
        yield item


def decide(item: Pair, match: Optional[Match], rules: SyncRules, direction: Direction = UPLOAD) -> ObjectAction:
    """The action for a key. ``match`` is the comparison's answer where both sides are there."""
    key, source, target = item
    if source is None:
        assert target is not None
        return ObjectAction(DELETE if rules.delete else KEEP, EXTRANEOUS, key, target.size, None, item.etag)
    if target is None or match is None:
        return ObjectAction(direction.verb, "new", key, source.size, source)
    if match.same:
        action = ADOPT if match is Match.READ else KEEP
        return ObjectAction(action, match.value, key, source.size, source, item.etag)
    action = KEEP if match is Match.UNVERIFIABLE or rules.existing == "keep" else REPLACE
    return ObjectAction(action, match.value, key, source.size, source, item.etag)


@dataclass
class Totals:
    """Counts and bytes by action."""

    verb: str = UPLOAD.verb
    scanned: int = 0
    unchanged: int = 0
    extraneous: int = 0
    count: dict[str, int] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for action in (self.verb, REPLACE, ADOPT, KEEP, DELETE):
            self.count[action] = self.size[action] = 0

    @property
    def bytes_sent(self) -> int:
        """Bytes that are brought over."""
        return self.size[self.verb] + self.size[REPLACE]

    def add(self, item: Pair, action: ObjectAction) -> None:
        """Count a planned action."""
        self.count[action.action] += 1
        self.size[action.action] += action.size
        self.scanned += item.source is not None
        self.unchanged += action.item is not None and action.action == KEEP
        self.extraneous += item.source is None and action.action == KEEP

    def by_action(self) -> JsonDict:
        """Objects and bytes by action, as planned."""
        return {action: {"objects": self.count[action], "bytes": self.size[action]} for action in self.count}

    def move(self, planned: ObjectAction, instead: ObjectAction) -> None:
        """Count ``instead`` in place of ``planned``."""
        self.count[planned.action] -= 1
        self.size[planned.action] -= planned.size
        self.count[instead.action] += 1
        self.size[instead.action] += instead.size
        self.extraneous += 1


@dataclass
class Extent:
    """How much there is on both sides, the shares of all shards together: what removals are judged by.

    ``foreign`` are the extraneous entries of this shard that no naming of the sync can have made.
    """

    wanted: int = 0
    present: int = 0
    extraneous: int = 0
    foreign: int = 0

    def add(self, item: Pair) -> None:
        """Count a key."""
        self.wanted += item.source is not None
        self.present += item.target is not None
        self.extraneous += item.source is None


def check_removals(extent: Extent, rules: SyncRules, where: str, direction: Direction = UPLOAD) -> None:
    """Refuse a removal that looks like an accident; judged on the whole plan, before the first write.

    Every shard comes to the same answer, since each judges the removals of all.

    :raises RefusedError: when the source has nothing at all, or more would go than ``delete_limit`` allows
    """
    removals = extent.extraneous
    if not (rules.delete and removals):
        return
    attempted = f"remove {removals} of {extent.present} {direction.things} from {where}"
    if not extent.wanted:
        raise RefusedError(attempted, f"the source has no matching {direction.wanted}", direction.check_source)
    most = rules.most_removals(extent.present)
    if removals > most:
        raise RefusedError(
            attempted,
            f"delete_limit {rules.delete_limit} allows {most}",
            "Check the source, then raise delete_limit if this is meant. Nothing was changed.",
        )
