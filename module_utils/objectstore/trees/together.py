"""Small things go to a worker several at a time, which asks for all of them before the first has come."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator

from ..values.model import ObjectToRead

#: How many, at most.
TOGETHER = 16


def together(items: Iterable[ObjectToRead], is_small: Callable[[ObjectToRead], bool]) -> Iterator[list[ObjectToRead]]:
    """The objects, small ones several together, and each other one alone."""
    batch: list[ObjectToRead] = []
    for item in items:
        if not is_small(item):
            yield [item]
            continue
        batch.append(item)
        if len(batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch
