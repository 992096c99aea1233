"""From which versions the objects of a release come back, and which of them cannot."""

from __future__ import annotations

from typing import Iterable, Mapping, NamedTuple

from ..values.model import ObjectToRead, ObjectVersion
from .record import Record


class Recovery(NamedTuple):
    """``objects`` are those that can be had, sorted by key; ``lost`` the keys of which no version has the content."""

    objects: tuple[ObjectToRead, ...]
    lost: tuple[str, ...]


def plan_recovery(record: Record, versions: Iterable[ObjectVersion], present: Mapping[str, str]) -> Recovery:
    """Find a version for each object of a record: the one that it names, else any with the same ETag.

    What was brought back before is another version of the same content, and may outlive the first one.

    :param present: key -> ETag of what is there now, which needs no version
    """
    found: dict[tuple[str, str], list[str]] = {}
    for version in versions:
        if not version.is_marker and version.etag:
            found.setdefault((version.key, version.etag), []).append(version.version_id)
    objects, lost = [], []
    for key in sorted(record.objects):
        kept = record.objects[key]
        there = found.get((key, kept.etag), [])
        if not there and present.get(key) != kept.etag:
            lost.append(key)
            continue
        chosen = kept.version_id if kept.version_id in there else next(iter(there), None)
        objects.append(ObjectToRead(key, key, kept.size, kept.etag, chosen or ""))
    return Recovery(tuple(objects), tuple(lost))
