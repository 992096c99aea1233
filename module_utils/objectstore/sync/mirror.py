"""A whole sync: what is wanted, reading both sides, the plan, carrying it out, and what is reported."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, Callable, Generator, Iterable, Iterator, Mapping, Optional, Protocol

from ..files.digests import DigestCache
from ..trees.localfs import check_source
from ..trees.source import Shard, Source
from ..values.bucket_names import check_bucket_name
from ..values.change import Report
from ..values.errors import InvalidInputError, NotFoundError, ObjectStoreError
from ..values.model import JsonDict, RemoteObject
from ..values.naming import KeyNaming
from ..values.selection import Selection
from ..values.sizes import parse_size
from .compare import ContentComparer, SizeComparer
from .decisions import ObjectAction, SyncRules
from .journal import Journal, Record
from .planner import NAMED, SyncPlan, plan_sync, some
from .progress import Progress
from .sending import SMALLEST_PART, SendOptions
from .transfer import Outcome, UploadStore, remove, upload
from .watch import stop_when_unwatched

Outcomes = Generator[Outcome, None, None]

#: Failures that a module returns; the log has all.
MOST_FAILURES = 1000


class MirrorStore(UploadStore, Protocol):
    """What a sync needs of a store."""

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the bucket is there."""

    def hides_content(self, bucket: str) -> bool:
        """Whether the bucket encrypts so that ETags say nothing about content."""


@dataclass(frozen=True)
class MirrorSpec:
    """A sync as wanted. Sizes are in bytes."""

    src: str
    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    rules: SyncRules
    shard: Shard
    options: SendOptions
    workers: int
    recurse: bool
    unmatched: str
    compare: str
    assume_bucket: bool
    log: Optional[str]
    log_unchanged: bool
    objects_limit: int
    digest_cache: str
    progress_file: Optional[str]

    @property
    def where(self) -> str:
        """Bucket and prefix, for people."""
        return f"{self.bucket}/{self.prefix}"

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> MirrorSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for what can never be right, such as a removal over a whole bucket
        """
        prefix = params["prefix"].strip("/")
        if params["delete"] and not prefix:
            raise InvalidInputError(
                f"remove extraneous objects from {params['bucket']}",
                "an empty prefix would cover the whole bucket",
                "Set prefix.",
            )
        if not 1 <= params["workers"] <= 64:
            raise InvalidInputError(f"use {params['workers']} workers", "1 to 64 are possible")
        part_size = parse_size(params["part_size"])
        if not SMALLEST_PART <= part_size <= 5 * 1024**3:
            raise InvalidInputError(f"use part_size {params['part_size']}", "S3 takes parts of 5MiB to 5GiB")
        shard = params["shard"] or {"index": 0, "count": 1}
        return cls(
            src=params["src"],
            bucket=check_bucket_name(params["bucket"]),
            prefix=f"{prefix}/" if prefix else "",
            selection=Selection.from_params(params),
            naming=KeyNaming(params["key_pattern"], params["key_template"]),
            rules=SyncRules(params["existing"], params["delete"], params["delete_limit"]),
            shard=Shard(shard["index"], shard["count"]),
            options=SendOptions(
                part_size=part_size,
                retries=params["retries"],
                content_type=params["content_type"],
                metadata={str(name).lower(): str(value) for name, value in (params["metadata"] or {}).items()},
            ),
            workers=params["workers"],
            recurse=params["recurse"],
            unmatched=params["unmatched"],
            compare=params["compare"],
            assume_bucket=params["assume_bucket"],
            log=params["log"],
            log_unchanged=params["log_unchanged"],
            objects_limit=params["objects_limit"],
            digest_cache=params["digest_cache"],
            progress_file=params["progress_file"],
        )


@dataclass
class Results:
    """What a sync did, or in a dry run would do."""

    plan: SyncPlan
    failures: list[str] = field(default_factory=list)
    count: dict[str, int] = field(default_factory=lambda: {"upload": 0, "replace": 0, "delete": 0})
    bytes_uploaded: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        action = outcome.action
        if outcome.error:
            self.failures.append(f"{action.key}: {outcome.error}")
            return
        self.count[action.action] += 1
        if action.sends:
            self.bytes_uploaded += action.size

    @property
    def changed(self) -> bool:
        """Whether the store is, or would be, another."""
        return any(self.count.values())

    def returns(self) -> JsonDict:
        """Counts and bytes as the module returns them."""
        totals = self.plan.totals
        return {
            "scanned": totals.scanned,
            "uploaded": self.count["upload"] + self.count["replace"],
            "unchanged": totals.unchanged,
            "adopted": totals.count["adopt"],
            "deleted": self.count["delete"],
            "extraneous": totals.extraneous,
            "unverifiable": self.plan.unverifiable,
            "bytes_uploaded": self.bytes_uploaded,
            "failures": self.failures[:MOST_FAILURES],
            "totals": totals.by_action(),
        }

    def warnings(self) -> tuple[str, ...]:
        """What stays hidden: files whose object lies below one that is not removed."""
        gone = {action.key for action in self.plan.removals} if self.plan.hidden else set()
        hidden = [f"{key} below {shadow}" for key, shadow in self.plan.hidden.items() if shadow not in gone]
        if not hidden:
            return ()
        text = "No listing shows these objects, since MinIO hides what lies below another object"
        return (f"{text}: {some(hidden)}. Remove the object above.",)

    def message(self, where: str) -> str:
        """What the module's failure says: every failed file by name, up to a number."""
        return f"{len(self.failures)} failed in the sync to {where}: {'; '.join(self.failures[:NAMED])}" + (
            f"; and {len(self.failures) - NAMED} more" if len(self.failures) > NAMED else ""
        )


