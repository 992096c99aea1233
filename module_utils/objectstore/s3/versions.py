"""Versions of objects: listed with their delete markers, and removed for good."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, Iterator
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from ..store import RemovalError
from ..values.errors import ConflictError, ObjectStoreError, UnsupportedError
from ..values.model import ObjectVersion
from .failures import attempt
from .listing import PAGE_SIZE
from .objects import Objects, fits_xml, refused_removal
from .permissions import REMOVE_RETAINED, REMOVE_VERSION
from .sdk import DeleteObject


class Versions(Objects):
    """The version verbs of ``store.ContentStore``, besides those of objects."""

    def keeps_versions(self, bucket: str) -> bool:
        """Whether versioning is enabled or suspended; no where the server knows no versions."""
        try:
            response = self._session.request(
                f"read the versioning of bucket {bucket}", "GET", bucket, query={"versioning": ""}
            )
        except UnsupportedError:
            return False
        return bool(ElementTree.fromstring(response.data).findtext("{*}Status"))

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
                        is_latest=element.findtext("{*}IsLatest") == "true",
                        etag=(element.findtext("{*}ETag") or "").strip('"'),
                    )
            if root.findtext("{*}IsTruncated") != "true":
                return
            query["key-marker"] = unquote_plus(root.findtext("{*}NextKeyMarker") or "")
            query["version-id-marker"] = root.findtext("{*}NextVersionIdMarker") or ""

    def remove_versions(
        self, bucket: str, versions: Iterable[ObjectVersion], *, bypass_governance: bool
    ) -> Iterator[RemovalError]:
        """Remove versions in batches, and one by one what XML cannot carry, for good; yields each not removed."""
        remaining = iter(versions)
        needs = REMOVE_RETAINED if bypass_governance else REMOVE_VERSION
        while batch := list(islice(remaining, PAGE_SIZE)):
            plain = [DeleteObject(found.key, found.version_id) for found in batch if fits_xml(found.key)]
            with attempt(f"remove versions of objects of {bucket}", self._session.connection.endpoint):
                for error in self._session.remove_objects(bucket, plain, bypass_governance_mode=bypass_governance):
                    reason = refused_removal(error.code, error.message, needs)
                    yield RemovalError(error.name or "", reason)
            for found in batch:
                if not fits_xml(found.key):
                    yield from self._remove_version(bucket, found, bypass_governance=bypass_governance)

    def _remove_version(self, bucket: str, found: ObjectVersion, *, bypass_governance: bool) -> Iterator[RemovalError]:
        headers = {"x-amz-bypass-governance-retention": "true"} if bypass_governance else {}
        what = f"remove a version of {bucket}/{found.key}"
        try:
            self._session.request(
                what, "DELETE", bucket, found.key, query={"versionId": found.version_id}, headers=headers
            )
        except ObjectStoreError as error:
            yield RemovalError(found.key, str(error))

    def erase_object(self, bucket: str, key: str) -> None:
        """Remove an object with all of its versions."""
        versions = [found for found in self.list_versions(bucket, key) if found.key == key]
        for error in self.remove_versions(bucket, versions, bypass_governance=False):
            raise ConflictError(f"remove {bucket}/{key}", error.reason, "Remove it by hand.")
