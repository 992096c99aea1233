"""A callback plugin: every result of every task on every host, one JSON document a line."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible import context  # type: ignore[attr-defined]
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: geocrop_results
type: notification
short_description: Writes task results as JSON lines for tests
description:
  - One line for each task and host to the file that the environment variable E(GEOCROP_RESULTS_FILE) names.
  - With E(GEOCROP_RESULTS_FOLDER) instead, each run has a file of its own there, named by when it began.
requirements:
  - Enabled by E(ANSIBLE_CALLBACKS_ENABLED).
options: {}
"""


class CallbackModule(CallbackBase):
    """Writes what the play's own output leaves out: whole results, and the statistics at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "geocrop_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Open the file anew."""
        super().__init__()
        self._play = ""
        folder = os.environ.get("GEOCROP_RESULTS_FOLDER")
        path = f"{folder}/{time.time_ns()}.jsonl" if folder else os.environ["GEOCROP_RESULTS_FILE"]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._stream = os.fdopen(descriptor, "w", encoding="utf-8")

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Remember whose tasks follow."""
        self._play = play.get_name()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Ok or changed."""
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Failed, or failed and ignored."""
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Skipped."""
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Unreachable."""
        self._write(result, "unreachable")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the recap, the last line."""
        recap = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._line({"stats": recap, "check": bool(context.CLIARGS.get("check"))})
        self._stream.close()

    def _write(self, result: Any, status: str) -> None:
        task = result.task
        role = task._role.get_name() if task._role else ""
        self._line(
            {
                "play": self._play,
                "role": role,
                "task": task.name,
                "action": task.action,
                "host": result.host.get_name(),
                "status": status,
                "result": json.loads(self._dump_results(result.result, indent=None)),
            }
        )

    def _line(self, document: dict[str, Any]) -> None:
        self._stream.write(json.dumps(document, cls=AnsibleJSONEncoder) + "\n")
        self._stream.flush()
