"""Requests that are sent together: whatever a server or a proxy makes of them, each answer is the right one."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import NamedTuple

import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.errors import ConflictError, ObjectStoreError, SilentError
from ansible.module_utils.objectstore.values.model import Connection, Delivery, Origin

from tests.integration.engine import connection
from tests.support.mc import Mc
from tests.support.state import Server

KEYS = [f"k{number}" for number in range(5)]
ASKED = [(key, f"e{key}") for key in KEYS]


class Behaviour(NamedTuple):
    """What becomes of requests that come together.

    ``forgets`` what came with another; ``ends`` so many connections after an answer, and ``says`` so before.
    ``silent`` answers nothing.
    """

    forgets: bool = False
    ends: int = 0
    says: bool = False
    silent: bool = False


class Seen:
    """Keys in the order in which they were answered, and how many connections there were."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.connections = 0


@contextmanager
def behaving(behaviour: Behaviour, *, timeout: float = 0.3) -> Iterator[tuple[Store, Seen]]:
    """A store at a server whose object ``k`` holds ``content of k``, and that copies it on ``PUT``."""
    listening, seen = socket.create_server(("127.0.0.1", 0)), Seen()

    def serve(sock: socket.socket) -> None:
        waiting, ends = b"", seen.connections <= behaviour.ends
        with closing(sock), suppress(OSError):  # who was asked in vain is left
            while piece := sock.recv(65536):
                waiting += piece
                while found := re.search(rb"(GET|PUT) /abc/(\w+)(.*?)\r\n\r\n", waiting, re.DOTALL):
                    if behaviour.silent:
                        sock.recv(65536)
                        return
                    key = found[2].decode()
                    waiting = b"" if behaviour.forgets else waiting[found.end() :]
                    seen.keys.append(key)
                    content = _COPIED if found[1] == b"PUT" else f"content of {key}".encode()
                    said = "Connection: close\r\n" if behaviour.says else ""
                    head = f'HTTP/1.1 200 OK\r\nETag: "e{key}"\r\nContent-Length: {len(content)}\r\n{said}\r\n'
                    sock.sendall(head.encode() + content)
                    if ends:
                        return

    def accept() -> None:
        while True:
            try:
                sock = listening.accept()[0]
            except OSError:
                return
            seen.connections += 1
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    store = Store(Connection(address, "key", "secret-key", region="us-east-1", retries=0, timeout=timeout))
    try:
        yield store, seen
    finally:
        store._wire._drop()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


_COPIED = b'<CopyObjectResult><ETag>"made"</ETag></CopyObjectResult>'


def copied(store: Store, key: str) -> str:
    return store.copy_object("abc", key, Origin("from", key), etag=f"e{key}", headers=None)


def got(store: Store, key: str, *, bucket: str = "abc", etag: str = "") -> str:
    content = bytearray()

    def begin(answer: Delivery) -> Callable[[memoryview], None]:
        assert answer.etag == (etag or f"e{key}")
        return content.extend

    store.fetch_object(bucket, key, etag=etag or f"e{key}", start=0, begin=begin)
    return content.decode()


@pytest.mark.parametrize(
    ("behaviour", "connections"),
    [
        (Behaviour(), 1),
        (Behaviour(ends=1), 2),
        (Behaviour(ends=9, says=True), 5),
        (Behaviour(forgets=True), 2),
    ],
    ids=["as it should", "ends without a word", "ends", "forgets"],
)
def test_all_come_and_each_is_the_right_one(behaviour: Behaviour, connections: int) -> None:
    with behaving(behaviour) as (store, seen):
        store.ask_ahead("abc", ASKED)
        assert [got(store, key) for key in KEYS] == [f"content of {key}" for key in KEYS]
        assert (seen.keys, seen.connections) == (KEYS, connections)
        store.ask_ahead("abc", ASKED)  # what forgets is not asked so again, or it would be waited for again
        assert [got(store, key) for key in KEYS] == [f"content of {key}" for key in KEYS]


