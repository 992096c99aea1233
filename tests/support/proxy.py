"""An HTTP(S) proxy in front of a server, for tests: it counts requests, and harms those that it is told to.

The ``Host`` header is passed on as the client sent it, so signatures stay valid.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from .faults import Exchange, Fault, Kind
from .state import Server
from .tls import certificate_of

_BLOCK = 64 * 1024
_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>'
_SLOW_DOWN = _ERROR.format("SlowDown", "Resource requested is unreadable, please reduce your request rate").encode()
_LACK = _ERROR.format("NotImplemented", "A header you provided implies functionality that is not implemented").encode()
#: headers that are about one connection, not about the message
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "upgrade", "expect"}


class Proxy:
    """Forwards to a server. Use as a context manager; one instance serves any number of clients.

    Before a server with TLS it shows that server's own certificate, and trusts its authority.
    """

    def __init__(self, server: Server) -> None:
        """Listen on a free loopback port at once; requests are served after ``__enter__``."""
        scheme, self._upstream = urlsplit(server.endpoint)[:2]
        self._trust = ssl.create_default_context(cafile=server.ca_cert) if scheme == "https" else None
        self._lock = threading.Condition()
        self._open = 0
        self._faults: list[Fault] = []
        self._exchanges: list[Exchange] = []
        self._http = _HttpServer(("127.0.0.1", 0), _Handler)
        self._http.proxy = self
        if server.ca_cert:
            shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            shown.load_cert_chain(*certificate_of(server.ca_cert))
            # the handshake is left to the thread of a connection: one that never speaks must not keep all others out
            self._http.socket = shown.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        #: the server as clients reach it through the proxy
        self.server = replace(server, endpoint=f"{scheme}://127.0.0.1:{self._http.server_port}", process=None)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop serving; open connections are closed with their threads."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def vanish(self) -> None:
        """Be gone from now on: what is open is reset at its next request, and nothing new is let in."""
        with self._lock:
            self._faults.insert(0, Fault(Kind.DROP, times=sys.maxsize))
        self.__exit__()

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the server behind."""
        if self._trust is None:
            return http.client.HTTPConnection(self._upstream, timeout=300)
        return http.client.HTTPSConnection(self._upstream, timeout=300, context=self._trust)

    @property
    def endpoint(self) -> str:
        """Where clients connect."""
        return self.server.endpoint

    def slow_down(self, *, times: int = 1, method: str = "", path: str = "") -> None:
        """Answer the next matching requests 503 SlowDown, as a busy MinIO does."""
        self.add(Fault(Kind.SLOW_DOWN, method=method, path=path, times=times))

    def lack(self, *, times: int = 1, method: str = "", path: str = "", header: str = "") -> None:
        """Answer the next matching requests 501 NotImplemented, as stores that do not have all of the S3 API."""
        self.add(Fault(Kind.LACK, method=method, path=path, header=header, times=times))

    def reset(self, *, after: int, times: int = 1, method: str = "PUT", path: str = "", download: bool = False) -> None:
        """Reset the connection after ``after`` bytes of the request's body, or of the answer's with ``download``."""
        kind = Kind.RESET_DOWNLOAD if download else Kind.RESET_UPLOAD
        self.add(Fault(kind, method=method, path=path, times=times, after=after))

    def drop(self, *, times: int = 1, method: str = "", path: str = "", after_acting: bool = False) -> None:
        """Close without an answer: before the server saw the request or, with ``after_acting``, after it acted."""
        kind = Kind.LOSE_ANSWER if after_acting else Kind.DROP
        self.add(Fault(kind, method=method, path=path, times=times))

    def delay(self, seconds: float, *, times: int = 1, method: str = "", path: str = "") -> None:
        """Hold the next matching requests back for so long."""
        self.add(Fault(Kind.DELAY, method=method, path=path, times=times, seconds=seconds))

    def call(self, action: Callable[[], None], *, times: int = 1, method: str = "", path: str = "") -> None:
        """Run ``action`` when a matching request has come, before it is forwarded: change a file, kill a client."""
        self.add(Fault(Kind.CALL, method=method, path=path, times=times, action=action))

    def add(self, fault: Fault) -> None:
        """Plan a fault; the first planned one that matches a request is used."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget planned faults and what was counted."""
        with self._lock:
            self._lock.wait_for(lambda: self._open == 0, timeout=5)
            self._faults.clear()
            self._exchanges.clear()

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests since the last ``clear``, in the order in which they ended.

        A client has its answer a moment before the proxy is done with the request: such ones are
        waited for, 5 seconds at most.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._open == 0, timeout=5)
            return list(self._exchanges)

    @property
    def writes(self) -> list[Exchange]:
        """The requests that could have changed the store; empty after a true check mode."""
        return [exchange for exchange in self.exchanges if exchange.is_write]

    def count(self, method: str = "", path: str = "") -> int:
        """Requests of ``method`` (empty: any) whose path and query match the regular expression ``path``."""
        wanted = Fault(Kind.CALL, method=method, path=path)
        return sum(wanted.matches(one.method, f"{one.path}?{one.query}") for one in self.exchanges)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """(method, path without query) -> number of requests."""
        return Counter((one.method, one.path) for one in self.exchanges)

    def _take_fault(self, method: str, target: str, headers: Iterable[str]) -> Fault | None:
        with self._lock:
            self._open += 1
            fault = next((one for one in self._faults if one.matches(method, target, headers)), None)
            if fault is not None:
                fault.times -= 1
            return fault

    def _remember(self, exchange: Exchange) -> None:
        with self._lock:
            self._open -= 1
            self._exchanges.append(exchange)
            self._lock.notify_all()


