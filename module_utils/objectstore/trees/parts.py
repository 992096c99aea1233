"""A file in parts: a multipart upload that is begun or continued, and proved when it is complete."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import Executor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Callable, NamedTuple

from ..files.digests import join_etags, part_sizes
from ..store import SendingStore
from ..values.errors import (
    AccessDeniedError,
    NotFoundError,
    ObjectStoreError,
    TransientError,
    UnreachableError,
)
from ..values.model import CHECKSUMS, LocalFile, Receipt, Uploaded, UploadedPart
from .headers import ObjectHeaders
from .quorum import on_a_quorum
from .regions import ChangedError, check_unchanged, md5_of_region, region
from .retrying import Retrying
from .uploads import Upload, interrupted

#: Limits of the S3 API for multipart uploads: number of parts, bytes of each (of the last: no least).
MOST_PARTS, SMALLEST_PART, LARGEST_PART = 10_000, 5 * 1024**2, 5 * 1024**3


class Assembled(NamedTuple):
    """A complete object: the ETag that the store answered, and what the parts make.

    ``checked`` says that the store confirmed the CRC-32 of every part, ``opaque`` that ETags hide the content,
    ``resumed`` that it was begun by a former run, maybe with other headers.
    """

    etag: str
    made: str
    layout: int
    checked: bool
    opaque: bool
    resumed: bool


@dataclass(frozen=True)
class PartsSender:
    """Sends files in parts. The gate of ``retrying`` bounds the requests under way, ``pool`` runs them."""

    store: SendingStore
    bucket: str
    headers: ObjectHeaders
    retrying: Retrying
    pool: Executor
    sent: Callable[[int], None]

    def send(self, file: LocalFile, fd: int, *, part_size: int) -> Assembled:
        """All parts, those that an interrupted upload has left out; the object is there when this returns.

        :raises ChangedError: when the file changed meanwhile; no object is made then
        """
        layout = fitting_part_size(file.size, part_size)
        return on_a_quorum(
            self.store,
            self.bucket,
            file.key,
            self._begin(file, layout),
            work=partial(self._complete, file, fd=fd, layout=layout),
            start=partial(self._start, file),
        )

    def _complete(self, file: LocalFile, upload: Upload, *, fd: int, layout: int) -> Assembled:
        jobs = [
            self.pool.submit(self._send_part, file, fd, number, upload, (number - 1) * layout, size)
            for number, size in enumerate(part_sizes(file.size, layout), 1)
        ]
        try:
            results = [job.result() for job in jobs]
            check_unchanged(file, fd)
            made = join_etags([bytes.fromhex(part.etag) for part, _ in results])
            etag = self._finish(file.key, upload.id, [part for part, _ in results], made)
        except (ObjectStoreError, ChangedError) as error:
            for job in jobs:
                job.cancel()
            wait(jobs)
            if not isinstance(
                error, (TransientError, UnreachableError)
            ):  # what a broken connection left is resumed by the next run
                with suppress(ObjectStoreError):
                    self.store.abort_upload(self.bucket, file.key, upload.id)
            raise
        return Assembled(
            etag=etag,
            made=made,
            layout=layout,
            checked=all(receipt.checked for _, receipt in results),
            opaque=any(receipt.opaque for _, receipt in results),
            resumed=upload.resumed,
        )

    def _send_part(
        self, file: LocalFile, fd: int, number: int, upload: Upload, offset: int, size: int
    ) -> tuple[UploadedPart, Receipt]:
        with self.retrying.gate:
            part = region(fd, offset, size)
            checksum = b64encode(part.crc32.to_bytes(4, "big")).decode()
            found = upload.present.get(number)
            if found is not None and (found.size, found.etag) == (part.size, md5_of_region(part)):
                receipt = Receipt(found.etag, checked=True)
            else:
                receipt = self.retrying.send(
                    file,
                    part,
                    lambda: self.store.send_part(self.bucket, file.key, part, upload_id=upload.id, number=number),
                )
        self.sent(part.size)
        return UploadedPart(number, part.size, receipt.etag, checksum if receipt.checked else ""), receipt

    def _begin(self, file: LocalFile, layout: int) -> Upload:
        """An interrupted upload of the same key in parts of the same size, else a new one.

        A start whose answer got lost has left one, too, so each try looks for it.
        """

        def told() -> bool:
            return self.store.abilities.lists_checksums and self.store.takes_checksums(self.bucket, file.key)

        def begin() -> Upload:
            fits = partial(_continues, size=file.size, layout=layout, told=told)
            found = None if self.headers.opaque else interrupted(self.store, self.bucket, file.key, fits)
            if found is not None:
                return found
            return Upload(self._start(file), {}, resumed=False)

        with self.retrying.gate:
            return self.retrying.request(begin)

    def _start(self, file: LocalFile) -> str:
        return self.store.start_upload(
            self.bucket,
            file.key,
            content_type=self.headers.type_of(file.key),
            metadata=self.headers.metadata_of(file),
        )

    def _finish(self, key: str, upload_id: str, parts: list[UploadedPart], made: str) -> str:
        """Complete the upload; where the answer got lost, the object itself tells that it was completed.

        So it does where the answer has no ETag (Ceph 16). Who may not look has the parts' own ETags, which are proved.
        """
        try:
            etag = self.store.finish_upload(self.bucket, key, upload_id, parts)
        except NotFoundError:
            seen = self.store.stat_object(self.bucket, key)
            if seen is None or seen.etag != made:
                raise
            return made
        if etag:
            return etag
        try:
            seen = self.store.stat_object(self.bucket, key)
        except AccessDeniedError:
            return made
        return seen.etag if seen else ""


def fitting_part_size(size: int, wished: int) -> int:
    """The part size for a file of ``size`` bytes: as wished, unless S3 would need more than 10,000 parts of it."""
    smallest, mebi = -(-size // MOST_PARTS), 1024 * 1024
    return wished if smallest <= wished else -(-smallest // mebi) * mebi


def _continues(uploaded: Uploaded, *, size: int, layout: int, told: Callable[[], bool]) -> bool:
    """Whether these parts are some of those that we would send, checksums included where the server has and tells them.

    One without parts is taken where it was begun as we begin ours.
    """
    sizes, parts = part_sizes(size, layout), uploaded.parts
    return (
        bool(parts or uploaded.checksums == CHECKSUMS)
        and all(number <= len(sizes) and part.size == sizes[number - 1] for number, part in parts.items())
        and (all(part.checksum for part in parts.values()) or not told())
    )
