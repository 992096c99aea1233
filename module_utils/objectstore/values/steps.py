"""A module's work in steps: one for the options of a task, or one for each item of its list.

Ansible's loops start a Python on the host for every item, which takes longer than the item's work. A module that takes
a list does the same in one: each item has an outcome and a diff of its own, an item that fails leaves the others to go
on, and what was done is told with it.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional, Sequence, TypeVar

from .arguments import Arguments, connection_of
from .change import Action, Plan, Report
from .errors import ObjectStoreError, UnreachableError
from .model import Connection

S = TypeVar("S")

#: What a module returns of its items. Not ``results``: Ansible takes those for a loop's, and no_log does not hide them.
OUTCOMES = "outcomes"


class Many(NamedTuple):
    """The list option of a module, of which each item has the options of the module itself.

    :param option: its name
    :param needs: what is required of each item, and beside the list where there is none
    :param label: the option whose value names an item in the output
    :param own_credentials: whether an item may have its own, beside those of the task
    """

    option: str
    needs: tuple[str, ...]
    label: str
    own_credentials: bool = False

    def arguments(self, single: Arguments, connection: Arguments) -> dict[str, Any]:
        """The argument spec with the list; an item inherits what stands beside it, so it has no defaults."""
        names = ("access_key", "secret_key", "session_token") if self.own_credentials else ()
        item = {**single, **{name: connection[name] for name in names}}
        bare = {name: _without(spec, "default", "fallback", "required") for name, spec in item.items()}
        options = {name: {**spec, "required": True} if name in self.needs else spec for name, spec in bare.items()}
        beside = {name: _without(spec, "required") if name in self.needs else spec for name, spec in single.items()}
        # what is secret in an item is so by its own spec
        return {**beside, self.option: {"type": "list", "elements": "dict", "no_log": False, "options": options}}

    def items(self, params: Mapping[str, Any]) -> Optional[list[dict[str, Any]]]:
        """The options of each item with those beside the list; ``None`` where there is no list."""
        if params[self.option] is None:
            return None
        common = {name: value for name, value in params.items() if name != self.option}
        return [
            {**common, **{name: value for name, value in item.items() if value is not None}}
            for item in params[self.option]
        ]


def _without(spec: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key not in keys}


class Stores:
    """The stores of a run, one for each way to reach one."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, Connection], Any] = {}

    def get(self, kind: Callable[[Connection], S], connection: Connection) -> S:
        """The store of this kind, opened when it is asked for first."""
        if (kind, connection) not in self._open:
            self._open[kind, connection] = kind(connection)
        store: S = self._open[kind, connection]
        return store

    def warnings(self) -> list[str]:
        """What the stores have to say of how they were reached, each once."""
        return list(dict.fromkeys(word for store in self._open.values() for word in getattr(store, "warnings", ())))


class Step:
    """One piece of work, with its own options."""

    def __init__(self, params: Mapping[str, Any], *, check_mode: bool, stores: Stores) -> None:
        self.params = params
        self.check_mode = check_mode
        self.done: list[dict[str, Any]] = []
        self._stores = stores

    def store(self, kind: Callable[[Connection], S], credentials: Mapping[str, Any] = MappingProxyType({})) -> S:
        """The store that the options name, with the verbs that the work takes.

        :param credentials: whose they are, where they are not those of the options
        :raises MissingLibraryError: where this host's Python has no library for it
        """
        return self._stores.get(kind, connection_of({**self.params, **credentials}))

    def carry_out(self, plan: Plan, apply: Callable[[Plan], Iterable[Action]]) -> None:
        """Carry the plan out, unless in check mode."""
        if not self.check_mode:
            for action in apply(plan):
                self.done.append(action.as_dict())

    def carried_out(self, plan: Plan, apply: Callable[[Plan], Iterable[Action]], **returns: Any) -> Report:
        """The report of a plan that is carried out, unless in check mode."""
        self.carry_out(plan, apply)
        return Report(plan.changed, plan.diff(), {"actions": plan.as_list(), **returns})


Work = Callable[[Step], Report]


class Kind(NamedTuple):
    """What a module does: its argument spec without a connection, its work, and which options exclude each other.

    ``credentials`` is the option that takes somebody's, where it is another than those of the connection.
    """

    arguments: Arguments
    work: Work
    exclusive: Sequence[tuple[str, str]] = ()
    credentials: str = ""


class Job(NamedTuple):
    """One item: what it is called in the output, its step, and what is done."""

    label: str
    step: Step
    work: Work


def attempt(step: Step, work: Work) -> Report:
    """Do the work; an error becomes a report of what had been done until then."""
    try:
        return work(step)
    except ObjectStoreError as error:
        done = {"applied": step.done} if step.done else {}
        return Report(bool(step.done), None, done, failure=str(error), final=isinstance(error, UnreachableError))


def each(jobs: Sequence[Job]) -> Report:
    """Do each, and report of all. One that cannot reach the store is the last."""
    outcomes: list[dict[str, Any]] = []
    reports: list[Report] = []
    for position, job in enumerate(jobs, start=1):
        report = attempt(job.step, job.work)
        if report.final and position < len(jobs):
            left = ", ".join(job.label for job in jobs[position:])
            report = replace(report, failure=f"{report.failure} Not tried after that: {left}.")
        reports.append(report)
        outcomes.append(_outcome(job.label, report))
        if report.final:
            break
    return _together(reports, outcomes)


def _together(reports: Sequence[Report], outcomes: list[dict[str, Any]]) -> Report:
    """One report of all: their outcomes, and the diff of each that changed."""
    diffs: list[Any] = []
    for report in reports:
        if report.changed and report.diff is not None:
            diffs += report.diff if isinstance(report.diff, list) else [report.diff]
    return Report(
        changed=any(report.changed for report in reports),
        diff=diffs,
        returns={OUTCOMES: outcomes},
        failure=" ".join(dict.fromkeys(report.failure for report in reports if report.failure)),
        warnings=tuple(warning for report in reports for warning in report.warnings),
    )


def _outcome(label: str, report: Report) -> dict[str, Any]:
    failed = {"failed": True, "msg": report.failure} if report.failure else {}
    return {"item": label, "changed": report.changed, **failed, **report.returns}
