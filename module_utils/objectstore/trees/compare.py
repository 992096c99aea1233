"""Whether an object has the content of a file: by what is known, else by reading the file."""

from __future__ import annotations

import re
from enum import Enum
from typing import Optional

from ..files.digests import OPAQUE, WHOLE, DigestCache, etag_of_parts, md5_of, part_sizes, sha256_of
from ..store import ObjectReader
from ..values.errors import AccessDeniedError, ObjectStoreError
from ..values.model import LocalFile, ObjectStat, RemoteObject
from .headers import SHA256_METADATA

#: Objects with parts of unequal sizes are asked part by part up to this number.
MOST_PARTS_ASKED = 100

#: What stands for the answer to HEAD that an object with a customer's key does not give without it.
_CUSTOMER_KEY = ObjectStat(size=-1, etag="", parts=None, metadata={}, encryption="SSE-C")

_PLAIN = re.compile(r"[0-9a-f]{32}")
_PARTS = re.compile(r"[0-9a-f]{32}-(\d+)")


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


class SizeComparer:
    """``compare: size``: equal sizes count as equal. For those who know that content never changes in place."""

    def quick(self, local: LocalFile, remote: RemoteObject) -> Optional[Match]:
        """The answer, which never takes reading."""
        return Match.SAME_SIZE if local.size == remote.size else Match.RESIZED

    def thorough(self, local: LocalFile, remote: RemoteObject) -> Match:
        """Never needed."""
        return self.quick(local, remote) or Match.SAME_SIZE


class ContentComparer:
    """``compare: content``: an object is the same when its size and ETag are those of the local content."""

    def __init__(self, store: ObjectReader, bucket: str, cache: DigestCache) -> None:
        self._store = store
        self._bucket = bucket
        self._cache = cache

    def quick(self, local: LocalFile, remote: RemoteObject) -> Optional[Match]:
        """The answer where it is known without reading the file; ``None`` otherwise."""
        if local.size != remote.size:
            return Match.RESIZED
        known = self._cache.known(local)
        if remote.etag in known.values():
            return Match.KNOWN
        self._cache.release()
        return None

    def thorough(self, local: LocalFile, remote: RemoteObject) -> Match:
        """The answer for equal sizes, by reading the file where need be.

        :raises SourceError: when the file cannot be read
        """
        pattern = _PARTS.fullmatch(remote.etag)
        if pattern:
            same = self._same_parts(local, remote, int(pattern.group(1)))
        elif _PLAIN.fullmatch(remote.etag):
            same = self._etag(local, WHOLE) == remote.etag
        else:
            same = False
        return Match.READ if same else self._different(local, remote)

    def _etag(self, local: LocalFile, layout: int) -> str:
        etag = self._cache.known(local).get(layout)
        self._cache.release()
        if etag is None:
            etag = md5_of(local) if layout == WHOLE else etag_of_parts(local, part_sizes(local.size, layout))
            self._cache.remember(local, layout, etag)
        return etag

    def _same_parts(self, local: LocalFile, remote: RemoteObject, count: int) -> bool:
        first = self._look(remote.key, part=1)
        if first and count > 1 and first.size == local.size:  # a server that heeds no partNumber tells of the whole
            first = None
        layouts = [first.size] if first and _makes(local.size, first.size, count) else []
        if first and not layouts and count <= MOST_PARTS_ASKED:
            sizes = self._asked_sizes(remote.key, count)
            if sum(sizes) == local.size:
                return etag_of_parts(local, sizes) == remote.etag
        return any(self._etag(local, layout) == remote.etag for layout in layouts or _usual_layouts(local.size, count))

    def _asked_sizes(self, key: str, count: int) -> list[int]:
        answers = (self._look(key, part=number) for number in range(1, count + 1))
        return [answer.size if answer else 0 for answer in answers]

    def _look(self, key: str, *, part: Optional[int] = None) -> Optional[ObjectStat]:
        """HEAD. The S3 API answers 400, without saying why, where an object has a customer's key (SSE-C).

        For who may list and write but not read, what the listing says decides.
        """
        try:
            return self._store.stat_object(self._bucket, key, part=part)
        except AccessDeniedError:
            return None
        except ObjectStoreError as error:
            if "BadRequest" not in error.reason:
                raise
            return _CUSTOMER_KEY

    def _different(self, local: LocalFile, remote: RemoteObject) -> Match:
        """A different ETag proves different content only where ETags are digests."""
        seen = self._look(remote.key)
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


def _makes(size: int, layout: int, count: int) -> bool:
    return layout > 0 and -(-size // layout) == count


def _usual_layouts(size: int, count: int) -> list[int]:
    """Part sizes in whole MiB that make ``count`` parts, for servers that do not answer ``partNumber``."""
    mebi = 1024 * 1024
    smallest = max(1, -(-size // (count * mebi)))
    largest = (size - 1) // ((count - 1) * mebi) if count > 1 else smallest
    return [
        layout * mebi
        for layout in range(smallest, min(largest, smallest + 64) + 1)
        if _makes(size, layout * mebi, count)
    ]
