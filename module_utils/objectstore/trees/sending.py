"""One file becomes one object, proved to hold what was read here, or nothing changes.

The server checks a CRC-32 of every request before it stores anything, so a file that is written to while it
is read is refused instead of stored half old, half new. The ETag that it answers is compared with what the
parts make, or with the MD5 where a server does not check CRC-32.
"""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from ..files.digests import OPAQUE, WHOLE, DigestCache, etag_of_parts, md5_of, part_sizes
from ..store import SendingStore
from ..values.errors import (
    AccessDeniedError,
    InvalidInputError,
    NotFoundError,
    ObjectStoreError,
    SourceError,
    VerificationError,
)
from ..values.headers import spelled
from ..values.model import LocalFile
from ..values.sizes import parse_size
from . import retrying
from .gate import Gate
from .headers import ObjectHeaders
from .parts import LARGEST_PART, SMALLEST_PART, PartsSender
from .regions import ChangedError, check_unchanged, open_to_send, region, unchanged
from .retrying import Retrying

#: How often a file that changes while it is read, or an upload that somebody aborts, is begun again.
TRIES = 3


@dataclass(frozen=True)
class SendOptions:
    """How to send. ``part_size`` in bytes: larger files are sent in parts of that size."""

    part_size: int = 64 * 1024 * 1024
    retries: int = 5
    headers: ObjectHeaders = field(default_factory=ObjectHeaders)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> SendOptions:
        """What the options of a module ask for.

        :raises InvalidInputError: for parts that S3 does not take
        """
        part_size = parse_size(params["part_size"])
        if not SMALLEST_PART <= part_size <= LARGEST_PART:
            raise InvalidInputError(f"use part_size {params['part_size']}", "S3 takes parts of 5MiB to 5GiB")
        return cls(part_size, params["retries"], ObjectHeaders.from_params(params))


class Sender:
    """Sends files to a bucket. ``gate`` bounds the requests under way; ``sent`` is told bytes that have arrived."""

    def __init__(
        self,
        store: SendingStore,
        bucket: str,
        *,
        options: SendOptions,
        cache: DigestCache,
        gate: Gate,
        parts: Executor,
        sent: Callable[[int], None],
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._part_size = options.part_size
        self._cache = cache
        self._retrying = Retrying(options.retries, gate)
        self._parts = PartsSender(store, bucket, options.headers, self._retrying, parts, sent)
        self.headers = options.headers
        self.sent = sent

    def send(self, file: LocalFile) -> str:
        """Send the file as it is now; returns the object's ETag.

        :raises SourceError: when it cannot be read, is another file by now, or changes each time it is read
        :raises ObjectStoreError: when the store refuses or stays unreachable
        """
        problem: Exception = ChangedError()
        for attempt in range(TRIES):
            if attempt:
                time.sleep(attempt * retrying.FIRST_PAUSE)
            try:
                with open_to_send(file) as (current, fd):
                    whole = current.size <= self._part_size
                    return self._send_whole(current, fd) if whole else self._send_parts(current, fd)
            except (ChangedError, VerificationError) as error:
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
        metadata, content_type = self.headers.metadata_of(file), self.headers.type_of(file.key)
        with self._retrying.gate:
            whole = region(fd, 0, file.size)
            check_unchanged(file, fd)
            receipt = self._retrying.send(
                file,
                whole,
                lambda: self._store.send_file(
                    self._bucket, file.key, whole, content_type=content_type, metadata=metadata
                ),
            )
        if not receipt.checked and not receipt.opaque:
            self._compare(file.key, receipt.etag, unchanged(md5_of, file))
        self.sent(file.size)
        self._cache.remember(file, OPAQUE if receipt.opaque else WHOLE, receipt.etag)
        return receipt.etag

    def _send_parts(self, file: LocalFile, fd: int) -> str:
        done = self._parts.send(file, fd, part_size=self._part_size)
        if not done.opaque:
            self._compare(file.key, done.etag, done.made)
            if not done.checked:
                self._compare(file.key, done.etag, etag_of_parts(file, part_sizes(file.size, done.layout)))
        if done.resumed:
            self._check_headers(file)
        self._cache.remember(file, OPAQUE if done.opaque else done.layout, done.etag)
        return done.etag

    def _check_headers(self, file: LocalFile) -> None:
        """A resumed upload has the headers that it was begun with, maybe by a run with other options."""
        try:
            seen = self._store.stat_object(self._bucket, file.key)
        except AccessDeniedError:  # who may only write cannot look
            return
        wanted = spelled(self.headers.type_of(file.key)), dict(self.headers.metadata_of(file))
        if seen is None or (spelled(seen.content_type), dict(seen.metadata)) != wanted:
            raise VerificationError(
                f"upload {self._bucket}/{file.key}",
                "it was resumed, and has the content type or metadata of the former try",
                "Run again.",
            )

    def _compare(self, key: str, answered: str, expected: str) -> None:
        if answered != expected:
            raise VerificationError(
                f"upload {self._bucket}/{key}",
                f"the store answered the ETag {answered}, and what was read here makes {expected}",
                "Run again; if it stays, look for a proxy that changes bodies.",
            )
