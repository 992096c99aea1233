"""Versions of objects: listed with their delete markers, and removed for good."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, Iterator
from xml.etree import ElementTree

from ..store import RemovalError
from ..values.errors import ConflictError, UnsupportedError
from ..values.model import ObjectVersion
from . import listing
from .failures import understanding
from .objects import Doomed, Objects


class Versions(Objects):
    """The version verbs of ``store.ContentStore``, besides those of objects."""

    def keeps_versions(self, bucket: str) -> bool:
        """Whether versioning is enabled or suspended; no where the server knows no versions."""
        return bool(self.versioning(bucket))

    def versioning(self, bucket: str) -> str:
        """``Enabled`` or ``Suspended``; empty where it never was, and where the server knows no versions."""
        try:
            response = self._session.request(
                f"read the versioning of bucket {bucket}", "GET", bucket, query={"versioning": ""}
            )
        except UnsupportedError:
            return ""
        return ElementTree.fromstring(response.data).findtext("{*}Status") or ""

    def list_versions(self, bucket: str, prefix: str = "") -> Iterator[ObjectVersion]:
        """Versions and delete markers below ``prefix``; objects where the server knows no versions.

        What a page repeats of the one before is left out (versitygw does, measured).
        """
        query = {"versions": "", "max-keys": str(listing.PAGE_SIZE), "encoding-type": "url", "prefix": prefix}
        before: frozenset[ObjectVersion] = frozenset()
        what = f"list the versions in {bucket}"
        way = listing.Way(what)
        while True:
            way.onward(query)
            try:
                response = self._session.request(what, "GET", bucket, query=query)
            except UnsupportedError:
                yield from (ObjectVersion(found.key, "") for found in self.list_objects(bucket, prefix))
                return
            with understanding(what, self._session.connection.endpoint):
                root = ElementTree.fromstring(response.data)
                page = [*_versions(root)]
            yield from (found for found in page if found not in before)
            if root.findtext("{*}IsTruncated") != "true":
                return
            before = frozenset(page)
            decoded = listing.key_decoder(root)
            query["key-marker"] = decoded(root.findtext("{*}NextKeyMarker") or "")
            query["version-id-marker"] = root.findtext("{*}NextVersionIdMarker") or ""

    def remove_versions(
        self, bucket: str, versions: Iterable[ObjectVersion], *, bypass_governance: bool
    ) -> Iterator[RemovalError]:
        """Remove versions in batches, for good; yields each that was not removed."""
        remaining = iter(versions)
        while batch := [Doomed(found.key, found.version_id or None) for found in islice(remaining, listing.PAGE_SIZE)]:
            yield from self.remove_batch(bucket, batch, bypass_governance=bypass_governance)

    def erase_object(self, bucket: str, key: str) -> None:
        """Remove an object with all of its versions."""
        versions = [found for found in self.list_versions(bucket, key) if found.key == key]
        for error in self.remove_versions(bucket, versions, bypass_governance=False):
            raise ConflictError(f"remove {bucket}/{key}", error.reason, "Remove it by hand.")


def _versions(answer: ElementTree.Element) -> Iterator[ObjectVersion]:
    decoded = listing.key_decoder(answer)
    for element in answer:
        kind = element.tag.rpartition("}")[2]
        if kind in ("Version", "DeleteMarker"):
            yield ObjectVersion(
                decoded(element.findtext("{*}Key") or ""),
                element.findtext("{*}VersionId") or "null",
                is_marker=kind == "DeleteMarker",
                is_latest=element.findtext("{*}IsLatest") == "true",
                etag=(element.findtext("{*}ETag") or "").strip('"'),
            )
