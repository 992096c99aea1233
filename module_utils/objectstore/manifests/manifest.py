"""Manifests: which keys there are, as a sorted list and as an index by named groups, and what is missing from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Optional, Union

from ..values.errors import InvalidInputError, VerificationError
from ..values.model import RemoteObject
from ..values.naming import Expected, KeyNaming
from ..values.selection import Selection
from .document import Document, DocumentState, FileAt, StoredAt

#: How many names a message spells out before it only counts.
NAMES_SHOWN = 5


class Entry(NamedTuple):
    """An object of a manifest. ``etag`` is ``None`` for one that is not uploaded yet (in check mode)."""

    key: str
    size: int
    etag: Optional[str]


Index = dict[str, Any]


@dataclass(frozen=True)
class ManifestSpec:
    """A manifest as wanted: which objects it is of, what it expects, and where it is kept."""

    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    expected: Optional[Expected]
    index_by: tuple[str, ...]
    keys_at: tuple[Union[StoredAt, FileAt], ...]
    index_at: tuple[Union[StoredAt, FileAt], ...]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ManifestSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for options that do not fit together
        """
        naming = KeyNaming(params["key_pattern"])
        groups = naming.group_names
        needing = [name for name in ("index_dest", "index_object", "expect") if params[name]]
        if needing and not groups:
            raise InvalidInputError(
                f"use {' and '.join(needing)}", "there is no key_pattern with named groups", "Set key_pattern."
            )
        for name in params["index_by"] or ():
            if name not in groups:
                raise InvalidInputError(
                    "use index_by", f"{name!r} is no named group of key_pattern", f"It has {', '.join(groups)}."
                )
        return cls(
            bucket=params["bucket"],
            prefix=folder_of(params["prefix"]),
            selection=Selection.from_params(params),
            naming=naming,
            expected=Expected.from_param(params["expect"], groups) if params["expect"] else None,
            index_by=tuple(params["index_by"] or groups),
            keys_at=_places(params, "dest", "object"),
            index_at=_places(params, "index_dest", "index_object"),
        )

    @property
    def where(self) -> str:
        """``bucket/prefix``."""
        return f"{self.bucket}/{self.prefix}"

    @property
    def stored_keys(self) -> frozenset[str]:
        """The manifest's own objects in the same bucket, which it does not list."""
        places = (*self.keys_at, *self.index_at)
        return frozenset(place.key for place in places if isinstance(place, StoredAt))


def _places(params: Mapping[str, Any], file: str, stored: str) -> tuple[Union[StoredAt, FileAt], ...]:
    places: tuple[Union[StoredAt, FileAt], ...] = ()
    if params[file]:
        places += (FileAt.of(params[file], params["mode"]),)
    if params[stored]:
        places += (StoredAt.of(params["bucket"], params[stored]),)
    return places


def folder_of(prefix: str) -> str:
    """A prefix ends at ``/``, so that ``datasets`` never takes in ``datasets-v2``."""
    stripped = prefix.strip("/")
    return f"{stripped}/" if stripped else ""


