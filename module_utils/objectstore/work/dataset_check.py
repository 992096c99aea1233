"""The work of ``minio_dataset_check``: training sets as they are, as they are described, and as they are published."""

from __future__ import annotations

from typing import Any

from ..data.batches import NUMBERED
from ..data.tabular import REACTIONS, TableSpec, read_tables
from ..manifests.releases import Release, check_apart, judge_release
from ..servers.store import Store
from ..values.change import Report
from ..values.selection import ARGUMENTS as SELECTION
from ..values.steps import Step

SET: dict[str, Any] = {
    **SELECTION,
    "source": {"type": "path", "required": True},
    "recurse": {"type": "bool", "default": True},
    "class_column": {"type": "str"},
    "metadata": {"type": "dict"},
    "batch_pattern": {"type": "str", "default": NUMBERED},
    "on_false_claim": {"type": "str", "choices": list(REACTIONS), "default": "fail"},
    "on_problem": {"type": "str", "choices": list(REACTIONS), "default": "fail"},
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "required": True},
    "metadata_name": {"type": "str", "default": "metadata.json"},
    "immutable": {"type": "bool", "default": True},
}
ARGUMENTS: dict[str, Any] = {
    "sets": {"type": "list", "elements": "dict", "required": True, "options": SET},
    "assume_buckets": {"type": "list", "elements": "str", "default": []},
}


def work(step: Step) -> Report:
    """Read the files of each set, then the store."""
    sets = step.params["sets"]
    releases = [Release.from_params(one) for one in sets]
    check_apart(releases)
    found = [
        read_tables(TableSpec.from_params({**one, "path": one["source"], "claims": one["metadata"]})) for one in sets
    ]
    faults = [facts.faults() for facts in found]
    warnings = tuple(str(fault) for one in faults for fault in one["warn"])
    failures = [str(fault) for one in faults for fault in one["fail"]]
    if failures:
        returns = {"sets": [facts.as_dict() for facts in found]}
        return Report(False, None, returns, failure=" ".join(failures), warnings=warnings)
    store = step.store(Store)
    assumed = step.params["assume_buckets"] if step.check_mode else []
    standings = [
        judge_release(store, release, facts.description(), assume_bucket=release.bucket in assumed)
        for release, facts in zip(releases, found)
    ]
    returns = {"sets": [{**facts.as_dict(), **standing.as_dict()} for facts, standing in zip(found, standings)]}
    return Report(False, None, returns, warnings=warnings)
