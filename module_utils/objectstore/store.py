"""The verbs that the engine needs of a store, as protocols: the client has them, tests have an in-memory one."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Optional, Protocol

from .values.abilities import Abilities
from .values.model import (
    Delivery,
    FileRegion,
    ObjectStat,
    ObjectVersion,
    Origin,
    PendingUpload,
    Receipt,
    RemoteObject,
    Uploaded,
    UploadedPart,
)

#: Takes content piece by piece; a piece is good until the next.
Take = Callable[[memoryview], None]


class RemovalError(NamedTuple):
    """A key that a batched removal could not remove, and the store's reason."""

    key: str
    reason: str


class Able(Protocol):
    """A store that says what it can do."""

    @property
    def abilities(self) -> Abilities:
        """What the server can do beyond what every S3 server does."""


class BucketFinder(Protocol):
    """Looking for a bucket."""

    def bucket_exists(self, bucket: str, prefix: Optional[str] = None) -> bool:
        """Whether the bucket is there; with ``prefix``, by what one may know who works there."""


class BucketStore(BucketFinder, Able, Protocol):
    """Buckets and their settings. Each setting is a name of ``bucket.SETTINGS`` with a plain value."""

    def list_buckets(self) -> list[str]:
        """The names of all buckets that we may see, sorted."""

    def create_bucket(self, bucket: str, *, region: Optional[str], object_lock: bool) -> None:
        """Create it, private. Object lock can only be chosen here (a rule of the S3 API)."""

    def remove_bucket(self, bucket: str) -> None:
        """Remove an empty bucket."""

    def has_object_lock(self, bucket: str) -> bool:
        """Whether the bucket was made with object lock."""

    def bucket_setting(self, bucket: str, setting: str) -> Any:
        """The setting's value, ``None`` where it is not set."""

    def set_bucket_setting(self, bucket: str, setting: str, value: Any) -> None:
        """Set it; ``None`` removes it."""


