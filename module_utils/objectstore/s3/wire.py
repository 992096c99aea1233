"""The byte path: file regions go from the page cache to the socket, by ``sendfile`` where there is no TLS.

Back, content comes from the socket into one buffer for each thread. Small objects are asked for together, and their
answers follow each other on the connection.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import md5, sha256
from http.client import HTTPException
from typing import Callable, Iterator, Mapping, Optional, Sequence
from urllib.parse import SplitResult
from xml.etree import ElementTree

from ..files.digests import crc32
from ..store import Take
from ..values.endpoint import shown_address
from ..values.errors import ObjectStoreError, SilentError, TransientError, VerificationError
from ..values.headers import decoded
from ..values.model import METADATA_HEADER, Connection, Delivery, FileRegion, Receipt
from .answers import Answer, Answers, Request
from .checksums import TELL, Checksums, Digest
from .endpoints import PATIENCE, WATCHED
from .failures import from_code, no_store, redirected, understanding, unreachable
from .pace import TooSlowError
from .permissions import needed
from .regions import pieces_of, read_exactly, send_region, sha256_of
from .sdk import http
from .session import UNSIGNED, Session
from .tls import certificate_name, tls_context

#: Regions up to this size travel in one packet run together with their request's head.
INLINE_SIZE = 256 * 1024

#: The SHA-256 of an empty body.
_NOTHING = sha256().hexdigest()

_ENDS_A_LINE = re.compile(r"[\r\n\0]")

#: Which bytes of how many an answer to a range holds.
_SPAN = re.compile(r"bytes (\d+)-\d+/(\d+)")


class Wire:
    """One connection for each thread that sends, kept open between requests."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.checksums = Checksums()
        self._tls: Optional[ssl.SSLContext] = tls_context(self._connection) if self._connection.secure else None
        self._name = certificate_name(self._connection)
        self._local = threading.local()
        #: until an answer that was asked for ahead stays away: something on the way knows one request at a time
        self._ahead = True

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
            answer, body = self._exchange(url, signed, region)
        self._session.answered()
        self._check(what, answer, body, needs=needed("PUT", bucket, key, query))
        etag = answer.headers.get("etag", "").strip('"')
        if not etag:
            raise no_store(what, self._connection.endpoint)
        return Receipt(
            etag=etag,
            checked=etag == digest.md5 or answer.headers.get(digest.header) == digest.value,
            opaque=(answer.headers.get("x-amz-server-side-encryption") or "AES256") != "AES256",
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

    def ask_ahead(self, requests: Sequence[Request]) -> None:
        """Send requests whose answers this thread takes by ``get`` or ``order``, in their order.

        RFC 9112 (section 9.3.2) has that for requests that may be repeated, as ``GET`` and ``PUT`` may be. What goes
        wrong is left to who takes the answers, and asks again for what is not next on the connection.
        """
        if not self._ahead or len(requests) < 2:
            return
        asked = [_telling(one) if one.method == "GET" and self.checksums.taken else one for one in requests]
        try:
            signed = [self._signed(request) for request in asked]
            answers = self._answers(signed[0][0])
            answers.sock.sendall(b"".join(_head(one.method, *head) for one, head in zip(asked, signed)))
        except (OSError, HTTPException, ObjectStoreError):
            self._drop()
        else:
            answers.asked.extend(asked)
            answers.came = 0

    def get(self, what: str, request: Request, begin: Callable[[Delivery], Take]) -> None:
        """GET. ``begin`` is told what comes, and what it returns takes the content piece by piece.

        :raises TransientError: where another try may help, as when the content breaks off; the connection is closed
        :raises SilentError: where nothing came within the time-out
        :raises ObjectStoreError: for what the server refuses
        """
        self.checksums.offer(lambda told: self._get(what, _telling(request) if told else request, begin))

    def _get(self, what: str, request: Request, begin: Callable[[Delivery], Take]) -> None:
        whole = False
        try:
            with self._network(what):
                answers, answer = self._awaited(request) or self._asked(request)
            if answer.status not in (200, 206):
                with self._network(what):
                    body = answers.body(answer)
                whole = not answer.last
                self._check(what, answer, body, needs=needed("GET", request.bucket, request.key, {}))
            with understanding(what, self._connection.endpoint):
                delivery = _delivery(answer)
            self._hand_over(what, answers, begin(delivery), delivery.length)
            whole = not answer.last and answer.length is not None
        finally:
            if not whole:
                self._drop()

    def order(self, what: str, request: Request) -> bytes:
        """The answer to a request that has the server do something, which may take its time.

        :raises TransientError: and others, as ``get`` does
        """
        whole = False
        try:
            with self._network(what):
                answers, answer = self._awaited(request) or self._asked(request)
                body = answers.body(answer)
            self._session.answered()
            whole = not answer.last
            needs = needed(request.method, request.bucket, request.key, request.query, request.headers)
            self._check(what, answer, body, needs=needs)
            return body
        finally:
            if not whole:
                self._drop()

    def _awaited(self, request: Request) -> Optional[tuple[Answers, Answer]]:
        """The head of the answer to what was asked ahead; ``None`` where it was not, or its answer stays away.

        That of the first is awaited as if it had been asked for alone.
        """
        answers: Optional[Answers] = getattr(self._local, "answers", None)
        if answers is None or not answers.asked:
            return None
        try:
            if answers.asked.popleft() == request:
                answer = answers.head(paced=request.method == "GET")
                answers.came += 1
                return answers, answer
        except (OSError, HTTPException) as error:
            if not answers.came:
                raise
            self._ahead = self._ahead and not isinstance(error, socket.timeout)
        self._drop()
        return None

    def _asked(self, request: Request) -> tuple[Answers, Answer]:
        url, signed = self._signed(request)
        answers = self._answers(url)
        answers.sock.sendall(_head(request.method, url, signed))
        return answers, answers.head(paced=request.method == "GET")

    def _signed(self, request: Request) -> tuple[SplitResult, dict[str, str]]:
        payload = UNSIGNED if request.method == "GET" else _NOTHING
        return self._session.sign(
            request.method, request.bucket, request.key, query=request.query, headers=request.headers, payload=payload
        )

    def _hand_over(self, what: str, answers: Answers, take: Take, left: int) -> None:
        """Give away what comes."""
        while left:
            with self._network(what):
                piece = answers.piece(left)
                if not piece:
                    raise HTTPException(f"{left} bytes are missing")
            take(piece)
            left -= len(piece)

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

    def _check(self, what: str, answer: Answer, body: bytes, *, needs: str) -> None:
        """Raise what the server refuses."""
        if answer.last:
            self._drop()
        if location := answer.headers.get("location"):
            raise redirected(what, self._connection.endpoint, shown_address(location))
        if answer.status != 200:
            raise _refusal(what, answer.status, body, needs=needs)

    def _exchange(self, url: SplitResult, headers: Mapping[str, str], region: FileRegion) -> tuple[Answer, bytes]:
        head, answers, broken = _head("PUT", url, headers), self._answers(url), False
        try:
            if region.size <= INLINE_SIZE:
                answers.sock.sendall(head + read_exactly(region))
            else:
                answers.sock.sendall(head)
                send_region(answers.sock, region)
        except (BrokenPipeError, ConnectionResetError):
            broken = True  # the server may refuse before it has read everything; its answer says why
        answer = answers.head()
        return answer._replace(last=answer.last or broken), answers.body(answer)

    def _answers(self, url: SplitResult) -> Answers:
        """Those on the thread's connection to the host that a request is signed for."""
        answers: Optional[Answers] = getattr(self._local, "answers", None)
        if answers is not None and (answers.asked or self._local.address != url.netloc):
            self._drop()  # other answers would come first, or the session has turned to another endpoint
            answers = None
        if answers is None:
            answers = self._local.answers = Answers(self._open(url))
            self._local.address = url.netloc
        return answers

    def _open(self, url: SplitResult) -> socket.socket:
        """A connection that is open already, which spares a round trip and more with TLS, else a new one."""
        there = self._connection
        sock = self._session.idle_socket(f"{url.scheme}://{url.netloc}") or self._new(url)
        options = WATCHED if there.others else ()
        for level, option, value in (*options, (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)):
            sock.setsockopt(level, option, value)
        sock.settimeout(there.timeout)
        return sock

    def _new(self, url: SplitResult) -> socket.socket:
        there, host = self._connection, url.hostname or ""
        port = url.port or (443 if there.secure else 80)
        try:
            sock = socket.create_connection(
                (host, port), min(there.timeout, PATIENCE) if there.others else there.timeout
            )
        except OSError:
            self._session.turn_from(f"{url.scheme}://{url.netloc}")
            raise
        return self._tls.wrap_socket(sock, server_hostname=self._name or host) if self._tls else sock

    def _drop(self) -> None:
        answers: Optional[Answers] = getattr(self._local, "answers", None)
        if answers is not None:
            answers.sock.close()
            self._local.answers = None


def _head(method: str, url: SplitResult, headers: Mapping[str, str]) -> bytes:
    target = f"{url.path}?{url.query}" if url.query else url.path
    check_head(headers)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8")


def _telling(request: Request) -> Request:
    """The same, so that the server tells the checksum that it keeps."""
    return request._replace(headers={**request.headers, **TELL})


def _delivery(answer: Answer) -> Delivery:
    """What the head of an answer to GET announces."""
    told, length = answer.headers, answer.length or 0
    span = _SPAN.fullmatch(told.get("content-range", ""))
    return Delivery(
        start=int(span.group(1)) if span else 0,
        size=int(span.group(2)) if span else length,
        etag=told.get("etag", "").strip('"'),
        crc32=told.get("x-amz-checksum-crc32", ""),
        modified=_moment(told.get("last-modified", "")),
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


@lru_cache(maxsize=64)
def _moment(date: str) -> float:
    """Seconds since 1970; objects that were written together have one date, which has no fractions of a second."""
    return parsedate_to_datetime(date).timestamp() if date else 0.0


def check_head(headers: Mapping[str, str]) -> None:
    """The last look before a head is written by hand: no value ends its line.

    :raises ValueError: where one does, which no caller lets happen
    """
    for name, value in headers.items():
        if _ENDS_A_LINE.search(f"{name}{value}"):
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
