"""Versions of data sets: one is published when its description is in the store, and from then on its files stay.

The description is written last, so an upload that was interrupted is no version yet and goes on. Whoever trains with a
version must be able to rely on it, so files that are other than those that were published are another version.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional, Protocol, Sequence

from ..store import BucketFinder, ObjectReader
from ..values.errors import InvalidInputError, RefusedError
from ..values.selection import Selection
from .document import Document, StoredAt, check_bucket, read_document
from .manifest import select_objects
from .spec import folder_of

#: How many names of a kind an error lists.
_NAMED = 5


class ReleaseStore(BucketFinder, ObjectReader, Protocol):
    """What a release takes."""


class Content(NamedTuple):
    """A file's size in bytes, and its SHA-256; empty where only the size is known."""

    size: int
    sha256: str = ""

    def differs(self, other: Content) -> bool:
        """Whether the two are surely not the same content."""
        known = bool(self.sha256 and other.sha256)
        return self.size != other.size or (known and self.sha256 != other.sha256)


@dataclass(frozen=True)
class Release:
    """Where a version goes, whether it is described there, and whether it then stays as it is."""

    bucket: str
    prefix: str
    selection: Selection
    metadata_name: str
    immutable: bool
    described: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Release:
        """The release of one element of a module's ``sets``.

        :raises InvalidInputError: for a version without a prefix of its own, or in that of another version
        """
        prefix, metadata = folder_of(params["prefix"]), params["metadata"] or {}
        attempted = f"publish {params['source']} into {params['bucket']}/{prefix}"
        if not prefix:
            raise InvalidInputError(
                attempted, "a version needs a prefix of its own", "Write it like zimbabwe_full/v1/."
            )
        version = re.search(r"(?:^|/)(v\d+)/$", prefix)
        if version and str(metadata.get("version", version[1])) not in (version[1], version[1][1:]):
            raise InvalidInputError(
                attempted, f"its description says version {metadata['version']}", "Correct one of the two."
            )
        return cls(
            bucket=params["bucket"],
            prefix=prefix,
            selection=Selection(tuple(params["include"] or ()), (params["metadata_name"],)),
            metadata_name=params["metadata_name"],
            immutable=params["immutable"],
            described=bool(metadata),
        )

    @property
    def place(self) -> StoredAt:
        """Where the description is."""
        return StoredAt.of(self.bucket, self.prefix + self.metadata_name)

    @property
    def where(self) -> str:
        """``bucket/prefix``."""
        return f"{self.bucket}/{self.prefix}"


class Standing(NamedTuple):
    """How a release stands in the store. ``key`` is that of its description.

    ``described`` is whether the stored description is the wanted one, ``None`` where none is wanted. Objects with other
    content are ``replaceable`` while nothing is published, and where the files are known to be those that were
    published: that puts right what was damaged.
    """

    key: str
    published: bool
    described: Optional[bool]
    replaceable: bool

    def as_dict(self) -> dict[str, Any]:
        """The form of a module's result."""
        return {
            "key": self.key,
            "published": self.published,
            "described": self.described,
            "existing": "replace" if self.replaceable else "fail",
        }


def check_apart(releases: Sequence[Release]) -> None:
    """:raises InvalidInputError: when one release would lie in another."""
    ordered = sorted(releases, key=lambda release: release.where)
    for first, second in zip(ordered, ordered[1:]):
        if second.where.startswith(first.where):
            raise InvalidInputError(
                f"publish into {second.where}", f"another set goes to {first.where}", "Give each a prefix of its own."
            )


def judge_release(
    store: ReleaseStore, release: Release, description: Mapping[str, Any], *, assume_bucket: bool
) -> Standing:
    """Compare a description, with the files that were measured for it, with what is published.

    :raises NotFoundError: for a missing bucket
    :raises RefusedError: when the files are not those of a version that is published and must stay as it is
    """
    wanted = Document.from_param(release.place, dict(description))
    there = check_bucket(store, release.bucket, release.place.key, assume=assume_bucket)
    stored = read_document(store if there else None, wanted).content
    described = stored == wanted.content if release.described else None
    key = release.place.key
    if stored is None:
        return Standing(key, published=False, described=described, replaceable=True)
    recorded = _files_of(stored)
    if release.immutable:
        published = recorded if recorded is not None else _listed(store, release)
        _refuse_changes(release, published, _files_of(wanted.content or b"") or {})
    return Standing(key, True, described, replaceable=not release.immutable or recorded is not None)


def _files_of(document: bytes) -> Optional[dict[str, Content]]:
    """The files that a description names with their digests; ``None`` where it was written by others, without them."""
    try:
        files = json.loads(document)["measured"]["files"]
        return {str(one["name"]): Content(int(one["bytes"]), str(one["sha256"])) for one in files}
    except (ValueError, KeyError, TypeError):
        return None


def _listed(store: ReleaseStore, release: Release) -> dict[str, Content]:
    objects = store.list_objects(release.bucket, release.prefix)
    return {
        item.key[len(release.prefix) :]: Content(item.size)
        for item in select_objects(objects, release.prefix, release.selection)
    }


def _refuse_changes(release: Release, published: Mapping[str, Content], files: Mapping[str, Content]) -> None:
    changed = [name for name in files if name in published and files[name].differs(published[name])]
    kinds = {
        "changed": changed,
        "added": [name for name in files if name not in published],
        "removed": [name for name in published if name not in files],
    }
    said = [f"{len(names)} {kind} ({_some(sorted(names))})" for kind, names in kinds.items() if names]
    if said:
        raise RefusedError(
            f"publish into {release.where}",
            f"this version is published, and its files are others now: {', '.join(said)}",
            f"Make {_next(release.prefix)}, or set immutable to false to replace this one. Nothing was changed.",
        )


def _next(prefix: str) -> str:
    """The next version, where the prefix ends in a number such as that of ``v1/``."""
    last = re.fullmatch(r"(.*?)(\d+)/", prefix)
    return f"a new version, {last[1]}{int(last[2]) + 1}/" if last else "a new version with another prefix"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
