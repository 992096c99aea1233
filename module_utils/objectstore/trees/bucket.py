"""A prefix of a bucket as an end of a sync: listed in order, looked at by key, written and proved, removed from."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Callable, Iterable, Iterator, Optional, Protocol

from ..files.digests import DigestCache
from ..store import ArchiveSender, ObjectReader, ObjectSender, ObjectWriter
from ..values.errors import ObjectStoreError
from ..values.limits import key_problem
from ..values.model import LocalFile, RemoteObject
from .bundling import BUNDLING, FEWEST_FILES, Bundler, batches
from .gate import Gate
from .question import Question
from .sending import Sender, SendOptions
from .verbs import Written
from .workers import outcome, outcomes

#: Keys that one request may remove (S3 API).
REMOVAL_BATCH = 1000


class BucketStore(ObjectReader, ObjectSender, ObjectWriter, ArchiveSender, Protocol):
    """What a prefix of a bucket needs of a store."""

    def hides_content(self, bucket: str) -> bool:
        """Whether the bucket encrypts so that ETags say nothing about content."""


@dataclass(frozen=True)
class BucketEnd:
    """The objects of ``bucket`` below ``prefix``, which is empty or ends in ``/``, but for how they are written.

    ``workers`` bounds the requests under way; there are fewer where the server says that they are too many.
    ``hides`` asks whether ETags say nothing about what is written.
    """

    store: BucketStore
    bucket: str
    prefix: str
    workers: int
    hides: Question[bool]

    @property
    def where(self) -> str:
        """Bucket and prefix, for people."""
        return f"{self.bucket}/{self.prefix}"

    def entries(self) -> Iterator[RemoteObject]:
        """The objects, sorted by the bytes of their keys."""
        return self.store.list_objects(self.bucket, self.prefix)

    def look(self, key: str) -> Optional[RemoteObject]:
        """One object; ``None`` where there is none."""
        seen = self.store.stat_object(self.bucket, key)
        return RemoteObject(key, seen.size, seen.etag) if seen else None

    def key_problem(self, key: str) -> str:
        """Why no object can have this key; empty where one can."""
        return key_problem(key, of_server=self.store.abilities.key_problem)

    def remarks(self, *, size: int) -> tuple[str, ...]:  # noqa: ARG002  # nobody knows how much room a store has
        """Nothing."""
        return ()

    def remove(self, keys: Iterable[str]) -> Iterator[Written]:
        """Remove every object; each key's own answer decides."""
        remaining = iter(keys)
        while batch := list(islice(remaining, REMOVAL_BATCH)):
            start = time.monotonic()
            try:
                refused = {error.key: error.reason for error in self.store.remove_objects(self.bucket, batch)}
            except ObjectStoreError as error:
                refused = dict.fromkeys(batch, str(error))
            seconds = time.monotonic() - start
            for key in batch:
                yield Written(key, seconds=seconds, error=refused.get(key, ""))


@dataclass(frozen=True)
class BucketTree(BucketEnd):
    """The objects that files become. The cache is told the ETags of what was written."""

    options: SendOptions
    cache: DigestCache

    def write(self, files: Iterable[LocalFile], sent: Callable[[int], None]) -> Iterator[Written]:
        """Send every file; what became of each comes as it is known. ``sent`` is told bytes that have arrived.

        Files go in parallel first; the parts of a large file use the workers that no other file wants.
        Small files are bundled where the server can unpack them.
        """
        files = iter(files)
        first = next(files, None)
        if first is None:
            return
        files = chain([first], files)
        opaque = self.hides.answer()
        options = replace(self.options, headers=replace(self.options.headers, opaque=opaque))
        bundled = not opaque and self.store.abilities.unpack_archives
        with (
            ThreadPoolExecutor(self.workers) as pool,
            ThreadPoolExecutor(min(self.workers, BUNDLING)) as packing,
            ThreadPoolExecutor(self.workers) as parts,
        ):
            sender = Sender(
                self.store,
                self.bucket,
                options=options,
                cache=self.cache,
                gate=Gate(self.workers),
                parts=parts,
                sent=sent,
            )
            bundler = Bundler(self.store, self.bucket, self.prefix, headers=sender.headers, cache=self.cache)
            yield from outcomes(
                (
                    (packing if len(batch) >= FEWEST_FILES else pool).submit(_write_batch, sender, bundler, batch)
                    for batch in batches(files, bundled=bundled)
                ),
                self.workers,
            )


def _write_batch(sender: Sender, bundler: Bundler, batch: list[LocalFile]) -> list[Written]:
    start = time.monotonic()
    proved = bundler.send(batch) if len(batch) >= FEWEST_FILES else {}
    seconds = (time.monotonic() - start) / len(batch)
    results = []
    for file in batch:
        if file.key in proved:
            sender.sent(file.size)
            results.append(Written(file.key, proved[file.key], seconds))
        else:
            results.append(outcome(file, sender.send))
    return results
