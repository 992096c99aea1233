"""A store in memory with the verbs that a sync uses: ETags, part sizes and listings are those of S3."""

# ruff: noqa: ARG002 - the protocols' arguments, also where a dictionary needs fewer

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible.module_utils.objectstore.store import RemovalError
from ansible.module_utils.objectstore.values.abilities import Abilities
from ansible.module_utils.objectstore.values.errors import (
    ConflictError,
    NotFoundError,
    TransientError,
    VerificationError,
)
from ansible.module_utils.objectstore.values.model import (
    CHECKSUMS,
    Delivery,
    FileRegion,
    ObjectStat,
    PendingUpload,
    Receipt,
    RemoteObject,
    Uploaded,
    UploadedPart,
)

#: The encryption whose ETags say nothing.
KMS = "aws:kms"


@dataclass(frozen=True)
class Stored:
    """An object: ``parts`` are the sizes that it was uploaded in, empty for one that was sent whole."""

    content: bytes
    parts: tuple[int, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    encryption: str | None = None
    serial: int = 0

    @property
    def etag(self) -> str:
        """The ETag as the S3 API defines it; for KMS one that differs with every write."""
        if self.encryption == KMS:
            return _md5(f"{self.serial}".encode() + self.content)
        if not self.parts:
            return _md5(self.content)
        digests = [hashlib.md5(part).digest() for part in _cut(self.content, self.parts)]
        return f"{_md5(b''.join(digests))}-{len(digests)}"


@dataclass
class _Pending:
    key: str
    content_type: str
    metadata: Mapping[str, str]
    initiated: str
    checked: bool
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass
class MemoryStore:
    """Buckets of objects. ``writes`` lists each writing verb with its key, in order.

    ``before`` is called with verb and key ahead of every writing verb, and may raise or change what is on
    disk. ``kms`` encrypts what is written so that ETags say nothing; ``bundles`` unpacks tars as MinIO does.
    """

    buckets: dict[str, dict[str, Stored]] = field(default_factory=dict)
    kms: bool = False
    bundles: bool = False
    before: Callable[[str, str], object] | None = None
    writes: list[tuple[str, str]] = field(default_factory=list)
    unremovable: frozenset[str] = frozenset()
    now: str = "2026-01-01T00:00:00.000Z"
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _serial: int = 0

    def put(self, bucket: str, key: str, content: bytes, *, parts: Sequence[int] = (), **facts: object) -> None:
        """What somebody else wrote; it is not counted."""
        self._serial += 1
        stored = Stored(content, tuple(parts), serial=self._serial, **facts)  # type: ignore[arg-type]
        self.buckets.setdefault(bucket, {})[key] = stored

    def contents(self, bucket: str) -> dict[str, bytes]:
        """Key -> content."""
        return {key: stored.content for key, stored in self.buckets[bucket].items()}

    # --- reading -----------------------------------------------------------------------------------------------

    def bucket_exists(self, bucket: str, prefix: str | None = None) -> bool:
        return bucket in self.buckets

    def hides_content(self, bucket: str) -> bool:
        return self.kms

    def list_objects(self, bucket: str, prefix: str = "", *, metadata: bool = False) -> Iterator[RemoteObject]:
        objects = self._bucket(bucket)
        for key in sorted(objects, key=str.encode):
            if key.startswith(prefix):
                stored = objects[key]
                yield RemoteObject(key, len(stored.content), stored.etag, stored.metadata if metadata else {})

    def list_between(self, bucket: str, prefix: str, *, first: str, last: str, expected: int) -> Iterator[RemoteObject]:
        return (item for item in self.list_objects(bucket, prefix) if first <= item.key <= last)

    def stat_object(self, bucket: str, key: str, *, part: int | None = None, version: str = "") -> ObjectStat | None:
        stored = self._bucket(bucket).get(key)
        if stored is None:
            return None
        sizes = stored.parts or (len(stored.content),)
        return ObjectStat(
            size=len(stored.content) if part is None else sizes[part - 1],
            etag=stored.etag,
            parts=len(stored.parts) or None,
            metadata=stored.metadata,
            encryption=stored.encryption,
            content_type=stored.content_type,
        )

    def read_object(self, bucket: str, key: str) -> bytes | None:
        stored = self._bucket(bucket).get(key)
        return stored.content if stored else None

    def open_object(self, bucket: str, key: str) -> Iterator[bytes]:
        stored = self._bucket(bucket).get(key)
        if stored is None:
            raise NotFoundError(f"read {bucket}/{key}", "there is none (NoSuchKey)")
        yield stored.content

    def ask_ahead(self, bucket: str, objects: Iterable[tuple[str, str]]) -> None:
        """Nothing is far away."""

    def fetch_object(
        self,
        bucket: str,
        key: str,
        *,
        etag: str,
        start: int,
        begin: Callable[[Delivery], Callable[[memoryview], None]],
        end: int | None = None,
    ) -> None:
        stored = self._bucket(bucket).get(key)
        if stored is None:
            raise NotFoundError(f"fetch {bucket}/{key}", "there is none (NoSuchKey)")
        if etag and stored.etag != etag:
            raise ConflictError(f"fetch {bucket}/{key}", "a condition does not hold (PreconditionFailed)")
        crc = "" if stored.parts or start else _crc32(stored.content)
        take = begin(
            Delivery(
                start,
                len(stored.content),
                stored.etag,
                crc,
                1.5e9,
                stored.metadata,
                stored.encryption,
                content_type=stored.content_type,
            )
        )
        if stored.content[start:end]:
            take(memoryview(stored.content)[start:end])

    @property
    def abilities(self) -> Abilities:
        return Abilities(unpack_archives=self.bundles)

    # --- writing -----------------------------------------------------------------------------------------------

    def send_file(
        self, bucket: str, key: str, region: FileRegion, *, content_type: str, metadata: Mapping[str, str]
    ) -> Receipt:
        self._writing("send_file", key)
        return self._store(bucket, key, _received(region), content_type=content_type, metadata=metadata)

    def write_object(
        self,
        bucket: str,
        key: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        expected: str | None = None,
    ) -> str:
        self._writing("write_object", key)
        there = self._bucket(bucket).get(key)
        if expected is not None and expected != (there.etag if there else ""):
            raise ConflictError(f"write {bucket}/{key}", "a condition does not hold (PreconditionFailed)")
        return self._store(bucket, key, content, content_type=content_type, metadata=metadata).etag

    def write_bundle(self, bucket: str, name: str, archive: bytes) -> None:
        self._writing("write_bundle", name)
        with tarfile.open(fileobj=io.BytesIO(archive)) as entries:
            for entry in entries:
                headers = {field.removeprefix("minio.metadata."): text for field, text in entry.pax_headers.items()}
                read = entries.extractfile(entry)
                assert read is not None
                self._store(
                    bucket,
                    entry.name,
                    read.read(),
                    content_type=headers.get("Content-Type", ""),
                    metadata={
                        name.lower().removeprefix("x-amz-meta-"): text
                        for name, text in headers.items()
                        if name.lower().startswith("x-amz-meta-")
                    },
                )

    def copy_object(
        self,
        bucket: str,
        key: str,
        source: tuple[str, str],
        *,
        etag: str,
        headers: tuple[str, Mapping[str, str]] | None,
    ) -> str:
        self._writing("copy_object", key)
        taken = self._source(source, etag)
        content_type, metadata = headers or (taken.content_type, taken.metadata)
        return self._store(bucket, key, taken.content, content_type=content_type, metadata=metadata).etag

    def copy_ahead(self, bucket: str, copies: Iterable[tuple[str, tuple[str, str], str]]) -> None:
        """Nothing is far away."""

    def copy_part(
        self,
        bucket: str,
        key: str,
        source: tuple[str, str],
        *,
        etag: str,
        upload_id: str,
        number: int,
        start: int,
        size: int,
    ) -> str:
        self._writing("copy_part", key)
        content = self._source(source, etag).content[start : start + size]
        self._upload(upload_id).parts[number] = content
        return _md5(content)

    def remove_objects(self, bucket: str, keys: Iterable[str]) -> Iterator[RemovalError]:
        for key in keys:
            self._writing("remove_object", key)
            if key in self.unremovable:
                yield RemovalError(key, "it is locked (AccessDenied)")
            else:
                self._bucket(bucket).pop(key, None)

    def start_upload(
        self, bucket: str, key: str, *, content_type: str, metadata: Mapping[str, str], checked: bool = True
    ) -> str:
        self._writing("start_upload", key)
        with self._lock:
            self._serial += 1
            self._pending[f"upload-{self._serial}"] = _Pending(key, content_type, metadata, self.now, checked)
            return f"upload-{self._serial}"

    def takes_checksums(self, bucket: str, key: str) -> bool:
        return True

    def send_part(self, bucket: str, key: str, region: FileRegion, *, upload_id: str, number: int) -> Receipt:
        self._writing("send_part", key)
        content = _received(region)
        self._upload(upload_id).parts[number] = content
        return Receipt(_md5(content), checked=True, opaque=self.kms)

    def finish_upload(self, bucket: str, key: str, upload_id: str, parts: Iterable[UploadedPart]) -> str:
        self._writing("finish_upload", key)
        pending = self._upload(upload_id)
        contents = [pending.parts[part.number] for part in parts if _md5(pending.parts[part.number]) == part.etag]
        del self._pending[upload_id]
        return self._store(
            bucket,
            key,
            b"".join(contents),
            content_type=pending.content_type,
            metadata=pending.metadata,
            parts=tuple(map(len, contents)),
        ).etag

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        self._writing("abort_upload", key)
        self._upload(upload_id)
        del self._pending[upload_id]

    def pending_uploads(self, bucket: str, prefix: str) -> Iterator[PendingUpload]:
        for upload_id, pending in list(self._pending.items()):
            if pending.key.startswith(prefix):
                yield PendingUpload(pending.key, upload_id, pending.initiated)

    def uploaded(self, bucket: str, key: str, upload_id: str) -> Uploaded:
        pending = self._upload(upload_id)
        parts = {
            number: UploadedPart(number, len(content), _md5(content), _crc32(content))
            for number, content in sorted(pending.parts.items())
        }
        return Uploaded(CHECKSUMS if pending.checked else "", parts)

    # --- inside ------------------------------------------------------------------------------------------------

    def _writing(self, verb: str, key: str) -> None:
        with self._lock:
            self.writes.append((verb, key))
        if self.before is not None:
            self.before(verb, key)

    def _store(
        self,
        bucket: str,
        key: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        parts: tuple[int, ...] = (),
    ) -> Receipt:
        with self._lock:
            self._serial += 1
            stored = Stored(
                content, parts, dict(metadata), content_type, encryption=KMS if self.kms else None, serial=self._serial
            )
            self._bucket(bucket)[key] = stored
        return Receipt(stored.etag, checked=True, opaque=self.kms)

    def _bucket(self, bucket: str) -> dict[str, Stored]:
        if bucket not in self.buckets:
            raise NotFoundError(f"use bucket {bucket}", "there is no such bucket (NoSuchBucket)")
        return self.buckets[bucket]

    def _source(self, source: tuple[str, str], etag: str) -> Stored:
        stored = self._bucket(source[0]).get(source[1])
        if stored is None or stored.etag != etag:
            raise ConflictError(f"copy {source[0]}/{source[1]}", "a condition does not hold (PreconditionFailed)")
        return stored

    def _upload(self, upload_id: str) -> _Pending:
        if upload_id not in self._pending:
            raise NotFoundError(f"use the upload {upload_id}", "there is no such upload (NoSuchUpload)")
        return self._pending[upload_id]


def _received(region: FileRegion) -> bytes:
    """What arrives: read when it is sent, and checked against what was announced."""
    content = os.pread(region.fd, region.size, region.offset)
    if len(content) != region.size:
        raise TransientError(
            "upload", f"the connection broke (the file ends before byte {region.offset + region.size})"
        )
    if zlib.crc32(content) != region.crc32:
        raise VerificationError("upload", "the checksum does not match (XAmzContentChecksumMismatch)")
    return content


def _cut(content: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield content[start : start + size]
        start += size


def _md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def _crc32(data: bytes) -> str:
    return b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
