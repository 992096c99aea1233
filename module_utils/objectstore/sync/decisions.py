"""The plan of a sync: two sorted listings merged, and a decision for each key. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, NamedTuple, Optional

from ..trees.compare import Match
from ..values.errors import InvalidInputError, RefusedError, UnsupportedError
from ..values.model import JsonDict, LocalFile, RemoteObject

#: In the order in which a summary names them.
ACTIONS = ("upload", "replace", "adopt", "keep", "delete")


#: Why an object stays, where that is no news.
EXTRANEOUS = "not in the source"
QUIET_REASONS = (EXTRANEOUS, Match.KNOWN.value, Match.SAME_SIZE.value)


class Pair(NamedTuple):
    """A key that is on either side or on both."""

    key: str
    local: Optional[LocalFile]
    remote: Optional[RemoteObject]


class ObjectAction(NamedTuple):
    """What happens to a key, and why. ``size`` in bytes: of the file, or of the object that goes or stays alone."""

    action: str
    reason: str
    key: str
    size: int
    local: Optional[LocalFile] = None
    etag: str = ""

    @property
    def writes(self) -> bool:
        """Whether the store changes."""
        return self.action in ("upload", "replace", "delete")

    @property
    def notable(self) -> bool:
        """Whether it is worth a line: all but what stays because nothing is to be done."""
        return self.action != "keep" or self.reason not in QUIET_REASONS

    @property
    def sends(self) -> bool:
        """Whether content is sent."""
        return self.action in ("upload", "replace")

    def as_dict(self) -> JsonDict:
        """The form of results and logs, the same for a dry run and a real one."""
        shown: JsonDict = {"key": self.key, "action": self.action, "reason": self.reason, "size": self.size}
        if self.etag and not self.sends:
            shown["etag"] = self.etag
        return shown


@dataclass(frozen=True)
class SyncRules:
    """What the user decided. ``delete_limit`` is a number, or a share of the objects below the prefix."""

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


def pair(local: Iterable[LocalFile], remote: Iterable[RemoteObject]) -> Iterator[Pair]:
    """Merge two iterables sorted by key; each is read once, one item ahead.

    Code points sort as their UTF-8 bytes do, so ``str`` comparison is S3's order.

    :raises UnsupportedError: when ``remote`` is not sorted: a merge would take what it passed over as missing
    """
    here, there = iter(local), _in_order(remote)
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


def _in_order(remote: Iterable[RemoteObject]) -> Iterator[RemoteObject]:
    last = ""
    for item in remote:
        if item.key <= last:
            raise UnsupportedError(
                "compare the source with the bucket",
                f"the server lists {item.key} after {last}, not sorted by the bytes of keys",
                "S3 directory buckets do so; use a general purpose bucket.",
            )
        last = item.key
        yield item


def decide(item: Pair, match: Optional[Match], rules: SyncRules) -> ObjectAction:
    """The action for a key. ``match`` is the comparison's answer where both sides are there."""
    key, local, remote = item
    if local is None:
        assert remote is not None
        action = "delete" if rules.delete else "keep"
        return ObjectAction(action, EXTRANEOUS, key, remote.size, None, remote.etag)
    if remote is None or match is None:
        return ObjectAction("upload", "new", key, local.size, local)
    if match.same:
        action = "adopt" if match is Match.READ else "keep"
        return ObjectAction(action, match.value, key, local.size, local, remote.etag)
    if match is Match.UNVERIFIABLE or rules.existing == "keep":
        return ObjectAction("keep", match.value, key, local.size, local, remote.etag)
    return ObjectAction("replace", match.value, key, local.size, local, remote.etag)


@dataclass
class Totals:
    """Counts and bytes by action."""

    count: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACTIONS, 0))
    size: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ACTIONS, 0))
    scanned: int = 0
    unchanged: int = 0
    extraneous: int = 0

    def add(self, item: Pair, action: ObjectAction) -> None:
        """Count a planned action."""
        self.count[action.action] += 1
        self.size[action.action] += action.size
        self.scanned += item.local is not None
        self.unchanged += action.local is not None and action.action == "keep"
        self.extraneous += item.local is None and action.action == "keep"

    def by_action(self) -> JsonDict:
        """Objects and bytes by action, as planned."""
        return {action: {"objects": self.count[action], "bytes": self.size[action]} for action in ACTIONS}

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

    ``foreign`` are the extraneous objects of this shard that no naming of the sync can have made.
    """

    files: int = 0
    objects: int = 0
    extraneous: int = 0
    foreign: int = 0

    def add(self, item: Pair) -> None:
        """Count a key."""
        self.files += item.local is not None
        self.objects += item.remote is not None
        self.extraneous += item.local is None


def check_removals(extent: Extent, rules: SyncRules, where: str) -> None:
    """Refuse a removal that looks like an accident; judged on the whole plan, before the first write.

    Every shard comes to the same answer, since each judges the removals of all.

    :raises RefusedError: when the source has no file at all, or more objects would go than ``delete_limit`` allows
    """
    removals = extent.extraneous
    if not (rules.delete and removals):
        return
    attempted = f"remove {removals} of {extent.objects} objects from {where}"
    if not extent.files:
        raise RefusedError(attempted, "the source has no matching file", "Check src, include and exclude.")
    most = rules.most_removals(extent.objects)
    if removals > most:
        raise RefusedError(
            attempted,
            f"delete_limit {rules.delete_limit} allows {most}",
            "Check the source, then raise delete_limit if this is meant. Nothing was changed.",
        )
