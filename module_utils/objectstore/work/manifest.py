"""The work of ``minio_manifest``: the list and the index of a prefix, written or compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..manifests.run import ManifestOptions, apply_manifest, read_manifest
from ..manifests.spec import ManifestSpec
from ..servers.store import Store
from ..values.arguments import ASSUME_BUCKET, BUCKET, PREFIX
from ..values.change import Report
from ..values.selection import ARGUMENTS as SELECTION
from ..values.steps import Step

LEGEND: dict[str, Any] = {
    "applies_to": {"type": "dict"},
    "classes": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "value": {"type": "int", "required": True},
            "name": {"type": "str", "required": True},
            "color": {"type": "str", "required": True},
        },
    },
}
STAC: dict[str, Any] = {
    "prefix": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "title": {"type": "str"},
    "description": {"type": "str", "required": True},
    "license": {"type": "str", "required": True},
    "period_group": {"type": "str", "default": "season"},
    "period": {"type": "list", "elements": "str", "required": True},
}
ARGUMENTS: dict[str, Any] = {
    **BUCKET,
    **PREFIX,
    **SELECTION,
    **ASSUME_BUCKET,
    "dest": {"type": "path"},
    "object": {"type": "str"},
    "index_dest": {"type": "path"},
    "index_object": {"type": "str"},
    "mode": {"type": "raw"},
    "key_pattern": {"type": "str", "no_log": False},
    "index_by": {"type": "list", "elements": "str"},
    "expect": {"type": "dict"},
    "on_missing": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "fail"},
    "verify": {"type": "bool", "default": False},
    "planned": {"type": "list", "elements": "dict"},
    "key_template": {"type": "str", "no_log": False},
    "rasters": {"type": "list", "elements": "dict"},
    "src": {"type": "path"},
    "digest_cache": {"type": "path"},
    "base_url": {"type": "str"},
    "legend": {"type": "dict", "options": LEGEND},
    "stac": {"type": "dict", "options": STAC},
    "vrt_prefix": {"type": "str"},
    "releases_prefix": {"type": "str"},
    "release": {"type": "str"},
    "purge": {"type": "bool", "default": False},
}


def work(step: Step) -> Report:
    """Write what differs, or only say what does."""
    spec = ManifestSpec.from_params(step.params)
    store = step.store(Store)
    read = read_manifest(store, spec, ManifestOptions.from_params(step.params, check_mode=step.check_mode))
    failure = read.verdict.failure(spec)
    if failure:
        returns = {"differences": [difference.as_dict() for difference in read.verdict.differences]}
        return Report(False, None, returns, failure=str(failure), warnings=tuple(read.warnings))
    report = step.carried_out(read.plan, lambda plan: apply_manifest(store, plan, read), **read.as_dict())
    return replace(report, warnings=tuple(read.warnings))
