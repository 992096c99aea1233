"""Modules whose work the run of Ansible does itself where it is for the workstation: no process, the same code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_required_arguments
from ansible.plugins.action import ActionBase

from .engine import make_importable

make_importable()

from ansible.module_utils.objectstore.values.change import Report  # noqa: E402
from ansible.module_utils.objectstore.values.steps import Job, Many, Step, Stores, Work, attempt, each  # noqa: E402


class HereOrThere(ActionBase):
    """A module run on the host; on the workstation, as its own user, the same work here."""

    _supports_check_mode = True

    def is_here(self) -> bool:
        """Whether the task is for this machine and this user."""
        return bool(self._connection.transport == "local" and not self._connection.become)

    def do_here(self, arguments: Mapping[str, Any], work: Work, many: Many | None = None) -> dict[str, Any]:
        """What the module would return.

        :raises AnsibleActionFail: for options that it would refuse
        """
        single = [(many.needs[0], many.option)] if many else []
        _, params = self.validate_argument_spec(
            argument_spec=many.arguments(arguments, {}) if many else arguments,
            required_one_of=single,
            mutually_exclusive=single,
        )
        items = many.items(params) if many else None
        for one in [params] if items is None else items:
            try:
                check_required_arguments(arguments, {name: value for name, value in one.items() if value is not None})
            except TypeError as error:
                raise AnsibleActionFail(str(error)) from error
        if items is None or many is None:
            return self._returns(attempt(self._step(params), work))
        return self._returns(each([Job(item[many.label], self._step(item), work) for item in items]))

    def _step(self, params: Mapping[str, Any]) -> Step:
        return Step(params, check_mode=self._task.check_mode, stores=Stores())

    def _returns(self, report: Report) -> dict[str, Any]:
        diff = {"diff": report.diff} if self._task.diff and report.diff is not None else {}
        failed = {"failed": True, "msg": report.failure} if report.failure else {}
        return {"changed": report.changed, **failed, **diff, **report.returns}
