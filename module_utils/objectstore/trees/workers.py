"""Items go to workers, a few more at a time than these can take, and what became of each comes as it is known."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import chain
from typing import Callable, Iterable, Iterator

from ..values.errors import ObjectStoreError
from .verbs import Item, Written

#: Batches that wait or are under way for each worker, so that none is idle while what comes next is found out.
AHEAD = 4


def outcomes(jobs: Iterable[Future[list[Written]]], workers: int) -> Iterator[Written]:
    """What became of what each job writes. ``jobs`` submits them one by one, as ``workers`` have need of more.

    Where nobody takes the rest, those that have not begun are cancelled.
    """
    running: set[Future[list[Written]]] = set()
    try:
        for job in jobs:
            running.add(job)
            if len(running) >= AHEAD * workers:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from chain.from_iterable(future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from chain.from_iterable(future.result() for future in done)
    finally:
        for future in running:
            future.cancel()


def outcome(item: Item, write: Callable[[Item], str]) -> Written:
    """What became of an item that ``write`` writes, which returns its ETag."""
    start = time.monotonic()
    try:
        etag = write(item)
    except ObjectStoreError as error:
        return Written(item.key, seconds=time.monotonic() - start, error=str(error))
    return Written(item.key, etag, time.monotonic() - start)
