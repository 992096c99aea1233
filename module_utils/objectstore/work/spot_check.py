"""The work of ``minio_spot_check``: some objects are read back, and compared with their files."""

from __future__ import annotations

import time
from typing import Any

from ..manifests.spotcheck import SpotCheckSpec, spot_check
from ..servers.store import Store
from ..values.arguments import BUCKET, PREFIX
from ..values.change import Report
from ..values.naming import ARGUMENTS as NAMING
from ..values.selection import ARGUMENTS as SELECTION
from ..values.steps import Step

ARGUMENTS: dict[str, Any] = {
    **BUCKET,
    **PREFIX,
    **SELECTION,
    **NAMING,
    "src": {"type": "path"},
    "sample": {"type": "int", "default": 5},
}


def work(step: Step) -> Report:
    """Read the sample."""
    spec = SpotCheckSpec.from_params(step.params)
    begun = time.monotonic()
    checked = [item.as_dict() for item in spot_check(step.store(Store), spec)]
    seconds = round(time.monotonic() - begun, 3)
    return Report(changed=False, diff=None, returns={"objects": checked, "seconds": seconds})
