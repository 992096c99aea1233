"""Answers as they come over a connection: one after the other, whole or an error, however they are cut on the way."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, RemoteDisconnected

import pytest
from ansible.module_utils.objectstore.s3.answers import LONGEST_HEAD, MOST_HEADERS, PIECE, Answers
from hypothesis import given
from hypothesis import strategies as st

PLAIN = b'HTTP/1.1 200 OK\r\nETag: "a:b"\r\nContent-Length: 5\r\n\r\nhello'
CHUNKED = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nMore: x\r\n\r\n"
LAST = b"HTTP/1.0 200 OK\r\n\r\nhello"


class Cut(socket.socket):
    """Gives what is sent in pieces of these sizes, then whatever there is."""

    sizes: Iterator[int] = iter(())

    def recv_into(self, buffer: memoryview, *_: int) -> int:  # type: ignore[override]  # it takes all that answers give
        return super().recv_into(buffer, min(len(buffer), next(self.sizes, PIECE)))


@contextmanager
def sent(content: bytes, sizes: list[int] | None = None) -> Iterator[Answers]:
    there, here = socket.socketpair()
    with there, Cut(fileno=here.detach()) as cut:
        cut.sizes = iter(sizes or ())
        there.sendall(content)
        there.close()
        yield Answers(cut)


@given(st.lists(st.integers(1, 60), max_size=12))
def test_answers_come_in_their_order_wherever_they_are_cut(sizes: list[int]) -> None:
    with sent(b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN + CHUNKED + PLAIN + LAST, sizes) as answers:
        for status, last in ((200, False), (403, False), (200, False), (200, True)):
            answer = answers.head()
            assert (answer.status, answer.last) == (status, last)
            assert answers.body(answer) == b"hello"
        with pytest.raises(RemoteDisconnected):
            answers.head()


def test_a_head_is_read_as_http_means_it() -> None:
    with sent(b"HTTP/1.1 204 No Content\nA:  b\n c\t\nB:\nConnection: Close\n\nrest") as answers:
        answer = answers.head()
    assert answer.headers == {"a": "b c", "b": "", "connection": "Close"}
    assert (answer.length, answer.last) == (0, True)


def test_a_piece_is_no_more_than_was_asked_for() -> None:
    with sent(PLAIN + PLAIN) as answers:
        answers.head()
        assert [bytes(answers.piece(most)) for most in (2, 3)] == [b"he", b"llo"]
        assert answers.body(answers.head()) == b"hello"
        assert not answers.piece(1)


@pytest.mark.parametrize("cut", range(1, PLAIN.index(b"hello")))
def test_a_head_that_is_cut_short_is_none(cut: int) -> None:
    with sent(PLAIN[:cut]) as answers, pytest.raises(HTTPException, match="cut short"):
        answers.head()


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5 or so\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MOST_HEADERS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * LONGEST_HEAD + b"\r\n\r\n",
    ],
    ids=["no http", "status", "length below 0", "length", "many headers", "long line"],
)
def test_what_makes_no_sense_is_an_error(content: bytes) -> None:
    with sent(content) as answers, pytest.raises(HTTPException):
        answers.head()


@pytest.mark.parametrize(
    ("content", "harm"),
    [
        (PLAIN, lambda whole: whole[:-1]),
        (CHUNKED, lambda whole: whole[:-9]),
        (CHUNKED, lambda w: w.replace(b"3", b"x")),
    ],
    ids=["length", "chunks", "size of a chunk"],
)
def test_a_body_that_is_cut_short_is_none(content: bytes, harm: Callable[[bytes], bytes]) -> None:
    begin = content.index(b"\r\n\r\n") + 4
    with sent(content[:begin] + harm(content[begin:])) as answers:
        answer = answers.head()
        with pytest.raises(HTTPException):
            answers.body(answer)
