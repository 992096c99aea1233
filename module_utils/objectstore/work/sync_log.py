"""The work of ``minio_sync_log``: what the last syncs did, from their logs."""

from __future__ import annotations

from typing import Any

from ..sync.history import read_history
from ..values.change import Report
from ..values.steps import Step

ARGUMENTS: dict[str, Any] = {"paths": {"type": "list", "elements": "path", "required": True}}


def work(step: Step) -> Report:
    """Read the end of each log."""
    return Report(
        changed=False, diff=None, returns={"logs": [read_history(path).as_dict() for path in step.params["paths"]]}
    )
