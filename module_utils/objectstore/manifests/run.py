"""A manifest's way through a run: list the store, make the documents, compare them with what is kept, judge it."""

from __future__ import annotations

import platform
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Iterator, Mapping, Optional, Protocol

from ..files.digests import DigestCache
from ..store import ContentStore
from ..trees.compare import ContentComparer
from ..values.change import Action, Plan
from ..values.errors import AccessDeniedError, InvalidInputError, VerificationError
from ..values.model import LocalFile, RemoteObject
from .document import (
    Document,
    DocumentPlan,
    DocumentState,
    DocumentStore,
    Seen,
    apply_documents,
    check_bucket,
    check_places,
    plan_documents,
    read_document,
    read_folder,
)
from .index import Sight, StoredIndex, replaced_keys
from .local import named_files
from .manifest import (
    Entry,
    KeyChanges,
    Manifest,
    changed_keys,
    count_and_name,
    former_keys,
    make_manifest,
    missing_text,
    select_entries,
    with_planned,
)
from .publish import Publication, is_disposable, publish
from .record import Occasion, Record, entries_of
from .spec import ManifestSpec
from .verdicts import Verdict, judge


class ManifestStore(DocumentStore, ContentStore, Protocol):
    """What a manifest takes."""

    def hides_content(self, bucket: str) -> bool:
        """Whether the bucket encrypts so that ETags say nothing about content (SSE-KMS)."""


@dataclass(frozen=True)
class ManifestOptions:
    """How a run goes. ``planned`` and ``assume_bucket`` are those of check mode, and empty outside of it.

    ``src`` is the folder whose files are compared as well where a run verifies.
    """

    on_missing: str = "fail"
    verify: bool = False
    planned: tuple[Mapping[str, Any], ...] = ()
    assume_bucket: bool = False
    purge: bool = False
    src: Optional[str] = None
    digest_cache: Optional[str] = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], *, check_mode: bool) -> ManifestOptions:
        """The options of a module's parameters."""
        return cls(
            on_missing=params["on_missing"],
            verify=params["verify"],
            planned=tuple(params["planned"] or ()) if check_mode else (),
            assume_bucket=params["assume_bucket"] and check_mode,
            purge=params["purge"],
            src=params["src"],
            digest_cache=params["digest_cache"],
        )


