"""What a server answers on a connection: heads that are whole, or none, and their bodies, out of one buffer.

http.client takes the end of a connection for the end of a head, so that a number could be cut in two. And it reads a
head as mail is read, which takes a processor longer than all else about a small object but making its file.
"""

from __future__ import annotations

import re
import socket
from collections import deque
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import Iterator, Mapping, NamedTuple, Optional

from .pace import Pace

#: Bytes that are taken from the socket at a time, at most.
PIECE = 512 * 1024

#: Bytes of a head, and its lines, at most: those that http.client takes of a line, and its lines.
LONGEST_HEAD, MOST_HEADERS = 65536, 100

_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_LINE_ENDS = re.compile(rb"\r?\n")
_STATUS = re.compile(r"HTTP/(\d\.\d) +(\d{3})(?: .*)?")
#: A header that goes on in the next line (RFC 9112, section 5.2).
_FOLDED = re.compile(r"\r?\n[ \t]+")


class Answer(NamedTuple):
    """The head of an answer. ``headers`` have their names in lower case.

    ``length`` is that of the body in bytes, ``None`` for one in chunks or up to the end of the connection. ``last``:
    the server answers nothing more on this connection.
    """

    status: int
    headers: Mapping[str, str]
    length: Optional[int]
    last: bool


class Request(NamedTuple):
    """A request without a body, but for what signs it."""

    bucket: str
    key: str
    headers: Mapping[str, str]
    method: str = "GET"
    query: Mapping[str, str] = {}


class Answers:
    """The answers that come from ``sock``, in their order; of each the head is taken first, and then the body.

    ``asked`` are the requests that were sent together, whose answers come next; ``came`` of these did already.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.asked: deque[Request] = deque()
        self.came = 0
        self._buffer = memoryview(bytearray(PIECE))
        self._begin = self._end = 0
        self._pace = Pace(None)

    def head(self, *, paced: bool = False) -> Answer:
        """The head of the next answer; that of one without a body, as to HEAD, is for others to read.

        Where it is ``paced``, its body must come at the least pace.

        :raises HTTPException: where none comes, it is cut short, or makes no sense
        """
        self._pace = Pace(None)
        for _ in range(MOST_HEADERS):
            answer = _parsed(self._up_to(_HEAD_ENDS))
            if answer.status >= 200:  # others only say that an answer will come
                self._pace = Pace(self.sock.gettimeout() if paced else None)
                return answer
        raise HTTPException("it says time and again that an answer will come")

    def piece(self, most: int) -> memoryview:
        """The next bytes of a body, ``most`` at most, good until the next; empty at the end of the connection."""
        if self._begin == self._end:
            self._begin, self._end = 0, self._received(self._buffer)
        begin, self._begin = self._begin, min(self._end, self._begin + most)
        return self._buffer[begin : self._begin]

    def body(self, answer: Answer) -> bytes:
        """The whole body, for small ones.

        :raises HTTPException: where it is cut short
        """
        if answer.length is not None:
            return self._exactly(answer.length)
        if "transfer-encoding" in answer.headers:
            return b"".join(self._chunks())
        return b"".join(iter(lambda: bytes(self.piece(PIECE)), b""))

    def _chunks(self) -> Iterator[bytes]:
        while size := _chunk_size(self._up_to(_LINE_ENDS)):
            yield self._exactly(size)
            self._up_to(_LINE_ENDS)
        while self._up_to(_LINE_ENDS).strip():
            pass

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            piece = self.piece(size - len(found))
            if not piece:
                raise HTTPException(f"{size - len(found)} bytes are missing")
            found += piece
        return bytes(found)

    def _up_to(self, mark: re.Pattern[bytes]) -> bytes:
        """What comes, the mark included."""
        while not (found := mark.search(self._buffer, self._begin, min(self._end, self._begin + LONGEST_HEAD))):
            if self._end - self._begin >= LONGEST_HEAD:
                raise HTTPException(f"the head of the answer has more than {LONGEST_HEAD} bytes")
            self._more()
        begin, self._begin = self._begin, found.end()
        return bytes(self._buffer[begin : self._begin])

    def _more(self) -> None:
        """Have more bytes behind those that wait."""
        waiting = self._end - self._begin
        self._buffer[:waiting] = self._buffer[self._begin : self._end]
        count = self._received(self._buffer[waiting:])
        self._begin, self._end = 0, waiting + count
        if not count:
            raise (
                HTTPException("the head of the answer is cut short")
                if waiting
                else RemoteDisconnected("Remote end closed connection without response")
            )

    def _received(self, buffer: memoryview) -> int:
        return self._pace.receive(self.sock.recv_into, buffer) or 0


def _parsed(head: bytes) -> Answer:
    first, *lines = _FOLDED.sub(" ", head.decode("iso-8859-1")).rstrip().split("\n")
    status = _STATUS.fullmatch(first.rstrip("\r"))
    if not status:
        raise BadStatusLine(first)
    if len(lines) > MOST_HEADERS:
        raise HTTPException(f"the head of the answer has more than {MOST_HEADERS} headers")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length: Optional[int] = None
    if "transfer-encoding" not in headers and (told := headers.get("content-length")) is not None:
        if not (told.isascii() and told.isdigit()):
            raise HTTPException(f"its length makes no sense: {told[:20]!r}")
        length = int(told)
    if status[2] in ("204", "304"):
        length = 0
    kept = headers.get("connection", "keep-alive" if status[1] == "1.1" else "close").lower()
    unbounded = length is None and "transfer-encoding" not in headers
    return Answer(int(status[2]), headers, length, "close" in kept or unbounded)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise HTTPException("the size of a chunk is no number") from None
