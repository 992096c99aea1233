"""The only place that touches ``AnsibleModule``: check mode, diff, lists, results and errors."""

from __future__ import annotations

import traceback
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import Any, Callable, Iterable, Mapping, Optional, TypeVar

from ansible.module_utils.basic import AnsibleModule, _load_params, env_fallback
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import (
    check_mutually_exclusive,
    check_required_arguments,
    check_required_if,
)

from .values.arguments import given_problems, shape_problems
from .values.change import Action, Plan, Report
from .values.errors import InvalidInputError, ObjectStoreError
from .values.model import Connection
from .values.steps import Job, Kind, Many, Step, Stores, Work, attempt, each
from .values.visible import visible, visible_lines

S = TypeVar("S")


def connection_arguments() -> dict[str, Any]:
    """The argument spec of the options that the doc fragment ``minio`` describes."""
    return {
        "endpoint": {"type": "list", "elements": "str", "fallback": (env_fallback, ["MINIO_ENDPOINT"])},
        "access_key": {"type": "str", "no_log": False, "fallback": (env_fallback, ["MINIO_ACCESS_KEY"])},
        "secret_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["MINIO_SECRET_KEY"])},
        "session_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["MINIO_SESSION_TOKEN"])},
        "region": {"type": "str"},
        "ca_cert": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "server_name": {"type": "str"},
        "timeout": {"type": "float", "default": 60.0},
        "retries": {"type": "int", "default": 5},
        "sign_payloads": {"type": "bool", "default": False},
    }


