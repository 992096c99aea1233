"""A plan: what would change, from what, to what. Check mode reports it; a real run carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Action:
    """One step.

    :param verb: ``create``, ``update`` or ``remove``
    :param subject: what is changed within the target, e.g. ``versioning``
    :param before: its value now, ``None`` when it does not exist
    :param after: its value afterwards, ``None`` when it is removed
    """

    verb: str
    subject: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """The action as a module returns it."""
        return {"action": self.verb, "subject": self.subject, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class Plan:
    """The actions that lead from the current to the wanted state, in the order of execution.

    :param target: what the plan is about, e.g. ``bucket geocrop-models``
    """

    target: str
    actions: tuple[Action, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.actions)

    def as_list(self) -> list[dict[str, Any]]:
        """The actions as a module returns them."""
        return [action.as_dict() for action in self.actions]

    def diff(self) -> Any:
        """The plan in the form that ``ansible-playbook --diff`` prints: a dictionary, or a list of them."""
        return {
            "before_header": self.target,
            "after_header": self.target,
            "before": {action.subject: action.before for action in self.actions if action.before is not None} or "",
            "after": {action.subject: action.after for action in self.actions if action.after is not None} or "",
        }


def update(subject: str, before: Any, after: Any) -> tuple[Action, ...]:
    """The action that turns ``before`` into ``after``: none where they are equal."""
    if before == after:
        return ()
    verb = "create" if before is None else "remove" if after is None else "update"
    return (Action(verb, subject, before, after),)


@dataclass(frozen=True)
class Report:
    """How a module ends, or one step of it.

    :param returns: what the module returns besides ``changed`` and ``diff``
    :param failure: the message to fail with, empty when all went well
    :param final: whether the failure is that of every step that would follow
    """

    changed: bool
    diff: Any
    returns: dict[str, Any]
    failure: str = ""
    warnings: tuple[str, ...] = ()
    final: bool = False

    def warning(self, *warnings: str) -> Report:
        """The same with these warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))