@dataclass(frozen=True)
class Manifest:
    """What a manifest says.

    ``missing`` are combinations of groups; ``unexpected`` are keys that match no name or lie outside of the matrix.
    """

    entries: tuple[Entry, ...]
    index: Optional[Index]
    missing: tuple[dict[str, str], ...]
    unexpected: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        """The keys, sorted by their UTF-8 bytes."""
        return [entry.key for entry in self.entries]

    @property
    def keys_text(self) -> bytes:
        """One key a line."""
        return "".join(f"{key}\n" for key in self.keys).encode("utf-8")

    @property
    def index_text(self) -> bytes:
        """The index as JSON, the same for the same objects: no dates, keys sorted."""
        return (json.dumps(self.index or {}, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def select_entries(listed: Iterable[RemoteObject], spec: ManifestSpec) -> tuple[Entry, ...]:
    """The objects that the manifest is of, sorted."""
    own = spec.stored_keys
    selected = select_objects(listed, spec.prefix, spec.selection)
    return tuple(Entry(item.key, item.size, item.etag) for item in selected if item.key not in own)


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
        elif verb in ("upload", "replace"):
            after[key] = Entry(key, size, None)
    return tuple(sorted(after.values(), key=lambda entry: entry.key.encode("utf-8")))


def make_manifest(entries: tuple[Entry, ...], spec: ManifestSpec) -> Manifest:
    """The manifest of these objects.

    :raises InvalidInputError: when two keys have the same groups, so that an index would lose one of them
    """
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
    index = _index(matched, spec.index_by) if spec.index_at else None
    return Manifest(entries, index, missing, tuple(sorted(unexpected)))


def _index(matched: Iterable[tuple[Entry, Mapping[str, str]]], names: tuple[str, ...]) -> Index:
    index: Index = {}
    for entry, groups in matched:
        *path, last = (groups[name] for name in names)
        level = index
        for value in path:
            level = level.setdefault(value, {})
        if last in level:
            raise InvalidInputError(
                f"index the keys by {', '.join(names)}",
                f"{level[last]['key']} and {entry.key} have the same {', '.join(groups[name] for name in names)}",
                "Remove one of them, or name a group for what tells them apart.",
            )
        level[last] = {"key": entry.key, "size": entry.size, "etag": entry.etag}
    return index


def documents_of(manifest: Manifest, spec: ManifestSpec) -> list[Document]:
    """The documents that the manifest is kept as."""
    return [
        *(Document(place, manifest.keys_text) for place in spec.keys_at),
        *(Document(place, manifest.index_text) for place in spec.index_at),
    ]


def former_keys(pairs: Iterable[tuple[Document, DocumentState]], spec: ManifestSpec) -> Optional[list[str]]:
    """The keys that the stored list names, that of the bucket before that on the host; ``None`` where there is none."""
    for document, state in sorted(pairs, key=lambda pair: isinstance(pair[0].place, FileAt)):
        if document.place in spec.keys_at and state.content is not None:
            return [line for line in state.content.decode("utf-8", "backslashreplace").splitlines() if line]
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


def check_stored(pairs: Iterable[tuple[Document, DocumentState]], spec: ManifestSpec) -> None:
    """Compare what is stored with what the store holds.

    :raises VerificationError: naming each difference
    """
    problems = [problem for document, state in pairs for problem in _difference(document, state, spec)]
    if problems:
        raise VerificationError(
            f"verify the manifest of {spec.where}", "; ".join(problems), "Write it anew with minio_manifest."
        )


def _difference(document: Document, state: DocumentState, spec: ManifestSpec) -> list[str]:
    name = document.place.name
    if state.content is None:
        return [f"there is no {name}"]
    if state.content == document.content:
        return []
    read = _lines if document.place in spec.keys_at else _leaves
    try:
        stored, actual = read(state.content), read(document.content or b"")
    except ValueError as error:
        return [f"{name} is not readable ({error})"]
    problems = [
        _named(sorted(stored.keys() - actual.keys()), f"{name} names", "that the store does not have"),
        _named(sorted(actual.keys() - stored.keys()), f"{name} lacks", "that the store has"),
        _named(
            sorted(key for key in stored.keys() & actual.keys() if stored[key] != actual[key]),
            f"{name} has another size, ETag or place for",
            "than the store",
        ),
    ]
    return [problem for problem in problems if problem] or [f"{name} is not written as a manifest is (order, form)"]


def _lines(content: bytes) -> dict[str, Any]:
    return dict.fromkeys(content.decode("utf-8").splitlines())


def _leaves(content: bytes) -> dict[str, Any]:
    """Key -> its entry and its place in the index."""
    found: dict[str, Any] = {}

    def visit(node: Any, path: tuple[str, ...]) -> None:
        if not isinstance(node, dict):
            raise ValueError(f"{'/'.join(path) or 'the document'} is not an object")  # noqa: TRY004  # as json says it
        if isinstance(node.get("key"), str):
            found[node["key"]] = (path, node)
            return
        for name, child in node.items():
            visit(child, (*path, name))

    visit(json.loads(content), ())
    return found


def _named(keys: list[str], before: str, after: str) -> str:
    return f"{before} {count_and_name(keys, 'key')} {after}" if keys else ""


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
