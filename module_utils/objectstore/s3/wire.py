"""The byte path: file regions go from the page cache to the socket, by ``sendfile`` where there is no TLS.

Back, content comes from the socket into one buffer for each thread.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from hashlib import md5
from http.client import HTTPConnection, HTTPException
from typing import Callable, Iterator, Mapping, Optional
from urllib.parse import SplitResult
from xml.etree import ElementTree

from ..files.digests import crc32
from ..store import Take
from ..values.endpoint import shown_address
from ..values.errors import ObjectStoreError, SilentError, TransientError, VerificationError
from ..values.headers import decoded
from ..values.model import METADATA_HEADER, Connection, Delivery, FileRegion, Receipt
from .checksums import TELL, Checksums, Digest
from .endpoints import PATIENCE, WATCHED
from .failures import from_code, no_store, redirected, understanding, unreachable
from .heads import WholeHead
from .pace import TooSlowError
from .permissions import needed
from .regions import pieces_of, read_exactly, send_region, sha256_of
from .sdk import http
from .session import UNSIGNED, Session
from .tls import certificate_name, tls_context

#: Regions up to this size travel in one packet run together with their request's head.
INLINE_SIZE = 256 * 1024

#: Which bytes of how many an answer to a range holds.
_SPAN = re.compile(r"bytes (\d+)-\d+/(\d+)")

#: Bytes that are taken from the socket at a time, at most.
_PIECE = 512 * 1024


class Wire:
    """One connection for each thread that sends, kept open between requests."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.checksums = Checksums()
        self._tls: Optional[ssl.SSLContext] = tls_context(self._connection) if self._connection.secure else None
        self._name = certificate_name(self._connection)
        self._local = threading.local()

    @property
    def _connection(self) -> Connection:
        return self._session.connection

    def put(
        self,
        what: str,
        bucket: str,
        key: str,
        region: FileRegion,
        *,
        query: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Receipt:
        """PUT a region, with its CRC-32 for the server to check, or its MD5 where the server takes no checksums.

        :raises TransientError: where another try may help; the connection is closed
        :raises SilentError: where nothing came within the time-out
        :raises VerificationError: when the server received something else than was announced
        :raises ObjectStoreError: for what the server refuses
        """

        def put(checksums: bool) -> Receipt:
            digest = _crc32(region) if checksums else self._md5(what, region)
            return self._put(what, bucket, key, region, digest=digest, query=query or {}, headers=headers or {})

        return self.checksums.offer(put)

    def _put(
        self,
        what: str,
        bucket: str,
        key: str,
        region: FileRegion,
        *,
        digest: Digest,
        query: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Receipt:
        url, signed = self._session.sign(
            "PUT",
            bucket,
            key,
            query=query,
            headers={**headers, "Content-Length": str(region.size), digest.header: digest.value},
            payload=self._payload(what, region),
        )
        with self._network(what):
            response, body = self._exchange(url, signed, region)
        self._session.answered()
        self._check(what, response, body, needs=needed("PUT", bucket, key, query))
        etag = (response.getheader("ETag") or "").strip('"')
        if not etag:
            raise no_store(what, self._connection.endpoint)
        return Receipt(
            etag=etag,
            checked=etag == digest.md5 or response.getheader(digest.header) == digest.value,
            opaque=(response.getheader("x-amz-server-side-encryption") or "AES256") != "AES256",
        )

    def _md5(self, what: str, region: FileRegion) -> Digest:
        """The MD5 of what the CRC-32 is of.

        :raises VerificationError: where the file was written to since that was made
        """
        digest, checksum = md5(usedforsecurity=False), 0
        with self._network(what):
            for piece in pieces_of(region):
                digest.update(piece)
                checksum = crc32(piece, checksum)
        if checksum != region.crc32:
            raise VerificationError(what, "it changed while it was read")
        return Digest("Content-MD5", b64encode(digest.digest()).decode(), digest.hexdigest())

    def _payload(self, what: str, region: FileRegion) -> str:
        if not self._connection.sign_payloads:
            return UNSIGNED
        with self._network(what):
            return sha256_of(region)

    def get(
        self, what: str, bucket: str, key: str, *, headers: Mapping[str, str], begin: Callable[[Delivery], Take]
    ) -> None:
        """GET. ``begin`` is told what comes, and what it returns takes the content piece by piece.

        :raises TransientError: where another try may help, as when the content breaks off; the connection is closed
        :raises SilentError: where nothing came within the time-out
        :raises ObjectStoreError: for what the server refuses
        """
        self.checksums.offer(
            lambda told: self._get(what, bucket, key, headers={**headers, **(TELL if told else {})}, begin=begin)
        )

    def _get(
        self, what: str, bucket: str, key: str, *, headers: Mapping[str, str], begin: Callable[[Delivery], Take]
    ) -> None:
        url, signed = self._session.sign("GET", bucket, key, query={}, headers=headers)
        whole = False
        try:
            with self._network(what):
                sock = self._socket(url)
                sock.sendall(_head("GET", url, signed))
                response = WholeHead(sock, method="GET")
                response.begin()
            try:
                if response.status not in (200, 206):
                    with self._network(what):
                        body = response.read()
                    whole = not response.will_close
                    self._check(what, response, body, needs=needed("GET", bucket, key, {}))
                with understanding(what, self._connection.endpoint):
                    answer = _delivery(response)
                self._hand_over(what, response, begin(answer), answer.length)
                whole = not response.will_close
            finally:
                response.close()
        finally:
            if not whole:
                self._drop()

    def _hand_over(self, what: str, response: WholeHead, take: Take, left: int) -> None:
        """Give away what comes. Much of it comes from the socket itself, once nothing waits in the stream's buffer."""
        buffer = self._buffer()
        straight = left > INLINE_SIZE and not response.chunked
        receive = response.fp.readinto1 if straight else response.readinto
        while left:
            with self._network(what):
                count = receive(buffer[: min(left, len(buffer))])
                if not count:
                    raise HTTPException(f"{left} bytes are missing")
            take(buffer[:count])
            left -= count
            if straight:
                receive = partial(response.pace.receive, self._local.connection.sock.recv_into)

    def _buffer(self) -> memoryview:
        buffer: Optional[memoryview] = getattr(self._local, "buffer", None)
        if buffer is None:
            buffer = self._local.buffer = memoryview(bytearray(_PIECE))
        return buffer

    @contextmanager
    def _network(self, what: str) -> Iterator[None]:
        """What the network does, told as an error of ours. Of several endpoints, the next try uses another."""
        endpoint = self._session.connection.endpoint
        try:
            yield
        except ssl.SSLCertVerificationError as error:  # another try does not mend it
            raise unreachable(what, self._connection.endpoint, http.SSLError(error)) from error
        except socket.timeout as error:  # TimeoutError from Python 3.10 on
            self._drop()
            slow = isinstance(error, TooSlowError)
            told = str(error) if slow else f"no answer within {self._connection.timeout:g} s"
            if self._session.silence_of(endpoint):
                raise TransientError(what, f"{endpoint}: {told}") from error
            raise SilentError(what, told, "Check the network, or raise timeout.") from error
        except (OSError, HTTPException) as error:
            self._drop()
            raise TransientError(what, f"the connection broke ({error or type(error).__name__})") from error

    def _check(self, what: str, response: WholeHead, body: bytes, *, needs: str) -> None:
        """Raise what the server refuses."""
        if response.will_close:
            self._drop()
        if location := response.getheader("Location"):
            raise redirected(what, self._connection.endpoint, shown_address(location))
        if response.status != 200:
            raise _refusal(what, response.status, body, needs=needs)

    def _exchange(self, url: SplitResult, headers: Mapping[str, str], region: FileRegion) -> tuple[WholeHead, bytes]:
        head = _head("PUT", url, headers)
        sock = self._socket(url)
        try:
            if region.size <= INLINE_SIZE:
                sock.sendall(head + read_exactly(region))
            else:
                sock.sendall(head)
                send_region(sock, region)
        except (BrokenPipeError, ConnectionResetError):
            # The server may refuse before it has read everything; its answer says why.
            response, body = self._answer(sock)
            response.will_close = True
            return response, body
        return self._answer(sock)

    @staticmethod
    def _answer(sock: socket.socket) -> tuple[WholeHead, bytes]:
        response = WholeHead(sock, method="PUT")
        try:
            response.begin()
            return response, response.read()
        except (OSError, HTTPException):
            response.close()  # it holds the descriptor beside the socket, until somebody collects garbage
            raise

    def _socket(self, url: SplitResult) -> socket.socket:
        """The thread's socket to the host that a request is signed for."""
        connection: Optional[HTTPConnection] = getattr(self._local, "connection", None)
        if connection is not None and self._local.address != url.netloc:  # the session has turned to another endpoint
            self._drop()
            connection = None
        if connection is None:
            connection = self._open(url)
            self._local.connection, self._local.address = connection, url.netloc
        sock: socket.socket = connection.sock
        return sock

    def _open(self, url: SplitResult) -> HTTPConnection:
        there, host = self._connection, url.hostname or ""
        port = url.port or (443 if there.secure else 80)
        connection = HTTPConnection(host, port, timeout=min(there.timeout, PATIENCE) if there.others else there.timeout)
        try:
            connection.connect()
        except OSError:
            self._session.turn_from(f"{url.scheme}://{url.netloc}")
            raise
        if self._tls:
            connection.sock = self._tls.wrap_socket(connection.sock, server_hostname=self._name or host)
        options = WATCHED if there.others else ()
        for level, option, value in (*options, (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)):
            connection.sock.setsockopt(level, option, value)
        connection.sock.settimeout(there.timeout)
        return connection

    def _drop(self) -> None:
        connection: Optional[HTTPConnection] = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


def _head(method: str, url: SplitResult, headers: Mapping[str, str]) -> bytes:
    target = f"{url.path}?{url.query}" if url.query else url.path
    check_head(headers)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8")


def _delivery(response: WholeHead) -> Delivery:
    """What the headers of an answer to GET announce."""
    told = {name.lower(): value for name, value in response.getheaders()}
    length, span = int(told.get("content-length", 0)), _SPAN.fullmatch(told.get("content-range", ""))
    modified = told.get("last-modified")
    return Delivery(
        start=int(span.group(1)) if span else 0,
        size=int(span.group(2)) if span else length,
        etag=told.get("etag", "").strip('"'),
        crc32=told.get("x-amz-checksum-crc32", ""),
        modified=parsedate_to_datetime(modified).timestamp() if modified else 0.0,
        metadata={
            name[len(METADATA_HEADER) :]: decoded(value)
            for name, value in told.items()
            if name.startswith(METADATA_HEADER)
        },
        content_type=told.get("content-type", ""),
        length=length,
        encryption=told.get("x-amz-server-side-encryption")
        or ("SSE-C" if "x-amz-server-side-encryption-customer-algorithm" in told else None),
    )


def check_head(headers: Mapping[str, str]) -> None:
    """The last look before a head is written by hand: no value ends its line.

    :raises ValueError: where one does, which no caller lets happen
    """
    for name, value in headers.items():
        if any(mark in f"{name}{value}" for mark in ("\r", "\n", "\0")):
            raise ValueError(f"the header {name!r} would end its line: {value!r}")


def _crc32(region: FileRegion) -> Digest:
    return Digest("x-amz-checksum-crc32", b64encode(region.crc32.to_bytes(4, "big")).decode())


def _refusal(what: str, status: int, body: bytes, *, needs: str) -> ObjectStoreError:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return from_code(what, f"HTTP {status}", "no reason given", status)
    code, message = root.findtext("Code") or f"HTTP {status}", root.findtext("Message") or ""
    return from_code(what, code, message, status, needs=needs)
