"""The connections of a session: how long a request may take with all of its tries, and which tries it has."""

from __future__ import annotations

import math
import select
import socket
import time
from queue import Empty
from typing import Any, Optional

from ..values.model import Connection
from . import sdk
from .endpoints import WATCHED
from .failures import RedirectedError, UnansweredError
from .heads import Plain, Secure
from .sdk import BaseHTTPResponse, HTTPConnection, PoolManager, Retry, Timeout, http
from .tls import certificate_name, tls_context

#: Answers that are worth another try (the S3 API's 503 SlowDown among them).
RETRY_STATUS = (500, 502, 503, 504)

#: What OpenSSL calls failures that another try does not mend: the certificate is not trusted, or there is no TLS.
FINAL_TLS_REASONS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")

#: Upper bound of one pause between two tries, in seconds.
BACKOFF_MAX = 8.0

#: Seconds that a try has at least, where the others left none: urllib3 takes no zero.
LEAST = 0.05


class Remaining(Timeout):
    """The time-outs of one try: what is left of the time that all tries of a request have together."""

    def __init__(self, deadline: float) -> None:
        left = max(deadline - time.monotonic(), LEAST)
        super().__init__(connect=min(left, 10.0), read=left)
        self.deadline = deadline

    def clone(self) -> Remaining:
        """Those of the next try; urllib3 asks before each."""
        return Remaining(self.deadline)


class Retries(Retry):
    """urllib3's retries until a deadline, but for what another try does not mend: that is raised at once.

    A redirect is one: a signature holds for the host that it was made for, and credentials go nowhere else. So is a
    connection that cannot be made, where the store has another endpoint.
    A server's Retry-After is followed for seconds, not for minutes: MinIO says 60 where the pause would be in vain.
    What begins an upload may have begun one though no answer came: who asked looks for it before it asks again.
    """

    deadline = math.inf
    elsewhere = False

    def until(self, deadline: float) -> Retries:
        """The same with a deadline, in seconds of ``time.monotonic``."""
        renewed = self.new()
        renewed.deadline = deadline
        return renewed

    def new(self, **changes: Any) -> Retries:
        """As urllib3's, with the deadline."""
        renewed = super().new(**changes)
        renewed.deadline, renewed.elsewhere = self.deadline, self.elsewhere
        return renewed

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Whether an answer is worth another try, and there is time for one."""
        return self.left > 0 and super().is_retry(method, status_code, has_retry_after)

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
        cause = error.args[0] if isinstance(error, http.SSLError) and error.args else None
        lost = self.elsewhere and isinstance(error, (http.NewConnectionError, http.ConnectTimeoutError))
        if error and (lost or self.left <= 0 or getattr(cause, "reason", None) in FINAL_TLS_REASONS):
            raise error
        if error and method == "POST" and (url or "").endswith("?uploads=") and self._is_read_error(error):
            raise UnansweredError(str(error)) from error
        return super().increment(method, url, response, error, *others, **named)

    def sleep(self, response: Optional[BaseHTTPResponse] = None) -> None:
        """Pause before the next try."""
        asked = self.get_retry_after(response) if response is not None else None
        time.sleep(max(0.0, min(asked or self.get_backoff_time(), BACKOFF_MAX, self.left)))


class Pool(PoolManager):
    """urllib3's pool whose requests wait no longer than ``timeout`` in all their tries, pauses included.

    Header values travel in UTF-8, as they are signed; http.client alone would send them in Latin-1.
    """

    def __init__(self, connection: Connection, **settings: Any) -> None:
        self._timeout = connection.timeout
        self._retries = Retries(
            total=connection.retries,
            backoff_factor=0.2,
            backoff_max=BACKOFF_MAX,
            backoff_jitter=0.2,
            status_forcelist=RETRY_STATUS,
            allowed_methods=None,
            raise_on_status=False,
        )
        self._retries.elsewhere = bool(connection.others)
        if connection.others:
            settings["socket_options"] = [*HTTPConnection.default_socket_options, *WATCHED]
        super().__init__(**settings)
        self.pool_classes_by_scheme = {"http": Plain, "https": Secure}

    def urlopen(  # type: ignore[override]  # urllib3 has more words for the same
        self,
        method: str,
        url: str,
        redirect: bool = True,
        **request: Any,
    ) -> BaseHTTPResponse:
        """A request; see urllib3."""
        if not isinstance(request.get("retries"), Retries):
            deadline = time.monotonic() + self._timeout
            request["retries"], request["timeout"] = self._retries.until(deadline), Remaining(deadline)
        headers = request.get("headers")
        if headers:
            request["headers"] = {name: _on_the_wire(value) for name, value in headers.items()}
        return super().urlopen(method, url, redirect, **request)

    def idle_socket(self, url: str) -> Optional[socket.socket]:
        """A connection to the host of ``url`` that waits for a request: the caller's from now on; ``None`` for none."""
        idle = self.connection_from_url(url).pool
        while idle is not None:
            try:
                connection = idle.get(block=False)
            except Empty:
                return None
            if connection is None:  # the last that was put back comes first, and what never was opened is below
                idle.put(None)
                return None
            sock: Optional[socket.socket] = connection.sock
            if sock is not None and not _is_readable(sock):
                connection.sock = None
                return sock
            connection.close()
        return None


def _is_readable(sock: socket.socket) -> bool:
    """Whether something comes where nothing was asked for: the end, mostly."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))


def _on_the_wire(value: Any) -> Any:
    """A header's value, so that http.client, which encodes it in Latin-1, sends UTF-8."""
    return value.encode("utf-8").decode("latin-1") if isinstance(value, str) else value


def http_pool(connection: Connection) -> Pool:
    """A pool with the connection's time-outs, retries and certificates."""
    sdk.require()
    if not connection.secure:
        return Pool(connection, maxsize=32)
    name = certificate_name(connection)
    return Pool(
        connection,
        maxsize=32,
        ssl_context=tls_context(connection),
        server_hostname=name,
        assert_hostname=name if connection.validate_certs else None,
    )