class ContentStore(Protocol):
    """All that a bucket holds, so that it can be emptied."""

    def keeps_versions(self, bucket: str) -> bool:
        """Whether what is replaced stays as a version, or did so once; no where the server knows no versions."""

    def list_versions(self, bucket: str, prefix: str = "") -> Iterator[ObjectVersion]:
        """All versions and delete markers below ``prefix``, sorted by key."""

    def remove_versions(
        self, bucket: str, versions: Iterable[ObjectVersion], *, bypass_governance: bool
    ) -> Iterator[RemovalError]:
        """Remove versions in batches, for good; yields each that was not removed."""

    def pending_uploads(self, bucket: str, prefix: str) -> Iterator[PendingUpload]:
        """Multipart uploads below ``prefix`` that were neither completed nor aborted."""

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Drop the parts."""


class ObjectReader(Protocol):
    """Looking at objects."""

    def list_objects(self, bucket: str, prefix: str = "", *, metadata: bool = False) -> Iterator[RemoteObject]:
        """All objects below ``prefix``, sorted by the bytes of their keys."""

    def stat_object(
        self, bucket: str, key: str, *, part: Optional[int] = None, version: str = ""
    ) -> Optional[ObjectStat]:
        """HEAD of an object, of one of its versions, or of a part; ``None`` where there is none."""

    def read_object(self, bucket: str, key: str) -> Optional[bytes]:
        """The content, for small objects; ``None`` where there is none."""

    def open_object(self, bucket: str, key: str) -> Iterator[bytes]:
        """The content in pieces, for objects of any size; ``NotFoundError`` where there is none."""


class ObjectFetcher(ObjectReader, Protocol):
    """The byte path back: content as it arrives, through one buffer."""

    def ask_ahead(self, bucket: str, objects: Iterable[tuple[str, str]]) -> None:
        """Ask for objects, each with its ETag, that this thread fetches next, whole and in this order.

        It spares the wait for each answer before the next request; nothing depends on it.
        """

    def fetch_object(
        self,
        bucket: str,
        key: str,
        *,
        etag: str,
        start: int,
        begin: Callable[[Delivery], Take],
        end: Optional[int] = None,
    ) -> None:
        """Have ``begin`` told what comes, and what it returns take all bytes from ``start`` on, up to ``end``.

        ``ConflictError`` where the object is not that of ``etag`` (any, where it is empty), ``NotFoundError`` where
        there is none, and ``TransientError`` where the content breaks off.
        """


class ObjectSender(Protocol):
    """The byte path: regions of open files, sent without a copy in memory."""

    def send_file(
        self, bucket: str, key: str, region: FileRegion, *, content_type: str, metadata: Mapping[str, str]
    ) -> Receipt:
        """Write an object in one request."""

    def send_part(self, bucket: str, key: str, region: FileRegion, *, upload_id: str, number: int) -> Receipt:
        """Write a part of a multipart upload. ``number`` counts from 1."""


class ObjectWriter(Protocol):
    """Writing and removing objects."""

    def write_object(
        self,
        bucket: str,
        key: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        expected: Optional[str] = None,
    ) -> str:
        """Write a small object, checked by the server; returns its ETag.

        ``expected`` is the ETag of the object that it may replace, ``""`` where there must be none, and ``None``
        where that does not matter; ``ConflictError`` where another is there. A server may ignore it (Garage does).
        """

    def remove_objects(self, bucket: str, keys: Iterable[str]) -> Iterator[RemovalError]:
        """Remove in batches; yields each key that was not removed."""

    def start_upload(
        self, bucket: str, key: str, *, content_type: str, metadata: Mapping[str, str], checked: bool = True
    ) -> str:
        """Start a multipart upload; returns its id. ``checked``: each part will carry its CRC-32."""

    def takes_checksums(self, bucket: str, key: str) -> bool:
        """Whether the server has CRC-32 checksums; ``key`` need not be there."""

    def finish_upload(self, bucket: str, key: str, upload_id: str, parts: Iterable[UploadedPart]) -> str:
        """Make the object of its parts; returns its ETag."""

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Drop the parts."""

    def pending_uploads(self, bucket: str, prefix: str) -> Iterator[PendingUpload]:
        """Multipart uploads below ``prefix`` that were neither completed nor aborted."""

    def uploaded(self, bucket: str, key: str, upload_id: str) -> Uploaded:
        """What a pending upload already has."""


class ObjectCopier(Protocol):
    """Copies that a server makes by itself, of content with just this ETag; ``ConflictError`` where it is another."""

    def copy_object(
        self,
        bucket: str,
        key: str,
        source: Origin,
        *,
        etag: str,
        headers: Optional[tuple[str, Mapping[str, str]]],
    ) -> str:
        """Copy the object ``source`` as a whole; returns the ETag of the copy.

        ``headers`` are content type and user metadata of the copy, where these are not those of the source.
        """

    def copy_ahead(self, bucket: str, copies: Iterable[tuple[str, Origin, str]]) -> None:
        """Ask for copies, each by its key, source and ETag, that this thread makes next, as they are, in this order.

        It spares the wait for each answer before the next request; nothing depends on it.
        """

    def copy_part(
        self,
        bucket: str,
        key: str,
        source: Origin,
        *,
        etag: str,
        upload_id: str,
        number: int,
        start: int,
        size: int,
    ) -> str:
        """Copy ``size`` bytes from ``start`` as a part of a multipart upload; returns the part's ETag."""


class ArchiveSender(Able, Protocol):
    """Many small objects in one request, where ``abilities.unpack_archives``, and a look at what they became."""

    def write_bundle(self, bucket: str, name: str, archive: bytes) -> None:
        """Have the server make an object of each file in a tar, whose names are whole keys."""

    def list_between(self, bucket: str, prefix: str, *, first: str, last: str, expected: int) -> Iterator[RemoteObject]:
        """The objects from key ``first`` to key ``last``, both included: about ``expected`` of them."""


class SendingStore(Able, ObjectReader, ObjectSender, ObjectWriter, Protocol):
    """What sending an object needs: the byte path, and looking at what was sent."""
