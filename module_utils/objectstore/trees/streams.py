"""What comes over one connection at a time goes to its place in a file, and is proved while it comes."""

from __future__ import annotations

import random
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from threading import Event
from typing import Callable, Optional, Sequence, Union

from ..files.pieces import ShortenedError, pieces
from ..store import ObjectFetcher, Take
from ..values.errors import BusyError, ConflictError, SilentError, TransientError, VerificationError
from ..values.model import Delivery, ObjectToRead
from . import retrying
from .gate import Gate
from .partfile import Part, Stretch
from .proof import Proof

#: Where in a file an object, or a stretch of it, arrives.
Place = Union[Part, Stretch]


@dataclass
class Line:
    """Where objects come from. ``sent`` is told bytes that arrived; once ``over`` is set, nothing more is taken.

    Who takes from it is inside ``gate``. ``beside`` runs ``helpers`` at most that take part of an object beside its own
    worker.
    """

    store: ObjectFetcher
    bucket: str
    retries: int
    sent: Callable[[int], None]
    gate: Gate
    over: Event = field(default_factory=Event)
    beside: Optional[Executor] = None
    helpers: int = 0

    def help(self, work: Callable[[], None], most: int) -> list[Future[None]]:
        """Have workers that are idle do the same work, ``most`` of them."""
        return [self.beside.submit(self._help, work) for _ in range(min(most, self.helpers))] if self.beside else []

    def _help(self, work: Callable[[], None]) -> None:
        """Do it where the server may be asked for more now; who asked for help has begun, and waits for the helpers."""
        with self.gate.if_room() as entered:
            if entered:
                work()

    def attempted(self, item: ObjectToRead) -> str:
        """What an error says of an object."""
        return f"fetch {self.bucket}/{item.name}"

    def ask_ahead(self, items: Sequence[ObjectToRead]) -> None:
        """Ask for objects that this thread fetches next, in this order; those of unknown content are not told apart."""
        if all(item.etag for item in items):
            self.store.ask_ahead(self.bucket, [(item.name, item.etag) for item in items])


class OverError(Exception):
    """The run ends: nobody waits for it any more."""


class MetError(Exception):
    """What comes next is there already, or somebody is at it."""


#: What a stream goes on with after a place: another place, and its proof.
Onward = Callable[[Place], "tuple[Place, Proof]"]


class Stream:
    """Takes what belongs to one place of a file, over as many connections as it needs, one after the other.

    ``begun`` is told the first answer, and makes the proof. Nothing more is taken once there are ``problems``.
    With ``onward`` it asks for all that follows, and goes on until that raises ``MetError``: only who asks for all of
    an object is told its CRC-32 (measured with MinIO), and an MD5 takes the processor longer than all the rest.
    """

    def __init__(
        self,
        line: Line,
        item: ObjectToRead,
        place: Place,
        problems: Sequence[Exception],
        *,
        begun: Optional[Callable[[Delivery], Proof]] = None,
        onward: Optional[Onward] = None,
    ) -> None:
        self._line = line
        self._item = item
        self._problems = problems
        self._begun = begun
        self._onward = onward
        self._place = place
        self._proof: Optional[Proof] = None

    @property
    def _start(self) -> int:
        return self._place.start if isinstance(self._place, Stretch) else 0

    @property
    def _length(self) -> int:
        return self._place.length if isinstance(self._place, Stretch) else self._item.size

    def receive(self, proof: Optional[Proof] = None) -> None:
        """Take all of it, by the proof that an answer to another stream has made, or one's own."""
        if proof is not None:
            self._proof = proof
            self._reread(proof)
        tries, pause = 0, retrying.FIRST_PAUSE
        while self._proof is None or self._place.size < self._length:
            before = self._start + self._place.size
            try:
                self._ask(before)
            except MetError:
                return
            except SilentError:
                raise
            except TransientError as error:
                came = self._start + self._place.size > before
                tries = 1 if came else tries + 1
                if tries > self._line.retries:
                    raise
                self._line.gate.step_aside(pause * random.uniform(0.5, 1.0), slowed=isinstance(error, BusyError))
                pause = retrying.FIRST_PAUSE if came else min(2 * pause, retrying.LONGEST_PAUSE)

    def _ask(self, start: int) -> None:
        bounds = {} if self._begun else {"end": self._start + self._length}
        self._line.store.fetch_object(
            self._line.bucket, self._item.name, etag=self._item.etag, start=start, begin=self._begin, **bounds
        )

    def _begin(self, answer: Delivery) -> Take:
        """Judge what comes, and take it after what is there already."""
        place, item = self._place, self._item
        if answer.size != item.size or (item.etag and answer.etag != item.etag):
            raise ConflictError(self._line.attempted(item), "it was replaced while it was read")
        if answer.start != self._start + place.size:  # a server that knows no ranges begins at the first byte
            if isinstance(place, Stretch):
                raise self._other_bytes()
            place.cut(answer.start)
            self._proof = None
        if self._proof is None:
            assert self._begun is not None
            self._proof = self._begun(answer)
            self._reread(self._proof)
        return self._take

    def _reread(self, proof: Proof) -> None:
        """Have the proof take what a former run left."""
        reread(self._place.fd, self._start, self._place.size, proof, self._line.attempted(self._item))

    def _take(self, piece: memoryview) -> None:
        if self._line.over.is_set() or self._problems:
            raise OverError
        while piece:
            if self._place.size == self._length:
                if self._onward is None:
                    raise self._other_bytes()
                self._place, self._proof = self._onward(self._place)
            assert self._proof is not None
            fitting = piece[: self._length - self._place.size]
            self._place.write(fitting)
            self._proof.take(fitting)
            self._line.sent(len(fitting))
            piece = piece[len(fitting) :]

    def _other_bytes(self) -> VerificationError:
        return VerificationError(
            self._line.attempted(self._item),
            "the server sent other bytes of it than it was asked for",
            "Look for a proxy that leaves out the header Range.",
        )


def reread(fd: int, start: int, size: int, proof: Proof, attempted: str) -> None:
    """Have a proof take bytes that are in a file.

    :raises VerificationError: where they are not there any more
    """
    try:
        for piece in pieces(fd, start, size):
            proof.take(piece)
    except ShortenedError:
        raise VerificationError(attempted, "what a former run left was cut short meanwhile") from None
