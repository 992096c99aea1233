"""One object becomes one file, proved to hold what the server says of it, or nothing changes.

Content goes to a file beside the place (``partfile``) and is proved while it arrives (``proof``). A connection that
breaks is taken up again at the byte where it broke, for the same content and no other (If-Match); so is a run that was
killed, by the next one. Only what is whole and proved takes the place, in one step.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Callable, Sequence

from ..files.digests import OPAQUE, DigestCache
from ..files.opened import of_status
from ..values.errors import (
    ConflictError,
    NotFoundError,
    ObjectStoreError,
    SourceError,
    TransientError,
    VerificationError,
)
from ..values.model import Delivery, ObjectToRead
from . import retrying
from .layouts import layout_of, layouts, stretches_of
from .localfs import kind_problem
from .partfile import Part, Stretch, open_part, part_name
from .places import Places
from .proof import Proof, joined, proof_of
from .streams import Line, MetError, OverError, Place, Stream, reread
from .unnamed import Unnamed, can_be_named, unnamed_part

#: How often an object that is replaced while it is fetched, or does not prove, is begun again.
TRIES = 3

#: From this size on, what arrived of an object is kept for the next run.
RESUMED_FROM = 1024 * 1024

#: Parts of an object that come over one connection have this size together, at least.
STRETCH = 16 * 1024 * 1024


def repeated(line: Line, item: ObjectToRead, make: Callable[[ObjectToRead], str]) -> str:
    """What ``make`` returns, which is called again for an object that is replaced meanwhile or does not prove.

    :raises SourceError: for one that is replaced each time
    """
    problem: ObjectStoreError = SourceError(line.attempted(item), "it was not tried")
    for attempt in range(TRIES):
        if attempt:
            time.sleep(attempt * retrying.FIRST_PAUSE)
            item = _as_it_is(line, item)
        try:
            return make(item)
        except (ConflictError, VerificationError) as error:
            problem = error
    if isinstance(problem, ConflictError):
        raise SourceError(
            line.attempted(item),
            f"it was replaced each time it was read ({TRIES} tries)",
            "Run again when nothing writes to it. What it would replace is as before.",
        )
    raise problem


def _as_it_is(line: Line, item: ObjectToRead) -> ObjectToRead:
    seen = line.store.stat_object(line.bucket, item.name, version=item.version)
    if seen is None:
        raise NotFoundError(line.attempted(item), "it was removed meanwhile")
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
        return repeated(self.line, item, self._fetch)

    def _fetch(self, item: ObjectToRead) -> str:
        try:
            folder, last = self.places.parent(item.key, make=True)
            with self._part(folder, item) as part:
                delivery = Receiver(self.line, item, part)
                try:
                    delivery.receive()
                except (TransientError, OverError):
                    part.kept = delivery.there >= RESUMED_FROM
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

    def _part(self, folder: int, item: ObjectToRead) -> AbstractContextManager[Part]:
        name = part_name(self.line.bucket, item.name, item.etag, item.key)
        small = item.size < RESUMED_FROM and self._unnamed
        return unnamed_part(folder, name) if small else open_part(folder, name)

    @cached_property
    def _unnamed(self) -> bool:
        """Whether what is not kept for the next run needs no name until it is whole."""
        return can_be_named(self.places.folder, part_name(self.line.bucket))

    def _settle(self, item: ObjectToRead, part: Part, last: bytes, delivery: Receiver) -> None:
        """Give the file its times, and its place."""
        modified = int(delivery.answer.modified * 1_000_000_000)
        if modified:
            os.utime(part.fd, ns=(time.time_ns(), modified))
        if not (isinstance(part, Unnamed) and part.appear(last)):
            self._take_after(item, part, last)
            part.become(last)
        file = of_status(f"{self.places.folder}/{item.key}", item.key, os.fstat(part.fd))
        self.cache.remember(file, delivery.layout, delivery.answer.etag, dated=bool(modified))

    def _take_after(self, item: ObjectToRead, part: Part, last: bytes) -> None:
        """Give the file owner and mode of what it replaces, else the mode of a new one."""
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


class Receiver:
    """Takes one object into a part file. ``layout``: the cache's word for it.

    A large one that was uploaded in parts comes in stretches of whole parts: from the first on, and, where workers are
    idle, from the last one back. Each is proved by itself, and all together make what the server says of the object.
    """

    def __init__(self, line: Line, item: ObjectToRead, part: Part) -> None:
        self._line = line
        self._item = item
        self._part = part
        self._made = layouts(line.store, line.bucket, item.name, size=item.size, etag=item.etag)
        self._known = list(islice(self._made, 1))
        self._groups = stretches_of(self._known[0], least=STRETCH) if self._known and item.size > STRETCH else []
        self.layout = layout_of(self._known[0]) if self._known else OPAQUE
        self.answer = Delivery(0, 0, "")
        self._proofs: list[Proof] = []
        apart = len(self._groups) > 1
        self._places: Sequence[Place] = part.stretches([sum(group) for group in self._groups]) if apart else [part]
        self._waiting = deque(range(1, len(self._places)))
        self._helpers: list[Future[None]] = []
        self._problems: list[Exception] = []

    @property
    def there(self) -> int:
        """Bytes of the object that are in the file."""
        return sum(place.size for place in self._places)

    def receive(self) -> None:
        """Take all of it.

        :raises VerificationError: where it is not what the server says of it
        """
        first, onward = self._places[0], self._next if len(self._places) > 1 else None
        stream = Stream(self._line, self._item, first, self._problems, begun=self._begun, onward=onward)
        length = first.length if isinstance(first, Stretch) else self._item.size
        # so that there is something to ask for, and the server says what it has
        first.cut(min(first.size, max(length - 1, 0)) if self._item.size >= RESUMED_FROM else 0)
        try:
            self._work(stream.receive)
            self._work(self._take_what_waits)
        finally:
            working = [helper for helper in self._helpers if not helper.cancel()]
            if working:
                with self._line.gate.outside():
                    wait(working)
        for helper in working:
            helper.result()
        if self._problems:
            try:
                raise self._problems[0]
            finally:
                self._problems.clear()  # or each would hold what is open here, by its traceback
        if len(self._places) > 1:
            self._part.end(self._item.size)
        self._check()

    def _begun(self, answer: Delivery) -> Proof:
        """The proof for the first stream, now that it is known what there is; the others can begin."""
        self.answer = answer
        sizes = self._known[0] if self._known else None
        proof = proof_of(answer, sizes, known=bool(self._known))
        if proof.sizes is None or len(self._places) == 1:
            self._proofs = [proof]  # it takes the bytes in their order
        else:
            self._proofs = [Proof(proof.kind, proof.expected, group, proof.make) for group in self._groups]
            self._helpers = self._line.help(partial(self._work, self._take_what_waits), len(self._waiting))
        return self._proofs[0]

    def _work(self, work: Callable[[], None]) -> None:
        """Do it, unless somebody failed; where it fails itself, the others end as well."""
        if self._problems:
            return
        try:
            work()
        except (ObjectStoreError, OSError, OverError) as problem:
            self._problems.append(problem)

    def _take_what_waits(self) -> None:
        """Take stretches, from the last one back unless their order matters, as long as nobody is at them."""
        taken = self._waiting.pop if len(self._proofs) > 1 else self._waiting.popleft
        while number := self._claimed(taken):
            Stream(self._line, self._item, self._places[number], self._problems).receive(self._proof_of(number))

    def _next(self, place: Place) -> tuple[Place, Proof]:
        """The stretch after one that came whole, where nothing of it is there and nobody is at it."""
        number = self._places.index(place) + 1
        found = self._claimed(self._waiting.popleft)
        if found == number and self._places[number].size == 0:
            return self._places[number], self._proof_of(number)
        if found:
            self._waiting.appendleft(found)
        raise MetError

    @staticmethod
    def _claimed(taken: Callable[[], int]) -> int:
        """The number of a stretch, which is nobody else's now; 0 where none waits."""
        try:
            return taken()
        except IndexError:
            return 0

    def _proof_of(self, number: int) -> Proof:
        return self._proofs[number] if len(self._proofs) > 1 else self._proofs[0]

    def _check(self) -> None:
        """Compare with what the server said; parts may be of other sizes than was likeliest."""
        proof = joined(self._proofs, self._known[0]) if len(self._proofs) > 1 else self._proofs[0]
        if proof.holds:
            return
        for sizes in self._made if proof.sizes is not None else ():
            other = Proof(proof.kind, proof.expected, sizes, proof.make)
            reread(self._part.fd, 0, self._item.size, other, self._line.attempted(self._item))
            if other.holds:
                self.layout = layout_of(sizes)
                return
        raise VerificationError(
            self._line.attempted(self._item),
            f"what arrived makes the {proof.kind} {proof.found()}, and the server says {proof.expected}",
            "Run again; if it stays, look for a proxy that changes bodies, or for damage in the store.",
        )
