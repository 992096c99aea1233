"""Buckets: what is there, the plan that leads to what is wanted, and its execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Iterable, Iterator, Mapping, Optional, Protocol

from ..store import BucketStore, ContentStore, RemovalError
from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, ObjectStoreError, UnsupportedError
from ..values.limits import MOST_RULES, MOST_TAGS, new_bucket_problem, refuse
from ..values.model import ObjectVersion
from .spec import BucketSpec, Rules, Versioning

#: Settings that can be read and written one by one, in the order in which they are applied.
SETTINGS = ("versioning", "tags", "quota", "encryption", "retention", "lifecycle", "notifications")

#: Those of which servers keep different things.
_LIMITED = {"tags", "lifecycle", "notifications"}

#: How far the content of a bucket is counted before it is "more than".
COUNT_LIMIT = 1000


class Store(BucketStore, ContentStore, Protocol):
    """What the work on a bucket takes."""


@dataclass(frozen=True)
class Contents:
    """What a bucket holds, counted up to ``COUNT_LIMIT`` entries."""

    versions: int = 0
    markers: int = 0
    uploads: int = 0
    more: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.versions or self.markers or self.uploads)

    def __str__(self) -> str:
        if self.more:
            return f"more than {COUNT_LIMIT} object versions, delete markers and incomplete uploads"
        counts = (
            (self.versions, "object version"),
            (self.markers, "delete marker"),
            (self.uploads, "incomplete upload"),
        )
        return " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts if count)


@dataclass(frozen=True)
class BucketState:
    """A bucket as seen: of its settings what was asked for, and its contents where it is to be removed."""

    exists: bool
    object_lock: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    contents: Contents = field(default_factory=Contents)


def read_bucket(store: Store, spec: BucketSpec) -> BucketState:
    """Look at the bucket, as far as ``spec`` speaks of it."""
    if not store.bucket_exists(spec.name):
        return BucketState(exists=False)
    if not spec.present:
        return BucketState(exists=True, contents=count_contents(store, spec.name))
    asks_for_lock = spec.object_lock is not None or {"retention", "versioning", "lifecycle"} & spec.settings.keys()
    return BucketState(
        exists=True,
        object_lock=store.has_object_lock(spec.name) if asks_for_lock else False,
        settings={name: store.bucket_setting(spec.name, name) for name in SETTINGS if name in spec.settings},
    )


def count_contents(store: ContentStore, bucket: str) -> Contents:
    """What ``bucket`` holds; reads no further than is counted."""
    found = list(islice(store.list_versions(bucket), COUNT_LIMIT + 1))
    uploads = len(list(islice(store.pending_uploads(bucket, ""), COUNT_LIMIT + 1)))
    markers = sum(version.is_marker for version in found)
    more = len(found) + uploads > COUNT_LIMIT
    return Contents(versions=len(found) - markers, markers=markers, uploads=uploads, more=more)


def plan_bucket(state: BucketState, spec: BucketSpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises ConflictError: when the bucket should go but is not empty and ``force`` was not given, or when it would
        have to be made anew
    """
    target = f"bucket {spec.name}"
    if not spec.present:
        return Plan(target, _plan_removal(state, spec))
    _check_lock(state, spec)
    actions: tuple[Action, ...] = ()
    current = state.settings
    if not state.exists:
        actions += (Action("create", "bucket", None, {"name": spec.name, "object_lock": bool(spec.object_lock)}),)
        current = {"versioning": {"status": "enabled"}} if spec.object_lock else {}
        refuse(f"create bucket {spec.name}", [new_bucket_problem(spec.name)], "Choose another name.")
    for name in SETTINGS:
        if name in spec.settings:
            before = current.get(name)
            after = spec.settings[name].after(before)
            _check_amount(target, name, after)
            actions += update(name, before, after)
    return Plan(target, actions)


def _check_amount(target: str, setting: str, value: Any) -> None:
    """A bucket's tags and rules are counted with those that stay."""
    most = {"tags": MOST_TAGS, "lifecycle": MOST_RULES}.get(setting)
    if most is not None and len(value or ()) > most:
        refuse(f"set the {setting} of {target}", [f"there would be {len(value)}, and at most {most}"])


def _check_lock(state: BucketState, spec: BucketSpec) -> None:
    """Object lock is chosen when a bucket is made (a rule of the S3 API and MinIO's)."""
    if state.exists and spec.object_lock is not None and spec.object_lock != state.object_lock:
        has, lacks = ("has", "without") if state.object_lock else ("has no", "with")
        raise ConflictError(
            f"set object_lock: {str(spec.object_lock).lower()} on bucket {spec.name}",
            f"the bucket {has} object lock, which can only be chosen when a bucket is made",
            f"Make a new bucket {lacks} object lock and copy the objects, or leave object_lock out.",
        )
    locked = state.object_lock if state.exists else bool(spec.object_lock)
    if locked:
        _check_beside_lock(spec)
    versioning = spec.settings.get("versioning")
    if locked and versioning is not None and versioning.after({"status": "enabled"})["status"] == "suspended":
        raise ConflictError(
            f"suspend the versioning of bucket {spec.name}",
            "the bucket has object lock, which needs versioning",
            "Leave versioning out.",
        )
    retention = spec.settings.get("retention")
    if retention is not None and retention.after(None) is not None and not locked:
        raise ConflictError(
            f"set the retention of bucket {spec.name}",
            "the bucket has no object lock, which can only be chosen when a bucket is made",
            "Make a new bucket with object_lock: true.",
        )


