"""The record of a release: what a prefix held when its index was published, so that it can be had again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from ..values.errors import InvalidInputError, SourceError, VerificationError
from .index import Leaf, Sight, StoredIndex
from .jsontext import json_text
from .manifest import Entry, count_and_name
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

    def as_dict(self) -> dict[str, Any]:
        """The form of an index."""
        return {**self.raster, "key": self.key, "size": self.size, "etag": self.etag, "version_id": self.version_id}


@dataclass(frozen=True)
class Record:
    """A record as it is stored: its key, what it is of, and its objects by their keys."""

    name: str
    bucket: str
    prefix: str
    objects: Mapping[str, Kept]

    @classmethod
    def parse(cls, name: str, content: Optional[bytes]) -> Record:
        """Read it; ``content`` is ``None`` where there is none.

        :raises SourceError: for something that is no record, or one of a later form
        """
        if content is None:
            raise _unreadable(name, "there is no such object")
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

    def as_index(self) -> StoredIndex:
        """What the index of these objects would know of them."""
        known = {key: ((), one.as_dict()) for key, one in self.objects.items()}
        return StoredIndex(known, {"release": self.name})


def entries_of(record: Record, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries of a release; what a dry run foresees to come back has the ETag that the release has.

    :raises VerificationError: where one is not in the bucket as the release has it
    """
    there = {entry.key: entry for entry in entries}
    other = []
    for key, kept in record.objects.items():
        entry = there.get(key)
        if entry is not None and entry.etag is None:
            there[key] = entry = entry._replace(etag=kept.etag)
        if entry is None or entry.size != kept.size or (entry.etag != kept.etag and not entry.opaque):
            other.append(key)
    if other:
        raise VerificationError(
            f"publish the release {record.name}",
            f"{count_and_name(other, 'object')} not in the bucket as it has them",
            "Bring them back by minio_rollback.",
        )
    return tuple(there[key] for key in sorted(record.objects, key=str.encode))


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
    former = stored.head.get("release")
    former = former if isinstance(former, str) else None
    if _sights(leaves) == stored.sights():
        return former
    if any(leaf.entry.etag is None for leaf in leaves):
        return f"{spec.releases_prefix}{UNKNOWN}"
    told = "\n".join(f"{leaf.entry.key}\0{leaf.entry.size}\0{leaf.entry.etag}" for leaf in leaves)
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{spec.releases_prefix}{_moment(occasion, former).strftime(STAMP)}-{digest[:8]}.json"


def _moment(occasion: Occasion, former: Optional[str]) -> datetime:
    """The time in a release's name: a second later than that of the one before it, where a clock says otherwise."""
    try:
        stamp = (former or "").rpartition("/")[2].partition("-")[0]
        before = datetime.strptime(stamp.replace("Z", "+0000"), "%Y%m%dT%H%M%S%z")
    except ValueError:
        return occasion.now
    return max(occasion.now, before + timedelta(seconds=1))


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
    """The key of the release that is meant.

    By its key, its id, or a beginning of its id that no other has; ``latest`` is the newest, ``previous`` the one
    before the current.

    :raises InvalidInputError: where there is none, or more than one, naming the newest that there are
    """
    known = sorted(name for name in names if name.endswith(".json"))
    earlier = [name for name in known if current is None or name < current]
    asked = {"latest": known[-1:], "previous": earlier[-1:]}.get(wanted)
    if asked is None:
        asked = [name for name in known if wanted in (name, release_id(name, folder))]
        asked = asked or [name for name in known if wanted and name.startswith(f"{folder}{wanted}")]
    if len(asked) == 1:
        return asked[0]
    there = ", ".join(release_id(name, folder) for name in (asked or known)[-5:]) or "none"
    said = f"{len(asked)} below {folder} begin so" if asked else f"there is no such one below {folder}"
    raise InvalidInputError(f"choose the release {wanted}", said, f"There are: {there}.")


def release_id(name: str, folder: str) -> str:
    """What people call a release: the name of its record without folder and ending."""
    return name[len(folder) :].removesuffix(".json")
