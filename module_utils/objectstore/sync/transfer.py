"""Carrying a sync plan out: uploads in parallel, then removals in batches, each with its own outcome."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain, islice
from threading import Semaphore
from typing import Callable, Iterable, Iterator, NamedTuple, Protocol

from ..files.digests import DigestCache
from ..values.errors import ObjectStoreError
from .bundling import FEWEST_FILES, Bundler, BundleStore, batches
from .decisions import ObjectAction
from .sending import Sender, SendingStore, SendOptions

#: Keys that one request may remove (S3 API).
REMOVAL_BATCH = 1000


class UploadStore(SendingStore, BundleStore, Protocol):
    """What uploading needs of a store."""


class Outcome(NamedTuple):
    """What became of an action: the object's ETag and how long it took in seconds, or why it failed."""

    action: ObjectAction
    etag: str = ""
    seconds: float = 0.0
    error: str = ""


def upload(
    store: UploadStore,
    bucket: str,
    prefix: str,
    actions: Iterable[ObjectAction],
    *,
    workers: int,
    options: SendOptions,
    cache: DigestCache,
    sent: Callable[[int], None],
) -> Iterator[Outcome]:
    """Send every file, ``workers`` requests at a time; outcomes come as they are known.

    Files go in parallel first; the parts of a large file use the workers that no other file wants.
    Small files are bundled where the server can unpack them.
    """
    running: set[Future[list[Outcome]]] = set()
    bundled = not options.opaque and store.abilities.unpack_archives
    with ThreadPoolExecutor(workers) as files, ThreadPoolExecutor(workers) as parts:
        sender = Sender(store, bucket, options=options, cache=cache, slots=Semaphore(workers), parts=parts, sent=sent)
        bundler = Bundler(store, bucket, prefix, headers=sender.headers, cache=cache)
        try:
            for batch in batches(actions, bundled=bundled):
                running.add(files.submit(_upload_batch, sender, bundler, batch))
                if len(running) >= 4 * workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from chain.from_iterable(future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from chain.from_iterable(future.result() for future in done)
        finally:
            for future in running:
                future.cancel()


def _upload_batch(sender: Sender, bundler: Bundler, batch: list[ObjectAction]) -> list[Outcome]:
    start = time.monotonic()
    files = [action.local for action in batch if action.local is not None]
    proved = bundler.send(files) if len(batch) >= FEWEST_FILES else {}
    seconds = (time.monotonic() - start) / len(batch)
    outcomes = []
    for action in batch:
        if action.key in proved:
            sender.sent(action.size)
            outcomes.append(Outcome(action, proved[action.key], seconds))
        else:
            outcomes.append(_upload_one(sender, action))
    return outcomes


def _upload_one(sender: Sender, action: ObjectAction) -> Outcome:
    assert action.local is not None
    start = time.monotonic()
    try:
        etag = sender.send(action.local)
    except ObjectStoreError as error:
        return Outcome(action, seconds=time.monotonic() - start, error=str(error))
    return Outcome(action, etag, time.monotonic() - start)


def remove(store: SendingStore, bucket: str, actions: Iterable[ObjectAction]) -> Iterator[Outcome]:
    """Remove every object; each key's own answer decides."""
    remaining = iter(actions)
    while batch := {action.key: action for action in islice(remaining, REMOVAL_BATCH)}:
        start = time.monotonic()
        try:
            refused = {error.key: error.reason for error in store.remove_objects(bucket, batch)}
        except ObjectStoreError as error:
            refused = dict.fromkeys(batch, str(error))
        seconds = time.monotonic() - start
        for key, action in batch.items():
            yield Outcome(action, seconds=seconds, error=refused.get(key, ""))