def _check_beside_lock(spec: BucketSpec) -> None:
    """What MinIO refuses for a bucket with object lock; S3 does not know it."""
    versioning, lifecycle = spec.settings.get("versioning"), spec.settings.get("lifecycle")
    refused = ""
    if isinstance(versioning, Versioning) and (versioning.exclude_prefixes or versioning.exclude_folders):
        refused = "exclude something from versioning"
    if isinstance(lifecycle, Rules) and any("expire_all_versions" in rule for rule in lifecycle.rules.values()):
        refused = "expire all versions of objects"
    if refused:
        raise ConflictError(f"{refused} in bucket {spec.name}", "the bucket has object lock", "Leave that out.")


def _plan_removal(state: BucketState, spec: BucketSpec) -> tuple[Action, ...]:
    if not state.exists:
        return ()
    if not state.contents.empty and not spec.force:
        raise ConflictError(
            f"remove bucket {spec.name}",
            f"it holds {state.contents}",
            "Remove them first, or set force: true to remove the bucket with all of them.",
        )
    remove = Action("remove", "bucket", {"name": spec.name}, None)
    return (remove,) if state.contents.empty else (Action("remove", "contents", str(state.contents), None), remove)


def apply_bucket(store: Store, plan: Plan, spec: BucketSpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        if action.subject == "contents":
            yield from _empty(store, spec, action)
            continue
        if action.subject != "bucket":
            store.set_bucket_setting(spec.name, action.subject, action.after)
        elif action.after is not None:
            store.create_bucket(spec.name, region=spec.region, object_lock=bool(spec.object_lock))
        else:
            store.remove_bucket(spec.name)
        yield action


def _empty(store: Store, spec: BucketSpec, action: Action) -> Iterator[Action]:
    """Remove all versions, delete markers and incomplete uploads.

    :raises ConflictError: naming one of those that the store would not remove
    """
    aborted = 0
    for upload in store.pending_uploads(spec.name, ""):
        store.abort_upload(spec.name, upload.key, upload.upload_id)
        aborted += 1
    removed, refused = _remove_versions(store, spec)
    if not refused:
        yield action
        return
    if removed or aborted:
        yield Action("remove", "contents", str(Contents(versions=removed, uploads=aborted)), None)
    raise ConflictError(
        f"empty bucket {spec.name}",
        f"{len(refused)} object versions were not removed, the first of them {refused[0].key}: {refused[0].reason}",
        "Versions under retention or legal hold stay until it ends; bypass_governance: true passes governance mode.",
    )


def _remove_versions(store: Store, spec: BucketSpec) -> tuple[int, list[RemovalError]]:
    """Remove all that is listed until nothing is: how many went, and those that were not removed.

    A listing may lose its place when what it stands at is removed (moto), or leave out what lies at the border of two
    pages (SeaweedFS, measured). One that begins with what the last one began with is not believed.
    """
    removed, first = 0, None
    while True:
        counted = _Counted(store.list_versions(spec.name))
        refused = list(store.remove_versions(spec.name, counted, bypass_governance=spec.bypass_governance))
        removed += counted.count - len(refused)
        if refused or counted.first in (None, first):
            return removed, refused
        first = counted.first


class _Counted:
    """An iterable that knows how many it gave, and the first of them."""

    def __init__(self, versions: Iterable[ObjectVersion]) -> None:
        self._versions = versions
        self.count = 0
        self.first: Optional[ObjectVersion] = None

    def __iter__(self) -> Iterator[ObjectVersion]:
        for version in self._versions:
            self.first = self.first or version
            self.count += 1
            yield version


def adapt(store: Store, spec: BucketSpec) -> tuple[BucketSpec, list[str]]:
    """The spec as this server can keep it, and a warning for each thing that it cannot.

    :raises UnsupportedError: where leaving a thing out would not do
    """
    if spec.excludes_from_versioning and not store.abilities.exclude_from_versioning:
        raise UnsupportedError(
            f"exclude something from the versioning of bucket {spec.name}",
            "the server cannot: S3 knows no exclusions, MinIO does",
            "Leave them out.",
        )
    if _LIMITED & spec.settings.keys():
        refuse(f"set up bucket {spec.name}", spec.problems_for(store.abilities), "Nothing was changed.")
    if not spec.aborts_uploads or store.abilities.abort_uploads_by_rule:
        return spec, []
    kept, losing = spec.without_abort()
    return kept, [
        f"MinIO does not keep abort_multipart_days (lifecycle rule {name}): it removes uploads that are incomplete for "
        "a day by itself (its setting api stale_uploads_expiry)."
        for name in losing
    ]


def kept_otherwise(store: Store, plan: Plan, spec: BucketSpec) -> list[str]:
    """Settings that ``plan`` set and that the server now shows in another way, each with what it shows."""
    different = []
    for action in plan.actions:
        if action.subject not in SETTINGS:
            continue
        try:
            shown = store.bucket_setting(spec.name, action.subject)
        except ObjectStoreError as error:
            shown = str(error)
        if shown != action.after:
            different.append(f"{action.subject}: {shown!r} instead of {action.after!r}")
    return different
