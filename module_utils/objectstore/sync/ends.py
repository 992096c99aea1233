"""Both ends of a sync, put together for each direction: a source, a target, and how their contents are compared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Callable, Iterable, Iterator, Optional

from ..files.digests import DigestCache
from ..trees.bucket import BucketEnd, BucketStore, BucketTree
from ..trees.compare import ContentComparer, ObjectComparer, SizeComparer, Turned, VersionComparer
from ..trees.copying import CopyTree
from ..trees.folder import FolderStore, FolderTree
from ..trees.localfs import FolderListing, check_source
from ..trees.objects import BucketListing, KeptListing, begun
from ..trees.question import Question
from ..trees.source import Source
from ..trees.verbs import Entry, Item, Listing
from ..trees.ways import CopyStore
from ..values.errors import InvalidInputError, NotFoundError, ObjectStoreError
from ..values.model import RemoteObject
from .directions import COPY, FETCH, RESTORE, UPLOAD
from .planner import Ends
from .shadows import Clashes, Shadows
from .spec import CopySpec, FetchSpec, RestoreSpec, SyncSpec, UploadSpec

#: Makes the ends, with the cache of the run; reads what is needed for it and writes nothing.
MakeEnds = Callable[[DigestCache], Ends]


def upload_ends(store: BucketStore, spec: UploadSpec, cache: DigestCache, *, check: bool) -> Ends:
    """From a folder to a bucket.

    :raises NotFoundError: when the bucket is missing, unless a dry run was told to assume it
    """
    hides = _hides(store, spec.bucket, check=check)
    target = BucketTree(store, spec.bucket, spec.prefix, spec.workers, hides, spec.options, cache)
    source = _source(spec, FolderListing(check_source(spec.src), spec.own_files), spec.prefix)
    looking = partial(begun, store, spec.bucket, spec.prefix)
    present = _present(target, looking, "sync to", assumed=check and spec.assume_bucket)
    comparer = SizeComparer() if spec.compare == "size" else ContentComparer(store, spec.bucket, cache)
    return Ends(UPLOAD, source, target, present, Shadows(target.look), comparer)


def copy_ends(stores: tuple[CopyStore, CopyStore], spec: CopySpec, *, check: bool) -> Ends:
    """From a bucket to another, of the same store or of another one.

    :raises NotFoundError: when a bucket is missing; for that of the target, unless a dry run was told to assume it
    """
    there, here = stores
    hides = _hides(here, spec.dest_bucket, check=check)
    with ThreadPoolExecutor(max_workers=1) as beside:
        looking = beside.submit(begun, here, spec.dest_bucket, spec.dest_prefix)
        listing = _listing(begun(there, spec.bucket, spec.prefix), spec, "copy from")
    source = there, spec.bucket
    target = CopyTree(here, spec.dest_bucket, spec.dest_prefix, spec.workers, hides, source, spec.retries)
    present = _present(target, looking.result, "copy to", assumed=check and spec.assume_bucket)
    comparer = SizeComparer() if spec.compare == "size" else ObjectComparer(source, (here, spec.dest_bucket))
    return Ends(COPY, _source(spec, listing, spec.dest_prefix), target, present, Shadows(target.look), comparer)


def restore_ends(store: CopyStore, spec: RestoreSpec, *, check: bool) -> Ends:
    """From versions of a bucket to what is there now."""
    hides = _hides(store, spec.bucket, check=check)
    target = CopyTree(store, spec.bucket, spec.prefix, spec.workers, hides, (store, spec.bucket), spec.retries)
    listing = KeptListing(spec.bucket, spec.prefix, spec.objects)
    comparer = VersionComparer(store, spec.bucket)
    return Ends(RESTORE, _source(spec, listing, spec.prefix), target, target.entries(), Shadows(target.look), comparer)


def fetch_ends(store: FolderStore, spec: FetchSpec, cache: DigestCache) -> Ends:
    """From a bucket to a folder.

    :raises NotFoundError: when the bucket is missing
    :raises SourceError: when the folder cannot be one, or be listed
    """
    listing = _listing(begun(store, spec.bucket, spec.prefix), spec, "fetch from")
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


def _hides(store: BucketStore, bucket: str, *, check: bool) -> Question[bool]:
    """Whether a bucket hides content from ETags: asked beside its listing, and by no dry run."""
    hides = Question(partial(store.hides_content, bucket))
    if not check:
        hides.begin()
    return hides


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


def _listing(objects: Optional[Iterator[RemoteObject]], spec: SyncSpec, attempted: str) -> BucketListing:
    if objects is None:
        raise _no_bucket(attempted, spec.bucket, "Check its name.")
    return BucketListing(objects, spec.bucket, spec.prefix)


def _present(
    target: BucketEnd, look: Callable[[], Optional[Iterable[Entry]]], attempted: str, *, assumed: bool
) -> Iterable[Entry]:
    """What a bucket has below the prefix; nothing where a bucket that is missing is ``assumed``."""
    try:
        found = look()
    except ObjectStoreError:
        _check_prefix(target)  # which has better words than a server
        raise
    _check_prefix(target)
    if found is None and not assumed:
        raise _no_bucket(attempted, target.bucket, "Create it with minio_bucket, or check its name.")
    return found or ()


def _check_prefix(target: BucketEnd) -> None:
    prefix = target.prefix
    problem = target.key_problem(f"{prefix}name") if prefix else ""
    if problem:
        raise InvalidInputError(f"use the prefix {prefix!r}", f"of any key below it, {problem}", "Change it.")


def _no_bucket(attempted: str, bucket: str, hint: str) -> NotFoundError:
    return NotFoundError(f"{attempted} bucket {bucket}", "there is no such bucket", hint)
