"""A MinIO server's own count of what it was asked to do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import ssl
import time
import urllib.request
from collections import Counter
from typing import Any

from .state import Server

_TOTAL = re.compile(r'^minio_api_requests_total\{name="(\w+)".*\} (\d+)$', re.MULTILINE)
_READS = ("Get", "Head", "List")


def write_counts(server: Server) -> Counter[str]:
    """Name of an API -> how often it was called, of the S3 APIs that may write; the admin API is not counted."""
    headers = {"Authorization": f"Bearer {_token(server)}"}
    request = urllib.request.Request(f"{server.endpoint}/minio/metrics/v3/api/requests", headers=headers)  # noqa: S310 - a server of ours
    context = ssl.create_default_context(cafile=server.ca_cert) if server.ca_cert else None
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:  # noqa: S310
        found = _TOTAL.findall(answer.read().decode())
    return Counter({name: int(count) for name, count in found if not name.startswith(_READS)})


def _token(server: Server) -> str:
    """The token that ``mc admin prometheus generate`` would make, valid for a minute."""
    claims = {"exp": int(time.time()) + 60, "sub": server.access_key, "iss": "prometheus"}
    signed = f"{_part({'alg': 'HS512', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_encoded(hmac.digest(server.secret_key.encode(), signed.encode(), hashlib.sha512))}"


def _part(document: dict[str, Any]) -> str:
    return _encoded(json.dumps(document).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
