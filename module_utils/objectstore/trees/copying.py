"""One object becomes another, with the same ETag: in parts of the same sizes as its source was uploaded in.

In one store the server copies (``Within``), as far as its answers prove that. Between stores content goes through this
host (``Across``), a part at a time, by files without a name: so a part that has to be sent again is not read again, and
memory does not grow.

The ETag is the proof. That of a whole is compared when it was copied, that of the parts before they become an object.
So parts that a killed run left are used again, and a mixture never becomes an object.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain
from typing import Callable, Iterable, Iterator, Mapping, Sequence

from ..files.digests import join_etags
from ..values.errors import (
    ConflictError,
    NotFoundError,
    ObjectStoreError,
    SourceError,
    TransientError,
    UnreachableError,
    VerificationError,
)
from ..values.headers import spelled
from ..values.model import CHECKSUMS, ObjectToRead, Uploaded, UploadedPart
from .bucket import BucketEnd
from .compare import is_opaque
from .fetching import repeated
from .gate import Gate
from .layouts import exact_sizes
from .quorum import on_a_quorum
from .retrying import Retrying
from .streams import Line
from .together import together
from .uploads import Upload, interrupted
from .verbs import Written
from .ways import MD5, SMALL, Across, CopyStore, Way, Within, headers_of, unequal
from .workers import outcome, outcomes

_ALONE = "Run again; if it stays, see that nothing else writes there."


def _continues(uploaded: Uploaded, *, sizes: Sequence[int], checksums: str) -> bool:
    """Whether these parts are some of those of such ``sizes``; one without parts is taken where it is as ours are."""
    return bool(uploaded.parts or uploaded.checksums == checksums) and all(
        number <= len(sizes) and part.size == sizes[number - 1] and MD5.fullmatch(part.etag)
        for number, part in uploaded.parts.items()
    )


@dataclass(frozen=True)
class Copier:
    """Makes objects of ``bucket`` of what comes by ``way``. ``pool`` runs parts."""

    line: Line
    store: CopyStore
    bucket: str
    retrying: Retrying
    way: Way
    opaque: bool
    pool: Executor

    def copy(self, item: ObjectToRead) -> str:
        """Make the copy of the object as it is now; returns its ETag."""
        return repeated(self.line, item, self._copy)

    def _copy(self, item: ObjectToRead) -> str:
        source = self.line.store
        sizes = exact_sizes(source, self.line.bucket, item.name, size=item.size, etag=item.etag, version=item.version)
        if sizes is None:
            with self.line.gate:
                return self.way.whole(item)
        seen = source.stat_object(self.line.bucket, item.name, version=item.version)
        if seen is None:
            raise NotFoundError(self._attempted(item), "it was removed meanwhile")
        hidden = self.opaque or is_opaque(seen)
        headers = headers_of(seen, item.etag, opaque=hidden)
        return on_a_quorum(
            self.store,
            self.bucket,
            item.key,
            self._begin(item, sizes, headers, hidden=hidden),
            work=partial(self._complete, item, sizes=sizes, headers=headers, hidden=hidden),
            start=partial(self._start, item, headers),
        )

    def _complete(
        self,
        item: ObjectToRead,
        upload: Upload,
        *,
        sizes: Sequence[int],
        headers: tuple[str, Mapping[str, str]],
        hidden: bool,
    ) -> str:
        try:
            parts = self._parts(item, sizes, upload)
            made = join_etags([bytes.fromhex(part.etag) for part in parts])
            if not hidden and made != item.etag:
                raise unequal(self.line, item, made)
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
        with self.line.gate:
            return self.way.part(item, upload_id, number, start, size)

    def _begin(
        self, item: ObjectToRead, sizes: Sequence[int], headers: tuple[str, Mapping[str, str]], *, hidden: bool
    ) -> Upload:
        """An upload that was interrupted, else a new one; a start whose answer got lost has left one, too."""
        fits = partial(_continues, sizes=sizes, checksums=CHECKSUMS if self.way.checked else "")

        def begin() -> Upload:
            found = None if hidden else interrupted(self.store, self.bucket, item.key, fits)
            if found is not None:
                return found
            return Upload(self._start(item, headers), {}, resumed=False)

        with self.line.gate:
            return self.retrying.request(begin)

    def _start(self, item: ObjectToRead, headers: tuple[str, Mapping[str, str]]) -> str:
        content_type, metadata = headers
        return self.store.start_upload(
            self.bucket, item.key, content_type=content_type, metadata=metadata, checked=self.way.checked
        )

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
        with ThreadPoolExecutor(self.workers) as pool, ThreadPoolExecutor(self.workers) as parts:
            copier = Copier(line, self.store, self.bucket, retrying, way, opaque, parts)
            try:
                jobs = (pool.submit(_write_batch, copier, batch) for batch in together(items, _is_small))
                yield from outcomes(jobs, self.workers)
            finally:
                line.over.set()


def _is_small(item: ObjectToRead) -> bool:
    """Whether it is copied soon, by one request."""
    return item.size <= SMALL and bool(MD5.fullmatch(item.etag))


def _write_batch(copier: Copier, batch: Sequence[ObjectToRead]) -> list[Written]:
    """Copy them one after the other; of several, each is asked for before the first has come."""
    if len(batch) == 1:
        return [_write_one(copier, batch[0], copier.copy)]
    others: list[ObjectToRead] = []

    def copy(item: ObjectToRead) -> str:
        try:
            return copier.way.whole(item)
        except (ConflictError, VerificationError):
            others.append(item)
            return ""

    with copier.line.gate:
        copier.way.ahead(batch)
        written = [_write_one(copier, item, copy) for item in batch]
    return [
        *(one for one in written if one.etag or one.error),
        *(_write_one(copier, item, copier.copy) for item in others),
    ]


def _write_one(copier: Copier, item: ObjectToRead, copy: Callable[[ObjectToRead], str]) -> Written:
    def told(item: ObjectToRead) -> str:
        try:
            return copy(item)
        except OSError as error:
            reason = f"no temporary file can be written ({error.strerror})"
            raise SourceError(f"copy {copier.line.bucket}/{item.name}", reason) from error

    return outcome(item, told)
