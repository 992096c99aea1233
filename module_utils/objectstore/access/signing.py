"""Signatures (AWS Signature Version 4): of requests, and of URLs.

Whoever has a signed URL may do one thing with one object for a while, without credentials.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Mapping, Optional
from urllib.parse import quote

from ..values.errors import InvalidInputError
from ..values.model import Connection

#: Source: the S3 API; a signature's key is valid for seven days.
LONGEST = timedelta(days=7)

METHODS = ("GET", "HEAD", "PUT", "DELETE")

_DURATION = re.compile(r"(\d+)\s*([smhd]?)")
#: What a signed header has one space for.
_SPACES = re.compile(" +")

_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """``"900"`` (seconds), ``"15m"``, ``"12h"`` or ``"7d"``.

    :raises InvalidInputError: for anything else, and beyond seven days
    """
    match = _DURATION.fullmatch(str(text).strip())
    if not match:
        raise InvalidInputError(f"read the duration {text!r}", "it is not a number with a unit", "Write it like 15m.")
    duration = timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})
    if not timedelta(0) < duration <= LONGEST:
        raise InvalidInputError(
            f"sign a URL for {text}", "S3 takes 1 second to 7 days", "Choose a duration in between."
        )
    return duration


def presigned_url(
    connection: Connection,
    method: str,
    bucket: str,
    key: str,
    *,
    expires: timedelta,
    now: datetime,
    query: Optional[Mapping[str, str]] = None,
) -> str:
    """A URL for one ``method`` on one object (AWS Signature Version 4 in the query, payload not signed).

    :param now: when it starts to be valid, in UTC
    :param query: further parameters, which are signed too, such as ``response-content-disposition``
    :raises InvalidInputError: for a method that S3 signs no URL for, or without credentials
    """
    if method not in METHODS:
        raise InvalidInputError(f"sign a URL for {method}", "there is no such method", f"Use {', '.join(METHODS)}.")
    if not key or not connection.access_key or not connection.secret_key:
        raise InvalidInputError(f"sign a URL for {bucket}/{key}", "it needs a key of an object and credentials")
    region = connection.region or "us-east-1"
    scope = f"{now:%Y%m%d}/{region}/s3/aws4_request"
    parameters = {
        **(query or {}),
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{connection.access_key}/{scope}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": str(int(expires.total_seconds())),
        "X-Amz-SignedHeaders": "host",
    }
    if connection.session_token:
        parameters["X-Amz-Security-Token"] = connection.session_token
    path = f"/{bucket}/{quote(key, safe='/~')}"
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters.items())
    text = "&".join(f"{name}={value}" for name, value in pairs)
    request = "\n".join((method, path, text, f"host:{_host(connection)}", "", "host", "UNSIGNED-PAYLOAD"))
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = "\n".join(("AWS4-HMAC-SHA256", parameters["X-Amz-Date"], scope, digest))
    signature = hmac.new(_key(connection.secret_key, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{connection.endpoint}{path}?{text}&X-Amz-Signature={signature}"


def signed_headers(
    connection: Connection, method: str, path: str, *, query: str, body: bytes, service: str, now: datetime
) -> dict[str, str]:
    """The headers that sign a request with a body (AWS Signature Version 4), for what is no request for an object.

    :param query: as it is sent: encoded, and sorted by name
    :param service: ``s3``, or ``iam`` for AWS's API of identities
    """
    region, digest = connection.region or "us-east-1", hashlib.sha256(body).hexdigest()
    headers = {"host": _host(connection)}
    scope = f"{region}/{service}"
    return with_signature(connection, method, path, query=query, headers=headers, payload=digest, scope=scope, now=now)


def with_signature(
    connection: Connection,
    method: str,
    path: str,
    *,
    query: str,
    headers: Mapping[str, str],
    payload: str,
    scope: str,
    now: datetime,
) -> dict[str, str]:
    """``headers``, the host's among them, and those that sign them all (AWS Signature Version 4).

    :param query: as it is sent: encoded, and sorted by name
    :param payload: the SHA-256 of the body in hex digits, or what stands for it
    :param scope: region and service, as ``us-east-1/s3``
    """
    date = f"{now:%Y%m%dT%H%M%SZ}"
    told = {**headers, "x-amz-content-sha256": payload, "x-amz-date": date}
    if connection.session_token:
        told["x-amz-security-token"] = connection.session_token
    lines = sorted((name.lower(), _SPACES.sub(" ", value).strip()) for name, value in told.items())
    names = ";".join(name for name, _ in lines)
    request = "\n".join((method, path, query, *(f"{name}:{value}" for name, value in lines), "", names, payload))
    scope = f"{date[:8]}/{scope}/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.new(_key(connection.secret_key or "", scope), to_sign.encode(), hashlib.sha256).hexdigest()
    told["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={connection.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return told


def _host(connection: Connection) -> str:
    """The Host header that clients send: without the scheme's own port."""
    own = ":443" if connection.secure else ":80"
    address = connection.address
    return address.removesuffix(own)


@lru_cache(maxsize=8)
def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
