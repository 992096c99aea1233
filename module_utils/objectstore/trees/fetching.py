"""One object becomes one file, proved to hold what the server says of it, or nothing changes.

Content goes to a file beside the place (``partfile``) and is proved while it arrives (``proof``). A connection that
breaks is taken up again at the byte where it broke, for the same content and no other (If-Match); so is a run that was
killed, by the next one. Only what is whole and proved takes the place, in one step.
"""

from __future__ import annotations

import os
import random
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from threading import Event
from typing import Callable, Optional, Sequence

from ..files.digests import OPAQUE, DigestCache
from ..files.opened import of_status
from ..store import ObjectFetcher, Take
from ..values.errors import (
    ConflictError,
    NotFoundError,
    ObjectStoreError,
    SilentError,
    SourceError,
    TransientError,
    VerificationError,
)
from ..values.model import Delivery, ObjectToRead
from . import retrying
from .layouts import layout_of, layouts
from .localfs import kind_problem
from .partfile import Part, open_part, part_name
from .places import Places
from .proof import Proof, proof_of

#: How often an object that is replaced while it is fetched, or does not prove, is begun again.
TRIES = 3

#: From this size on, what arrived of an object is kept for the next run.
RESUMED_FROM = 1024 * 1024

_SLICE = 1024 * 1024


@dataclass
class Line:
    """Where objects come from. ``sent`` is told bytes that arrived; once ``over`` is set, nothing more is taken."""

    store: ObjectFetcher
    bucket: str
    retries: int
    sent: Callable[[int], None]
    over: Event = field(default_factory=Event)

    def attempted(self, item: ObjectToRead) -> str:
        """What an error says of an object."""
        return f"fetch {self.bucket}/{item.name}"

    def ask_ahead(self, items: Sequence[ObjectToRead]) -> None:
        """Ask for objects that this thread fetches next, in this order; those of unknown content are not told apart."""
        if all(item.etag for item in items):
            self.store.ask_ahead(self.bucket, [(item.name, item.etag) for item in items])

    def repeated(self, item: ObjectToRead, make: Callable[[ObjectToRead], str]) -> str:
        """What ``make`` returns, which is called again for an object that is replaced meanwhile or does not prove.

        :raises SourceError: for one that is replaced each time
        """
        problem: ObjectStoreError = SourceError(self.attempted(item), "it was not tried")
        for attempt in range(TRIES):
            if attempt:
                time.sleep(attempt * retrying.FIRST_PAUSE)
                item = self._as_it_is(item)
            try:
                return make(item)
            except (ConflictError, VerificationError) as error:
                problem = error
        if isinstance(problem, ConflictError):
            raise SourceError(
                self.attempted(item),
                f"it was replaced each time it was read ({TRIES} tries)",
                "Run again when nothing writes to it. What it would replace is as before.",
            )
        raise problem

    def _as_it_is(self, item: ObjectToRead) -> ObjectToRead:
        seen = self.store.stat_object(self.bucket, item.name, version=item.version)
        if seen is None:
            raise NotFoundError(self.attempted(item), "it was removed meanwhile")
        return item._replace(size=seen.size, etag=seen.etag)


