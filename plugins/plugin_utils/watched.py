# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module that syncs, and on a terminal shows how far it is."""

from __future__ import annotations

import json
import posixpath
import shlex
import time
import uuid
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils import color
from ansible.utils.display import Display

from .engine import make_importable

make_importable()

from ansible.module_utils.objectstore.values.sizes import human_size  # noqa: E402  # found by the line above

display = Display()

#: Seconds between two looks at a running sync: the first comes soon, since most syncs have nothing to do.
FIRST_INTERVAL, LONGEST_INTERVAL = 0.2, 2.0

#: Seconds of comparing until it is shown: mostly it is over at once.
COMPARING_SHOWN_AFTER = 2.0

#: Beside the progress file, and touched by who watches.
WATCHED = ".watched"

#: Seconds that a watched sync may take: a week. The module itself stops much sooner when nobody watches it.
LONGEST = 7 * 24 * 3600


class WatchedAction(ActionBase):
    """A plain module run, or a watched one where somebody sits before a terminal.

    The variable ``minio_sync_progress`` says which: ``auto`` (the default), true or false. A watched sync is
    an asynchronous job on the host, so the same works over any connection; when the watching ends, by
    Ctrl-C or a lost connection, the job stops itself.
    """

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, watched or not."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        if self._task.async_val or self._task.check_mode or not self._is_watched(variables):
            wrapped = bool(self._task.async_val) and not self._connection.has_native_async
            return {**result, **self._execute_module(task_vars=variables, wrap_async=wrapped)}
        return {**result, **self._watch(variables)}

    def _is_watched(self, variables: dict[str, Any]) -> bool:
        wanted = self._templar.template(variables.get("minio_sync_progress", "auto"))
        if wanted == "auto":
            # colour is decided by whether standard output is a terminal; workers have none of their own to ask
            return bool(color.ANSIBLE_COLOR)
        return bool(boolean(wanted))

    def _watch(self, variables: dict[str, Any]) -> dict[str, Any]:
        async_dir = self.get_shell_option("async_dir", default="~/.ansible_async")
        progress = self._remote_expand_user(f"{async_dir}/minio_sync-{uuid.uuid4().hex}")
        try:
            result = self._start(progress, variables)
            interval = FIRST_INTERVAL
            while result.get("ansible_job_id") and not result.get("finished"):
                time.sleep(interval)
                interval = min(2 * interval, LONGEST_INTERVAL)
                self._show(progress, variables)
                result = self._status(result["ansible_job_id"], async_dir, variables)
        finally:
            # without the file that is touched here, a sync that still runs stops
            files = shlex.join(f"{progress}{suffix}" for suffix in ("", ".new", WATCHED))
            self._low_level_execute_command(f"rm -f {files}")
        if job := result.pop("ansible_job_id", None):
            self._status(job, async_dir, variables, mode="cleanup")
        return {key: value for key, value in result.items() if key not in ("started", "finished", "results_file")}

    def _start(self, progress: str, variables: dict[str, Any]) -> dict[str, Any]:
        folder, watched = shlex.quote(posixpath.dirname(progress)), shlex.quote(progress + WATCHED)
        self._low_level_execute_command(f"mkdir -p -m 700 {folder} && touch {watched}")
        self._task.async_val = LONGEST
        try:
            started: dict[str, Any] = self._execute_module(
                module_args={**self._task.args, "progress_file": progress}, task_vars=variables, wrap_async=True
            )
        finally:
            self._task.async_val = 0
        return started

    def _status(self, job: str, async_dir: str, variables: dict[str, Any], *, mode: str = "status") -> dict[str, Any]:
        status: dict[str, Any] = self._execute_module(
            module_name="ansible.legacy.async_status",
            module_args={"jid": job, "mode": mode, "_async_dir": async_dir},
            task_vars=variables,
        )
        return status

    def _show(self, progress: str, variables: dict[str, Any]) -> None:
        watched, file = shlex.quote(progress + WATCHED), shlex.quote(progress)
        seen = self._low_level_execute_command(f"touch -c {watched}; cat {file}")
        try:
            state = json.loads(seen.get("stdout") or "")
        except ValueError:
            return
        if state["files"] or state["seconds"] >= COMPARING_SHOWN_AFTER:
            display.display(f"{variables.get('inventory_hostname')}: {progress_line(state)}")


def progress_line(state: dict[str, Any]) -> str:
    """``25 of 132 files, 1.5 of 7.9 GiB, 310.2 MiB/s, 0:21 left`` of the module's progress."""
    if not state["files"]:
        return f"{state['compared']} files compared, {human_size(state['bytes_compared'])}"
    done, total, seconds = state["bytes_done"], state["bytes"], state["seconds"]
    parts = [f"{state['files_done']} of {state['files']} files", f"{human_size(done)} of {human_size(total)}"]
    if seconds > 0 and done:
        rate = done / seconds
        left = max(0, round((total - done) / rate))
        parts += [f"{human_size(rate)}/s", f"{left // 60}:{left % 60:02d} left"]
    if state["failed"]:
        parts.append(f"{state['failed']} failed")
    return ", ".join(parts)
