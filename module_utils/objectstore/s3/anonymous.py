"""Requests whose refusal is an answer like any other: without credentials, and with our own."""

from __future__ import annotations

from functools import cached_property
from typing import Mapping, Optional
from xml.etree import ElementTree

from ..access.anonymous import Answer
from ..values.errors import CredentialsError
from ..values.model import Connection
from .failures import attempt, from_code
from .sdk import InvalidResponseError, S3Error
from .session import Session


class Anonymous:
    """Ways to ask, as ``objectstore.anonymous.Ask``."""

    connection: Connection
    _session: Session

    @cached_property
    def _stranger(self) -> Session:
        return Session(self.connection.anonymous())

    def try_anonymously(
        self,
        method: str,
        bucket: str,
        key: Optional[str] = None,
        *,
        query: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Optional[bytes] = None,
    ) -> Answer:
        """The server's answer to a request without credentials.

        :raises UnreachableError: where there is no answer
        """
        stranger = self._stranger
        url = stranger._base_url.build(
            method=method,
            region=stranger.connection.region or "",
            bucket_name=bucket,
            object_name=key,
            query_params=dict(query or {}),
        )
        with attempt(f"try {method} {bucket}/{key or ''} without credentials", self.connection.endpoint):
            response = stranger._http.request(method, url.geturl(), headers=dict(headers or {}), body=body)
        return Answer(response.status, _code(response.data))

    def try_url(self, url: str) -> Answer:
        """The server's answer to GET of the first byte at a URL, without credentials."""
        what = f"try GET {url.partition('?')[0]}"
        with attempt(what, self.connection.endpoint):
            response = self._stranger._http.request("GET", url, headers={"Range": "bytes=0-0"})
        return Answer(response.status, _code(response.data) if response.status >= 300 else "")

    def try_as_self(
        self,
        method: str,
        bucket: str,
        key: Optional[str] = None,
        *,
        query: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Optional[bytes] = None,
    ) -> Answer:
        """The server's answer to a request with our own credentials.

        :raises CredentialsError: where the server does not accept them at all
        :raises UnreachableError: where there is no answer
        """
        what = f"try {method} {bucket}/{key or ''} as {self.connection.access_key}"
        with attempt(what, self.connection.endpoint):
            try:
                response = self._session._execute(
                    method, bucket, key, body=body, headers=dict(headers or {}), query_params=dict(query or {})
                )
            except S3Error as error:
                failure = from_code(what, error.code or "", error.message or "")
                if isinstance(failure, CredentialsError):
                    raise failure from error
                return Answer(error.response.status, error.code or "")
            except InvalidResponseError as error:
                if error._code < 500:
                    raise
                return Answer(error._code, "")  # it broke over the request, as S3Proxy does, which shows nothing
        return Answer(response.status, "", response.data.decode("utf-8", "replace"))


def _code(body: bytes) -> str:
    try:
        return ElementTree.fromstring(body).findtext("{*}Code") or ""
    except ElementTree.ParseError:
        return ""
