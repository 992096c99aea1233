"""Spot checks: some objects are read back whole, and their content is compared with that of their files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, NamedTuple, Optional, Protocol, Sequence

from ..files.digests import sha256_of
from ..store import BucketFinder, ObjectReader
from ..values.errors import InvalidInputError, NotFoundError, SourceError, VerificationError
from ..values.model import LocalFile, RemoteObject
from ..values.naming import KeyNaming
from ..values.selection import Selection
from .local import named_files
from .manifest import select_objects
from .spec import folder_of


class SpotCheckStore(BucketFinder, ObjectReader, Protocol):
    """What a spot check takes."""


@dataclass(frozen=True)
class SpotCheckSpec:
    """Which objects, how many of them, and the folder that they came from (``None``: they are only read)."""

    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    sample: int
    src: Optional[str]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> SpotCheckSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a sample of none
        """
        if params["sample"] < 1:
            raise InvalidInputError("take a sample", f"its size is {params['sample']}", "Set sample to 1 or more.")
        return cls(
            bucket=params["bucket"],
            prefix=folder_of(params["prefix"]),
            selection=Selection.from_params(params),
            naming=KeyNaming(params["key_pattern"], params["key_template"]),
            sample=params["sample"],
            src=params["src"],
        )

    @property
    def where(self) -> str:
        """``bucket/prefix``."""
        return f"{self.bucket}/{self.prefix}"


class Checked(NamedTuple):
    """An object that was read. ``same`` is ``None`` where there is no file to compare with."""

    key: str
    size: int
    sha256: str
    same: Optional[bool]

    def as_dict(self) -> dict[str, Any]:
        """The form of a module's result."""
        return self._asdict()


def pick(items: Sequence[RemoteObject], count: int) -> list[RemoteObject]:
    """``count`` items spread evenly from the first to the last: the same ones for the same listing."""
    if count >= len(items):
        return list(items)
    if count == 1:
        return [items[0]]
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]


def spot_check(store: SpotCheckStore, spec: SpotCheckSpec) -> list[Checked]:
    """Read the sample, and compare.

    :raises NotFoundError: where there is no such bucket or object
    :raises SourceError: when the folder is missing
    :raises VerificationError: naming each object whose content is not that of its file
    """
    files = _files(spec)
    if not store.bucket_exists(spec.bucket, spec.prefix):
        raise NotFoundError(f"read from bucket {spec.bucket}", "there is no such bucket")
    listed = list(select_objects(store.list_objects(spec.bucket, spec.prefix), spec.prefix, spec.selection))
    if not listed:
        raise NotFoundError(f"read an object of {spec.where}", "there is none")
    checked = [_check(store, spec, item, files) for item in pick(listed, spec.sample)]
    wrong = [item.key for item in checked if item.same is False]
    if wrong:
        raise VerificationError(
            f"confirm the content of {spec.where}",
            f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not what the source folder has",
            "Synchronise again.",
        )
    return checked


def _files(spec: SpotCheckSpec) -> Optional[dict[str, LocalFile]]:
    """Key -> file; ``None`` where nothing is compared."""
    if spec.src is None:
        return None
    return dict(named_files(spec.src, spec.prefix, spec.selection, spec.naming))


def _check(
    store: ObjectReader, spec: SpotCheckSpec, item: RemoteObject, files: Optional[Mapping[str, LocalFile]]
) -> Checked:
    digest, size = _digest(store.open_object(spec.bucket, item.key))
    if files is None:
        return Checked(item.key, size, digest, same=None)
    file = files.get(item.key)
    if file is None:
        raise SourceError(f"compare {spec.bucket}/{item.key}", f"{spec.src} has no file for it", "Check src.")
    return Checked(item.key, size, digest, same=sha256_of(file) == digest)


def _digest(pieces: Iterable[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
