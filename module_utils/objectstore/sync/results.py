"""What a sync did, or in a dry run would do, as the module returns it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..values.model import JsonDict
from .decisions import ADOPT, DELETE, REPLACE
from .planner import NAMED, SyncPlan, some
from .transfer import Outcome

#: Failures that a module returns; the log has all.
MOST_FAILURES = 1000


@dataclass
class Results:
    """Counts outcomes."""

    plan: SyncPlan
    failures: list[str] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    bytes_sent: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        action = outcome.action
        if outcome.error:
            self.failures.append(f"{action.key}: {outcome.error}")
            return
        self.count[action.action] += 1
        if action.sends:
            self.bytes_sent += action.size

    @property
    def changed(self) -> bool:
        """Whether the target is, or would be, another."""
        return any(self.count.values())

    def returns(self) -> JsonDict:
        """Counts and bytes."""
        totals, direction = self.plan.totals, self.plan.direction
        return {
            "scanned": totals.scanned,
            direction.done: self.count[direction.verb] + self.count[REPLACE],
            "unchanged": totals.unchanged,
            "adopted": totals.count[ADOPT],
            "deleted": self.count[DELETE],
            "extraneous": totals.extraneous,
            "unverifiable": self.plan.unverifiable,
            f"bytes_{direction.done}": self.bytes_sent,
            "failures": self.failures[:MOST_FAILURES],
            "totals": totals.by_action(),
        }

    def warnings(self) -> tuple[str, ...]:
        """What a person should know besides."""
        return (*self.plan.remarks, *self._hidden())

    def _hidden(self) -> tuple[str, ...]:
        """Files whose object lies below one that is not removed."""
        gone = {action.key for action in self.plan.removals} if self.plan.hidden else set()
        hidden = [f"{key} below {shadow}" for key, shadow in self.plan.hidden.items() if shadow not in gone]
        if not hidden:
            return ()
        text = "No listing shows these objects, since MinIO hides what lies below another object"
        return (f"{text}: {some(hidden)}. Remove the object above.",)

    def message(self, where: str) -> str:
        """What the module's failure says: every failed file by name, up to a number."""
        return f"{len(self.failures)} failed in the sync to {where}: {'; '.join(self.failures[:NAMED])}" + (
            f"; and {len(self.failures) - NAMED} more" if len(self.failures) > NAMED else ""
        )
