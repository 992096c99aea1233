"""Requests to an API of administration that takes a token and speaks JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

from ..values.model import Connection
from .failures import attempt, from_code
from .pool import http_pool


def ask(
    connection: Connection, what: str, method: str, url: str, *, token: str, body: Optional[Mapping[str, Any]] = None
) -> Any:
    """The answer, by the time-outs, retries and certificates of a connection.

    :raises ObjectStoreError: that says ``what`` was attempted
    """
    parts = urlsplit(url)
    endpoint = f"{parts.scheme}://{parts.netloc}"
    pool = http_pool(replace(connection, endpoint=endpoint, others=()))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    with attempt(what, endpoint):
        response = pool.request(method, url, headers=headers, body=content)
        answer = json.loads(response.data or b"null")
    if response.status < 300:
        return answer
    raise from_code(
        what, str(answer.get("code") or f"HTTP {response.status}"), str(answer.get("message")), response.status
    )
