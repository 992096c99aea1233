"""Requests without credentials, whose refusal is an answer like any other."""

from __future__ import annotations

from functools import cached_property
from typing import Mapping, Optional
from xml.etree import ElementTree

from ..anonymous import Answer
from ..model import Connection
from .failures import attempt
from .session import Session


class Anonymous:
    """The verb of ``objectstore.anonymous.AnonymousStore`` that tries."""

    connection: Connection

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


def _code(body: bytes) -> str:
    try:
        return ElementTree.fromstring(body).findtext("{*}Code") or ""
    except ElementTree.ParseError:
        return ""