@pytest.mark.parametrize(
    ("behaviour", "connections"),
    [(Behaviour(), 1), (Behaviour(ends=1), 2), (Behaviour(ends=9, says=True), 5), (Behaviour(forgets=True), 2)],
    ids=["as it should", "ends without a word", "ends", "forgets"],
)
def test_copies_are_made_and_each_once(behaviour: Behaviour, connections: int) -> None:
    with behaving(behaviour) as (store, seen):
        store.copy_ahead("abc", [(key, Origin("from", key), f"e{key}") for key in KEYS])
        assert [copied(store, key) for key in KEYS] == ["made"] * len(KEYS)
        assert (seen.keys, seen.connections) == (KEYS, connections)


def test_what_is_not_next_is_asked_for_alone() -> None:
    with behaving(Behaviour()) as (store, seen):
        store.ask_ahead("abc", ASKED[:3])
        assert got(store, "k1") == "content of k1"
        assert got(store, "k0") == "content of k0"
        assert seen.connections == 2


@pytest.mark.parametrize(("ends", "connections"), [(0, 1), (1, 2)], ids=["open", "ended meanwhile"])
def test_a_connection_that_nobody_needs_any_more_is_used_again(ends: int, connections: int) -> None:
    with behaving(Behaviour(ends=ends)) as (store, seen):
        assert store.read_object("abc", "k0") == b"content of k0"
        time.sleep(0.05 * ends)  # until the end has come
        assert [got(store, key) for key in KEYS[1:]] == [f"content of {key}" for key in KEYS[1:]]
        assert (seen.keys, seen.connections) == (KEYS, connections)
        assert store.read_object("abc", "k0") == b"content of k0"  # what was taken is not used by two
        assert seen.connections == connections + 1


def test_silence_is_waited_for_once() -> None:
    with behaving(Behaviour(silent=True)) as (store, seen):
        store.ask_ahead("abc", ASKED)
        with pytest.raises(SilentError):
            got(store, "k0")
        assert seen.connections == 1


def test_nothing_breaks_where_nobody_listens() -> None:
    with behaving(Behaviour()) as (store, _):
        pass
    store.ask_ahead("abc", ASKED)
    with pytest.raises(ObjectStoreError):
        got(store, "k0")


def test_one_object_that_is_replaced_leaves_the_others_on_the_connection(minio: Server, mc: Mc, bucket: str) -> None:
    for key in KEYS:
        mc.put(f"{bucket}/{key}", key.encode())
    store = Store(connection(minio))
    etags = {found.key: found.etag for found in store.list_objects(bucket)}
    asked = {**etags, "k1": "0" * 32}
    store.ask_ahead(bucket, asked.items())
    first = store._wire._local.answers
    for key, etag in asked.items():
        with pytest.raises(ConflictError) if key == "k1" else nullcontext():
            assert got(store, key, bucket=bucket, etag=etag) == key
    assert store._wire._local.answers is first
    store._wire._drop()


def test_one_copy_that_is_refused_leaves_the_others_on_the_connection(minio: Server, mc: Mc, bucket: str) -> None:
    for key in KEYS:
        mc.put(f"{bucket}/from/{key}", key.encode())
    store = Store(connection(minio))
    etags = {found.key[5:]: found.etag for found in store.list_objects(bucket, "from/")}
    asked = [(f"to/{key}", Origin(bucket, f"from/{key}"), "0" * 32 if key == "k1" else etags[key]) for key in KEYS]
    store.copy_ahead(bucket, asked)
    first = store._wire._local.answers
    for key, origin, etag in asked:
        with pytest.raises(ConflictError) if key == "to/k1" else nullcontext():
            store.copy_object(bucket, key, origin, etag=etag, headers=None)
    assert store._wire._local.answers is first
    store._wire._drop()
    assert {key: mc.cat(f"{bucket}/{key}") for key in mc.keys(bucket, "to")} == {
        f"to/{key}": key.encode() for key in KEYS if key != "k1"
    }
