"""A list that does not grow in memory: beyond a few MiB its items wait on disk."""

from __future__ import annotations

import pickle
from tempfile import SpooledTemporaryFile
from typing import Generic, Iterator, TypeVar

Item = TypeVar("Item")

_IN_MEMORY = 8 * 1024 * 1024


class Spool(Generic[Item]):
    """Append first, then iterate as often as needed. The file behind it has no name, so nothing is left of it.

    :param in_memory: bytes that are held before they go to disk, at least 1
    """

    def __init__(self, *, in_memory: int = _IN_MEMORY) -> None:
        self._file = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115  # lives as long as the spool
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, item: Item) -> None:
        """Add an item that can be pickled."""
        pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[Item]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301  # what this process wrote itself

    def __del__(self) -> None:
        """Free the memory and the disk space, also where a plan was refused half way."""
        self._file.close()
