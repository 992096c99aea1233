"""A store in memory whose answers are harmed on their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.objectstore.values.model import Delivery

from .memory_store import MemoryStore


class Harmed(MemoryStore):
    """A store whose answers of one object are harmed, the first ``times``."""

    def __init__(self, store: MemoryStore, harm: Callable[[bytes], bytes], times: int, key: str = "p/b") -> None:
        super().__init__(store.buckets)
        self.key = key
        self.harm = harm
        self.times = times

    def fetch_object(self, bucket: str, key: str, *, etag: str, start: int, begin: Any, end: int | None = None) -> None:
        def harmed(answer: Delivery) -> Any:
            take = begin(answer)
            return lambda piece: take(memoryview(self.harm(bytes(piece))))

        if self.times and key == self.key:
            self.times -= 1
            super().fetch_object(bucket, key, etag=etag, start=start, begin=harmed, end=end)
        else:
            super().fetch_object(bucket, key, etag=etag, start=start, begin=begin, end=end)