@contextlib.contextmanager
def running_proxy(server: Server) -> Iterator[Proxy]:
    """A proxy before ``server`` for the time of a ``with``."""
    with Proxy(server) as proxy:
        yield proxy


def _spoilt(block: bytes, place: int, mask: bytes) -> bytes:
    """The block with a mask put on it at that place, as far as it reaches there."""
    changed = bytearray(block)
    for position, bits in enumerate(mask, place):
        if 0 <= position < len(block):
            changed[position] ^= bits
    return bytes(changed)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    proxy: Proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are what this is for; they are told by ``Exchange.status`` 0, not on stderr."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HttpServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sent = self._received = self._status = 0

    def log_message(self, *_arguments: Any) -> None:
        """Nothing on stderr: ``Proxy.exchanges`` is the log."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        """``do_GET`` and all other methods are the same here."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        self._sent = self._received = self._status = 0
        fault = self.server.proxy._take_fault(self.command, self.path, self.headers)
        try:
            self._harm_or_forward(fault)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            path, _, query = self.path.partition("?")
            kind = fault.kind if fault else None
            self.server.proxy._remember(
                Exchange(self.command, path, query, self._status, self._sent, self._received, kind, dict(self.headers))
            )

    def _harm_or_forward(self, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if fault and kind is Kind.DELAY:
            time.sleep(fault.seconds)
        elif fault and kind is Kind.CALL and fault.action:
            fault.action()
        if kind is Kind.DROP:
            self._reset()
        elif kind is Kind.SLOW_DOWN:
            self._answer_error(503, _SLOW_DOWN)
        elif kind is Kind.LACK:
            self._answer_error(501, _LACK)
        else:
            self._forward(fault)

    def _answer_error(self, status: int, body: bytes) -> None:
        for block in self._body():
            self._sent += len(block)
        self._status = status
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _forward(self, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        upload_limit = fault.after if fault and kind in (Kind.RESET_UPLOAD, Kind.TRUNCATE) else None
        upstream = self.server.proxy.connect()
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    upstream.putheader(name, value)
            upstream.endheaders()
            self._upload(upstream, upload_limit, spoil=fault if kind is Kind.CORRUPT else None)
            if kind is Kind.TRUNCATE:
                self.close_connection = True
                return
            if upload_limit is not None:
                self._reset()
                return
            answer = upstream.getresponse()
            self._status = answer.status
            if kind is Kind.LOSE_ANSWER:
                answer.read()
                self._status = 0
                self._reset()
                return
            self._hand_on(
                answer,
                fault.after if fault and kind is Kind.RESET_DOWNLOAD else None,
                drips=fault if kind is Kind.DRIP else None,
            )
        finally:
            upstream.close()

    def _upload(self, upstream: http.client.HTTPConnection, limit: int | None, *, spoil: Fault | None) -> None:
        chunked = self._is_chunked()
        for whole in self._body():
            block = whole if spoil is None else _spoilt(whole, spoil.after - self._sent, spoil.mask)
            part = block if limit is None else block[: limit - self._sent]
            upstream.send(f"{len(part):x}\r\n".encode() + part + b"\r\n" if chunked else part)
            self._sent += len(part)
            if limit is not None and self._sent >= limit:
                return
        if chunked and limit is None:
            upstream.send(b"0\r\n\r\n")

    def _hand_on(self, answer: http.client.HTTPResponse, limit: int | None, *, drips: Fault | None) -> None:
        self.send_response_only(answer.status, answer.reason)
        sized = answer.getheader("Content-Length") is not None
        bodyless = self.command == "HEAD" or answer.status in (204, 304)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP | {"transfer-encoding"}:
                self.send_header(name, value)
        if not sized and not bodyless:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        while not bodyless and (block := answer.read1(drips.after if drips else _BLOCK)):
            if drips:
                time.sleep(drips.seconds)
            part = block if limit is None else block[: limit - self._received]
            self.wfile.write(part)
            self._received += len(part)
            if limit is not None and self._received >= limit:
                self._reset()
                return

    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def _body(self) -> Iterator[bytes]:
        """The request's body in blocks, unchunked."""
        if self._is_chunked():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            block = self.rfile.read1(min(left, _BLOCK))
            if not block:
                raise ConnectionError("the client closed before its body was whole")
            left -= len(block)
            yield block

    def _reset(self) -> None:
        """Close so that the client sees a reset, not an end: linger with zero seconds."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        # rfile and wfile keep the socket open, and shutdown() would send an end first: close the descriptor itself
        with contextlib.suppress(OSError):
            socket.close(self.connection.detach())
