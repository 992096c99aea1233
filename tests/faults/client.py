"""The module ``minio_sync`` in a process of its own, which can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.modules import last_json
from tests.support.paths import LIBRARY, MODULE_UTILS, REPO

#: Seconds that a sync may take, whatever happens to it.
LONGEST = 180.0


class Client:
    """A sync that runs."""

    def __init__(self, params: Mapping[str, Any], *, environment: Mapping[str, str] | None = None) -> None:
        """Start it; parameters travel on standard input."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MINIO_", "ANSIBLE_"))}
        module: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.support.module_main",
            LIBRARY / "minio_sync.py",
            MODULE_UTILS,
        ]
        self._process = subprocess.Popen(
            module,
            cwd=REPO,
            env={**kept, "PYTHONPATH": str(REPO), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(params, default=str))
        self._process.stdin.close()
        self._process.stdin = None

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._process.kill()

    def result(self) -> dict[str, Any]:
        """What the module says at its end; ``failed`` is set. A killed one says that."""
        said, _ = self._process.communicate(timeout=LONGEST)
        if self._process.returncode < 0:
            return {"failed": True, "msg": "killed"}
        result = last_json(said)
        assert result is not None, f"no result, status {self._process.returncode}: {said}"
        return {"failed": False, **result}
