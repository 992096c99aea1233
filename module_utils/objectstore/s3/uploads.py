"""What was begun and not completed: multipart uploads, and the parts that they have."""

from __future__ import annotations

from typing import Iterator, Mapping, Optional
from xml.etree import ElementTree

from ..values.abilities import Abilities
from ..values.model import PendingUpload, Uploaded, UploadedPart
from . import listing
from .failures import understanding
from .session import Session


class Uploads:
    """The verbs that tell of them."""

    _session: Session

    @property
    def abilities(self) -> Abilities:
        """What the server can do."""
        raise NotImplementedError

    def pending_uploads(self, bucket: str, prefix: str) -> Iterator[PendingUpload]:
        """Multipart uploads below ``prefix`` that were neither completed nor aborted."""
        encoding = {"encoding-type": "url"} if self.abilities.encodes_uploads else {}
        query = {"uploads": "", "prefix": prefix, **encoding}
        for root in self._pages_of(f"list the uploads to {bucket}/{prefix}", bucket, None, query):
            decode = listing.key_decoder(root)
            for element in root.findall("{*}Upload"):
                key = decode(text_of(element, "Key"))
                yield PendingUpload(key, text_of(element, "UploadId"), text_of(element, "Initiated"))
            query["key-marker"] = decode(text_of(root, "NextKeyMarker"))
            query["upload-id-marker"] = text_of(root, "NextUploadIdMarker")

    def uploaded(self, bucket: str, key: str, upload_id: str) -> Uploaded:
        """What a pending upload already has."""
        what = f"list the parts of {bucket}/{key}"
        query = {"uploadId": upload_id, "max-parts": "1000"}
        checksums, parts = "", {}
        for root in self._pages_of(what, bucket, key, query):
            with understanding(what, self._session.connection.endpoint):
                parts.update({part.number: part for part in map(_part, root.findall("{*}Part"))})
            checksums = text_of(root, "ChecksumAlgorithm")
            query["part-number-marker"] = text_of(root, "NextPartNumberMarker")
        return Uploaded(checksums, parts)

    def _pages_of(
        self, what: str, bucket: str, key: Optional[str], query: Mapping[str, str]
    ) -> Iterator[ElementTree.Element]:
        """Each page, asked for by what ``query`` says when it is its turn."""
        way = listing.Way(what)
        while True:
            way.onward(query)
            response = self._session.request(what, "GET", bucket, key, query=query)
            with understanding(what, self._session.connection.endpoint):
                root = ElementTree.fromstring(response.data)
            yield root
            if root.findtext("{*}IsTruncated") != "true":
                return


def _part(element: ElementTree.Element) -> UploadedPart:
    return UploadedPart(
        number=int(text_of(element, "PartNumber")),
        size=int(text_of(element, "Size")),
        etag=text_of(element, "ETag").strip('"'),
        checksum=element.findtext("{*}ChecksumCRC32") or "",
    )


def text_of(element: ElementTree.Element, name: str) -> str:
    """The text of a part of an answer, in any namespace; empty where it is missing."""
    return element.findtext(f"{{*}}{name}") or ""
