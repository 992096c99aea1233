"""Objects: listings, single objects, batched removals and multipart uploads."""

from __future__ import annotations

import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import md5
from itertools import islice
from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence
from xml.etree import ElementTree

from ..store import RemovalError, Take
from ..values.abilities import Abilities
from ..values.errors import AccessDeniedError, ConflictError, NotFoundError, ObjectStoreError, UnsupportedError
from ..values.headers import decoded, object_headers
from ..values.model import (
    CHECKSUMS,
    METADATA_HEADER,
    Delivery,
    FileRegion,
    ObjectStat,
    Receipt,
    RemoteObject,
    UploadedPart,
)
from . import listing
from .answers import Request
from .checksums import TELL
from .copies import Copies
from .failures import attempt, from_code, understanding
from .permissions import REMOVE_RETAINED, REMOVE_VERSION
from .sdk import DeleteObject
from .session import Session
from .uploads import Uploads, text_of
from .wire import Wire

#: Characters that XML 1.0 has no form for, or that its parsers change: a carriage return would remove the key
#: that has a line feed in its place.
_UNFIT_FOR_XML = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Doomed(NamedTuple):
    """An object that is to be removed, or one of its versions."""

    key: str
    version_id: Optional[str] = None


class Objects(Uploads, Copies):
    """The object verbs of ``store``'s protocols."""

    _session: Session
    _wire: Wire
    #: until the server says that it has no request to remove many objects
    _removes_batches = True

    @property
    def abilities(self) -> Abilities:
        """What the server can do."""
        raise NotImplementedError

    def list_objects(self, bucket: str, prefix: str = "", *, metadata: bool = False) -> Iterator[RemoteObject]:
        """All objects below ``prefix``, sorted by the bytes of their keys."""
        pages = self._pages(bucket, prefix, {"metadata": "true"} if metadata else {})
        with ThreadPoolExecutor(max_workers=1) as ahead:
            first = ahead.submit(listing.timed, pages, {})
            able = self.abilities  # which a server is asked for, while it reads
            listed = listing.iterate(pages, first.result(), by_key=able.lists_on_by_key)
        yield from listed if able.lists_in_order else listing.sort_by_key(listed)

    def list_between(self, bucket: str, prefix: str, *, first: str, last: str, expected: int) -> Iterator[RemoteObject]:
        """The objects below ``prefix`` from key ``first`` to key ``last``, both included.

        A page holds what is ``expected``: the server reads the metadata of every object that it lists. What is not
        in it may be there: MinIO says that a listing with ``start-after`` ends before it does, where the key is in
        a folder ``a/`` and dozens of its neighbours sort between ``a`` and ``a/``, as ``a-1`` does (measured).
        """
        page_size = str(min(expected, listing.PAGE_SIZE))
        fetch = self._pages(bucket, prefix, {"start-after": _right_before(first), "max-keys": page_size})
        page = fetch({})
        while True:
            yield from (item for item in page.objects if first <= item.key <= last)
            if page.next_token is None or page.objects[-1].key >= last:
                return
            page = fetch({"continuation-token": page.next_token})

    def _pages(self, bucket: str, prefix: str, extra: Mapping[str, str]) -> listing.Fetch:
        query = {
            "list-type": "2",
            "max-keys": str(listing.PAGE_SIZE),
            "encoding-type": "url",
            "prefix": prefix,
            **extra,
        }

        what = f"list {bucket}/{prefix}"
        way = listing.Way(what)

        def fetch(position: Mapping[str, str]) -> listing.Page:
            way.onward(position)
            response = self._session.request(what, "GET", bucket, query={**query, **position})
            with understanding(what, self._session.connection.endpoint):
                page = listing.parse_page(response.data)
            way.came(len(page.objects))
            return page

        return fetch

    def stat_object(
        self, bucket: str, key: str, *, part: Optional[int] = None, version: str = ""
    ) -> Optional[ObjectStat]:
        """HEAD of an object, of one of its versions, or of a part; ``None`` where there is none."""
        query = {"partNumber": str(part)} if part is not None else {}
        if version:
            query["versionId"] = version
        try:
            response = self._session.request(f"look at {bucket}/{key}", "HEAD", bucket, key, query=query)
        except NotFoundError:
            return None
        headers = response.headers
        with understanding(f"look at {bucket}/{key}", self._session.connection.endpoint):
            size, parts = (int(headers.get(name) or 0) for name in ("Content-Length", "x-amz-mp-parts-count"))
        return ObjectStat(
            size=size,
            etag=headers.get("ETag", "").strip('"'),
            parts=parts or None,
            metadata={
                name.lower()[len(METADATA_HEADER) :]: decoded(value)
                for name, value in headers.items()
                if name.lower().startswith(METADATA_HEADER)
            },
            encryption=headers.get("x-amz-server-side-encryption"),
            content_type=headers.get("Content-Type", ""),
        )

    def read_object(self, bucket: str, key: str) -> Optional[bytes]:
        """The content, for small objects; ``None`` where there is none."""
        try:
            return bytes(self._session.request(f"read {bucket}/{key}", "GET", bucket, key).data)
        except NotFoundError:
            return None

    def open_object(self, bucket: str, key: str) -> Iterator[bytes]:
        """The content in pieces of up to 1 MiB, read while it arrives; ``NotFoundError`` where there is none."""
        with attempt(f"read {bucket}/{key}", self._session.connection.endpoint):
            response = self._session.get_object(bucket, key)
            try:
                yield from response.stream(1024 * 1024)
            finally:
                response.close()
                response.release_conn()

    def fetch_object(
        self,
        bucket: str,
        key: str,
        *,
        etag: str,
        start: int,
        begin: Callable[[Delivery], Take],
        end: Optional[int] = None,
    ) -> None:
        """Have ``begin`` told what comes, and what it returns take all bytes from ``start`` on, up to ``end``."""
        request = _fetching(bucket, key, etag, start=start, end=end)
        self._wire.get(f"fetch {bucket}/{key}", request, begin)

    def ask_ahead(self, bucket: str, objects: Iterable[tuple[str, str]]) -> None:
        """Ask for objects, each with its ETag, that this thread fetches next, whole and in this order."""
        self._wire.ask_ahead([_fetching(bucket, key, etag) for key, etag in objects])

    def hides_content(self, bucket: str) -> bool:
        """Whether the bucket encrypts so that ETags say nothing about content (SSE-KMS)."""
        try:
            response = self._session.request(
                f"read the encryption of bucket {bucket}", "GET", bucket, query={"encryption": ""}
            )
        except (AccessDeniedError, ConflictError, NotFoundError, UnsupportedError):
            return False
        except ObjectStoreError as error:
            if "ServerSideEncryptionConfigurationNotFoundError" in error.reason:
                return False
            raise
        algorithm = ElementTree.fromstring(response.data).findtext(".//{*}SSEAlgorithm")
        return algorithm not in (None, "AES256")

    def write_object(
        self,
        bucket: str,
        key: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        expected: Optional[str] = None,
    ) -> str:
        """Write a small object, checked by the server, where what is there is as ``expected``; returns its ETag."""
        # SeaweedFS does not compare a body with the SHA-256 that is signed
        digest = b64encode(md5(content, usedforsecurity=False).digest()).decode()
        headers = {**object_headers(content_type, metadata), **_condition(expected), "Content-MD5": digest}
        response = self._session.request(f"write {bucket}/{key}", "PUT", bucket, key, headers=headers, body=content)
        return response.headers.get("ETag", "").strip('"')

    def remove_objects(self, bucket: str, keys: Iterable[str]) -> Iterator[RemovalError]:
        """Remove in batches; yields each key that was not removed."""
        remaining = iter(keys)
        while batch := [Doomed(key) for key in islice(remaining, listing.PAGE_SIZE)]:
            yield from self.remove_batch(bucket, batch)

    def remove_batch(
        self, bucket: str, batch: Sequence[Doomed], *, bypass_governance: bool = False
    ) -> Iterator[RemovalError]:
        """Remove in one request, and one by one what XML cannot carry, or all where the server has no such request."""
        of_versions = REMOVE_RETAINED if bypass_governance else REMOVE_VERSION
        needs = of_versions if any(one.version_id for one in batch) else "s3:DeleteObject"
        together = [one for one in batch if self._removes_batches and fits_xml(one.key)]
        apart = [one for one in batch if one not in together] if len(together) < len(batch) else []
        try:
            with attempt(f"remove objects of {bucket}", self._session.connection.endpoint):
                named = [DeleteObject(one.key, one.version_id) for one in together]
                for error in self._session.remove_objects(bucket, named, bypass_governance_mode=bypass_governance):
                    yield RemovalError(error.name or "", refused_removal(error.code, error.message, needs))
        except UnsupportedError:
            self._removes_batches, apart = False, list(batch)
        for one in apart:
            try:
                self._remove(bucket, one, bypass_governance=bypass_governance)
            except ObjectStoreError as error:
                yield RemovalError(one.key, str(error))

    def _remove(self, bucket: str, one: Doomed, *, bypass_governance: bool) -> None:
        headers = {"x-amz-bypass-governance-retention": "true"} if bypass_governance else {}
        query = {"versionId": one.version_id} if one.version_id else {}
        with suppress(NotFoundError):
            self._session.request(f"remove {bucket}/{one.key}", "DELETE", bucket, one.key, query=query, headers=headers)

    def send_file(
        self, bucket: str, key: str, region: FileRegion, *, content_type: str, metadata: Mapping[str, str]
    ) -> Receipt:
        """Write an object in one request."""
        return self._wire.put(
            f"upload {bucket}/{key}", bucket, key, region, headers=object_headers(content_type, metadata)
        )

    def send_part(self, bucket: str, key: str, region: FileRegion, *, upload_id: str, number: int) -> Receipt:
        """Write a part of a multipart upload. ``number`` counts from 1."""
        query = {"partNumber": str(number), "uploadId": upload_id}
        return self._wire.put(f"upload part {number} of {bucket}/{key}", bucket, key, region, query=query)

    def start_upload(
        self, bucket: str, key: str, *, content_type: str, metadata: Mapping[str, str], checked: bool = True
    ) -> str:
        """Start a multipart upload, whose parts carry CRC-32 checksums where they are ``checked``; returns its id."""
        what = f"start an upload of {bucket}/{key}"
        headers = object_headers(content_type, metadata)

        def start(checksums: bool) -> str:
            told = {"x-amz-checksum-algorithm": CHECKSUMS} if checksums else {}
            response = self._session.request(
                what, "POST", bucket, key, query={"uploads": ""}, headers={**headers, **told}
            )
            return text_of(ElementTree.fromstring(response.data), "UploadId")

        return self._wire.checksums.offer(start) if checked else start(False)

    def takes_checksums(self, bucket: str, key: str) -> bool:
        """Whether the server has CRC-32 checksums: asked by a look at an object, which need not be there."""
        what = f"look at {bucket}/{key}"

        def look(checksums: bool) -> None:
            with suppress(NotFoundError, AccessDeniedError):
                self._session.request(what, "HEAD", bucket, key, headers=TELL if checksums else {})

        self._wire.checksums.offer(look)
        return self._wire.checksums.taken

    def finish_upload(self, bucket: str, key: str, upload_id: str, parts: Iterable[UploadedPart]) -> str:
        """Make the object of its parts; returns its ETag."""
        root = ElementTree.Element("CompleteMultipartUpload")
        for part in parts:
            element = ElementTree.SubElement(root, "Part")
            ElementTree.SubElement(element, "PartNumber").text = str(part.number)
            ElementTree.SubElement(element, "ETag").text = f'"{part.etag}"'
            if part.checksum and self._wire.checksums.taken:
                ElementTree.SubElement(element, "ChecksumCRC32").text = part.checksum
        response = self._session.request(
            f"complete the upload of {bucket}/{key}",
            "POST",
            bucket,
            key,
            query={"uploadId": upload_id},
            body=ElementTree.tostring(root),
        )
        answer = ElementTree.fromstring(response.data)
        if answer.tag.endswith("Error"):  # S3 may answer 200 and fail afterwards
            raise from_code(
                f"complete the upload of {bucket}/{key}", text_of(answer, "Code"), text_of(answer, "Message")
            )
        return text_of(answer, "ETag").strip('"')

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Drop the parts."""
        self._session.request(
            f"abort the upload of {bucket}/{key}", "DELETE", bucket, key, query={"uploadId": upload_id}
        )


def _fetching(bucket: str, key: str, etag: str, *, start: int = 0, end: Optional[int] = None) -> Request:
    headers = {"If-Match": f'"{etag}"'} if etag else {}
    if start or end is not None:
        headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
    return Request(bucket, key, headers)


def refused_removal(code: Optional[str], message: Optional[str], action: str) -> str:
    """The reason that one key of a batch was not removed, with the action that is missing."""
    return f"{message} ({code})" + (f"; the identity needs {action} on it" if code == "AccessDenied" else "")


def _condition(expected: Optional[str]) -> dict[str, str]:
    """The header of a conditional write (S3 API)."""
    if expected is None:
        return {}
    return {"If-Match": f'"{expected}"'} if expected else {"If-None-Match": "*"}


def fits_xml(key: str) -> bool:
    """Whether a request in XML can name the key and mean it."""
    return not _UNFIT_FOR_XML.search(key)


def _right_before(key: str) -> str:
    """A text that sorts right before ``key``: ``start-after`` leaves out the key that it is given."""
    last = ord(key[-1]) - 1
    if last < 0x20:
        return key[:-1]
    # half of a surrogate pair has no form in UTF-8
    return key[:-1] + chr(0xD7FF if 0xD800 <= last <= 0xDFFF else last) + "\U0010ffff"
