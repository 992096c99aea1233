"""The index: by named groups, each object with what pins it and what is known of it; and what a stored one says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, NamedTuple, Optional

from ..values.errors import InvalidInputError
from .facts import RasterFacts
from .jsontext import json_text
from .manifest import Entry, Manifest
from .spec import ManifestSpec

#: What a reader compares before it relies on the form; it grows by one when something that was there goes or changes.
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Leaf:
    """An object of the index."""

    entry: Entry
    groups: Mapping[str, str]
    facts: RasterFacts

    def path(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Its place in the index."""
        return tuple(self.groups[name] for name in names)

    @property
    def file_name(self) -> str:
        """The last component of its key."""
        return self.entry.key.rsplit("/", 1)[-1]

    def as_dict(self) -> dict[str, Any]:
        """The form of the index: the same names for every object, null where something is not known."""
        entry = self.entry
        pins = {"etag": entry.etag, "version_id": entry.version_id, "sha256": entry.sha256}
        return {"key": entry.key, "size": entry.size, **pins, **self.facts.as_dict()}


class Sight(NamedTuple):
    """What tells an object's content: its size in bytes and its ETag."""

    size: int
    etag: Optional[str]


@dataclass(frozen=True)
class StoredIndex:
    """An index as it is kept: its objects by their keys, with their places in it, and what else it says.

    ``problem`` says why it cannot be read; it is empty for one that can, and where there is none.
    """

    objects: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = field(default_factory=dict)
    head: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def parse(cls, content: Optional[bytes]) -> StoredIndex:
        """Read it, in any version that this code wrote."""
        if content is None:
            return cls()
        try:
            document = json.loads(content)
            if not isinstance(document, dict):
                return cls(problem="it is not an object")
            head = {name: value for name, value in document.items() if name != "objects"}
            return cls(dict(_leaves(document.get("objects", {}), ())), head)
        except (ValueError, RecursionError) as error:
            return cls(problem=str(error))

    def sights(self) -> dict[str, Sight]:
        """Key -> what it pins."""
        return {key: Sight(leaf.get("size", -1), leaf.get("etag")) for key, (_, leaf) in self.objects.items()}

    def facts(self, entry: Entry) -> Optional[RasterFacts]:
        """What it knows of exactly this content."""
        leaf = self.objects.get(entry.key, ((), {}))[1]
        if entry.etag is None or (leaf.get("size"), leaf.get("etag")) != (entry.size, entry.etag):
            return None
        return RasterFacts.of(leaf)


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[tuple[str, ...], Mapping[str, Any]]]]:
    if not isinstance(node, dict):
        raise ValueError(f"{'/'.join(path) or 'objects'} is not an object")  # noqa: TRY004  # as json says it
    if isinstance(node.get("key"), str):
        yield node["key"], (path, node)
        return
    for name, child in node.items():
        yield from _leaves(child, (*path, name))


def make_leaves(manifest: Manifest, spec: ManifestSpec, stored: StoredIndex) -> tuple[Leaf, ...]:
    """The objects of the index, in the order of their places.

    What is known of an object is what its file's header says, where the file has its size; otherwise what the stored
    index knows of the same content.

    :raises InvalidInputError: when two keys have the same groups, so that an index would lose one of them
    """
    leaves: dict[tuple[str, ...], Leaf] = {}
    for entry, groups in manifest.matched:
        leaf = Leaf(entry, groups, _facts(entry, spec, stored))
        place = leaf.path(spec.index_by)
        if place in leaves:
            raise InvalidInputError(
                f"index the keys by {', '.join(spec.index_by)}",
                f"{leaves[place].entry.key} and {entry.key} have the same {', '.join(place)}",
                "Remove one of them, or name a group for what tells them apart.",
            )
        leaves[place] = leaf
    return tuple(leaves[place] for place in sorted(leaves))


def _facts(entry: Entry, spec: ManifestSpec, stored: StoredIndex) -> RasterFacts:
    size, facts = spec.rasters.get(entry.key, (-1, RasterFacts()))
    return facts if size == entry.size else stored.facts(entry) or RasterFacts()


def index_text(
    leaves: tuple[Leaf, ...],
    spec: ManifestSpec,
    mosaics: Mapping[tuple[str, ...], str],
    *,
    release: Optional[str] = None,
) -> bytes:
    """The index as JSON, the same for the same objects.

    :param mosaics: the place of a level -> the key of its VRT
    :param release: the key of the record of these objects
    """
    schema = spec.schema_key
    return json_text(
        {
            **({"$schema": schema.rsplit("/", 1)[-1]} if schema else {}),
            "schema_version": SCHEMA_VERSION,
            **({"release": release} if spec.releases_prefix else {}),
            "bucket": spec.bucket,
            "prefix": spec.prefix,
            "base_url": f"{spec.base_url}/{spec.bucket}" if spec.base_url else None,
            "count": len(leaves),
            "bytes": sum(leaf.entry.size for leaf in leaves),
            "levels": list(spec.index_by),
            "legend": spec.legend.as_dict() if spec.legend else None,
            "catalog": f"{spec.stac.prefix}collection.json" if spec.stac else None,
            "mosaics": _nested(mosaics),
            "objects": _nested({leaf.path(spec.index_by): leaf.as_dict() for leaf in leaves}),
        }
    )


def _nested(values: Mapping[tuple[str, ...], Any]) -> Any:
    """A dictionary of dictionaries, of values by their places; the value itself where the only place is the top."""
    if () in values:
        return values[()]
    nested: dict[str, Any] = {}
    for place, value in values.items():
        level = nested
        for name in place[:-1]:
            level = level.setdefault(name, {})
        level[place[-1]] = value
    return nested


def replaced_keys(manifest: Manifest, stored: StoredIndex) -> list[str]:
    """Keys whose content is another than the stored index pins; in check mode also those that will be."""
    pinned = stored.sights()
    return [
        entry.key
        for entry, _ in manifest.matched
        if entry.key in pinned and pinned[entry.key] != Sight(entry.size, entry.etag)
    ]