def _loose(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same options without a shape, so that Ansible takes whatever was given, and still hides what it must."""
    return {name: {"type": "raw", "no_log": bool(option.get("no_log"))} for name, option in spec.items()}


class Runner:
    """A module's run: its parameters, its store, and its end.

    Used as ``with Runner(argument_spec) as run:``; an ``ObjectStoreError`` that leaves the block ends
    the module with one message.

    :param many: the list option of a module that takes one
    :param mutually_exclusive: as ``AnsibleModule`` takes it; with a list, what each item is checked for
    :param required_if: the same
    """

    def __init__(
        self,
        arguments: Mapping[str, Any],
        *,
        connects: bool = True,
        many: Optional[Many] = None,
        mutually_exclusive: Any = (),
        required_if: Any = (),
    ) -> None:
        connection = connection_arguments() if connects else {}
        self._many = many
        self._single = arguments
        self._exclusive = mutually_exclusive
        self._required_if = required_if
        spec = {**connection, **(many.arguments(arguments, connection) if many else arguments)}
        misshapen = next(shape_problems(spec, _load_params() or {}), "")  # None where a module is only looked at
        if misshapen:
            told = InvalidInputError("use the parameters of this task", misshapen)
            AnsibleModule(argument_spec=_loose(spec)).fail_json(msg=str(told), changed=False)
        self.module = AnsibleModule(
            argument_spec=spec,
            supports_check_mode=True,
            mutually_exclusive=[(many.needs[0], many.option)] if many else [],
            required_one_of=[(many.needs[0], many.option)] if many else [],
        )
        self.params: dict[str, Any] = self.module.params
        self.check_mode: bool = self.module.check_mode
        self._stores = Stores()
        self._steps: list[Step] = []
        problem = next(given_problems(spec, _load_params() or {}), "")
        if problem:
            self.fail(str(InvalidInputError("use the parameters of this task", problem)))
        if self._items is None:
            self._check(self.params)

    def __enter__(self) -> Runner:  # noqa: PYI034  # Self is of Python 3.11
        for store in ("", "dest_"):
            secure = any(one.startswith("https://") for one in self.params.get(f"{store}endpoint") or ())
            if secure and self.params.get(f"{store}validate_certs") is False:
                told = "anyone between this host and the store can read and change the traffic"
                self.warn(f"{store}validate_certs is off: {told}.")
        return self

    def __exit__(self, kind: object, error: Optional[BaseException], trace: object) -> None:
        if isinstance(error, ObjectStoreError):
            self.fail(str(error))
        if isinstance(error, Exception):
            self._fail_unforeseen(error)

    def _fail_unforeseen(self, error: Exception) -> None:
        """The last line of defence: what nobody foresaw becomes one message, and at ``-vvv`` where it came from.

        The error's own words are left out of both: they may hold a secret that Ansible does not know of.
        """
        frames = traceback.extract_tb(error.__traceback__)
        file = "/".join(frames[-1].filename.split("/")[-2:])
        shown = {"traceback": [*traceback.format_list(frames), type(error).__name__]}
        self.fail(
            f"This is a fault of the module, not of the task: {type(error).__name__} in {file}, "
            f"line {frames[-1].lineno}. "
            f"{'What had been done until then is in applied. ' if self._done() else ''}"
            "Please report it with the task, and with the traceback that -vvv shows.",
            **(shown if self.module._verbosity >= 3 else {}),  # noqa: SLF001
        )

    def store(self, kind: Callable[[Connection], S], other: Mapping[str, Any] = MappingProxyType({})) -> S:
        """The store that the parameters name, with the verbs that the work takes.

        :param other: parameters of the connection that are others for this store
        """
        return self._step(self.params).store(kind, other)

    def warn(self, message: str) -> None:
        """Show a warning with the task."""
        self.module.warn(visible(message))

    def do(self, work: Work) -> None:
        """Do the work for the parameters, or for each item of the list, and end the module."""
        items = self._items
        if items is None or self._many is None:
            self.finish_with(attempt(self._step(self.params), work))
            return
        for item in items:
            self._check(item, f" (in {self._many.option})")
        self.finish_with(each([Job(str(item[self._many.label]), self._step(item), work) for item in items]))

    def look_at(self, jobs: Iterable[Job]) -> None:
        """Do each dry run, and end the module, which has changed nothing."""
        self.finish_with(replace(each(list(jobs)), changed=False, diff=None))

    def look(self, label: str, credentials: Mapping[str, Any], kind: Kind, options: Mapping[str, Any]) -> Job:
        """The dry run of another module that takes these options, with the connection of this task.

        :param credentials: options with somebody's, where they are not those of the task
        """
        problem = next(chain(shape_problems(kind.arguments, options), given_problems(kind.arguments, options)), "")
        if problem:
            self._refuse(label, problem)
        validated = ArgumentSpecValidator(dict(kind.arguments), mutually_exclusive=kind.exclusive).validate(options)
        if validated.error_messages:
            self._refuse(label, "; ".join(validated.error_messages))
        connection = {name: self.params[name] for name in connection_arguments()}
        params = {**connection, **validated.validated_parameters, **credentials}
        return Job(label, self._step(params, check_mode=True), kind.work)

    def _refuse(self, label: str, problem: str) -> None:
        self.fail(str(InvalidInputError(f"use the options of {label}", problem)))

    def finish(self, plan: Plan, apply: Callable[[Plan], Iterable[Action]], **returns: Any) -> None:
        """Carry the plan out, unless in check mode, and end the module."""
        self.finish_with(attempt(self._step(self.params), lambda step: step.carried_out(plan, apply, **returns)))

    def finish_with(self, report: Report) -> None:
        """End the module with what was done; well, or with the report's failure."""
        for warning in report.warnings:
            self.warn(warning)
        if report.failure:
            self.fail(report.failure, **{"changed": report.changed, **report.returns})
        self.exit(changed=report.changed, diff=report.diff, **report.returns)

    def exit(self, *, changed: bool, diff: Optional[Any] = None, **returns: Any) -> None:
        """End the module well."""
        self._warn_of_stores()
        shown = {"diff": visible_lines(diff)} if diff is not None and self.module._diff else {}  # noqa: SLF001
        self.module.exit_json(changed=changed, **shown, **returns)

    def fail(self, message: str, **returns: Any) -> None:
        """End the module with a message, and with the actions that had been done until then."""
        self._warn_of_stores()
        done = self._done()
        applied = {"applied": done} if done else {}
        self.module.fail_json(msg=visible(message), **{"changed": bool(done), **applied, **returns})

    def _warn_of_stores(self) -> None:
        for warning in self._stores.warnings():
            self.warn(warning)

    @property
    def _items(self) -> Optional[list[dict[str, Any]]]:
        return self._many.items(self.params) if self._many else None

    def _step(self, params: Mapping[str, Any], *, check_mode: bool = False) -> Step:
        step = Step(params, check_mode=check_mode or self.check_mode, stores=self._stores)
        self._steps.append(step)
        return step

    def _done(self) -> list[dict[str, Any]]:
        return [action for step in self._steps for action in step.done]

    def _check(self, params: Mapping[str, Any], where: str = "") -> None:
        """What Ansible checks of a module's parameters where there is no list."""
        given = {name: value for name, value in params.items() if value is not None}
        try:
            check_required_arguments(self._single, given)
            check_mutually_exclusive(self._exclusive, given)
            check_required_if(self._required_if, given)
        except TypeError as error:
            self.fail(f"{error}{where}")
