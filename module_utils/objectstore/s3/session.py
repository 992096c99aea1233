"""One connection to a store: the SDK's client with our time-outs, retries and certificates."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import Any, Iterator, Mapping, Optional
from urllib.parse import SplitResult

import certifi
from minio import Minio
from minio import time as s3_time
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3
from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import SSLError

from ..values.errors import SourceError
from ..values.model import Connection
from .failures import RedirectedError, attempt

#: Answers that are worth another try (the S3 API's 503 SlowDown among them).
RETRY_STATUS = (500, 502, 503, 504)

#: What OpenSSL calls failures that another try does not mend: the certificate is not trusted, or there is no TLS.
FINAL_TLS_REASONS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")

#: Upper bound of one pause between two tries, in seconds.
BACKOFF_MAX = 8.0


class Session(Minio):
    """The SDK's client, with raw signed requests for what the SDK has no fast or public verb for."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        super().__init__(
            connection.address,
            access_key=connection.access_key,
            secret_key=connection.secret_key,
            session_token=connection.session_token,
            secure=connection.secure,
            region=connection.region,
            http_client=http_pool(connection),
        )

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

    def sign(
        self, method: str, bucket: str, key: str, *, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[SplitResult, dict[str, str]]:
        """URL and headers of a request whose body is not read for the signature.

        The payload is declared ``UNSIGNED-PAYLOAD`` (Signature Version 4); a checksum header, which is
        signed, protects it instead.
        """
        with attempt(f"find the region of bucket {bucket}", self.connection.endpoint):
            region = self._get_region(bucket)
        url = self._base_url.build(
            method=method, region=region, bucket_name=bucket, object_name=key, query_params=dict(query)
        )
        date = s3_time.utcnow()
        signed: dict[str, Any] = {
            **headers,
            "Host": url.netloc,
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            "x-amz-date": s3_time.to_amz_date(date),
        }
        credentials: Optional[Credentials] = self._provider.retrieve() if self._provider else None
        if credentials is None:
            return url, signed
        if credentials.session_token:
            signed["X-Amz-Security-Token"] = credentials.session_token
        sign_v4_s3(
            method=method,
            url=url,
            region=region,
            headers=signed,
            credentials=credentials,
            content_sha256="UNSIGNED-PAYLOAD",
            date=date,
        )
        return url, signed


class Retries(Retry):
    """urllib3's retries, but for what another try does not mend: it raises such an error at once.

    A redirect is one: a signature holds for the host that it was made for, and credentials go nowhere else.
    """

    def increment(
        self,
        method: Optional[str] = None,
        url: Optional[str] = None,
        response: Optional[BaseHTTPResponse] = None,
        error: Optional[Exception] = None,
        *others: Any,
        **named: Any,
    ) -> Retries:
        """The retries that are left; see urllib3."""
        target = response.get_redirect_location() if response is not None else None
        if target:
            raise RedirectedError(target)
        cause = error.args[0] if isinstance(error, SSLError) and error.args else None
        if error and getattr(cause, "reason", None) in FINAL_TLS_REASONS:
            raise error
        return super().increment(method, url, response, error, *others, **named)


def http_pool(connection: Connection) -> PoolManager:
    """urllib3's pool with the connection's time-outs, retries and certificates."""
    retries = Retries(
        total=connection.retries,
        backoff_factor=0.2,
        backoff_max=BACKOFF_MAX,
        backoff_jitter=0.2,
        status_forcelist=RETRY_STATUS,
        allowed_methods=None,
        raise_on_status=False,
    )
    return PoolManager(
        timeout=Timeout(connect=min(connection.timeout, 10.0), read=connection.timeout),
        maxsize=32,
        retries=retries,
        ssl_context=tls_context(connection) if connection.secure else None,
    )


def tls_context(connection: Connection) -> ssl.SSLContext:
    """TLS settings: the given authority, else the SDK's bundle; no checks at all only where asked for."""
    authority = connection.ca_cert or certifi.where()
    inline = "-----BEGIN" in authority
    with _reading(f"use the CA certificate {'given as text' if inline else authority}"):
        context = ssl.create_default_context(cafile=None if inline else authority, cadata=authority if inline else None)
    if connection.client_cert:
        with _reading(f"use the client certificate {connection.client_cert}"):
            context.load_cert_chain(connection.client_cert, connection.client_key, password="")
    if not connection.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _reading(attempted: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise SourceError(attempted, "there is no such file on this host") from None
    except PermissionError:
        raise SourceError(attempted, "this user may not read it, or its key") from None
    except (OSError, ssl.SSLError) as error:
        reason = (
            "the key belongs to another certificate" if "MISMATCH" in str(error) else f"it is no usable PEM ({error})"
        )
        raise SourceError(attempted, reason) from error
