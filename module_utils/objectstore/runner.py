"""The only place that touches ``AnsibleModule``: check mode, diff, results and errors."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Optional

from ansible.module_utils.basic import AnsibleModule, _load_params, env_fallback, missing_required_lib

from .values.arguments import connection_of, given_problems, shape_problems
from .values.change import Action, Plan, Report
from .values.errors import InvalidInputError, ObjectStoreError

if TYPE_CHECKING:
    from .servers.store import Store


def connection_arguments() -> dict[str, Any]:
    """The argument spec of the options that the doc fragment ``minio`` describes."""
    return {
        "endpoint": {"type": "str", "fallback": (env_fallback, ["MINIO_ENDPOINT"])},
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
    }


def _loose(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same options without a shape, so that Ansible takes whatever was given, and still hides what it must."""
    return {name: {"type": "raw", "no_log": bool(option.get("no_log"))} for name, option in spec.items()}


class Runner:
    """A module's run: its parameters, its store, and its end.

    Used as ``with Runner(argument_spec) as run:``; an ``ObjectStoreError`` that leaves the block ends
    the module with one message, and with what had been done until then.
    """

    def __init__(self, arguments: Mapping[str, Any], *, connects: bool = True, **constraints: Any) -> None:
        spec = {**(connection_arguments() if connects else {}), **arguments}
        misshapen = next(shape_problems(spec, _load_params()), "")
        if misshapen:
            told = InvalidInputError("use the parameters of this task", misshapen)
            AnsibleModule(argument_spec=_loose(spec)).fail_json(msg=str(told), changed=False)
        self.module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **constraints)
        self.params: dict[str, Any] = self.module.params
        self.check_mode: bool = self.module.check_mode
        self._done: list[dict[str, Any]] = []
        problem = next(given_problems(spec, _load_params()), "")
        if problem:
            self.fail(str(InvalidInputError("use the parameters of this task", problem)))

    def __enter__(self) -> Runner:  # noqa: PYI034  # Self is of Python 3.11
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
            f"{'What had been done until then is in applied. ' if self._done else ''}"
            "Please report it with the task, and with the traceback that -vvv shows.",
            **(shown if self.module._verbosity >= 3 else {}),  # noqa: SLF001
        )

    def store(self) -> Store:
        """The store that the parameters name. Fails the module where the ``minio`` library is missing."""
        connection = connection_of(self.params)
        try:
            from .servers.store import Store  # noqa: PLC0415  # the library may be missing on this host
        except ImportError as error:
            if (error.name or "").split(".")[0] not in ("minio", "urllib3", "certifi"):
                raise
            self.module.fail_json(
                msg=missing_required_lib("minio", url="https://pypi.org/project/minio/"),
                exception=traceback.format_exc(),
            )
        if connection.secure and not connection.validate_certs:
            self.warn("validate_certs is off: anyone between this host and the store can read and change the traffic.")
        return Store(connection)

    def warn(self, message: str) -> None:
        """Show a warning with the task."""
        self.module.warn(message)

    def finish(
        self,
        plan: Plan,
        apply: Callable[[Plan], Iterable[Action]],
        **returns: Any,
    ) -> None:
        """Carry the plan out, unless in check mode, and end the module."""
        self.carry_out(plan, apply)
        self.exit(changed=plan.changed, diff=plan.diff(), actions=plan.as_list(), **returns)

    def carry_out(self, plan: Plan, apply: Callable[[Plan], Iterable[Action]]) -> None:
        """Carry the plan out, unless in check mode."""
        if not self.check_mode:
            for action in apply(plan):
                self._done.append(action.as_dict())

    def finish_with(self, report: Report) -> None:
        """End the module with what was done; well, or with the report's failure."""
        for warning in report.warnings:
            self.warn(warning)
        if report.failure:
            self.fail(report.failure, **{"changed": report.changed, **report.returns})
        self.exit(changed=report.changed, diff=report.diff, **report.returns)

    def exit(self, *, changed: bool, diff: Optional[Any] = None, **returns: Any) -> None:
        """End the module well."""
        shown = {"diff": diff} if diff is not None and self.module._diff else {}  # noqa: SLF001
        self.module.exit_json(changed=changed, **shown, **returns)

    def fail(self, message: str, **returns: Any) -> None:
        """End the module with a message, and with the actions that had been done until then."""
        done = {"applied": self._done} if self._done else {}
        self.module.fail_json(msg=message, **{"changed": bool(self._done), **done, **returns})