@dataclass(frozen=True)
class ManifestRead:
    """What was found, and what would change."""

    manifest: Manifest
    pairs: list[Seen]
    plan: DocumentPlan
    changes: KeyChanges
    replaced: list[str]
    release: Optional[str]
    verdict: Verdict
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The result of a module."""
        return {
            "keys": self.manifest.keys,
            "bytes": sum(entry.size for entry in self.manifest.entries),
            "missing": list(self.manifest.missing),
            "unexpected": list(self.manifest.unexpected),
            "added": self.changes.added,
            "removed": self.changes.removed,
            "replaced": self.replaced,
            "release": self.release,
            "differences": [difference.as_dict() for difference in self.verdict.differences],
        }


def read_manifest(store: ManifestStore, spec: ManifestSpec, options: ManifestOptions) -> ManifestRead:
    """List the store and compare.

    :raises NotFoundError: for a missing bucket
    :raises VerificationError: for what is missing (``on_missing`` is ``fail``)
    """
    there = store if check_bucket(store, spec.bucket, spec.prefix, assume=options.assume_bucket) else None
    check_places(store, (*spec.keys_at, *spec.index_at))
    entries, warnings = _entries(there, spec)
    entries = with_planned(entries, options.planned, spec)
    kept = _kept_index(there, spec)
    stored = known = StoredIndex.parse(kept.content)
    if spec.release is not None:
        record = _record(there, spec, spec.release)
        entries, known = entries_of(record, entries), record.as_index()
    manifest = make_manifest(entries, spec)
    warnings += _judge(manifest, spec, options.on_missing)
    publication = publish(manifest, spec, known, Occasion(datetime.now(timezone.utc), platform.node()))
    pairs = _look(there, spec, publication, kept, purge=options.purge)
    replaced = replaced_keys(manifest, stored)
    target = f"manifest of {spec.where}"
    changes = changed_keys(manifest, former_keys(pairs, spec), spec)
    if options.verify:
        verdict = _verdict(store, spec, options, [pair for pair in pairs if not spec.is_record(pair[0])], manifest)
        return ManifestRead(
            manifest, pairs, DocumentPlan(target), changes, replaced, publication.release, verdict, warnings
        )
    if replaced:
        warnings.append(
            f"In {spec.where}, {count_and_name(replaced, 'key')} of the published index got other content: whoever"
            " reads by the former index is refused (HTTP 412) until it reads the new one."
        )
    warnings += publication.warnings
    return ManifestRead(
        manifest, pairs, plan_documents(target, pairs), changes, replaced, publication.release, Verdict(()), warnings
    )


def apply_manifest(store: ManifestStore, plan: Plan, read: ManifestRead) -> Iterator[Action]:
    """Write what differs; yields each action that is done."""
    return apply_documents(store, plan, read.pairs)


def _entries(store: Optional[ManifestStore], spec: ManifestSpec) -> tuple[tuple[Entry, ...], list[str]]:
    """The objects, and what could not be learnt of them."""
    if store is None:
        return (), []
    listed: Iterator[RemoteObject] = store.list_objects(spec.bucket, spec.prefix, metadata=spec.has_index)
    if not spec.has_index:
        return select_entries(listed, spec, versions={}, opaque=False), []
    warnings: list[str] = []
    try:
        versions = _versions(store, spec)
    except AccessDeniedError as error:
        versions = {}
        warnings.append(f"The index of {spec.where} pins objects by their ETags only: {error}")
    opaque = bool(spec.stac or spec.release) and store.hides_content(spec.bucket)
    return select_entries(listed, spec, versions=versions, opaque=opaque), warnings


def _versions(store: ManifestStore, spec: ManifestSpec) -> dict[tuple[str, str], str]:
    """Key and ETag -> the latest version, by one listing; nothing is listed where the bucket keeps none."""
    if not store.keeps_versions(spec.bucket):
        return {}
    return {
        (found.key, found.etag): found.version_id
        for found in store.list_versions(spec.bucket, spec.prefix)
        if found.is_latest and not found.is_marker and found.version_id != "null"
    }


def _record(store: Optional[ManifestStore], spec: ManifestSpec, name: str) -> Record:
    record = Record.parse(name, store.read_object(spec.bucket, name) if store else None)
    if (record.bucket, record.prefix) != (spec.bucket, spec.prefix):
        raise InvalidInputError(
            f"make the manifest of {spec.where}", f"the release {name} is of {record.bucket}/{record.prefix}"
        )
    return record


def _kept_index(store: Optional[ManifestStore], spec: ManifestSpec) -> DocumentState:
    """The index as it is kept: in the bucket, else on the host."""
    for place in reversed(spec.index_at):
        state = read_document(store, Document(place, None))
        if state.content is not None:
            return state
    return DocumentState()


def _look(
    store: Optional[ManifestStore], spec: ManifestSpec, publication: Publication, kept: DocumentState, *, purge: bool
) -> list[Seen]:
    """Each document as it is, in the order of the documents."""
    pairs: list[Seen] = []
    for folder in spec.folders:
        wanted = [document for document in publication.documents if document.folder == folder]
        pairs += read_folder(
            store, spec.bucket, folder, wanted, disposable=lambda key: purge and is_disposable(key, spec)
        )
    stored = spec.index_at[-1:] if kept.etag else ()
    for document in publication.documents:
        if not document.folder:
            pairs.append((document, kept if document.place in stored else read_document(store, document)))
    return pairs


def _verdict(
    store: ManifestStore, spec: ManifestSpec, options: ManifestOptions, pairs: list[Seen], manifest: Manifest
) -> Verdict:
    files: Optional[dict[str, LocalFile]] = None
    if options.src is not None:
        files = dict(named_files(options.src, spec.prefix, spec.selection, spec.naming))
    with closing(DigestCache(options.digest_cache, writable=False)) as cache:
        comparer = ContentComparer(store, spec.bucket, cache)

        def same(file: LocalFile, key: str, sight: Sight) -> bool:
            seen = RemoteObject(key, sight.size, sight.etag or "")
            return (comparer.quick(file, seen) or comparer.thorough(file, seen)).same

        return judge(pairs, manifest, spec, files=files, same=same)


def _judge(manifest: Manifest, spec: ManifestSpec, on_missing: str) -> list[str]:
    warnings = []
    missing = missing_text(manifest, spec)
    if missing and on_missing == "fail":
        raise VerificationError(
            f"make the manifest of {spec.where}", missing, "Upload what is missing, or set on_missing: warn."
        )
    if missing and on_missing == "warn":
        warnings.append(f"In {spec.where}, {missing}.")
    if manifest.unexpected and on_missing != "ignore":
        warnings.append(f"In {spec.where}, {count_and_name(list(manifest.unexpected), 'key')} not expected.")
    return warnings
