"""A whole sync, from top to bottom: both ends, the plan, carrying it out, and what is reported."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Callable, Iterable

from ..files.digests import DigestCache
from ..trees.bucket import BucketStore, BucketTree
from ..trees.compare import ContentComparer, SizeComparer
from ..trees.localfs import check_source
from ..trees.source import Source
from ..values.change import Report
from ..values.errors import InvalidInputError, NotFoundError, ObjectStoreError
from ..values.model import RemoteObject
from .decisions import ObjectAction
from .journal import Journal, Record
from .planner import SyncPlan, plan_sync
from .progress import Progress
from .results import MOST_FAILURES, Results
from .spec import MirrorSpec
from .transfer import carry_out, predicted
from .watch import stop_when_unwatched


def run_mirror(store: BucketStore, spec: MirrorSpec, *, check: bool) -> Report:
    """Plan, carry out unless ``check``, and report; the log and the cache are closed whatever happens."""
    start = time.monotonic()
    with (
        stop_when_unwatched(spec.recording.progress_file),
        closing(DigestCache(spec.digest_cache or None, writable=not check)) as cache,
        closing(Journal(spec.recording.log, check=check)) as journal,
    ):
        target = BucketTree(store, spec.bucket, spec.prefix, spec.options, cache, spec.workers)
        record = Record(journal, spec.recording, check=check)
        progress = Progress(spec.recording.progress_file)

        def observe(action: ObjectAction) -> None:
            record.planned(action)
            progress.compared(action)

        try:
            plan = plan_mirror(target, spec, observe=observe, check=check)
        except ObjectStoreError as error:
            journal.write("refused", bucket=spec.bucket, prefix=spec.prefix, error=str(error))
            raise
        cache.release()
        progress.begin(plan)
        results = Results(plan, [f"{fault.path}: {fault.reason}" for fault in plan.faults])
        with closing(predicted(plan) if check else carry_out(target, plan, sent=progress.sent)) as outcomes:
            for outcome in outcomes:  # closed whatever ends it, so that no upload goes on
                results.add(outcome)
                if not check:
                    progress.finished(outcome)
                    record.done(outcome)
        return _report(target, results, record, journal, cache, seconds=time.monotonic() - start)


def plan_mirror(
    target: BucketTree, spec: MirrorSpec, *, observe: Callable[[ObjectAction], None], check: bool
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
        own=spec.own_files,
    )
    problem = target.key_problem(f"{spec.prefix}name") if spec.prefix else ""
    if problem:
        raise InvalidInputError(f"use the prefix {spec.prefix!r}", f"of any key below it, {problem}", "Change prefix.")
    remote: Iterable[RemoteObject] = ()
    if target.exists():
        remote = target.entries()
    elif not (check and spec.assume_bucket):
        raise NotFoundError(
            f"sync to bucket {spec.bucket}",
            "there is no such bucket",
            "Create it with minio_bucket, or check its name.",
        )
    comparer = SizeComparer() if spec.compare == "size" else ContentComparer(target.store, spec.bucket, target.cache)
    return plan_sync(
        source,
        remote,
        comparer=comparer,
        rules=spec.rules,
        target=target,
        workers=spec.workers,
        observe=observe,
    )


def _report(
    target: BucketTree, results: Results, record: Record, journal: Journal, cache: DigestCache, *, seconds: float
) -> Report:
    returns = {**results.returns(), "seconds": round(seconds, 3)}
    journal.write("summary", bucket=target.bucket, prefix=target.prefix, **returns)
    if journal.problem:
        results.failures.append(journal.problem)
        returns["failures"] = results.failures[:MOST_FAILURES]
    return Report(
        changed=results.changed,
        diff=record.diff(f"objects of {target.where}"),
        returns={**returns, "objects": record.objects(), "objects_truncated": record.truncated},
        failure=results.message(target.where) if results.failures else "",
        warnings=(*results.warnings(), *filter(None, [cache.problem])),
    )
