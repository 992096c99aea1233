"""Run a module of ``library/`` in a process of its own and return its result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .paths import LIBRARY, MODULE_UTILS, REPO


def run_module(
    name: str,
    params: Mapping[str, Any],
    *,
    check: bool = False,
    diff: bool = False,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120.0,
) -> dict[str, Any]:
    """The JSON result of module ``name``, with ``failed`` always set.

    ``environment`` replaces the caller's ``MINIO_*`` variables, which the module does not see. Parameters
    travel on standard input, so no secret is in argv. A traceback, or no result, is an AssertionError.
    """
    path = LIBRARY / f"{name}.py"
    assert path.is_file(), f"there is no module {path.relative_to(REPO)}"
    arguments = {**params, "_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_no_log": False}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.module_main", str(path), str(MODULE_UTILS)],
        input=json.dumps(arguments, default=_plain),
        cwd=REPO,
        env=_environment(environment or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    result = last_json(done.stdout)
    said = f"stdout:\n{done.stdout}\nstderr:\n{done.stderr}"
    assert "Traceback (most recent call last)" not in done.stderr, f"{name}: a traceback (rc {done.returncode})\n{said}"
    assert result is not None, f"{name}: no JSON result (rc {done.returncode})\n{said}"
    assert "Traceback (most recent call last)" not in str(result.get("exception", "")), f"{name}: a traceback\n{said}"
    result.setdefault("failed", done.returncode != 0)
    return result


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MINIO_", "ANSIBLE_"))}
    return {**kept, "PYTHONPATH": str(REPO), "PYTHONWARNINGS": "default", **extra}


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a module parameter")


def last_json(output: str) -> dict[str, Any] | None:
    """The last line that is a JSON object."""
    for line in reversed(output.splitlines()):
        if line.startswith("{"):
            try:
                document = json.loads(line)
            except json.JSONDecodeError:
                continue
            return document if isinstance(document, dict) else None
    return None
