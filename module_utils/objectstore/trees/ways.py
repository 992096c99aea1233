"""How content comes from one object to the other: by the server itself, or through this host."""

from __future__ import annotations

import re
import tempfile
from base64 import b64encode
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Semaphore
from typing import IO, Callable, Iterator, Mapping, Optional, Protocol, Sequence

from ..store import ObjectCopier, ObjectFetcher
from ..values.errors import UnsupportedError, VerificationError
from ..values.model import Delivery, FileRegion, ObjectStat, ObjectToRead, Origin, UploadedPart
from .bucket import BucketStore
from .compare import SOURCE_ETAG, is_opaque
from .fetching import Receiver
from .headers import UNKNOWN
from .partfile import Part
from .regions import region
from .retrying import Retrying
from .streams import Line

#: An ETag that is the MD5 of a whole object, or of a part.
MD5 = re.compile("[0-9a-f]{32}")

#: Content of more bytes comes through this host in files, at most so many at a time.
SMALL, AT_A_TIME = 1024 * 1024, 4

#: Bytes that a server copies in one request at most (S3 API, CopyObject and UploadPartCopy).
LARGEST_COPY = 5 * 1024**3


class CopyStore(BucketStore, ObjectCopier, ObjectFetcher, Protocol):
    """What either end of a copy needs of a store."""


class Way(Protocol):
    """A way of copying, for workers that are inside the gate of its ``Retrying``."""

    def ahead(self, items: Sequence[ObjectToRead]) -> None:
        """Ask for copies of small objects that this worker makes next, as wholes and in this order."""

    def whole(self, item: ObjectToRead) -> str:
        """Copy it as one; returns the ETag of the copy."""

    def part(self, item: ObjectToRead, upload_id: str, number: int, start: int, size: int) -> UploadedPart:
        """Copy some of it as a part of an upload."""

    @property
    def checked(self) -> bool:
        """Whether parts carry their CRC-32."""


@dataclass(frozen=True)
class Across:
    """Content goes through this host. ``opaque``: the target hides content from ETags."""

    line: Line
    store: CopyStore
    bucket: str
    retrying: Retrying
    opaque: bool
    checked: bool = True
    room: Semaphore = field(default_factory=partial(Semaphore, AT_A_TIME))

    def ahead(self, items: Sequence[ObjectToRead]) -> None:
        """Nothing: what arrives would wait for what is sent on."""

    def whole(self, item: ObjectToRead) -> str:
        """Received, proved, and only then sent."""
        with self._file(item.size) as file:
            received = Receiver(self.line, item, Part(file.fileno(), -1, b"", 0))
            received.receive()
            answer = received.answer
            seen = ObjectStat(item.size, item.etag, None, answer.metadata, answer.encryption, answer.content_type)
            hidden = self.opaque or is_opaque(seen)
            content_type, metadata = headers_of(seen, item.etag, opaque=hidden)
            content = region(file.fileno(), 0, item.size)
            receipt = self.retrying.request(
                lambda: self.store.send_file(
                    self.bucket, item.key, content, content_type=content_type, metadata=metadata
                )
            )
        if not hidden and not receipt.opaque and receipt.etag != item.etag:
            raise unequal(self.line, item, receipt.etag)
        return receipt.etag

    def part(self, item: ObjectToRead, upload_id: str, number: int, start: int, size: int) -> UploadedPart:
        """Received into a file, and sent from it."""
        with self._file(size) as file:
            received = self._received(item, file.fileno(), start, size)
            receipt = self.retrying.request(
                lambda: self.store.send_part(self.bucket, item.key, received, upload_id=upload_id, number=number)
            )
        checksum = b64encode(received.crc32.to_bytes(4, "big")).decode()
        return UploadedPart(number, size, receipt.etag, checksum if receipt.checked else "")

    @contextmanager
    def _file(self, size: int) -> Iterator[IO[bytes]]:
        """A file without a name; few large ones are there at a time."""
        with self.room if size > SMALL else nullcontext(), tempfile.TemporaryFile() as file:
            yield file

    def _received(self, item: ObjectToRead, fd: int, start: int, size: int) -> FileRegion:
        part = Part(fd, -1, b"", 0)

        def begin(answer: Delivery) -> Callable[[memoryview], None]:
            part.cut(answer.start - start)
            return take

        def take(piece: memoryview) -> None:
            part.write(piece)
            self.line.sent(len(piece))

        def receive() -> None:
            if part.size < size:
                self.line.store.fetch_object(
                    self.line.bucket, item.name, etag=item.etag, start=start + part.size, end=start + size, begin=begin
                )

        self.retrying.request(receive)
        return region(fd, 0, size)