@dataclass
class Fetcher:
    """Makes files in ``places``. ``begun`` collects the names of files that wait for the next run."""

    line: Line
    places: Places
    cache: DigestCache
    umask: int
    begun: set[str] = field(default_factory=set)

    def fetch(self, item: ObjectToRead) -> str:
        """Make the file of the object as it is now; returns the object's ETag.

        :raises SourceError: when the file cannot be written
        :raises ObjectStoreError: when the store refuses, stays unreachable, or sends what is not its object
        """
        return self.line.repeated(item, self._fetch)

    def _fetch(self, item: ObjectToRead) -> str:
        try:
            folder, last = self.places.parent(item.key, make=True)
            name = part_name(self.line.bucket, item.name, item.etag, item.key)
            with open_part(folder, name) as part:
                delivery = Receiver(self.line, item, part)
                try:
                    delivery.receive()
                except (TransientError, OverError):
                    part.kept = part.size >= RESUMED_FROM
                    raise
                finally:
                    if part.kept:
                        self.begun.add(part.name.decode())
                self._settle(item, part, last, delivery)
        except OSError as error:
            self.places.forget()
            raise SourceError(
                self.line.attempted(item),
                f"{self.places.folder}/{item.key} could not be written ({error.strerror or error})",
                "What was there before is unchanged. Check the space and the permissions of its folder.",
            ) from error
        return delivery.answer.etag

    def _settle(self, item: ObjectToRead, part: Part, last: bytes, delivery: Receiver) -> None:
        """Give the file its mode and times, and its place; what was there before leaves owner and mode to it."""
        with_mode = 0o666 & ~self.umask
        with suppress(FileNotFoundError):
            former = os.stat(last, dir_fd=part.folder, follow_symlinks=False)
            problem = kind_problem(former.st_mode)
            if problem:
                raise SourceError(f"write {self.places.folder}/{item.key}", f"of what is in its place, {problem}")
            with_mode = stat.S_IMODE(former.st_mode)
            if (former.st_uid, former.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(PermissionError):
                    os.fchown(part.fd, former.st_uid, former.st_gid)
        os.fchmod(part.fd, with_mode)
        modified = int(delivery.answer.modified * 1_000_000_000)
        if modified:
            os.utime(part.fd, ns=(time.time_ns(), modified))
        part.become(last)
        file = of_status(f"{self.places.folder}/{item.key}", item.key, os.fstat(part.fd))
        self.cache.remember(file, delivery.layout, delivery.answer.etag, dated=bool(modified))


class OverError(Exception):
    """The run ends: nobody waits for it any more."""


class Receiver:
    """Takes one object into a part file, over as many connections as it needs. ``layout``: the cache's word for it."""

    def __init__(self, line: Line, item: ObjectToRead, part: Part) -> None:
        self._line = line
        self._item = item
        self._part = part
        self._proof: Optional[Proof] = None
        self._made = layouts(line.store, line.bucket, item.name, size=item.size, etag=item.etag)
        self._known = list(islice(self._made, 1))
        self.layout = layout_of(self._known[0]) if self._known else OPAQUE
        self.answer = Delivery(0, 0, "")

    def receive(self) -> None:
        """Take all of it.

        :raises VerificationError: where it is not what the server says of it
        """
        part, item = self._part, self._item
        part.cut(min(part.size, max(item.size - 1, 0)) if item.size >= RESUMED_FROM else 0)
        tries, pause = 0, retrying.FIRST_PAUSE
        while not self._proof or part.size < item.size:
            before = part.size
            try:
                self._line.store.fetch_object(
                    self._line.bucket, item.name, etag=item.etag, start=part.size, begin=self._begin
                )
            except SilentError:
                raise
            except TransientError:
                tries = 1 if part.size > before else tries + 1
                if tries > self._line.retries:
                    raise
                time.sleep(pause * random.uniform(0.5, 1.0))
                pause = retrying.FIRST_PAUSE if part.size > before else min(2 * pause, retrying.LONGEST_PAUSE)
        self._check()

    def _begin(self, answer: Delivery) -> Take:
        """Judge what comes, and take it after what is there already."""
        part, item = self._part, self._item
        if answer.size != item.size or (item.etag and answer.etag != item.etag):
            raise ConflictError(self._attempted, "it was replaced while it was read")
        if answer.start != part.size:  # a server that knows no ranges begins at the first byte
            part.cut(answer.start)
            self._proof = None
        if self._proof is None:
            self.answer = answer
            sizes = self._known[0] if self._known else None
            self._proof = proof_of(answer, sizes, known=bool(self._known))
            self._reread(self._proof)
        return self._take

    def _reread(self, proof: Proof) -> None:
        """Have the proof take what a former run left."""
        buffer, position = memoryview(bytearray(min(_SLICE, max(self._part.size, 1)))), 0
        while position < self._part.size:
            count = os.preadv(self._part.fd, [buffer[: min(len(buffer), self._part.size - position)]], position)
            if not count:
                raise VerificationError(self._attempted, "what a former run left was cut short meanwhile")
            proof.take(buffer[:count])
            position += count

    def _take(self, piece: memoryview) -> None:
        if self._line.over.is_set():
            raise OverError
        assert self._proof is not None
        self._part.write(piece)
        self._proof.take(piece)
        self._line.sent(len(piece))

    def _check(self) -> None:
        """Compare with what the server said; parts may be of other sizes than was likeliest."""
        proof = self._proof
        assert proof is not None
        if proof.holds:
            return
        for sizes in self._made if proof.sizes is not None else ():
            other = Proof(proof.kind, proof.expected, sizes, proof.make)
            self._reread(other)
            if other.holds:
                self.layout = layout_of(sizes)
                return
        raise VerificationError(
            self._attempted,
            f"what arrived makes the {proof.kind} {proof.found()}, and the server says {proof.expected}",
            "Run again; if it stays, look for a proxy that changes bodies, or for damage in the store.",
        )

    @property
    def _attempted(self) -> str:
        return self._line.attempted(self._item)
