"""One connection to a store: the SDK's client, which turns to another endpoint and learns its region."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Mapping, Optional
from urllib.parse import SplitResult
from xml.etree import ElementTree

from ..access.signing import signed_headers, with_signature
from ..values.errors import UnreachableError
from ..values.model import Connection
from . import sdk
from .endpoints import PATIENCE, first_answering
from .failures import RedirectedError, UnansweredError, attempt, from_code
from .permissions import DeniedError, needed
from .pool import BACKOFF_MAX, Pool, http_pool
from .sdk import (
    BaseHTTPResponse,
    Minio,
    S3Error,
    http,
)

#: What stands for the SHA-256 of a body that is not signed.
UNSIGNED = "UNSIGNED-PAYLOAD"

#: What is said of a signature for another region than the server's: by S3, by the SDK (HEAD has no words), by Garage.
_WRONG_REGION = re.compile(r"(?:wrong; expecting '|use region |unexpected scope: .+ expected: '\d{8}/)([\w-]+)")

#: What servers take that know no regions, or were told none.
LIKELIEST_REGION = "us-east-1"


class Session(Minio):
    """The SDK's client, with raw signed requests for what the SDK has no fast or public verb for."""

    _http: Pool

    def __init__(self, connection: Connection) -> None:
        sdk.require()
        self._turning = threading.Lock()
        #: which endpoints were passed over, as sentences
        self.passed: list[str] = []
        self._silent: set[str] = set()
        if connection.others:
            connection = self._choose(connection)
        self.connection = connection
        with attempt(f"connect to {connection.endpoint}", connection.endpoint):  # the SDK judges region and host
            super().__init__(
                connection.address,
                access_key=connection.access_key,
                secret_key=connection.secret_key,
                session_token=connection.session_token,
                secure=connection.secure,
                region=connection.region,
                http_client=http_pool(connection),
            )

    def _choose(self, connection: Connection) -> Connection:
        chosen, reasons = first_answering(connection, _status)
        self.passed += (f"{reason}: it was passed over, and {chosen.endpoint} is used." for reason in reasons)
        return chosen

    def turn_from(self, endpoint: str) -> bool:
        """Use the next endpoint instead of one that does not answer any more; whether there is one that does.

        What was asked is signed for the host that was asked: it has to be signed again.
        """
        with self._turning:
            if self.connection.endpoint != endpoint:  # another thread has turned already
                return True
            if not self.connection.others:
                return False
            try:
                chosen = self._choose(self.connection.at(self.connection.others[0]))
            except UnreachableError:
                return False
            if chosen.endpoint != endpoint:
                self.passed.append(f"{endpoint} stopped answering: {chosen.endpoint} was used instead.")
            self._base_url = type(self._base_url)(chosen.endpoint, self._base_url._region)
            self.connection = chosen
            return True

    def silence_of(self, endpoint: str) -> bool:
        """Whether there is another endpoint to ask: none where each was silent since the last answer."""
        self._silent.add(endpoint)
        return not self._silent.issuperset(self.connection.endpoints) and self.turn_from(endpoint)

    def idle_socket(self, endpoint: str) -> Optional[socket.socket]:
        """A connection to the endpoint that nobody needs any more, as after a listing; ``None`` for none."""
        return self._http.idle_socket(endpoint)

    def answered(self) -> None:
        """Note that a request had its answer."""
        self._silent.clear()

    def _get_region(self, bucket_name: Optional[str] = None) -> str:
        """The bucket's region, which the server also tells when it refuses to: asked once, and only where none is set.

        Source: MinIO names its region in a header of every answer, if it has one.
        """
        try:
            return str(super()._get_region(bucket_name))
        except S3Error as error:
            if error.code != "AccessDenied" or not bucket_name:
                raise
            region = str(error.response.headers.get("x-amz-bucket-region") or LIKELIEST_REGION)
            self._region_map[bucket_name] = region
            return region

    def _execute(self, method: str, bucket_name: Optional[str] = None, *others: Any, **named: Any) -> BaseHTTPResponse:
        """As the SDK's, for the likeliest region where none is known: a server that has another one says so.

        That costs what asking before would have cost each time. HEAD has no words to say it.
        """
        if bucket_name and method != "HEAD" and not self._base_url.region:
            self._region_map.setdefault(bucket_name, LIKELIEST_REGION)
        return super()._execute(method, bucket_name, *others, **named)

    def _url_open(self, *asked: Any, **named: Any) -> BaseHTTPResponse:
        """As the SDK's; of several endpoints, another is asked where one does not answer."""
        for tried in range(self.connection.retries if self.connection.others else 0):
            endpoint = self.connection.endpoint
            try:
                return self._open_here(*asked, **named)
            except (RedirectedError, UnansweredError):
                raise
            except http.HTTPError:
                if not self.turn_from(endpoint):
                    time.sleep(min(0.2 * 2**tried, BACKOFF_MAX))
        return self._open_here(*asked, **named)

    def _open_here(
        self,
        method: str,
        region: str,
        bucket_name: Optional[str] = None,
        object_name: Optional[str] = None,
        *others: Any,
        **named: Any,
    ) -> BaseHTTPResponse:
        """As the SDK's; a refusal knows which action it is about, and a region that was not set is learnt from one."""
        try:
            return super()._url_open(method, region, bucket_name, object_name, *others, **named)
        except S3Error as error:
            expected = _WRONG_REGION.search(error.message or "")
            if expected and expected.group(1) != region and not self.connection.region:
                self._base_url._region = expected.group(1)
                self._region_map.pop(bucket_name or "", None)
                return self._open_here(method, expected.group(1), bucket_name, object_name, *others, **named)
            if error.code != "AccessDenied":
                raise
            query, headers = named.get("query_params") or {}, named.get("headers") or {}
            raise DeniedError(error, needed(method, bucket_name, object_name, query, headers)) from error

    def request(
        self,
        what: str,
        method: str,
        bucket: str,
        key: Optional[str] = None,
        *,
        query: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Optional[bytes] = None,
    ) -> BaseHTTPResponse:
        """A signed request; raises ``ObjectStoreError`` saying ``what`` was attempted."""
        with attempt(what, self.connection.endpoint):
            return self._execute(
                method, bucket, key, body=body, headers=dict(headers or {}), query_params=dict(query or {})
            )

    def call(
        self, what: str, method: str, path: str = "/", *, query: str = "", body: bytes = b"", service: str = "s3"
    ) -> bytes:
        """The answer to a request that is about no bucket: of an API of identities.

        :raises ObjectStoreError: that says ``what`` was attempted, as ``request`` does
        """
        endpoint = self.connection.endpoint
        signed = signed_headers(
            self.connection, method, path, query=query, body=body, service=service, now=datetime.now(timezone.utc)
        )
        if service != "s3":
            signed["Content-Type"] = "application/x-www-form-urlencoded"
        url = f"{endpoint}{path}?{query}" if query else f"{endpoint}{path}"
        with attempt(what, endpoint):
            response = self._http.request(method, url, headers=signed, body=body)
            if response.status < 300:
                return response.data
            code, message = _told(response.data)
        raise from_code(what, code or f"HTTP {response.status}", message or "no reason given", response.status)

    def sign(
        self,
        method: str,
        bucket: str,
        key: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        payload: str = UNSIGNED,
    ) -> tuple[SplitResult, dict[str, str]]:
        """URL and headers of a request.

        :param payload: the SHA-256 of its body in hex digits; else the body is not signed (Signature Version 4), and a
            checksum header, which is, protects it from chance, and not from who means to change it
        """
        with attempt(f"find the region of bucket {bucket}", self.connection.endpoint):
            region = self._get_region(bucket)
        url = self._base_url.build(
            method=method, region=region, bucket_name=bucket, object_name=key, query_params=dict(query)
        )
        told = {**headers, "Host": url.netloc}
        if not self.connection.access_key:
            return url, told
        return url, with_signature(
            self.connection,
            method,
            url.path,
            query=url.query,
            headers=told,
            payload=payload,
            scope=f"{region}/s3",
            now=datetime.now(timezone.utc),
        )


def _status(connection: Connection) -> int:
    """What an endpoint answers to an unsigned request, tried once."""
    hasty = replace(connection, retries=0, timeout=min(connection.timeout, PATIENCE), others=())
    return http_pool(hasty).request("GET", f"{connection.endpoint}/", redirect=False).status


def _told(answer: bytes) -> tuple[str, str]:
    """Code and message of an error, which is XML, or JSON where Ceph's API of users says it."""
    if answer.lstrip().startswith(b"{"):
        said = json.loads(answer)
        return str(said.get("Code") or ""), str(said.get("Message") or "")
    error = ElementTree.fromstring(answer)
    code, message = (error.findtext(f".//{{*}}{name}") or "" for name in ("Code", "Message"))
    return code, message
