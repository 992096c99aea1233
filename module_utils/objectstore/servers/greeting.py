"""The one question by which a server is known: MinIO's health check, which others answer in their own way."""

from __future__ import annotations

from typing import NamedTuple

from ..s3.failures import attempt
from ..s3.session import Session


class Greeting(NamedTuple):
    """The answer: its HTTP status, and what the server calls itself, in lower case (``""`` where it does not say)."""

    status: int
    server: str


def greet(session: Session) -> Greeting:
    """Ask without credentials."""
    url = f"{session.connection.endpoint}/minio/health/live"
    with attempt(f"ask {url}", session.connection.endpoint):
        response = session._http.request("GET", url)
    return Greeting(response.status, response.headers.get("Server", "").lower())
