"""The work of ``minio_release_prune``: records of releases that are old, and versions that only they named, go."""

from __future__ import annotations

from functools import partial
from typing import Any, Iterator, Sequence

from ..manifests.index import StoredIndex
from ..manifests.pruning import doomed_releases, doomed_versions
from ..servers.store import Store
from ..values.change import Action, Plan, Report
from ..values.errors import ConflictError, InvalidInputError
from ..values.model import ObjectVersion
from ..values.steps import Step
from .releases import ARGUMENTS as RELEASES
from .releases import Releases

ARGUMENTS: dict[str, Any] = {
    **RELEASES,
    "keep": {"type": "int", "required": True},
    "versions": {"type": "bool", "default": False},
}


def work(step: Step) -> Report:
    """Remove what is older, or only say what would go."""
    params = step.params
    releases, keep = Releases.from_params(params), params["keep"]
    if keep < 1:
        raise InvalidInputError(
            f"remove releases of bucket {releases.bucket}", f"keep is {keep}", "Keep at least one, the newest."
        )
    store = step.store(Store)
    index, names = releases.index(store), releases.names(store)
    doomed = doomed_releases(names, keep=keep, current=index.head.get("release"))
    versions = _versions(store, releases, index, names, doomed) if params["versions"] else ()
    removals = [Action("remove", _named(version), {"etag": version.etag}, None) for version in versions]
    removals += [Action("remove", name, {"release": name}, None) for name in doomed]
    plan = Plan(f"releases below {releases.bucket}/{releases.folder}", tuple(removals))
    kept = [name for name in names if name not in doomed]
    return step.carried_out(
        plan,
        partial(_remove, store, releases.bucket, versions),
        kept=kept,
        removed=list(doomed),
        versions_removed=len(versions),
    )


def _versions(
    store: Store, releases: Releases, index: StoredIndex, names: Sequence[str], doomed: Sequence[str]
) -> tuple[ObjectVersion, ...]:
    """What only the ``doomed`` have named; every record is read for it, and one that cannot be read ends the run."""
    records = {name: releases.record(store, name) for name in names} if doomed else {}
    gone = [records[name] for name in doomed]
    leaves = {key: leaf for key, (_, leaf) in index.objects.items()}
    listed = (
        version
        for prefix in sorted({record.prefix for record in gone})
        for version in store.list_versions(releases.bucket, prefix)
    )
    kept = [record for name, record in records.items() if name not in doomed]
    return doomed_versions(gone, kept, leaves, listed)


def _named(version: ObjectVersion) -> str:
    return f"{version.key}?versionId={version.version_id}"


def _remove(store: Store, bucket: str, versions: Sequence[ObjectVersion], plan: Plan) -> Iterator[Action]:
    """Versions first: as long as a record is there, the next run knows of them.

    :raises ConflictError: for a version that is locked, when the others are gone; the records stay
    """
    refused = {error.key: error.reason for error in store.remove_versions(bucket, versions, bypass_governance=False)}
    for version, action in zip(versions, plan.actions):
        if version.key not in refused:
            yield action
    for key, reason in refused.items():
        raise ConflictError(f"remove former versions of {bucket}/{key}", reason, "The records of releases stay.")
    for action in plan.actions[len(versions) :]:
        for error in store.remove_objects(bucket, [action.subject]):
            raise ConflictError(f"remove {bucket}/{action.subject}", error.reason)
        yield action
