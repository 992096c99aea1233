"""The work of ``minio_rollback``: the objects of a release come back from their versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..manifests.record import Record, choose_record
from ..manifests.recovery import Recovery, plan_recovery
from ..servers.store import Store
from ..sync.mirror import run_restore
from ..sync.spec import ARGUMENTS as SYNCING
from ..sync.spec import RestoreSpec
from ..values.change import Report
from ..values.errors import AccessDeniedError, RefusedError
from ..values.selection import ARGUMENTS as SELECTION
from ..values.steps import Step
from .releases import ARGUMENTS as RELEASES
from .releases import Releases

_OF_A_SYNC = ("delete", "delete_limit", "workers", "log", "log_unchanged", "objects_limit", "progress_file")

ARGUMENTS: dict[str, Any] = {
    **SELECTION,
    **{name: SYNCING[name] for name in _OF_A_SYNC},
    **RELEASES,
    "release": {"type": "str", "required": True},
}


def work(step: Step) -> Report:
    """Bring back what is not as the release has it; nothing is touched unless all of it can come back."""
    store, params = step.store(Store), step.params
    releases, wanted = Releases.from_params(params), RestoreSpec.from_params(params)
    current = releases.index(store).head.get("release")
    name = choose_record(params["release"], releases.folder, releases.names(store), current=current)
    record = releases.record(store, name)
    recovery = _recovery(store, record)
    spec = wanted.of(record.prefix, recovery.objects, kept=releases.own_below(record.prefix))
    _refuse_loss(spec, recovery, name)
    report = run_restore(store, spec, check=step.check_mode)
    report = replace(report, returns={**report.returns, "release": name, "current": current, "prefix": record.prefix})
    return report.warning(*_warnings(store, spec, report))


def _recovery(store: Store, record: Record) -> Recovery:
    present = {item.key: item.etag for item in store.list_objects(record.bucket, record.prefix)}
    return plan_recovery(record, store.list_versions(record.bucket, record.prefix), present)


def _refuse_loss(spec: RestoreSpec, recovery: Recovery, release: str) -> None:
    """:raises RefusedError: naming every object of which nobody has the content any more"""
    lost = [key for key in recovery.lost if spec.selection.selects(key[len(spec.prefix) :])]
    if lost:
        raise RefusedError(
            f"bring back the release {release}",
            f"of {len(lost)} of its objects the bucket keeps no version with that content: {', '.join(lost)}",
            "Upload them again, or choose another release; exclude leaves them out. Nothing was changed.",
        )


def _warnings(store: Store, spec: RestoreSpec, report: Report) -> list[str]:
    """What a person should know of a bucket that does not keep what is replaced now."""
    if not report.changed:
        return []
    try:
        keeps = store.versioning(spec.bucket) == "Enabled"
    except AccessDeniedError as error:
        return [f"Whether what is replaced or removed now can come back is not known. {error}"]
    lost = f"Versioning of bucket {spec.bucket} is not enabled: what is replaced or removed now cannot come back."
    return [] if keeps else [lost]