@dataclass(frozen=True)
class Within:
    """The server copies by itself; ``through`` this host comes what it cannot be proved to have copied.

    SeaweedFS answers for a part that it copied with an ETag of its own making, which is no MD5 (4.48): once a server
    did so, the parts come through this host.
    """

    line: Line
    store: CopyStore
    bucket: str
    through: Across
    unproved: Event = field(default_factory=Event)
    checked: bool = False

    def ahead(self, items: Sequence[ObjectToRead]) -> None:
        """Ask the server for all of them."""
        self.store.copy_ahead(self.bucket, [(item.key, self._origin(item), item.etag) for item in items])

    def whole(self, item: ObjectToRead) -> str:
        """One request; a second one where encryption hides content from ETags, to leave word of the source's."""
        if item.size > LARGEST_COPY:
            raise UnsupportedError(
                f"copy {self.line.bucket}/{item.name}",
                "it was uploaded as one, and no server copies more than 5 GiB so",
            )
        etag = self._copy(item, None)
        if etag != item.etag:
            seen = self.line.store.stat_object(self.line.bucket, item.name, version=item.version)
            copied = self.store.stat_object(self.bucket, item.key)
            if seen is None or copied is None or not (is_opaque(seen) or is_opaque(copied)):
                return self.through.whole(item)
            etag = self._copy(item, headers_of(seen, item.etag, opaque=True))
        self.line.sent(item.size)
        return etag

    def _copy(self, item: ObjectToRead, headers: Optional[tuple[str, Mapping[str, str]]]) -> str:
        return self.through.retrying.request(
            lambda: self.store.copy_object(self.bucket, item.key, self._origin(item), etag=item.etag, headers=headers)
        )

    def _origin(self, item: ObjectToRead) -> Origin:
        return Origin(self.line.bucket, item.name, item.version)

    def part(self, item: ObjectToRead, upload_id: str, number: int, start: int, size: int) -> UploadedPart:
        """One request; an empty part, which no range names, is sent."""
        if size and not self.unproved.is_set():
            place = partial(self.store.copy_part, self.bucket, item.key, self._origin(item), etag=item.etag)
            etag = self.through.retrying.request(
                lambda: place(upload_id=upload_id, number=number, start=start, size=size)
            )
            if MD5.fullmatch(etag):
                self.line.sent(size)
                return UploadedPart(number, size, etag)
            self.unproved.set()
        return self.through.part(item, upload_id, number, start, size)._replace(checksum="")


def headers_of(seen: ObjectStat, etag: str, *, opaque: bool) -> tuple[str, Mapping[str, str]]:
    """Content type and user metadata of a copy; where ETags say nothing, with that of its source."""
    kept = {name: value for name, value in seen.metadata.items() if name != SOURCE_ETAG}
    return seen.content_type or UNKNOWN, {**kept, SOURCE_ETAG: etag} if opaque else kept


def unequal(line: Line, item: ObjectToRead, etag: str) -> VerificationError:
    """The error for a copy that has another ETag than its source."""
    return VerificationError(
        f"copy {line.bucket}/{item.name}",
        f"the store answered the ETag {etag}, and the source has {item.etag}",
        "Run again; if it stays, look for a proxy that changes bodies.",
    )
