"""Many small files in one request: MinIO unpacks a tar into objects, which spares most of the time of small uploads.

The tar holds whole keys, so that nothing else says where an object goes. It is a means, not a proof: each object
counts as uploaded only when a listing afterwards shows it with the size and the MD5 of the bytes that went into the
tar; whatever is not proved goes the ordinary way. Objects of at most 128 KiB are read whole by MinIO before it writes
them (its ``untar.go``), so none is ever half there.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from dataclasses import dataclass, field
from threading import Event
from typing import Iterable, Iterator, NamedTuple, Optional, Sequence

from ..files.digests import WHOLE, DigestCache
from ..files.opened import of_status, opened
from ..store import ArchiveSender
from ..values.errors import AccessDeniedError, ObjectStoreError, SourceError
from ..values.model import LocalFile
from .headers import ObjectHeaders

#: Files up to this many bytes are bundled.
LARGEST = 128 * 1024

#: A bundle holds at most so many files and bytes; below the smaller number it would save nothing.
MOST_FILES, MOST_BYTES, FEWEST_FILES = 250, 8 * 1024 * 1024, 8

#: Threads that bundle, at most: each bundle is in memory twice, and a thread keeps what it has had.
BUNDLING = 4


class _Packed(NamedTuple):
    file: LocalFile
    content: bytes
    etag: str


@dataclass(frozen=True)
class Bundler:
    """Sends bundles of small files below ``prefix``, and says which of them are proved to have arrived."""

    store: ArchiveSender
    bucket: str
    prefix: str
    headers: ObjectHeaders
    cache: DigestCache
    denied: Event = field(default_factory=Event)

    def send(self, files: Sequence[LocalFile]) -> dict[str, str]:
        """Key -> ETag of every file that is proved to be an object; the others are to be sent on their own."""
        if self.denied.is_set():
            return {}
        try:
            packed = self._sent(files)
            if not packed:
                return {}
            keys = sorted(packed)
            listing = list(
                self.store.list_between(self.bucket, self.prefix, first=keys[0], last=keys[-1], expected=len(keys))
            )
        except AccessDeniedError:  # it stays so: no further archive is packed and sent in vain
            self.denied.set()
            return {}
        except ObjectStoreError:
            return {}
        proved = {item.key: item.etag for item in listing if item.key in packed and item.etag == packed[item.key][1]}
        for key, etag in proved.items():
            self.cache.remember(packed[key][0], WHOLE, etag)
        return proved

    def _sent(self, files: Sequence[LocalFile]) -> dict[str, tuple[LocalFile, str]]:
        """Key -> file and ETag of what was sent, none where a bundle would save nothing; the contents are let go."""
        packed = [item for item in map(_pack, files) if item is not None]
        if len(packed) < FEWEST_FILES:
            return {}
        self.store.write_bundle(self.bucket, f"{self.prefix}bundle.tar", self._archive(packed))
        return {item.file.key: (item.file, item.etag) for item in packed}

    def _archive(self, items: Iterable[_Packed]) -> bytes:
        """A tar in PAX format; MinIO takes ``minio.metadata.*`` records as an object's headers, and time 0 as now."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for item in items:
                entry = tarfile.TarInfo(item.file.key)
                entry.size = len(item.content)
                entry.pax_headers = {
                    f"minio.metadata.{name}": value for name, value in self.headers.plain(item.file.key).items()
                }
                archive.addfile(entry, io.BytesIO(item.content))
        return buffer.getvalue()


def batches(files: Iterable[LocalFile], *, bundled: bool) -> Iterator[list[LocalFile]]:
    """The files, small files together in bundles and each other file on its own."""
    batch: list[LocalFile] = []
    size = 0
    for file in files:
        if not bundled or file.size > LARGEST or not keeps_its_name(file.key):
            yield [file]
            continue
        if len(batch) >= MOST_FILES or size + file.size > MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def keeps_its_name(key: str) -> bool:
    """Whether an entry of a tar becomes an object of just this key: MinIO cleans paths in tars (its ``untar.go``)."""
    return all(component not in ("", ".", "..") for component in key.split("/"))


def _pack(file: LocalFile) -> Optional[_Packed]:
    """The file's content, unless it cannot be read or changes meanwhile."""
    try:
        with opened(file, f"upload {file.path}") as fd:
            before = of_status(file.path, file.key, os.fstat(fd))
            content = os.read(fd, LARGEST + 1)
            after = of_status(file.path, file.key, os.fstat(fd))
    except (SourceError, OSError):
        return None
    if before != after or len(content) != after.size:
        return None
    return _Packed(after, content, hashlib.md5(content, usedforsecurity=False).hexdigest())
