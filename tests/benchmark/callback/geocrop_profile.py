"""A callback plugin: what each task of a run costs, one JSON document a line."""

from __future__ import annotations

import json
import os
import time
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from ansible.executor.task_executor import TaskExecutor
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: geocrop_profile
type: notification
short_description: Writes what each task costs as JSON lines
description:
  - One line for each task to the file that the environment variable E(GEOCROP_PROFILE_FILE) names - its wall time, and
    the processor time of the controller and of the programs that it ran for the task, which on a local connection are
    the host's.
  - A task with several hosts counts once, with all that it took.
requirements:
  - Enabled by E(ANSIBLE_CALLBACKS_ENABLED).
options: {}
"""


def _used(whose: int) -> float:
    """Processor time in seconds of this process, or of those that it waited for."""
    usage = getrusage(whose)
    return usage.ru_utime + usage.ru_stime


class CallbackModule(CallbackBase):
    """Measures in the main process between two tasks, and in each worker what it used for its own."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "geocrop_profile"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Open the file anew, and have every worker write to it what it used."""
        super().__init__()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self._file = os.open(os.environ["GEOCROP_PROFILE_FILE"], flags, 0o600)
        self._task: dict[str, Any] = {"task": "start", "role": "", "action": ""}
        # all that was used before, by the start of Ansible
        self._since, self._self = time.monotonic(), 0.0
        self._report_workers()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002  # Ansible calls it so
        """The task before this one is over."""
        self._end_task()
        role = task._role.get_name() if task._role else ""
        self._task = {"task": task.name, "role": role, "action": task.action, "uuid": task._uuid}

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002  # Ansible calls it so
        """The last task is over."""
        self._end_task()

    def _end_task(self) -> None:
        now, used = time.monotonic(), _used(RUSAGE_SELF)
        self._line({**self._task, "wall": now - self._since, "main": used - self._self})
        self._since, self._self = now, used

    def _report_workers(self) -> None:
        """A worker is a fork for one task on one host, whose usage starts at zero."""
        run, line = TaskExecutor.run, self._line

        def measured(executor: Any) -> Any:
            result = run(executor)
            uuid = executor._task._uuid
            line({"uuid": uuid, "worker": _used(RUSAGE_SELF), "host": _used(RUSAGE_CHILDREN)})
            return result

        TaskExecutor.run = measured

    def _line(self, document: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(document).encode() + b"\n")
