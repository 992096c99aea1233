"""One file becomes one object, proved to hold what was read here, or nothing changes.

The server checks a CRC-32 of every request before it stores anything, so a file that is written to while it
is read is refused instead of stored half old, half new. The ETag that it answers is compared with what the
parts make, or with the MD5 where a server does not check CRC-32.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import random
import time
from base64 import b64encode
from concurrent.futures import Executor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from threading import Semaphore
from typing import Callable, Iterator, Mapping, NamedTuple, Optional, Protocol, TypeVar

from ..files.digests import OPAQUE, WHOLE, DigestCache, crc32, etag_of_parts, join_etags, md5_of, part_sizes, sha256_of
from ..files.opened import of_status, opened
from ..store import ObjectReader, ObjectSender, ObjectWriter
from ..values.errors import (
    AccessDeniedError,
    NotFoundError,
    ObjectStoreError,
    SourceError,
    TransientError,
    UnsupportedError,
    VerificationError,
)
from ..values.model import FileRegion, LocalFile, Receipt, UploadedPart, object_headers
from .compare import SHA256_METADATA

#: Limits of the S3 API for multipart uploads: number of parts, bytes of each but the last.
MOST_PARTS, SMALLEST_PART = 10_000, 5 * 1024 * 1024

#: How often a file that changes while it is read, or an upload that somebody aborts, is begun again.
TRIES = 3

#: Pauses between tries, in seconds: doubled each time up to the longest, each shortened at random.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 8.0

#: An interrupted upload of one of our keys that is older is aborted; a younger one may be another run's.
STALE_AFTER = timedelta(days=1)

_SLICE = 1024 * 1024

Answer = TypeVar("Answer")


class SendingStore(ObjectReader, ObjectSender, ObjectWriter, Protocol):
    """What sending needs of a store."""


@dataclass(frozen=True)
class SendOptions:
    """How to send. ``part_size`` in bytes: larger files are sent in parts of that size.

    ``opaque`` says that the bucket's encryption hides content from ETags; then a SHA-256 goes with each object.
    """

    part_size: int = 64 * 1024 * 1024
    retries: int = 5
    content_type: Optional[str] = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    opaque: bool = False


class _ChangedError(Exception):
    """The file is no longer what its status said when reading began."""


class _Upload(NamedTuple):
    """A multipart upload under way, and the parts that it had when this run found it."""

    id: str
    layout: int
    present: Mapping[int, UploadedPart]


class Sender:
    """Sends files to a bucket. ``slots`` bounds the requests under way; ``sent`` is told bytes that have arrived."""

    def __init__(
        self,
        store: SendingStore,
        bucket: str,
        *,
        options: SendOptions,
        cache: DigestCache,
        slots: Semaphore,
        parts: Executor,
        sent: Callable[[int], None],
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._options = options
        self._cache = cache
        self._slots = slots
        self._parts = parts
        self.sent = sent
        self._types = mimetypes.MimeTypes()

    def send(self, file: LocalFile) -> str:
        """Send the file as it is now; returns the object's ETag.

        :raises SourceError: when it cannot be read, or changes each time it is read
        :raises ObjectStoreError: when the store refuses or stays unreachable
        """
        problem: Exception = _ChangedError()
        for attempt in range(TRIES):
            if attempt:
                time.sleep(attempt * FIRST_PAUSE)
            try:
                with _opened(file) as (current, fd):
                    if current.size <= self._options.part_size:
                        return self._send_whole(current, fd)
                    return self._send_parts(current, fd)
            except (_ChangedError, VerificationError) as error:
                problem = error
            except NotFoundError as error:
                if "NoSuchUpload" not in error.reason:
                    raise
                problem = error
        if isinstance(problem, ObjectStoreError):
            raise problem
        raise SourceError(
            f"upload {file.path}",
            f"it changed each time it was read ({TRIES} tries)",
            "Run again when nothing writes to it. Its object is as before.",
        )

    def _send_whole(self, file: LocalFile, fd: int) -> str:
        metadata = self._metadata(file)
        content_type = self._type(file.key)
        with self._slots:
            region = _region(fd, 0, file.size)
            _check_unchanged(file, fd)
            receipt = self._put(
                file,
                region,
                lambda: self._store.send_file(
                    self._bucket, file.key, region, content_type=content_type, metadata=metadata
                ),
            )
        if not receipt.checked and not receipt.opaque:
            self._compare(file.key, receipt.etag, _unchanged(md5_of, file))
        self.sent(file.size)
        self._cache.remember(file, OPAQUE if receipt.opaque else WHOLE, receipt.etag)
        return receipt.etag

    def _send_parts(self, file: LocalFile, fd: int) -> str:
        upload = self._begin(file, fitting_part_size(file.size, self._options.part_size))
        sizes = part_sizes(file.size, upload.layout)
        jobs = [self._parts.submit(self._send_part, file, fd, number, upload) for number in range(1, len(sizes) + 1)]
        try:
            results = [job.result() for job in jobs]
            _check_unchanged(file, fd)
            etag = self._finish(file.key, upload.id, [part for part, _ in results])
        except (ObjectStoreError, _ChangedError) as error:
            for job in jobs:
                job.cancel()
            wait(jobs)
            if not isinstance(error, TransientError):  # what a broken connection left is resumed by the next run
                with suppress(ObjectStoreError):
                    self._store.abort_upload(self._bucket, file.key, upload.id)
            raise
        opaque = any(receipt.opaque for _, receipt in results)
        if not opaque:
            self._compare(file.key, etag, join_etags([bytes.fromhex(part.etag) for part, _ in results]))
            if not all(receipt.checked for _, receipt in results):
                self._compare(file.key, etag, etag_of_parts(file, sizes))
        if upload.present:
            self._check_headers(file)
        self._cache.remember(file, OPAQUE if opaque else upload.layout, etag)
        return etag

    def _send_part(self, file: LocalFile, fd: int, number: int, upload: _Upload) -> tuple[UploadedPart, Receipt]:
        offset = (number - 1) * upload.layout
        with self._slots:
            region = _region(fd, offset, min(upload.layout, file.size - offset))
            checksum = b64encode(region.crc32.to_bytes(4, "big")).decode()
            found = upload.present.get(number)
            if found is not None and (found.size, found.etag) == (region.size, _md5_of_region(region)):
                receipt = Receipt(found.etag, checked=True)
            else:
                receipt = self._put(
                    file,
                    region,
                    lambda: self._store.send_part(self._bucket, file.key, region, upload_id=upload.id, number=number),
                )
        self.sent(region.size)
        return UploadedPart(number, region.size, receipt.etag, checksum if receipt.checked else ""), receipt

    def _begin(self, file: LocalFile, layout: int) -> _Upload:
        """An interrupted upload of the same key in parts of the same size, else a new one."""
        if not self._options.opaque:
            found = self._interrupted(file, layout)
            if found is not None:
                return found
        metadata, content_type = self._metadata(file), self._type(file.key)
        upload_id = self._retried(
            lambda: self._store.start_upload(self._bucket, file.key, content_type=content_type, metadata=metadata)
        )
        return _Upload(upload_id, layout, {})

    def _interrupted(self, file: LocalFile, layout: int) -> Optional[_Upload]:
        try:
            pending = [item for item in self._store.pending_uploads(self._bucket, file.key) if item.key == file.key]
            chosen: Optional[_Upload] = None
            for item in sorted(pending, key=lambda item: item.initiated, reverse=True):
                parts = {
                    part.number: part for part in self._store.uploaded_parts(self._bucket, file.key, item.upload_id)
                }
                if chosen is None and _continues(parts, file.size, layout):
                    chosen = _Upload(item.upload_id, layout, parts)
                elif _is_stale(item.initiated):
                    self._store.abort_upload(self._bucket, file.key, item.upload_id)
        except (AccessDeniedError, UnsupportedError, NotFoundError):
            return None
        return chosen

    def _check_headers(self, file: LocalFile) -> None:
        """A resumed upload has the headers that it was begun with, maybe by a run with other options."""
        try:
            seen = self._store.stat_object(self._bucket, file.key)
        except AccessDeniedError:  # who may only write cannot look
            return
        wanted = self._type(file.key), dict(self._metadata(file))
        if seen is None or (seen.content_type, dict(seen.metadata)) != wanted:
            raise VerificationError(
                f"upload {self._bucket}/{file.key}",
                "it was resumed, and has the content type or metadata of the former try",
                "Run again.",
            )

    def _metadata(self, file: LocalFile) -> Mapping[str, str]:
        if not self._options.opaque:
            return self._options.metadata
        return {**self._options.metadata, SHA256_METADATA: _unchanged(sha256_of, file)}

    def headers(self, key: str) -> Mapping[str, str]:
        """The headers of a plain object: content type and user metadata."""
        return object_headers(self._type(key), self._options.metadata)

    def _type(self, key: str) -> str:
        return self._options.content_type or self._types.guess_type(key)[0] or "application/octet-stream"

    def _compare(self, key: str, answered: str, expected: str) -> None:
        if answered != expected:
            raise VerificationError(
                f"upload {self._bucket}/{key}",
                f"the store answered the ETag {answered}, and what was read here makes {expected}",
                "Run again; if it stays, look for a proxy that changes bodies.",
            )

    def _finish(self, key: str, upload_id: str, parts: list[UploadedPart]) -> str:
        """Complete the upload; where the answer got lost, the object itself tells that it was completed."""
        try:
            return self._store.finish_upload(self._bucket, key, upload_id, parts)
        except NotFoundError:
            made = join_etags([bytes.fromhex(part.etag) for part in parts])
            seen = self._store.stat_object(self._bucket, key)
            if seen is None or seen.etag != made:
                raise
            return made

    def _put(self, file: LocalFile, region: FileRegion, request: Callable[[], Receipt]) -> Receipt:
        """The request, tried again only while the file is what ``region`` was read from."""

        def once() -> Receipt:
            try:
                return request()
            except TransientError:
                _check_unchanged(file, region.fd)
                raise

        return self._retried(once)

    def _retried(self, request: Callable[[], Answer]) -> Answer:
        pause = FIRST_PAUSE
        for _ in range(self._options.retries):
            try:
                return request()
            except TransientError:
                time.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(2 * pause, LONGEST_PAUSE)
        return request()


def fitting_part_size(size: int, wished: int) -> int:
    """The part size for a file of ``size`` bytes: as wished, unless S3 would need more than 10,000 parts of it."""
    smallest, mebi = -(-size // MOST_PARTS), 1024 * 1024
    return wished if smallest <= wished else -(-smallest // mebi) * mebi


def _continues(parts: Mapping[int, UploadedPart], size: int, layout: int) -> bool:
    """Whether these parts are some of those that we would send, checksums included."""
    sizes = part_sizes(size, layout)
    return bool(parts) and all(
        part.checksum and number <= len(sizes) and part.size == sizes[number - 1] for number, part in parts.items()
    )


def _is_stale(initiated: str) -> bool:
    try:
        started = datetime.fromisoformat(initiated.replace("Z", "+00:00").split(".")[0].split("+")[0])
    except ValueError:
        return False
    return datetime.now(timezone.utc) - started.replace(tzinfo=timezone.utc) > STALE_AFTER


@contextmanager
def _opened(file: LocalFile) -> Iterator[tuple[LocalFile, int]]:
    """The file as it is now, and a descriptor to read it by."""
    with opened(file, f"upload {file.path}") as fd:
        yield of_status(file.path, file.key, os.fstat(fd)), fd


def _region(fd: int, offset: int, size: int) -> FileRegion:
    checksum = 0
    for piece in _pieces(fd, offset, size):
        checksum = crc32(piece, checksum)
    return FileRegion(fd, offset, size, checksum)


def _md5_of_region(region: FileRegion) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for piece in _pieces(region.fd, region.offset, region.size):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(fd: int, offset: int, size: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(min(_SLICE, max(size, 1))))
    position, end = offset, offset + size
    while position < end:
        try:
            count = os.preadv(fd, [buffer[: min(len(buffer), end - position)]], position)
        except OSError as error:
            raise SourceError("read a file to upload", f"reading failed ({error.strerror})") from error
        if not count:
            raise _ChangedError
        yield buffer[:count]
        position += count


def _unchanged(digest: Callable[[LocalFile], str], file: LocalFile) -> str:
    """A digest of the whole file; a change meanwhile begins the upload again."""
    try:
        return digest(file)
    except SourceError:
        raise _ChangedError from None


def _check_unchanged(file: LocalFile, fd: int) -> None:
    if of_status(file.path, file.key, os.fstat(fd)) != file:
        raise _ChangedError
