"""A manifest as wanted: which objects it is of, what it expects, where it is kept, and in which forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Mapping, Optional, Union

from ..values.errors import InvalidInputError
from ..values.limits import check_key
from ..values.naming import Expected, KeyNaming
from ..values.selection import Selection
from .document import Document, FileAt, StoredAt
from .facts import RasterFacts, facts_by_path
from .legend import Legend

Place = Union[StoredAt, FileAt]

_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def folder_of(prefix: str) -> str:
    """A prefix ends at ``/``, so that ``datasets`` never takes in ``datasets-v2``."""
    stripped = prefix.strip("/")
    return f"{stripped}/" if stripped else ""


@dataclass(frozen=True)
class StacSpec:
    """A static STAC catalog: one Collection, an Item for each object.

    ``period`` is the first and the last day of a season as month and day; its years are in the group
    ``period_group``: 2015_2016 from September to May is 2015-09-01 to 2016-05-31.
    """

    prefix: str
    id: str
    title: str
    description: str
    license: str
    period_group: str
    period: tuple[str, str]

    @classmethod
    def from_param(cls, given: Optional[Mapping[str, Any]], group_names: tuple[str, ...]) -> Optional[StacSpec]:
        """The catalog of a module's parameter; ``None`` where none is asked for.

        :raises InvalidInputError: for a group that the pattern does not have, or days that are none
        """
        if not given:
            return None
        group, period = given["period_group"], tuple(given["period"])
        if group not in group_names:
            raise InvalidInputError("use stac", f"period_group {group!r} is no named group of key_pattern")
        if len(period) != 2 or not all(_is_day(day) for day in period):
            raise InvalidInputError(
                "use stac", f"the period is {list(period)}", "Write the first and the last day, like 09-01 and 05-31."
            )
        return cls(
            prefix=own_folder("stac.prefix", given["prefix"]),
            id=given["id"],
            title=given["title"] or given["id"],
            description=given["description"],
            license=given["license"],
            period_group=group,
            period=(period[0], period[1]),
        )

    def times(self, groups: Mapping[str, str]) -> tuple[str, str]:
        """The first and the last second of an object's season, as RFC 3339 in UTC.

        :raises InvalidInputError: where the group has no year
        """
        years = _YEAR.findall(groups[self.period_group].replace("_", "-"))
        if not years:
            raise InvalidInputError(
                "describe the time of an object", f"{groups[self.period_group]!r} has no year", "Set stac.period_group."
            )
        first, last = self.period
        ends = years[-1] if len(years) > 1 or last >= first else f"{int(years[0]) + 1:04}"
        return f"{years[0]}-{first}T00:00:00Z", f"{ends}-{last}T23:59:59Z"


def own_folder(option: str, prefix: str) -> str:
    """A prefix below which everything is ours.

    :raises InvalidInputError: for none, which would be the whole bucket
    """
    folder = folder_of(prefix)
    if not folder:
        raise InvalidInputError(f"use {option}", "it is empty", "Name a folder of its own, like stac/dw.")
    check_key(f"{folder}name")
    return folder


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(f"2001-{text}"))
    except ValueError:
        return False


@dataclass(frozen=True)
class ManifestSpec:
    """A manifest as wanted. ``rasters`` is key -> the file's size, and what its header says.

    ``release`` is the key of the record whose objects, and no others, the manifest is of.
    """

    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    expected: Optional[Expected]
    index_by: tuple[str, ...]
    keys_at: tuple[Place, ...]
    index_at: tuple[Place, ...]
    base_url: Optional[str]
    legend: Optional[Legend]
    stac: Optional[StacSpec]
    vrt_prefix: Optional[str]
    releases_prefix: Optional[str]
    release: Optional[str]
    rasters: Mapping[str, tuple[int, RasterFacts]]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ManifestSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for options that do not fit together
        """
        naming = KeyNaming(params["key_pattern"], params["key_template"])
        groups = naming.group_names
        needing = [name for name in ("index_dest", "index_object", "expect", "stac", "vrt_prefix") if params[name]]
        if needing and not groups:
            raise InvalidInputError(
                f"use {' and '.join(needing)}", "there is no key_pattern with named groups", "Set key_pattern."
            )
        for name in params["index_by"] or ():
            if name not in groups:
                raise InvalidInputError(
                    "use index_by", f"{name!r} is no named group of key_pattern", f"It has {', '.join(groups)}."
                )
        prefix = folder_of(params["prefix"])
        for one, other in (("dest", "index_dest"), ("object", "index_object")):
            if params[one] and params[one] == params[other]:
                raise InvalidInputError(
                    f"use {one} and {other}", f"both are {params[one]}", "Give the list and the index a place each."
                )
        return cls(
            bucket=params["bucket"],
            prefix=prefix,
            selection=Selection.from_params(params),
            naming=naming,
            expected=Expected.from_param(params["expect"], groups) if params["expect"] else None,
            index_by=tuple(params["index_by"] or groups),
            keys_at=_places(params, "dest", "object"),
            index_at=_places(params, "index_dest", "index_object"),
            base_url=(params["base_url"] or "").rstrip("/") or None,
            legend=Legend.from_param(params["legend"], groups),
            stac=StacSpec.from_param(params["stac"], groups),
            vrt_prefix=own_folder("vrt_prefix", params["vrt_prefix"]) if params["vrt_prefix"] else None,
            releases_prefix=_releases(params),
            release=params["release"] or None,
            rasters=dict(_by_key(params["rasters"], prefix, naming)),
        )

    @property
    def where(self) -> str:
        """``bucket/prefix``."""
        return f"{self.bucket}/{self.prefix}"

    @property
    def has_index(self) -> bool:
        """Whether there is more than the list of keys."""
        return bool(self.index_at or self.stac or self.vrt_prefix)

    @property
    def index_key(self) -> Optional[str]:
        """The index's own key; ``None`` where it is not in the bucket."""
        return next((place.key for place in self.index_at if isinstance(place, StoredAt)), None)

    @property
    def schema_key(self) -> Optional[str]:
        """The key of the index's JSON Schema, beside the index."""
        return f"{self.index_key.removesuffix('.json')}.schema.json" if (self.index_key) else None

    @property
    def folders(self) -> tuple[str, ...]:
        """The prefixes below which everything is a document of the manifest."""
        return (*((self.stac.prefix,) if self.stac else ()), *((self.vrt_prefix,) if self.vrt_prefix else ()))

    def is_record(self, document: Document) -> bool:
        """Whether a document is the record of a release."""
        place = document.place
        records = self.releases_prefix
        return records is not None and isinstance(place, StoredAt) and place.key.startswith(records)

    def is_own(self, key: str) -> bool:
        """Whether an object of the bucket is a document of the manifest, which it does not list."""
        places = (*self.keys_at, *self.index_at)
        stored = {place.key for place in places if isinstance(place, StoredAt)}
        folders = (*self.folders, *((self.releases_prefix,) if self.releases_prefix else ()))
        return key in stored or key == self.schema_key or key.startswith(folders)


def _releases(params: Mapping[str, Any]) -> Optional[str]:
    """The prefix of the records; an index in the bucket is what tells whether there is something to record."""
    if not params["releases_prefix"]:
        return None
    if not params["index_object"]:
        raise InvalidInputError("use releases_prefix", "there is no index in the bucket", "Set index_object.")
    return own_folder("releases_prefix", params["releases_prefix"])


def _places(params: Mapping[str, Any], file: str, stored: str) -> tuple[Place, ...]:
    places: tuple[Place, ...] = ()
    if params[file]:
        places += (FileAt.of(params[file], params["mode"]),)
    if params[stored]:
        places += (StoredAt.of(params["bucket"], params[stored]),)
    return places


def _by_key(rasters: Any, prefix: str, naming: KeyNaming) -> dict[str, tuple[int, RasterFacts]]:
    """The facts by the keys that the files have in the bucket; a file whose name does not match has none."""
    named = ((naming.key_for(path), found) for path, found in facts_by_path(rasters).items())
    return {prefix + key: found for key, found in named if key is not None}
