"""A folder as an end of a sync: listed in order, written whole and proved, removed from; nothing outside is touched."""

from __future__ import annotations

import os
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import cached_property
from typing import Callable, Iterable, Iterator, Protocol

from ..files.digests import DigestCache
from ..files.opened import why_not
from ..store import BucketFinder, ObjectFetcher
from ..values.errors import SourceError
from ..values.model import LocalFile, ObjectToRead, SourceFault
from ..values.sizes import human_size
from .fetching import Fetcher
from .folding import folds_names
from .gate import Gate
from .localfs import OwnFiles, walk
from .partfile import PART_NAME, remove_left
from .places import Places, name_problem
from .streams import Line
from .together import together
from .verbs import Written
from .workers import outcome, outcomes

#: Objects up to this size are given to a worker several at a time.
_SMALL = 128 * 1024

#: What another shard's run left is removed when it is older, in seconds; it may want it back.
_LEFT_BY_OTHERS = 24 * 3600.0

#: How many names a remark lists.
_NAMED = 10


class FolderStore(ObjectFetcher, BucketFinder, Protocol):
    """What fetching into a folder needs of a store."""


class FolderTree:
    """The files below ``folder``, an absolute path; their keys are their paths below it.

    ``workers`` bounds the requests under way. The cache is told the ETags of what was written. ``own`` files are no
    part of it. ``alone``: what an earlier run left unfinished is nobody else's, and goes at the end of a run.
    """

    def __init__(
        self,
        store: FolderStore,
        bucket: str,
        folder: str,
        *,
        cache: DigestCache,
        workers: int,
        retries: int,
        own: OwnFiles,
        alone: bool,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._cache = cache
        self._workers = workers
        self._retries = retries
        self._own = own
        self._alone = alone
        self._places = Places(folder)
        self._left: list[str] = []
        self._passed_over: list[SourceFault] = []

    @property
    def where(self) -> str:
        """The folder, for people."""
        return self._places.folder

    @cached_property
    def folds(self) -> bool:
        """Whether the file system takes names for the same that differ in case."""
        return folds_names(self.where)

    def entries(self) -> Iterator[LocalFile]:
        """The files, sorted by the bytes of their names. What is no file, or cannot be looked at, is passed over.

        :raises SourceError: where the folder itself is none, or cannot be listed
        """
        self._check()
        for found in walk(self.where, follow=False) if os.path.isdir(self.where) else ():
            if isinstance(found, SourceFault):
                self._passed_over.append(found)
            elif PART_NAME.fullmatch(found.key.rpartition("/")[2]):
                self._left.append(found.key)
            elif not self._own.holds(found):
                yield found

    def _check(self) -> None:
        attempted = f"fetch into {self.where}"
        try:
            os.scandir(self.where).close()
        except FileNotFoundError:
            if os.path.islink(self.where):
                raise SourceError(attempted, "it is a dangling symbolic link") from None
        except NotADirectoryError:
            raise SourceError(attempted, "it is not a folder", "Give another dest.") from None
        except OSError as error:
            raise SourceError(attempted, why_not(error)) from error

    def key_problem(self, key: str) -> str:
        """Why no file can have this name; empty where one can."""
        problem = name_problem(key, self.where)
        if problem:
            return problem
        if PART_NAME.fullmatch(key.rpartition("/")[2]):
            return "its name is one of those that unfinished files have here"
        if self._own.holds(LocalFile(key, f"{self.where}/{key}", 0, 0, 0, 0, 0)):
            return "the task itself writes a file of this name"
        if self.folds and (other := self._places.other_spelling(key)):
            return f"on this file system its name is that of {other}, which is there"
        return self._places.in_the_way(key)

    def remarks(self, *, size: int) -> tuple[str, ...]:
        """What is passed over, and whether there is room for ``size`` bytes."""
        said = []
        if self._passed_over:
            names = [f"{fault.path} ({fault.reason})" for fault in self._passed_over[:_NAMED]]
            more = len(self._passed_over) - len(names)
            said.append(f"Left alone: {', '.join(names)}{f' and {more} more' if more else ''}")
        room = self._places.room()
        if room is not None and room < size:
            said.append(f"{human_size(size)} are to be written, and {human_size(room)} are free for {self.where}")
        return tuple(said)

    def write(self, items: Iterable[ObjectToRead], sent: Callable[[int], None]) -> Iterator[Written]:
        """Fetch every object; what became of each comes as it is known. ``sent`` is told bytes that have arrived."""
        with ThreadPoolExecutor(self._workers) as pool:
            gate = Gate(self._workers)
            line = Line(self._store, self._bucket, self._retries, sent, gate, beside=pool, helpers=self._workers - 1)
            fetcher = Fetcher(line, self._places, self._cache, _umask())
            try:
                yield from outcomes(self._jobs(items, pool, fetcher), self._workers)
            finally:
                line.over.set()
        self._clear(fetcher.begun)

    def _jobs(self, items: Iterable[ObjectToRead], pool: Executor, fetcher: Fetcher) -> Iterator[Future[list[Written]]]:
        """What the workers are given; the folder itself is made for the first of it."""
        for number, batch in enumerate(together(items, _is_small)):
            if not number:
                self._places.make()
            yield pool.submit(_write_batch, fetcher, batch)

    def _clear(self, begun: set[str]) -> None:
        """Remove what earlier runs left and nobody will take up."""
        older_than = time.time() - (0 if self._alone else _LEFT_BY_OTHERS)
        for name in self._left:
            if name.rpartition("/")[2] in begun:
                continue
            try:
                folder, last = self._places.parent(name)
            except OSError:
                continue
            remove_left(folder, last, older_than=older_than)

    def remove(self, keys: Iterable[str]) -> Iterator[Written]:
        """Remove every file, and the folders that are empty without it."""
        for key in keys:
            start = time.monotonic()
            problem = ""
            try:
                self._places.remove(key)
            except SourceError as error:
                problem = str(error)
            except OSError as error:
                problem = f"it could not be removed ({error.strerror})"
            yield Written(key, seconds=time.monotonic() - start, error=problem)


def _is_small(item: ObjectToRead) -> bool:
    return item.size <= _SMALL


def _write_batch(fetcher: Fetcher, batch: list[ObjectToRead]) -> list[Written]:
    with fetcher.line.gate:
        fetcher.line.ask_ahead(batch)
        return [outcome(item, fetcher.fetch) for item in batch]


def _umask() -> int:
    """The process's mask for new files, which can only be asked for by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
