"""Whether an object has the content of a file: by what is known, else by reading the file."""

from __future__ import annotations

import os
from enum import Enum
from threading import Semaphore
from typing import Any, Optional, Protocol, Sequence

from ..files.digests import OPAQUE, DigestCache, etag_of_parts, md5_of, sha256_of
from ..store import ObjectFetcher, ObjectReader
from ..values.errors import ConflictError
from ..values.model import LocalFile, ObjectStat
from .headers import SHA256_METADATA
from .layouts import Sizes, layout_of, layouts, look
from .proof import Proof, md5

#: Files that are read beside each other, at most, on a host with fewer cores: a disk seeks between them.
READERS = 4


class Match(Enum):
    """What a comparison found."""

    KNOWN = "same content, known from before"
    READ = "same content, found by reading the file"
    SAME_SIZE = "same size"
    DIFFERENT = "content differs"
    RESIZED = "size differs"
    UNVERIFIABLE = "content cannot be verified"

    @property
    def same(self) -> bool:
        """Whether the object can stay as it is."""
        return self in (Match.KNOWN, Match.READ, Match.SAME_SIZE)


class Named(Protocol):
    """An object of a listing; ``name`` is its own key, whatever it is called at the other end."""

    @property
    def name(self) -> str:
        """Its key."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def etag(self) -> str:
        """Its ETag, without quotes."""


class SizeComparer:
    """``compare: size``: equal sizes count as equal. For those who know that content never changes in place."""

    def quick(self, local: LocalFile, remote: Named) -> Optional[Match]:
        """The answer, which never takes reading."""
        return Match.SAME_SIZE if local.size == remote.size else Match.RESIZED

    def thorough(self, local: LocalFile, remote: Named) -> Match:
        """Never needed."""
        return self.quick(local, remote) or Match.SAME_SIZE


class ContentComparer:
    """``compare: content``: an object is the same when its size and ETag are those of the local content."""

    def __init__(self, store: ObjectReader, bucket: str, cache: DigestCache) -> None:
        self._store = store
        self._bucket = bucket
        self._cache = cache
        self._reading = Semaphore(max(READERS, os.cpu_count() or 1))

    def quick(self, local: LocalFile, remote: Named) -> Optional[Match]:
        """The answer where it is known without reading the file; ``None`` otherwise."""
        if local.size != remote.size:
            return Match.RESIZED
        known = self._cache.known(local)
        if remote.etag in known.values():
            return Match.KNOWN
        self._cache.release()
        return None

    def thorough(self, local: LocalFile, remote: Named) -> Match:
        """The answer for equal sizes, by reading the file where need be.

        :raises SourceError: when the file cannot be read
        """
        made = layouts(self._store, self._bucket, remote.name, size=local.size, etag=remote.etag)
        same = any(self._etag(local, sizes) == remote.etag for sizes in made)
        return Match.READ if same else self._different(local, remote)

    def _etag(self, local: LocalFile, sizes: Optional[Sequence[int]]) -> str:
        layout = layout_of(sizes)
        etag = None if layout == OPAQUE else self._cache.known(local).get(layout)
        self._cache.release()
        if etag is None:
            with self._reading:
                etag = md5_of(local) if sizes is None else etag_of_parts(local, sizes)
            if layout != OPAQUE:
                self._cache.remember(local, layout, etag)
        return etag

    def _different(self, local: LocalFile, remote: Named) -> Match:
        """A different ETag proves different content only where ETags are digests."""
        seen = look(self._store, self._bucket, remote.name)
        if seen is None or not is_opaque(seen):
            return Match.DIFFERENT
        digest = seen.metadata.get(SHA256_METADATA)
        if digest is None:
            return Match.UNVERIFIABLE
        if digest != sha256_of(local):
            return Match.DIFFERENT
        self._cache.remember(local, OPAQUE, remote.etag)
        return Match.READ


def is_opaque(stat: ObjectStat) -> bool:
    """Whether the object's ETag says nothing about its content: SSE-KMS and SSE-C encrypt it (S3 API)."""
    return stat.encryption not in (None, "AES256")


#: User metadata of a copy: the ETag of its source, where that of the one or the other says nothing of content.
SOURCE_ETAG = "source-etag"


class ObjectComparer:
    """Objects of two buckets: the same where size and ETag are, else by what their ETags are made of."""

    def __init__(self, source: tuple[ObjectFetcher, str], target: tuple[ObjectReader, str]) -> None:
        self._source, self._from = source
        self._target, self._to = target

    def quick(self, source: Named, target: Named) -> Optional[Match]:
        """The answer where it takes no request."""
        if source.size != target.size:
            return Match.RESIZED
        return Match.KNOWN if source.etag == target.etag else None

    def thorough(self, source: Named, target: Named) -> Match:
        """The answer for equal sizes and other ETags, by reading the source where parts of other sizes explain them."""
        seen, copied = look(self._source, self._from, source.name), look(self._target, self._to, target.name)
        if seen is None or copied is None:
            return Match.DIFFERENT
        if is_opaque(seen) or is_opaque(copied):
            word = copied.metadata.get(SOURCE_ETAG)
            if word is None:
                return Match.UNVERIFIABLE
            return Match.KNOWN if word == source.etag else Match.DIFFERENT
        if "-" not in source.etag + target.etag:
            return Match.DIFFERENT
        made = layouts(self._target, self._to, target.name, size=target.size, etag=target.etag)
        return Match.READ if any(self._proves(source, target.etag, sizes) for sizes in made) else Match.DIFFERENT

    def _proves(self, source: Named, etag: str, sizes: Sizes) -> bool:
        """Whether the content of the source makes this ETag in parts of these sizes."""
        proof = Proof("ETag", etag, sizes, md5)
        try:
            self._source.fetch_object(self._from, source.name, etag=source.etag, start=0, begin=lambda _: proof.take)
        except ConflictError:  # it was replaced meanwhile
            return False
        return proof.holds


class VersionComparer:
    """An object and a version of one bucket: the same where size and ETag are, whatever else makes the same content.

    Where encryption hides content, the word that its copy was left with decides.
    """

    def __init__(self, store: ObjectReader, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def quick(self, version: Named, present: Named) -> Optional[Match]:
        """The answer where it takes no request."""
        if version.size != present.size:
            return Match.RESIZED
        return Match.KNOWN if version.etag == present.etag else None

    def thorough(self, version: Named, present: Named) -> Match:
        """The answer for equal sizes and other ETags."""
        seen = look(self._store, self._bucket, present.name)
        word = seen.metadata.get(SOURCE_ETAG) if seen is not None and is_opaque(seen) else None
        return Match.KNOWN if word == version.etag else Match.DIFFERENT


class Turned:
    """A comparer of files with objects, for a sync whose source are the objects."""

    def __init__(self, comparer: Any) -> None:
        self._comparer = comparer

    def quick(self, remote: Named, local: LocalFile) -> Optional[Match]:
        """The answer where it takes no reading."""
        found: Optional[Match] = self._comparer.quick(local, remote)
        return found

    def thorough(self, remote: Named, local: LocalFile) -> Match:
        """The answer, by reading the file where need be."""
        found: Match = self._comparer.thorough(local, remote)
        return found
