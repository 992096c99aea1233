"""Which releases go, and which versions only they named."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional, Sequence

from ..values.model import ObjectVersion
from .record import Record


def doomed_releases(names: Sequence[str], *, keep: int, current: Optional[str]) -> tuple[str, ...]:
    """The records that go: all but the newest ``keep``, which is 1 or more, and the current one. Names sort by time."""
    return tuple(name for name in sorted(names)[:-keep] if name != current)


def doomed_versions(
    doomed: Iterable[Record],
    kept: Iterable[Record],
    index: Mapping[str, Mapping[str, Any]],
    versions: Iterable[ObjectVersion],
) -> tuple[ObjectVersion, ...]:
    """The versions that only releases that go have named.

    What is there now stays, and so does every version of a content that a release that stays, or the index, has: one
    may come back from any of them.

    What was written before the bucket kept versions is ``null``, and has no version in a record.

    :param index: key -> what the index says of it
    """
    named = {(one.key, one.version_id or "null", one.etag) for record in doomed for one in record.objects.values()}
    needed = {(one.key, one.etag) for record in kept for one in record.objects.values()}
    needed |= {(key, str(leaf.get("etag"))) for key, leaf in index.items()}
    return tuple(
        version
        for version in versions
        if (version.key, version.version_id, version.etag) in named
        and (version.key, version.etag) not in needed
        and not version.is_latest
        and not version.is_marker
    )
