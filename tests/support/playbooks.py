"""Run a playbook of this repository and return what every task did on every host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .locks import write_private
from .paths import REPO

CALLBACKS = Path(__file__).parent / "callback"


@dataclass(frozen=True)
class TaskResult:
    """One task on one host. ``status`` is ok, failed, ignored, skipped or unreachable; ``role`` may be empty."""

    play: str
    role: str
    task: str
    action: str
    host: str
    status: str
    result: Mapping[str, Any] = field(repr=False)

    @property
    def changed(self) -> bool:
        """As the task says of itself."""
        return bool(self.result.get("changed"))


@dataclass(frozen=True)
class PlaybookResult:
    """How a run ended. ``stats`` is host -> recap counts (ok, changed, failures, skipped, …)."""

    rc: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    tasks: Sequence[TaskResult] = field(repr=False)
    stats: Mapping[str, Mapping[str, int]]

    @property
    def changed(self) -> list[TaskResult]:
        """The tasks that changed something, or would in check mode."""
        return [task for task in self.tasks if task.changed and task.status == "ok"]

    @property
    def failed(self) -> list[TaskResult]:
        """The tasks that failed and were not ignored."""
        return [task for task in self.tasks if task.status in ("failed", "unreachable")]

    def of(self, action: str) -> list[TaskResult]:
        """The results of one module, such as ``minio_sync``, that were not skipped."""
        return [task for task in self.tasks if task.action.split(".")[-1] == action and task.status != "skipped"]

    def task(self, name: str) -> TaskResult:
        """The one result of the task whose name ends so, skipped or not; AssertionError where that is not one."""
        found = [task for task in self.tasks if task.task.endswith(name)]
        assert len(found) == 1, f"{len(found)} results of a task {name!r} among {sorted({t.task for t in self.tasks})}"
        return found[0]

    def expect_ok(self) -> PlaybookResult:
        """Itself where the run succeeded; else an AssertionError with all that it printed."""
        assert self.rc == 0, f"ansible-playbook ended with {self.rc}\n{self.stdout}\n{self.stderr}"
        return self


def run_playbook(
    playbook: str | Path,
    *,
    workdir: Path,
    inventory: str | Path = "inventory/demo",
    extra_vars: Mapping[str, Any] | None = None,
    check: bool = False,
    diff: bool = False,
    args: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    timeout: float = 900.0,
) -> PlaybookResult:
    """Run ``ansible-playbook`` from the repository's root, with everything that Ansible keeps under ``workdir``.

    ``playbook`` and ``inventory`` are absolute or relative to the root. ``extra_vars`` travel in a file of
    mode 0600. ``HOME`` is ``workdir/home``; even so Ansible's own file actions take ``~`` from the user
    database, so a test names each folder that it writes to.
    """
    results, home = workdir / "results.jsonl", workdir / "home"
    home.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), str(playbook)]
    command += ["--check"] * check + ["--diff"] * diff
    if extra_vars:
        write_private(workdir / "extra-vars.json", json.dumps(dict(extra_vars), default=str))
        command += ["--extra-vars", f"@{workdir / 'extra-vars.json'}"]
    done = subprocess.run(
        [*command, *args],
        cwd=REPO,
        env={**ansible_environment(workdir), **(environment or {}), "GEOCROP_RESULTS_FILE": str(results)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    tasks, end = read_results(results)
    return PlaybookResult(done.returncode, done.stdout, done.stderr, tasks, end.get("stats", {}))


def read_results(file: Path) -> tuple[list[TaskResult], dict[str, Any]]:
    """What the callback wrote of a run: its tasks, and ``stats`` and ``check`` of its end, none where it broke off."""
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    end = lines.pop() if lines and "stats" in lines[-1] else {}
    return [TaskResult(**line) for line in lines], end


def ansible_environment(workdir: Path) -> dict[str, str]:
    """The caller's environment less its MINIO_* and ANSIBLE_* settings; all of Ansible's folders are in ``workdir``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MINIO_", "ANSIBLE_"))}
    real_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "LC_ALL": "C.UTF-8",  # whatever locale the caller names need not be installed
        "HOME": str(workdir / "home"),
        # the virtual environment that a role makes takes its packages from the caller's cache
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(real_cache / "pip"),
        "ANSIBLE_CONFIG": str(REPO / "ansible.cfg"),
        "ANSIBLE_HOME": str(workdir / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(workdir / "ansible" / "local"),
        "ANSIBLE_REMOTE_TEMP": str(workdir / "ansible" / "remote"),
        "ANSIBLE_CALLBACK_PLUGINS": f"{REPO / 'plugins' / 'callback'}{os.pathsep}{CALLBACKS}",
        "ANSIBLE_CALLBACKS_ENABLED": "geocrop_results",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
    }
