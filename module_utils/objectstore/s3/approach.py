"""The first words with a store: one unsigned request, and one that shows whether it takes the credentials."""

from __future__ import annotations

import time
from dataclasses import replace

from ..host.preflight import FirstAnswer
from ..values.model import Connection
from .failures import attempt
from .pool import http_pool
from .session import Session

#: Seconds that a preflight waits for an answer: who calls should not wait long to hear of a typing error.
PATIENCE = 15.0


class Approach:
    """The verbs of ``preflight.Approachable``."""

    connection: Connection

    def first_answer(self) -> FirstAnswer:
        """What the store says to an unsigned ``GET /``, without another try."""
        connection = self._hasty()
        with attempt(f"reach {connection.endpoint}", connection.endpoint):
            response = http_pool(connection).request(
                "GET", f"{connection.endpoint}/", redirect=False, preload_content=False
            )
            body = response.read(1024)
            response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return FirstAnswer(status=response.status, headers=headers, body=body, local_time=time.time())

    def check_identity(self) -> None:
        """List the buckets: who may not is known all the same."""
        connection = self._hasty()
        what = f"log in to {connection.endpoint} as {connection.access_key}"
        with attempt(what, connection.endpoint):
            Session(connection).list_buckets()

    def _hasty(self) -> Connection:
        return replace(self.connection, retries=0, timeout=min(self.connection.timeout, PATIENCE))
