"""Versions of objects: listed with their delete markers, and removed for good."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, Iterator
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from minio.deleteobjects import DeleteObject

from ..errors import ConflictError, UnsupportedError
from ..model import ObjectVersion
from ..store import RemovalError
from .failures import attempt
from .listing import PAGE_SIZE
from .objects import Objects


class Versions(Objects):
    """The version verbs of ``store.ContentStore``, besides those of objects."""

    def list_versions(self, bucket: str, prefix: str = "") -> Iterator[ObjectVersion]:
        """Versions and delete markers below ``prefix``, by key; objects where the server knows no versions."""
        query = {"versions": "", "max-keys": str(PAGE_SIZE), "encoding-type": "url", "prefix": prefix}
        while True:
            try:
                response = self._session.request(f"list the versions in {bucket}", "GET", bucket, query=query)
            except UnsupportedError:
                yield from (ObjectVersion(found.key, "null") for found in self.list_objects(bucket, prefix))
                return
            root = ElementTree.fromstring(response.data)
            for element in root:
                kind = element.tag.rpartition("}")[2]
                if kind in ("Version", "DeleteMarker"):
                    yield ObjectVersion(
                        unquote_plus(element.findtext("{*}Key") or ""),
                        element.findtext("{*}VersionId") or "null",
                        is_marker=kind == "DeleteMarker",
                    )
            if root.findtext("{*}IsTruncated") != "true":
                return
            query["key-marker"] = unquote_plus(root.findtext("{*}NextKeyMarker") or "")
            query["version-id-marker"] = root.findtext("{*}NextVersionIdMarker") or ""

    def remove_versions(
        self, bucket: str, versions: Iterable[ObjectVersion], *, bypass_governance: bool
    ) -> Iterator[RemovalError]:
        """Remove versions in batches, for good; yields each that was not removed."""
        remaining = iter(versions)
        while batch := [DeleteObject(found.key, found.version_id) for found in islice(remaining, PAGE_SIZE)]:
            with attempt(f"remove versions of objects of {bucket}", self._session.connection.endpoint):
                for error in self._session.remove_objects(bucket, batch, bypass_governance_mode=bypass_governance):
                    yield RemovalError(error.name or "", f"{error.message} ({error.code})")

    def erase_object(self, bucket: str, key: str) -> None:
        """Remove an object with all of its versions."""
        versions = [found for found in self.list_versions(bucket, key) if found.key == key]
        for error in self.remove_versions(bucket, versions, bypass_governance=False):
            raise ConflictError(f"remove {bucket}/{key}", error.reason, "Remove it by hand.")
