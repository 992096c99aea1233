"""What is measured, and who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from .contenders import Contender, Way
from .ours import COPYING_ENGINE, ENGINE, ENGINE_WITHOUT_ISAL, FETCHING_ENGINE, FETCHING_FLOOR, FLOOR, PLAYBOOK
from .passes import PASSES
from .peers import (
    AWS,
    FETCHING_MC,
    FETCHING_RCLONE,
    FETCHING_S5CMD,
    MC,
    RCLONE,
    RCLONE_CHECKSUM,
    S3_SYNC,
    S5CMD,
    turned,
)
from .trees import Tree


class Kind(Enum):
    """The state of the bucket, or of the folder, before a run."""

    COLD = "nothing in the bucket"
    NOOP = "nothing to do"
    CHANGED = "one file changed, its size and time kept"
    FETCH = "fetched into an empty folder"
    FETCH_AGAIN = "fetched, nothing to do"
    COPY = "copied into an empty bucket of the same store"


@dataclass(frozen=True)
class Scenario:
    """One table. Where ``archived`` is set, the objects come from archives, and all contenders share a bucket.

    ``round_trip`` in ms: the store is so far away, at the end of a line of 100 Mbit/s.
    """

    name: str
    kind: Kind
    tree: Tree
    contenders: Sequence[Contender]
    tls: bool = False
    archived: bool = False
    round_trip: int = 0

    @property
    def title(self) -> str:
        """The heading."""
        far = f", {self.round_trip} ms and 100 Mbit/s away" if self.round_trip else ""
        return f"{self.tree.text}, {self.kind.value}{', over TLS' if self.tls else ''}{far}"


_LARGE = Tree("large", files=16, size=60 << 20, width=16)
_SMALL = Tree("small", files=5_000, size=4 << 10, width=500)
_MANY = Tree("many", files=200_000, size=100, width=1_000)

#: Where nothing is in the bucket, ``rclone sync --checksum`` does what ``rclone sync`` does.
_COLD = (FLOOR, ENGINE, PLAYBOOK, MC, RCLONE, S5CMD, AWS, S3_SYNC)
#: CRC-32 is computed of what is uploaded, so what computes it matters where there is much of that.
_COLD_LARGE = (*_COLD[:2], ENGINE_WITHOUT_ISAL, *_COLD[2:])
_AGAIN = (ENGINE, PLAYBOOK, MC, RCLONE, RCLONE_CHECKSUM, S5CMD, AWS, S3_SYNC)
_FETCHING = (FETCHING_FLOOR, FETCHING_ENGINE, FETCHING_MC, FETCHING_RCLONE, FETCHING_S5CMD)

SCENARIOS = (
    Scenario("cold-large", Kind.COLD, _LARGE, _COLD_LARGE),
    Scenario("cold-small", Kind.COLD, _SMALL, _COLD),
    Scenario("noop-small", Kind.NOOP, _SMALL, _AGAIN),
    Scenario("changed-small", Kind.CHANGED, _SMALL, _AGAIN[:-1]),
    Scenario("noop-many", Kind.NOOP, _MANY, (ENGINE, PLAYBOOK, MC, RCLONE_CHECKSUM), archived=True),
    Scenario("cold-large-tls", Kind.COLD, _LARGE, _COLD_LARGE, tls=True),
    Scenario("cold-small-tls", Kind.COLD, _SMALL, (FLOOR, ENGINE, PLAYBOOK, MC, RCLONE, S5CMD), tls=True),
    Scenario("fetch-large", Kind.FETCH, _LARGE, _FETCHING),
    Scenario("fetch-small", Kind.FETCH, _SMALL, _FETCHING),
    Scenario("fetch-noop-small", Kind.FETCH_AGAIN, _SMALL, _FETCHING[1:]),
)

#: From far away little is enough to see how many requests wait for each other.
_FAR_LARGE = Tree("far-large", files=4, size=16 << 20, width=4)
_FAR_SMALL = Tree("far-small", files=600, size=4 << 10, width=200)
_FAR_COPY = Tree("far-copy", files=200, size=4 << 10, width=200)
_FAR = (ENGINE, MC, RCLONE, S5CMD, AWS)
_FAR_BACK = (FETCHING_ENGINE, FETCHING_MC, FETCHING_RCLONE, FETCHING_S5CMD, turned(AWS, Way.FETCH))
_FAR_ON = (COPYING_ENGINE, *(turned(peer, Way.COPY) for peer in _FAR[1:]))

#: Run by ``--far`` alone, or by their names.
FAR = tuple(
    Scenario(f"far-{name}-{round_trip}", kind, tree, contenders, round_trip=round_trip)
    for round_trip in (20, 100)
    for name, kind, tree, contenders in (
        ("cold-large", Kind.COLD, _FAR_LARGE, _FAR),
        ("cold-small", Kind.COLD, _FAR_SMALL, _FAR),
        ("noop-small", Kind.NOOP, _FAR_SMALL, _FAR),
        ("changed-small", Kind.CHANGED, _FAR_SMALL, _FAR),
        ("fetch-large", Kind.FETCH, _FAR_LARGE, _FAR_BACK),
        ("fetch-small", Kind.FETCH, _FAR_SMALL, _FAR_BACK),
        ("fetch-noop-small", Kind.FETCH_AGAIN, _FAR_SMALL, _FAR_BACK),
        ("copy-small", Kind.COPY, _FAR_COPY, _FAR_ON),
    )
)

#: Idle runs over these say how time and memory grow; docs/scale.md has them.
_GROWING = tuple(
    Tree(name, files=files, size=100, width=1_000)
    for name, files in (("10k", 10_000), ("100k", 100_000), ("million", 1_000_000))
)
_HUGE = Tree("huge", files=1, size=50 << 30, width=1, sparse=True)

#: Run by ``--large`` alone, or by their names. The object of 50 GiB comes first, since it needs the room.
LARGE = (
    Scenario("cold-huge", Kind.COLD, _HUGE, (ENGINE, MC)),
    Scenario("cold-many", Kind.COLD, _MANY, (ENGINE, MC, RCLONE, S5CMD)),
    *(
        Scenario(f"noop-{tree.name}", Kind.NOOP, tree, (ENGINE, MC, RCLONE_CHECKSUM, S5CMD), archived=True)
        for tree in _GROWING
    ),
)

#: Those that are not a part of every run, by the option that asks for them.
APART = {"far": FAR, "large": LARGE}

_QUICK = {
    "large": replace(_LARGE, name="quick-large", files=4, size=16 << 20),
    "small": replace(_SMALL, name="quick-small", files=300),
    "many": replace(_MANY, name="quick-many", files=5_000),
    "far-large": replace(_FAR_LARGE, name="quick-far-large", files=2, size=2 << 20),
    "far-small": replace(_FAR_SMALL, name="quick-far-small", files=60),
    "far-copy": replace(_FAR_COPY, name="quick-far-copy", files=20),
    "huge": replace(_HUGE, name="quick-huge", size=64 << 20),
    **{tree.name: replace(tree, name=f"quick-{tree.name}", files=tree.files // 200) for tree in _GROWING},
}


#: All of them, in the order of the page.
EVERY = (*SCENARIOS, *FAR, *LARGE)

#: Headings of all tables, in their order.
TITLES = (*(one.title for one in EVERY), *(one.title for one in PASSES))

Result = TypeVar("Result")


def in_order(results: Mapping[str, Result]) -> dict[str, Result]:
    """What is known of the scenarios, in the order in which they run."""
    names = [*(one.name for one in EVERY), *(one.name for one in PASSES)]
    return {name: results[name] for name in names if name in results}


def quick(scenario: Scenario) -> Scenario:
    """The same with small trees, to see that everything works; its figures say nothing."""
    return replace(scenario, tree=_QUICK[scenario.tree.name])
