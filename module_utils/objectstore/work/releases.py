"""The releases of a bucket, as the modules that work with them are told where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from ..manifests.index import StoredIndex
from ..manifests.record import Record
from ..manifests.spec import own_folder
from ..servers.store import Store
from ..values.arguments import BUCKET
from ..values.bucket_names import check_bucket_name
from ..values.errors import NotFoundError, SourceError
from ..values.limits import check_key

ARGUMENTS: Mapping[str, Any] = {
    **BUCKET,
    "releases_prefix": {"type": "str", "required": True},
    "index_object": {"type": "str", "required": True},
}


@dataclass(frozen=True)
class Releases:
    """Where the records of a bucket are, and the index that names the current one."""

    bucket: str
    folder: str
    index_object: str

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Releases:
        """The releases that a module's parameters name.

        :raises InvalidInputError: for a prefix that is the whole bucket
        """
        folder = own_folder("releases_prefix", params["releases_prefix"])
        return cls(check_bucket_name(params["bucket"]), folder, check_key(params["index_object"]))

    def own_below(self, prefix: str) -> list[str]:
        """Globs of what is written about objects, where it lies below their prefix."""
        own = (self.index_object, f"{self.index_object.removesuffix('.json')}.schema.json", self.folder)
        return [f"/{_literal(key[len(prefix) :])}" for key in own if key.startswith(prefix) and key != prefix]

    def names(self, store: Store) -> list[str]:
        """The keys of all records, the oldest first.

        :raises NotFoundError: for a missing bucket
        """
        if not store.bucket_exists(self.bucket, self.folder):
            raise NotFoundError(f"read the releases of bucket {self.bucket}", "there is no such bucket")
        listed = (item.key for item in store.list_objects(self.bucket, self.folder))
        return [key for key in listed if key.endswith(".json") and "/" not in key[len(self.folder) :]]

    def index(self, store: Store) -> StoredIndex:
        """The index as it is; an empty one where there is none.

        :raises SourceError: where it cannot be read, so that nobody knows which release is the current one
        """
        index = StoredIndex.parse(store.read_object(self.bucket, self.index_object))
        if index.problem:
            raise SourceError(
                f"read the index {self.bucket}/{self.index_object}", index.problem, "Write it again by minio_manifest."
            )
        return index

    def record(self, store: Store, name: str) -> Record:
        """One record.

        :raises SourceError: for one that cannot be read, and for one of another bucket
        """
        record = Record.parse(name, store.read_object(self.bucket, name))
        if record.bucket != self.bucket:
            raise SourceError(f"use the release {name}", f"it is of the bucket {record.bucket}")
        return record


def _literal(name: str) -> str:
    return "".join(f"\\{character}" if character in "*?[]{}!\\" else character for character in name)
