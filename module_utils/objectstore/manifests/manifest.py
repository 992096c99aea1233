"""Manifests: which keys there are, as a sorted list, and what is missing from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Optional

from ..trees.headers import SHA256_METADATA
from ..values.errors import InvalidInputError
from ..values.model import RemoteObject
from ..values.selection import Selection
from .document import Document, DocumentState, FileAt
from .keylist import keys_of, list_of
from .spec import ManifestSpec

#: How many names a message spells out before it only counts.
NAMES_SHOWN = 5


class Entry(NamedTuple):
    """An object of a manifest.

    ``etag`` is ``None`` for one that is not uploaded yet (in check mode). ``version_id`` is ``None`` where the bucket
    keeps no versions, ``sha256`` where its user metadata does not tell it; ``opaque`` says that the ETag is no digest.
    """

    key: str
    size: int
    etag: Optional[str]
    version_id: Optional[str] = None
    sha256: Optional[str] = None
    opaque: bool = False


@dataclass(frozen=True)
class Manifest:
    """What a manifest says.

    ``matched`` are the objects whose keys match the pattern, with their groups; ``missing`` are combinations of groups;
    ``unexpected`` are keys that match no name or lie outside of the matrix.
    """

    entries: tuple[Entry, ...]
    matched: tuple[tuple[Entry, Mapping[str, str]], ...]
    missing: tuple[dict[str, str], ...]
    unexpected: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        """The keys, sorted by their UTF-8 bytes."""
        return [entry.key for entry in self.entries]

    @property
    def keys_text(self) -> bytes:
        """One key a line; see ``keylist``."""
        return list_of(self.keys)


def select_entries(
    listed: Iterable[RemoteObject], spec: ManifestSpec, *, versions: Mapping[tuple[str, str], str], opaque: bool
) -> tuple[Entry, ...]:
    """The objects that the manifest is of, sorted. ``versions`` is key and ETag -> version."""
    return tuple(
        Entry(
            item.key,
            item.size,
            item.etag,
            versions.get((item.key, item.etag)),
            item.metadata.get(SHA256_METADATA),
            opaque,
        )
        for item in select_objects(listed, spec.prefix, spec.selection)
        if not spec.is_own(item.key)
    )


def select_objects(listed: Iterable[RemoteObject], prefix: str, selection: Selection) -> Iterator[RemoteObject]:
    """The objects that globs choose by their keys below ``prefix``; objects that stand for folders are left out."""
    return (item for item in listed if not item.key.endswith("/") and selection.selects(item.key[len(prefix) :]))


def with_planned(
    entries: Iterable[Entry], planned: Iterable[Mapping[str, Any]], spec: ManifestSpec
) -> tuple[Entry, ...]:
    """The entries as they will be after the actions that ``minio_sync`` planned; what is not sent yet has no ETag.

    :raises InvalidInputError: for something that is no planned action
    """
    after = {entry.key: entry for entry in entries}
    for action in planned:
        try:
            key, verb, size = str(action["key"]), str(action["action"]), int(action.get("size") or 0)
        except (KeyError, TypeError, ValueError):
            raise InvalidInputError(
                "use planned", f"{action!r} has no key, action and size", "Pass the objects that minio_sync returns."
            ) from None
        if not key.startswith(spec.prefix) or not spec.selection.selects(key[len(spec.prefix) :]):
            continue
        if verb == "delete":
            after.pop(key, None)
        elif verb in ("upload", "restore", "replace"):
            after[key] = Entry(key, size, None)
    return tuple(sorted(after.values(), key=lambda entry: entry.key.encode("utf-8")))


def make_manifest(entries: tuple[Entry, ...], spec: ManifestSpec) -> Manifest:
    """The manifest of these objects."""
    grouped = [(entry, spec.naming.groups(entry.key)) for entry in entries]
    unexpected = [entry.key for entry, groups in grouped if groups is None]
    matched = [(entry, groups) for entry, groups in grouped if groups is not None]
    missing: tuple[dict[str, str], ...] = ()
    if spec.expected is not None:
        coverage = spec.expected.coverage(groups for _, groups in matched)
        missing = coverage.missing
        names = tuple(spec.expected.values)
        outside = [{name: groups[name] for name in names} for _, groups in matched]
        unexpected += [entry.key for (entry, _), seen in zip(matched, outside) if seen in coverage.unexpected]
    return Manifest(entries, tuple(matched), missing, tuple(sorted(unexpected)))


def former_keys(pairs: Iterable[tuple[Document, DocumentState]], spec: ManifestSpec) -> Optional[list[str]]:
    """The keys that the stored list names, that of the bucket before that on the host; ``None`` where there is none."""
    for document, state in sorted(pairs, key=lambda pair: isinstance(pair[0].place, FileAt)):
        if document.place in spec.keys_at and state.content is not None:
            return keys_of(state.content.decode("utf-8", "backslashreplace").encode("utf-8"))
    return None


class KeyChanges(NamedTuple):
    """Keys that are new since the stored list was written, and keys that it names in vain."""

    added: list[str]
    removed: list[str]


def changed_keys(manifest: Manifest, former: Optional[list[str]], spec: ManifestSpec) -> KeyChanges:
    """Compare with the stored list; without a place for one nothing counts as added."""
    if not spec.keys_at:
        return KeyChanges([], [])
    before, now = set(former or ()), set(manifest.keys)
    return KeyChanges([key for key in manifest.keys if key not in before], sorted(before - now, key=str.encode))


def count_and_name(names: list[str], noun: str) -> str:
    """``2 keys (a, b)``; long lists are cut short."""
    shown = ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'} ({shown})"


def missing_text(manifest: Manifest, spec: ManifestSpec) -> str:
    """What is missing, as a sentence's reason; empty where nothing is."""
    if not manifest.missing or spec.expected is None:
        return ""
    named = count_and_name([" ".join(row.values()) for row in manifest.missing], "combination")
    verb = "is" if len(manifest.missing) == 1 else "are"
    return f"of {spec.expected.count} expected, {named} {verb} missing"
