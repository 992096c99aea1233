"""A manifest's way through a run: list the store, make the manifest, compare it with what is kept, judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..values.change import Action, Plan
from ..values.errors import VerificationError
from .document import (
    Document,
    DocumentPlan,
    DocumentState,
    DocumentStore,
    apply_documents,
    check_bucket,
    check_places,
    plan_documents,
    read_document,
)
from .manifest import (
    KeyChanges,
    Manifest,
    ManifestSpec,
    changed_keys,
    check_stored,
    count_and_name,
    documents_of,
    former_keys,
    make_manifest,
    missing_text,
    select_entries,
    with_planned,
)


@dataclass(frozen=True)
class ManifestOptions:
    """How a run goes. ``planned`` and ``assume_bucket`` are those of check mode, and empty outside of it."""

    on_missing: str = "fail"
    verify: bool = False
    planned: tuple[Mapping[str, Any], ...] = ()
    assume_bucket: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any], *, check_mode: bool) -> ManifestOptions:
        """The options of a module's parameters."""
        return cls(
            on_missing=params["on_missing"],
            verify=params["verify"],
            planned=tuple(params["planned"] or ()) if check_mode else (),
            assume_bucket=params["assume_bucket"] and check_mode,
        )


@dataclass(frozen=True)
class ManifestRead:
    """What was found, and what would change."""

    manifest: Manifest
    documents: list[Document]
    plan: DocumentPlan
    changes: KeyChanges
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
        }


def read_manifest(store: DocumentStore, spec: ManifestSpec, options: ManifestOptions) -> ManifestRead:
    """List the store and compare.

    :raises NotFoundError: for a missing bucket
    :raises VerificationError: for what is missing (``on_missing`` is ``fail``), or differs (``verify``)
    """
    there = check_bucket(store, spec.bucket, spec.prefix, assume=options.assume_bucket)
    check_places(store, (*spec.keys_at, *spec.index_at))
    entries = select_entries(store.list_objects(spec.bucket, spec.prefix), spec) if there else ()
    manifest = make_manifest(with_planned(entries, options.planned, spec), spec)
    warnings = _judge(manifest, spec, options.on_missing)
    documents = documents_of(manifest, spec)
    pairs: list[tuple[Document, DocumentState]] = [
        (document, read_document(store if there else None, document)) for document in documents
    ]
    if options.verify:
        check_stored(pairs, spec)
    target = f"manifest of {spec.where}"
    plan = DocumentPlan(target) if options.verify else plan_documents(target, pairs)
    return ManifestRead(manifest, documents, plan, changed_keys(manifest, former_keys(pairs, spec), spec), warnings)


def apply_manifest(store: DocumentStore, plan: Plan, read: ManifestRead) -> Iterator[Action]:
    """Write what differs; yields each action that is done."""
    return apply_documents(store, plan, read.documents)


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
