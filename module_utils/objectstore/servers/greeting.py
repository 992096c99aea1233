"""The one question by which a server is known: MinIO's health check, which others answer in their own way."""

from __future__ import annotations

from typing import NamedTuple

from ..s3.failures import attempt
from ..s3.session import Session

#: Bytes of the answer by which a server may be known.
_ENOUGH = 1024


class Greeting(NamedTuple):
    """The answer: its HTTP status, what the server calls itself in lower case, the number of the request, and the text.

    What it does not say is empty.
    """

    status: int
    server: str
    request: str = ""
    body: str = ""


def greet(session: Session) -> Greeting:
    """Ask without credentials."""
    url = f"{session.connection.endpoint}/minio/health/live"
    with attempt(f"ask {url}", session.connection.endpoint):
        response = session._http.request("GET", url)
    headers = response.headers
    body = response.data[:_ENOUGH].decode(errors="replace")
    return Greeting(response.status, headers.get("Server", "").lower(), headers.get("x-amz-request-id", ""), body)
