"""In parts of which sizes an object was uploaded: what its ETag is made of."""

from __future__ import annotations

import re
from typing import Iterator, Optional, Sequence

from ..files.digests import OPAQUE, WHOLE, part_sizes
from ..store import ObjectReader
from ..values.errors import AccessDeniedError, ObjectStoreError
from ..values.model import ObjectStat

#: Objects with parts of unequal sizes are asked part by part up to this number.
MOST_PARTS_ASKED = 100

#: What stands for the answer to HEAD that an object with a customer's key does not give without it.
_CUSTOMER_KEY = ObjectStat(size=-1, etag="", parts=None, metadata={}, encryption="SSE-C")

_PLAIN = re.compile(r"[0-9a-f]{32}")
_PARTS = re.compile(r"[0-9a-f]{32}-(\d+)")

#: Sizes in bytes of the parts of an object; ``None`` for one that is no multipart upload.
Sizes = Optional[Sequence[int]]


def layouts(store: ObjectReader, bucket: str, key: str, *, size: int, etag: str, version: str = "") -> Iterator[Sizes]:
    """How the object may have been made, the likeliest first: one of these makes its ETag, where that is a digest.

    The server is asked for the size of the first part; for those of the others where it may be of another size than
    they, and the first guess was wrong. Where it does not tell, the sizes that tools use are tried.
    """
    if _PLAIN.fullmatch(etag):
        yield None
    found = _PARTS.fullmatch(etag)
    if not found:
        return
    count = int(found.group(1))
    first = look(store, bucket, key, part=1, version=version)
    if first and count > 1 and first.size == size:  # a server that heeds no partNumber tells of the whole
        first = None
    if first and _makes(size, first.size, count):
        equal = part_sizes(size, first.size)
        yield equal
        last = look(store, bucket, key, part=count, version=version)
        if last is None or last.size == equal[-1]:
            return
    if first and count <= MOST_PARTS_ASKED:
        numbers = range(1, count + 1)
        answers = (look(store, bucket, key, part=number, version=version) for number in numbers)
        sizes = [answer.size if answer else 0 for answer in answers]
        if sum(sizes) == size:
            yield sizes
            return
    yield from (part_sizes(size, layout) for layout in _usual_layouts(size, count))


def exact_sizes(store: ObjectReader, bucket: str, key: str, *, size: int, etag: str, version: str = "") -> Sizes:
    """In parts of which sizes an object was uploaded, as the server tells; what is likeliest where it does not."""
    made = layouts(store, bucket, key, size=size, etag=etag, version=version)
    first = next(made, None)
    return next(made, first) if first is not None else None


def layout_of(sizes: Sizes) -> int:
    """What the digest cache keeps an ETag under: the part size, ``WHOLE``, or ``OPAQUE`` for parts of unequal sizes."""
    if sizes is None:
        return WHOLE
    return sizes[0] if sizes[0] and list(sizes) == part_sizes(sum(sizes), sizes[0]) else OPAQUE


def look(
    store: ObjectReader, bucket: str, key: str, *, part: Optional[int] = None, version: str = ""
) -> Optional[ObjectStat]:
    """HEAD. The S3 API answers 400, without saying why, where an object has a customer's key (SSE-C).

    ``None`` where there is no object, and for who may list and write but not read: what the listing says decides.
    """
    try:
        return store.stat_object(bucket, key, part=part, version=version)
    except AccessDeniedError:
        return None
    except ObjectStoreError as error:
        if "BadRequest" not in error.reason:
            raise
        return _CUSTOMER_KEY


def stretches_of(sizes: Sizes, *, least: int) -> list[Sequence[int]]:
    """Parts that follow each other, ``least`` bytes of them together but for the last."""
    groups: list[list[int]] = []
    for size in sizes or ():
        if not groups or sum(groups[-1]) >= least:
            groups.append([])
        groups[-1].append(size)
    return list(groups)


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
