"""Both ends of a sync, put together for each direction: a source, a target, and how their contents are compared."""

from __future__ import annotations

from typing import Callable, Iterable

from ..files.digests import DigestCache
from ..trees.bucket import BucketStore, BucketTree
from ..trees.compare import ContentComparer, SizeComparer, Turned
from ..trees.folder import FolderStore, FolderTree
from ..trees.localfs import FolderListing, check_source
from ..trees.objects import BucketListing
from ..trees.source import Source
from ..trees.verbs import Entry, Item, Listing
from ..values.errors import InvalidInputError, NotFoundError
from .directions import FETCH, UPLOAD
from .planner import Ends
from .shadows import Clashes, Shadows
from .spec import FetchSpec, SyncSpec, UploadSpec

#: Makes the ends, with the cache of the run; reads what is needed for it and writes nothing.
MakeEnds = Callable[[DigestCache], Ends]


def upload_ends(store: BucketStore, spec: UploadSpec, cache: DigestCache, *, check: bool) -> Ends:
    """From a folder to a bucket.

    :raises NotFoundError: when the bucket is missing, unless a dry run was told to assume it
    """
    target = BucketTree(store, spec.bucket, spec.prefix, spec.options, cache, spec.workers)
    source = _source(spec, FolderListing(check_source(spec.src), spec.own_files), spec.prefix)
    problem = target.key_problem(f"{spec.prefix}name") if spec.prefix else ""
    if problem:
        raise InvalidInputError(f"use the prefix {spec.prefix!r}", f"of any key below it, {problem}", "Change prefix.")
    present: Iterable[Entry] = ()
    if target.exists():
        present = target.entries()
    elif not (check and spec.assume_bucket):
        raise _no_bucket("sync to", spec.bucket, "Create it with minio_bucket, or check its name.")
    comparer = SizeComparer() if spec.compare == "size" else ContentComparer(store, spec.bucket, cache)
    return Ends(UPLOAD, source, target, present, Shadows(target.look), comparer)


def fetch_ends(store: FolderStore, spec: FetchSpec, cache: DigestCache) -> Ends:
    """From a bucket to a folder.

    :raises NotFoundError: when the bucket is missing
    :raises SourceError: when the folder cannot be one, or be listed
    """
    listing = BucketListing(store, spec.bucket, spec.prefix)
    if not listing.exists():
        raise _no_bucket("fetch from", spec.bucket, "Check its name.")
    target = FolderTree(
        store,
        spec.bucket,
        spec.dest,
        cache=cache,
        workers=spec.workers,
        retries=spec.retries,
        own=spec.own_files,
        alone=spec.shard.count == 1,
    )
    comparer = SizeComparer() if spec.compare == "size" else ContentComparer(store, spec.bucket, cache)
    clashes = Clashes(folds=target.folds)
    return Ends(FETCH, _source(spec, listing, ""), target, target.entries(), clashes, Turned(comparer))


def _source(spec: SyncSpec, listing: Listing[Item], prefix: str) -> Source[Item]:
    return Source(
        listing=listing,
        prefix=prefix,
        selection=spec.selection,
        naming=spec.naming,
        unmatched_action=spec.unmatched,
        shard=spec.shard,
        recurse=spec.recurse,
    )


def _no_bucket(attempted: str, bucket: str, hint: str) -> NotFoundError:
    return NotFoundError(f"{attempted} bucket {bucket}", "there is no such bucket", hint)
