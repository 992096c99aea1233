"""Copies that the server makes by itself: requests without a body, many of which may wait on one connection."""

from __future__ import annotations

from typing import Iterable, Mapping, Optional
from xml.etree import ElementTree

from ..values.errors import AccessDeniedError
from ..values.headers import object_headers
from ..values.model import Origin
from .answers import Request
from .failures import attempt, from_code
from .session import Session
from .uploads import text_of
from .wire import Wire


class Copies:
    """The verbs that copy."""

    _session: Session
    _wire: Wire

    def copy_ahead(self, bucket: str, copies: Iterable[tuple[str, Origin, str]]) -> None:
        """Ask for copies, each by its key, source and ETag, that this thread makes next, as they are, in this order."""
        self._wire.ask_ahead([_copying(bucket, key, source, etag) for key, source, etag in copies])

    def copy_object(
        self,
        bucket: str,
        key: str,
        source: Origin,
        *,
        etag: str,
        headers: Optional[tuple[str, Mapping[str, str]]],
    ) -> str:
        """Copy the object ``source`` as a whole; returns the ETag of the copy."""
        told = {**object_headers(*headers), "x-amz-metadata-directive": "REPLACE"} if headers else {}
        return self._copied("CopyObjectResult", source, _copying(bucket, key, source, etag, headers=told))

    def copy_part(
        self,
        bucket: str,
        key: str,
        source: Origin,
        *,
        etag: str,
        upload_id: str,
        number: int,
        start: int,
        size: int,
    ) -> str:
        """Copy ``size`` bytes from ``start`` as a part of a multipart upload; returns the part's ETag."""
        query = {"partNumber": str(number), "uploadId": upload_id}
        span = {"x-amz-copy-source-range": f"bytes={start}-{start + size - 1}"}
        return self._copied("CopyPartResult", source, _copying(bucket, key, source, etag, headers=span, query=query))

    def _copied(self, kind: str, source: Origin, request: Request) -> str:
        """The ETag in the answer to a copy, which may be an error in spite of its status 200 (S3 API)."""
        target = f"{request.bucket}/{request.key}"
        what = f"copy {source.bucket}/{source.key} to {target}"
        try:
            answer = self._wire.order(what, request)
        except AccessDeniedError as error:  # a server does not say which of both
            reads = "s3:GetObjectVersion" if source.version else "s3:GetObject"
            both = f"{reads} on {source.bucket}/{source.key} and s3:PutObject on {target}"
            raise AccessDeniedError(what, error.reason, f"The identity needs {both}.") from error
        with attempt(what, self._session.connection.endpoint):
            root = ElementTree.fromstring(answer)
        if root.tag.rpartition("}")[2] != kind:
            raise from_code(what, text_of(root, "Code"), text_of(root, "Message") or "no reason given", 500)
        return text_of(root, "ETag").strip('"')


def _copying(
    bucket: str,
    key: str,
    source: Origin,
    etag: str,
    *,
    headers: Optional[Mapping[str, str]] = None,
    query: Optional[Mapping[str, str]] = None,
) -> Request:
    named = {"x-amz-copy-source": source.header, "x-amz-copy-source-if-match": f'"{etag}"', "Content-Length": "0"}
    return Request(bucket, key, {**named, **(headers or {})}, "PUT", query or {})
