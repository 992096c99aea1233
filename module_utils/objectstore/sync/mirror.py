"""A whole sync, from top to bottom: both ends, the plan, carrying it out, and what is reported."""

from __future__ import annotations

import time
from contextlib import closing

from ..files.digests import DigestCache
from ..trees.bucket import BucketStore
from ..trees.folder import FolderStore
from ..trees.ways import CopyStore
from ..values.change import Report
from ..values.errors import ObjectStoreError
from .decisions import ObjectAction
from .ends import MakeEnds, copy_ends, fetch_ends, restore_ends, upload_ends
from .journal import Journal, Record
from .planner import Ends, plan_sync
from .progress import Progress
from .results import MOST_FAILURES, Results
from .spec import CopySpec, FetchSpec, RestoreSpec, SyncSpec, UploadSpec
from .transfer import carry_out, predicted
from .watch import stop_when_unwatched


def run_upload(store: BucketStore, spec: UploadSpec, *, check: bool) -> Report:
    """A sync from a folder to a bucket."""
    return run_sync(lambda cache: upload_ends(store, spec, cache, check=check), spec, check=check)


def run_fetch(store: FolderStore, spec: FetchSpec, *, check: bool) -> Report:
    """A sync from a bucket to a folder."""
    return run_sync(lambda cache: fetch_ends(store, spec, cache), spec, check=check)


def run_copy(stores: tuple[CopyStore, CopyStore], spec: CopySpec, *, check: bool) -> Report:
    """A sync from a bucket to another. ``stores`` are that of the source and that of the target, which may be one."""
    return run_sync(lambda _cache: copy_ends(stores, spec, check=check), spec, check=check)


def run_restore(store: CopyStore, spec: RestoreSpec, *, check: bool) -> Report:
    """A sync from what a bucket held once to what it holds."""
    return run_sync(lambda _cache: restore_ends(store, spec, check=check), spec, check=check)


def run_sync(make_ends: MakeEnds, spec: SyncSpec, *, check: bool) -> Report:
    """Plan, carry out unless ``check``, and report; the log and the cache are closed whatever happens."""
    start = time.monotonic()
    with (
        stop_when_unwatched(spec.recording.progress_file),
        closing(DigestCache(spec.digest_cache or None, writable=not check)) as cache,
        closing(Journal(spec.recording.log, check=check)) as journal,
    ):
        record = Record(journal, spec.recording, check=check)
        progress = Progress(spec.recording.progress_file)

        def observe(action: ObjectAction) -> None:
            record.planned(action)
            progress.compared(action)

        try:
            ends = make_ends(cache)
            plan = plan_sync(ends, rules=spec.rules, workers=spec.workers, observe=observe)
        except ObjectStoreError as error:
            journal.write("refused", **spec.named, error=str(error))
            raise
        cache.release()
        progress.begin(plan)
        results = Results(plan, [f"{fault.path}: {fault.reason}" for fault in plan.faults])
        with closing(predicted(plan) if check else carry_out(ends.target, plan, sent=progress.sent)) as outcomes:
            for outcome in outcomes:  # closed whatever ends it, so that nothing goes on
                results.add(outcome)
                if not check:
                    progress.finished(outcome)
                    record.done(outcome)
        returns = {**results.returns(), "seconds": round(time.monotonic() - start, 3)}
        journal.write("summary", **spec.named, **returns)
        return _report(ends, results, record, returns, problems=(journal.problem, cache.problem))


def _report(
    ends: Ends, results: Results, record: Record, returns: dict[str, object], *, problems: tuple[str, str]
) -> Report:
    """The module's end. ``problems`` are those of the log, which is a failure, and of the cache, which is not."""
    of_log, of_cache = problems
    where = ends.target.where
    if of_log:
        results.failures.append(of_log)
        returns = {**returns, "failures": results.failures[:MOST_FAILURES]}
    return Report(
        changed=results.changed,
        diff=record.diff(f"{ends.direction.things} of {where}"),
        returns={**returns, "objects": record.objects(), "objects_truncated": record.truncated},
        failure=results.message(where) if results.failures else "",
        warnings=(*results.warnings(), *filter(None, [of_cache])),
    )
