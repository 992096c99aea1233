"""One object becomes another, with the same ETag: in parts of the same sizes as its source was uploaded in.

In one store the server copies (``Within``), as far as its answers prove that. Between stores content goes through this
host (``Across``), a part at a time, by files without a name: so a part that has to be sent again is not read again, and
memory does not grow.

The ETag is the proof. That of a whole is compared when it was copied, that of the parts before they become an object.
So parts that a killed run left are used again, and a mixture never becomes an object.
"""

from __future__ import annotations

import re
import tempfile
import time
from base64 import b64encode
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, chain
from threading import Event, Semaphore
from typing import IO, Callable, Iterable, Iterator, Mapping, Optional, Protocol, Sequence

from ..files.digests import join_etags
from ..store import ObjectCopier, ObjectFetcher
from ..values.errors import (
    NotFoundError,
    ObjectStoreError,
    SourceError,
    TransientError,
    UnreachableError,
    UnsupportedError,
    VerificationError,
)
from ..values.headers import spelled
from ..values.model import CHECKSUMS, Delivery, FileRegion, ObjectStat, ObjectToRead, Origin, Uploaded, UploadedPart
from .bucket import BucketEnd, BucketStore
from .compare import SOURCE_ETAG, is_opaque
from .fetching import Receiver, repeated
from .gate import Gate
from .headers import UNKNOWN
from .layouts import exact_sizes
from .partfile import Part
from .parts import Upload, interrupted
from .regions import region
from .retrying import Retrying
from .streams import Line
from .verbs import Written

_ALONE = "Run again; if it stays, see that nothing else writes there."

_MD5 = re.compile("[0-9a-f]{32}")

#: Content of more bytes comes through this host in files, at most so many at a time.
_SMALL, AT_A_TIME = 1024 * 1024, 4

#: Bytes that a server copies in one request at most (S3 API, CopyObject and UploadPartCopy).
LARGEST_COPY = 5 * 1024**3


class CopyStore(BucketStore, ObjectCopier, ObjectFetcher, Protocol):
    """What either end of a copy needs of a store."""


class Way(Protocol):
    """How content comes from one object to the other."""

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
            raise _unequal(self.line, item, receipt.etag)
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
        with self.room if size > _SMALL else nullcontext(), tempfile.TemporaryFile() as file:
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
        return self.store.copy_object(self.bucket, item.key, self._origin(item), etag=item.etag, headers=headers)

    def _origin(self, item: ObjectToRead) -> Origin:
        return Origin(self.line.bucket, item.name, item.version)

    def part(self, item: ObjectToRead, upload_id: str, number: int, start: int, size: int) -> UploadedPart:
        """One request; an empty part, which no range names, is sent."""
        if size and not self.unproved.is_set():
            place = partial(self.store.copy_part, self.bucket, item.key, self._origin(item), etag=item.etag)
            etag = place(upload_id=upload_id, number=number, start=start, size=size)
            if _MD5.fullmatch(etag):
                self.line.sent(size)
                return UploadedPart(number, size, etag)
            self.unproved.set()
        return self.through.part(item, upload_id, number, start, size)._replace(checksum="")


def headers_of(seen: ObjectStat, etag: str, *, opaque: bool) -> tuple[str, Mapping[str, str]]:
    """Content type and user metadata of a copy; where ETags say nothing, with that of its source."""
    kept = {name: value for name, value in seen.metadata.items() if name != SOURCE_ETAG}
    return seen.content_type or UNKNOWN, {**kept, SOURCE_ETAG: etag} if opaque else kept


def _continues(uploaded: Uploaded, *, sizes: Sequence[int], checksums: str) -> bool:
    """Whether these parts are some of those of such ``sizes``; one without parts is taken where it is as ours are."""
    return bool(uploaded.parts or uploaded.checksums == checksums) and all(
        number <= len(sizes) and part.size == sizes[number - 1] and _MD5.fullmatch(part.etag)
        for number, part in uploaded.parts.items()
    )


def _unequal(line: Line, item: ObjectToRead, etag: str) -> VerificationError:
    return VerificationError(
        f"copy {line.bucket}/{item.name}",
        f"the store answered the ETag {etag}, and the source has {item.etag}",
        "Run again; if it stays, look for a proxy that changes bodies.",
    )