def plan_mirror(
    store: MirrorStore, spec: MirrorSpec, *, cache: DigestCache, observe: Callable[[ObjectAction], None], check: bool
) -> SyncPlan:
    """Read both sides and plan; writes nothing. ``observe`` is told each action as it is decided on.

    :raises NotFoundError: when the bucket is missing, unless a dry run was told to assume it
    """
    source = Source(
        folder=check_source(spec.src),
        prefix=spec.prefix,
        selection=spec.selection,
        naming=spec.naming,
        unmatched_action=spec.unmatched,
        shard=spec.shard,
        recurse=spec.recurse,
    )
    remote: Iterable[RemoteObject] = ()
    if store.bucket_exists(spec.bucket):
        remote = store.list_objects(spec.bucket, spec.prefix)
    elif not (check and spec.assume_bucket):
        raise NotFoundError(
            f"sync to bucket {spec.bucket}",
            "there is no such bucket",
            "Create it with minio_bucket, or check its name.",
        )
    comparer = SizeComparer() if spec.compare == "size" else ContentComparer(store, spec.bucket, cache)
    return plan_sync(
        source,
        remote,
        comparer=comparer,
        rules=spec.rules,
        look=partial(_look, store, spec.bucket),
        where=spec.where,
        workers=spec.workers,
        observe=observe,
    )


def _look(store: MirrorStore, bucket: str, key: str) -> Optional[RemoteObject]:
    seen = store.stat_object(bucket, key)
    return RemoteObject(key, seen.size, seen.etag) if seen else None


def apply_mirror(
    store: MirrorStore, spec: MirrorSpec, plan: SyncPlan, *, cache: DigestCache, progress: Progress
) -> Outcomes:
    """Carry the plan out: uploads first, then removals, and these only if every upload succeeded."""
    failed = False
    if plan.writes:
        options = replace(spec.options, opaque=store.hides_content(spec.bucket))
        for outcome in upload(
            store,
            spec.bucket,
            spec.prefix,
            plan.writes,
            workers=spec.workers,
            options=options,
            cache=cache,
            sent=progress.sent,
        ):
            failed = failed or bool(outcome.error)
            progress.finished(outcome)
            yield outcome
    for outcome in remove(store, spec.bucket, plan.removals) if not failed else withheld(plan.removals):
        progress.finished(outcome)
        yield outcome


def withheld(actions: Iterable[ObjectAction]) -> Iterator[Outcome]:
    """Outcomes of removals that are not carried out."""
    for action in actions:
        yield Outcome(action, error="removal withheld: an upload failed")


def predicted(plan: SyncPlan) -> Outcomes:
    """The outcomes that a dry run foresees: everything works."""
    for action in chain(plan.writes, plan.removals):
        yield Outcome(action)


def run_mirror(store: MirrorStore, spec: MirrorSpec, *, check: bool) -> Report:
    """Plan, carry out unless ``check``, and report; the log and the cache are closed whatever happens."""
    start = time.monotonic()
    with (
        stop_when_unwatched(spec.progress_file),
        closing(DigestCache(spec.digest_cache or None, writable=not check)) as cache,
        closing(Journal(spec.log, check=check)) as journal,
    ):
        record = Record(journal, check=check, unchanged=spec.log_unchanged, limit=spec.objects_limit)
        progress = Progress(spec.progress_file)

        def observe(action: ObjectAction) -> None:
            record.planned(action)
            progress.compared(action)

        try:
            plan = plan_mirror(store, spec, cache=cache, observe=observe, check=check)
        except ObjectStoreError as error:
            journal.write("refused", bucket=spec.bucket, prefix=spec.prefix, error=str(error))
            raise
        cache.release()
        results = Results(plan, [f"{fault.path}: {fault.reason}" for fault in plan.faults])
        progress.begin(plan)
        run = predicted(plan) if check else apply_mirror(store, spec, plan, cache=cache, progress=progress)
        with closing(run) as outcomes:  # whatever ends it, no upload goes on
            for outcome in outcomes:
                results.add(outcome)
                if not check:
                    record.done(outcome)
        returns = {**results.returns(), "seconds": round(time.monotonic() - start, 3)}
        journal.write("summary", bucket=spec.bucket, prefix=spec.prefix, **returns)
        if journal.problem:
            results.failures.append(journal.problem)
            returns["failures"] = results.failures[:MOST_FAILURES]
        return Report(
            changed=results.changed,
            diff=record.diff(f"objects of {spec.where}"),
            returns={**returns, "objects": record.objects(), "objects_truncated": record.truncated},
            failure=results.message(spec.where) if results.failures else "",
            warnings=(*results.warnings(), *filter(None, [cache.problem])),
        )
