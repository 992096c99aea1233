"""The record of a release: what a prefix held when its index was published, so that it can be had again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ..values.errors import InvalidInputError, SourceError
from .index import Leaf, Sight, StoredIndex
from .jsontext import json_text
from .spec import ManifestSpec

#: What a reader compares before it relies on the form.
RECORD_VERSION = 1

#: The form of the time in a record's name, in UTC: names sort as the releases followed each other.
STAMP = "%Y%m%dT%H%M%SZ"


#: What a dry run calls a release: neither its time nor the ETags of what is not sent yet are known.
UNKNOWN = "TIME-DIGEST.json"


class Occasion(NamedTuple):
    """When a release is made, in UTC, and on which host."""

    now: datetime
    host: str


class Kept(NamedTuple):
    """An object of a release."""

    key: str
    size: int
    etag: str
    version_id: Optional[str]
    raster: Mapping[str, Any]

    @property
    def sight(self) -> Sight:
        """What tells its content."""
        return Sight(self.size, self.etag)


@dataclass(frozen=True)
class Record:
    """A record as it is stored: its key, what it is of, and its objects by their keys."""

    name: str
    bucket: str
    prefix: str
    objects: Mapping[str, Kept]

    @classmethod
    def parse(cls, name: str, content: bytes) -> Record:
        """Read it.

        :raises SourceError: for something that is no record, or one of a later form
        """
        try:
            document = json.loads(content)
            form = document["record_version"]
            found = [_kept(row) for row in document["objects"]] if form == RECORD_VERSION else []
            read = cls(name, document["bucket"], document["prefix"], {one.key: one for one in found})
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _unreadable(name, "it has not what a record has") from None
        if form != RECORD_VERSION:
            raise _unreadable(name, f"its form is {form}, and this version knows {RECORD_VERSION}")
        return read


def _unreadable(name: str, why: str) -> SourceError:
    return SourceError(f"read the release {name}", why, "Choose another release.")


def _kept(row: Mapping[str, Any]) -> Kept:
    raster = {name: value for name, value in row.items() if name not in ("key", "size", "etag", "version_id", "sha256")}
    return Kept(str(row["key"]), int(row["size"]), str(row["etag"]), row["version_id"], raster)


def release_of(leaves: Sequence[Leaf], spec: ManifestSpec, stored: StoredIndex, occasion: Occasion) -> Optional[str]:
    """The key of the release that an index of these objects belongs to; ``None`` where none is recorded.

    Objects that are as the stored index has them are still its release, whichever that is.
    """
    if spec.releases_prefix is None:
        return None
    if _sights(leaves) == stored.sights():
        former = stored.head.get("release")
        return former if isinstance(former, str) else None
    if any(leaf.entry.etag is None for leaf in leaves):
        return f"{spec.releases_prefix}{UNKNOWN}"
    told = "\n".join(f"{leaf.entry.key}\0{leaf.entry.size}\0{leaf.entry.etag}" for leaf in leaves)
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{spec.releases_prefix}{occasion.now.strftime(STAMP)}-{digest[:8]}.json"


def record_text(
    name: str, leaves: Sequence[Leaf], spec: ManifestSpec, stored: StoredIndex, occasion: Occasion
) -> bytes:
    """The record as JSON."""
    before, now = stored.sights(), _sights(leaves)
    return json_text(
        {
            "record_version": RECORD_VERSION,
            "release": name,
            "created": occasion.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "host": occasion.host,
            "bucket": spec.bucket,
            "prefix": spec.prefix,
            "count": len(leaves),
            "bytes": sum(leaf.entry.size for leaf in leaves),
            "since": stored.head.get("release"),
            "added": sorted(now.keys() - before.keys()),
            "replaced": sorted(key for key in now.keys() & before.keys() if now[key] != before[key]),
            "removed": sorted(before.keys() - now.keys()),
            "objects": [leaf.as_dict() for leaf in leaves],
        }
    )


def _sights(leaves: Sequence[Leaf]) -> dict[str, Sight]:
    return {leaf.entry.key: Sight(leaf.entry.size, leaf.entry.etag) for leaf in leaves}


def choose_record(wanted: str, folder: str, names: Sequence[str], *, current: Optional[str]) -> str:
    """The key of the release that is meant: by its key, by its name, or ``previous``, the one before the current.

    :raises InvalidInputError: where there is none of that name, naming the newest that there are
    """
    known = sorted(name for name in names if name.endswith(".json"))
    if wanted == "previous":
        earlier = [name for name in known if current is None or name < current]
        if earlier:
            return earlier[-1]
    for name in (wanted, f"{folder}{wanted}", f"{folder}{wanted}.json"):
        if name in known:
            return name
    there = ", ".join(name[len(folder) :].removesuffix(".json") for name in known[-5:]) or "none"
    raise InvalidInputError(
        f"choose the release {wanted}", f"there is no such one below {folder}", f"There are: {there}."
    )