@dataclass(frozen=True)
class Copier:
    """Makes objects of ``bucket`` of what comes by ``way``. ``gate`` bounds what is under way, ``pool`` runs parts."""

    line: Line
    store: CopyStore
    bucket: str
    retrying: Retrying
    way: Way
    opaque: bool
    gate: Gate
    pool: Executor

    def copy(self, item: ObjectToRead) -> str:
        """Make the copy of the object as it is now; returns its ETag."""
        return repeated(self.line, item, self._copy)

    def _copy(self, item: ObjectToRead) -> str:
        source = self.line.store
        sizes = exact_sizes(source, self.line.bucket, item.name, size=item.size, etag=item.etag, version=item.version)
        if sizes is None:
            with self.gate:
                return self.way.whole(item)
        seen = source.stat_object(self.line.bucket, item.name, version=item.version)
        if seen is None:
            raise NotFoundError(self._attempted(item), "it was removed meanwhile")
        hidden = self.opaque or is_opaque(seen)
        headers = headers_of(seen, item.etag, opaque=hidden)
        upload = self._begin(item, sizes, headers, hidden=hidden)
        try:
            parts = self._parts(item, sizes, upload)
            made = join_etags([bytes.fromhex(part.etag) for part in parts])
            if not hidden and made != item.etag:
                raise _unequal(self.line, item, made)
            etag = self._finish(item.key, upload.id, parts, made)
        except ObjectStoreError as error:
            if not isinstance(error, (TransientError, UnreachableError)):  # what was sent is used by the next run
                with suppress(ObjectStoreError):
                    self.store.abort_upload(self.bucket, item.key, upload.id)
            if isinstance(error, NotFoundError) and "NoSuchUpload" in error.reason:
                raise VerificationError(
                    self._attempted(item), "its upload was completed or aborted by others", _ALONE
                ) from error
            raise
        if upload.resumed:
            self._check_headers(item, headers)
        return etag

    def _parts(self, item: ObjectToRead, sizes: Sequence[int], upload: Upload) -> list[UploadedPart]:
        """All parts, those that are missing copied beside each other; none is under way any more when this ends."""
        missing = {
            number: self.pool.submit(self._part, item, upload.id, number, end - size, size)
            for number, (size, end) in enumerate(zip(sizes, accumulate(sizes)), 1)
            if number not in upload.present
        }
        try:
            return [
                upload.present[number] if number in upload.present else missing[number].result()
                for number in range(1, len(sizes) + 1)
            ]
        finally:
            for job in missing.values():
                job.cancel()
            wait(missing.values())

    def _part(self, item: ObjectToRead, upload_id: str, number: int, start: int, size: int) -> UploadedPart:
        with self.gate:
            return self.way.part(item, upload_id, number, start, size)

    def _begin(
        self, item: ObjectToRead, sizes: Sequence[int], headers: tuple[str, Mapping[str, str]], *, hidden: bool
    ) -> Upload:
        """An upload that was interrupted, else a new one; a start whose answer got lost has left one, too."""
        checked = self.way.checked
        fits = partial(_continues, sizes=sizes, checksums=CHECKSUMS if checked else "")
        content_type, metadata = headers

        def begin() -> Upload:
            found = None if hidden else interrupted(self.store, self.bucket, item.key, fits)
            if found is not None:
                return found
            upload_id = self.store.start_upload(
                self.bucket, item.key, content_type=content_type, metadata=metadata, checked=checked
            )
            return Upload(upload_id, {}, resumed=False)

        with self.gate:
            return self.retrying.request(begin)

    def _check_headers(self, item: ObjectToRead, headers: tuple[str, Mapping[str, str]]) -> None:
        """An upload that was begun by others has the headers that they gave it."""
        seen = self.store.stat_object(self.bucket, item.key)
        wanted = spelled(headers[0]), dict(headers[1])
        if seen is None or (spelled(seen.content_type), dict(seen.metadata)) != wanted:
            raise VerificationError(
                self._attempted(item), "its upload was begun with another content type or metadata", _ALONE
            )

    def _attempted(self, item: ObjectToRead) -> str:
        return f"copy {self.line.bucket}/{item.name}"

    def _finish(self, key: str, upload_id: str, parts: Sequence[UploadedPart], made: str) -> str:
        """Complete the upload; where the answer got lost, the object itself tells that it was completed."""
        try:
            return self.store.finish_upload(self.bucket, key, upload_id, parts) or made
        except NotFoundError:
            seen = self.store.stat_object(self.bucket, key)
            if seen is None or seen.etag != made:
                raise
            return made


@dataclass(frozen=True)
class CopyTree(BucketEnd):
    """The objects that copies become. ``source`` is the store and the bucket that they come from."""

    store: CopyStore
    source: tuple[CopyStore, str]
    retries: int

    def write(self, items: Iterable[ObjectToRead], sent: Callable[[int], None]) -> Iterator[Written]:
        """Copy every object; what became of each comes as it is known. ``sent`` is told bytes that have arrived."""
        items = iter(items)
        first = next(items, None)
        if first is None:
            return
        items = chain([first], items)
        there, bucket = self.source
        gate = Gate(self.workers)
        line, retrying = Line(there, bucket, self.retries, sent, gate), Retrying(self.retries, gate)
        opaque = self.hides.answer()
        across = Across(line, self.store, self.bucket, retrying, opaque)
        way: Way = Within(line, self.store, self.bucket, across) if there is self.store else across
        running: set[Future[Written]] = set()
        with ThreadPoolExecutor(self.workers) as pool, ThreadPoolExecutor(self.workers) as parts:
            copier = Copier(line, self.store, self.bucket, retrying, way, opaque, gate, parts)
            try:
                for item in items:
                    running.add(pool.submit(_write_one, copier, item))
                    if len(running) >= 8 * self.workers:
                        done, running = wait(running, return_when=FIRST_COMPLETED)
                        yield from (future.result() for future in done)
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            finally:
                line.over.set()
                for future in running:
                    future.cancel()


def _write_one(copier: Copier, item: ObjectToRead) -> Written:
    start = time.monotonic()
    try:
        etag = copier.copy(item)
    except ObjectStoreError as error:
        return Written(item.key, seconds=time.monotonic() - start, error=str(error))
    except OSError as error:
        problem = SourceError(
            f"copy {copier.line.bucket}/{item.name}", f"no temporary file can be written ({error.strerror})"
        )
        return Written(item.key, seconds=time.monotonic() - start, error=str(problem))
    return Written(item.key, etag, time.monotonic() - start)
