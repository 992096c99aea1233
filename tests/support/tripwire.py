"""A TCP proxy in front of a server that counts what passes, and does something once at an exact byte of it.

So a fault comes at any instant of a run: within a head, a body, an answer, a listing. The proxy for requests
(``proxy.py``) is the one for faults of a chosen request.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Self
from urllib.parse import urlsplit

from .state import Server

_PIECE = 64 * 1024


class Pair:
    """The two connections of a client that is served."""

    def __init__(self, client: socket.socket, upstream: socket.socket) -> None:
        self._both = (client, upstream)

    def reset(self) -> None:
        """Break off: both sides see a reset."""
        for one in self._both:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def end(self) -> None:
        """End as if all had been said: both sides see the end of what they were to get, too early."""
        for one in self._both:
            # close() alone would wait for the thread that reads from it
            with suppress(OSError):
                one.shutdown(socket.SHUT_RD)
            with suppress(OSError):
                socket.close(one.detach())


class Tripwire:
    """Use as a context manager. ``passed`` counts the bytes both ways since ``arm`` was last called."""

    def __init__(self, server: Server) -> None:
        """Listen on a free loopback port."""
        scheme, self._upstream = urlsplit(server.endpoint)[:2]
        self._lock = threading.Lock()
        self._at: int | None = None
        self._action: Callable[[Pair], object] = Pair.reset
        self.passed = 0
        self._tcp = _TcpServer(("127.0.0.1", 0), _Handler)
        self._tcp.wire = self
        self._thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        #: the server as clients reach it through the wire
        self.server = replace(server, endpoint=f"{scheme}://127.0.0.1:{self._tcp.server_address[1]}", process=None)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._tcp.shutdown()
        self._tcp.server_close()
        self._thread.join(5)

    def arm(self, at: int | None = None, action: Callable[[Pair], object] = Pair.reset) -> None:
        """Count anew, and do ``action``, once, when ``at`` bytes have passed; no byte more is handed on before."""
        with self._lock:
            self.passed, self._at, self._action = 0, at, action

    @property
    def sprung(self) -> bool:
        """Whether it came so far."""
        return self._at is None

    def connect(self) -> socket.socket:
        """A connection to the server behind."""
        host, _, port = self._upstream.partition(":")
        return socket.create_connection((host, int(port)))

    def pass_on(self, pair: Pair, piece: bytes, onward: socket.socket) -> None:
        """Hand a piece on, and spring where it goes as far. What is left of it follows, if there still is a way."""
        with self._lock:
            before, self.passed = self.passed, self.passed + len(piece)
            if self._at is not None and self.passed >= self._at:
                due = max(0, self._at - before)
                onward.sendall(piece[:due])
                piece, self._at = piece[due:], None
                self._action(pair)
        onward.sendall(piece)


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    wire: Tripwire

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break are what this is for."""


class _Handler(socketserver.BaseRequestHandler):
    server: _TcpServer
    request: socket.socket

    def handle(self) -> None:
        with self.server.wire.connect() as upstream:
            for one in (self.request, upstream):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = Pair(self.request, upstream)
            back = threading.Thread(target=self._pump, args=(pair, upstream, self.request), daemon=True)
            back.start()
            self._pump(pair, self.request, upstream)
            back.join()

    def _pump(self, pair: Pair, source: socket.socket, onward: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                self.server.wire.pass_on(pair, piece, onward)
            onward.shutdown(socket.SHUT_WR)
            return
        pair.reset()
