"""Answers with bounds: heads that are whole, or none, and bodies that come at a pace.

http.client takes the end of a connection for the end of a head. What was cut off would be missing without a word, and a
number that was cut in two would be another number.
"""

from __future__ import annotations

import io
import socket
from http.client import HTTPException, HTTPResponse
from typing import Any

from .pace import Pace, PacedStream
from .sdk import HTTPConnectionPool, HTTPSConnectionPool


class _Lines:
    """The stream of an answer while its head is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._begun = False

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._stream.readline(limit)
        if self._begun and not line.endswith(b"\n") and len(line) < limit:
            raise HTTPException("the head of the answer is cut short")
        self._begun = True  # the end before the first line has a word of its own
        return line

    def close(self) -> None:
        self._stream.close()


class WholeHead(HTTPResponse):
    """An answer whose head ends with an empty line, and whose body comes at a pace where it is the answer to GET.

    ``begin`` raises ``HTTPException`` where the head does not. To other methods a server may answer slowly on purpose:
    S3 sends a blank now and then while it completes an upload.
    """

    def __init__(self, sock: socket.socket, *others: Any, **named: Any) -> None:
        super().__init__(sock, *others, **named)
        self.fp.close()  # the same without a pace
        self._stream = PacedStream(sock)
        self.fp = io.BufferedReader(self._stream)
        self._patience = sock.gettimeout()
        self._paced = (named.get("method") or "") == "GET"

    def begin(self) -> None:
        """Read the head."""
        stream: Any = self.fp
        self.fp: Any = _Lines(stream)
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = stream
        if self._paced:
            self._stream.pace = Pace(self._patience)


class _Connection(HTTPConnectionPool.ConnectionCls):  # type: ignore[misc,valid-type]  # it is a class
    response_class = WholeHead


class _SecureConnection(HTTPSConnectionPool.ConnectionCls):  # type: ignore[misc,valid-type]  # as above
    response_class = WholeHead


class Plain(HTTPConnectionPool):
    """urllib3's, with whole heads."""

    ConnectionCls = _Connection


class Secure(HTTPSConnectionPool):
    """As above, with TLS."""

    ConnectionCls = _SecureConnection
