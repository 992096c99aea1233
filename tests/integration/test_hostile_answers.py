"""A server that means harm, or is broken: each answer ends in an error that says so, in bounded time and memory."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.s3 import listing
from ansible.module_utils.objectstore.s3.answers import Request
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.store import Take
from ansible.module_utils.objectstore.values.errors import ObjectStoreError, SilentError
from ansible.module_utils.objectstore.values.model import Connection, Delivery

from tests.integration.engine import connection, sync
from tests.support.faults import Fault, Kind
from tests.support.mc import Mc
from tests.support.proxy import running_proxy
from tests.support.state import Server
from tests.support.syncing import plant

#: Ten entities, each ten of the one before: 10 GB of text in 700 bytes.
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><x><Code>&a9;</Code></x>'.encode()
#: One entity of a megabyte, a thousand times.
SQUARE = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * (1 << 20) + b'">]><x><Code>' + b"&a;" * 1000 + b"</Code></x>"

PAGE = (
    "<ListBucketResult><IsTruncated>true</IsTruncated>{token}"
    "<Contents><Key>{key}</Key><ETag>x</ETag><Size>{size}</Size></Contents></ListBucketResult>"
)
TOKEN = "<NextContinuationToken>again</NextContinuationToken>"
EMPTY = "<L><IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken></L>"


@contextmanager
def answering(body: Callable[[int], bytes], status: int = 200, **headers: str) -> Iterator[Store]:
    """A store at a server that answers with what ``body`` makes of the request's number."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.path)
            content = body(len(asked))
            self.send_response(status)
            length = {"Content-Length": str(len(content)), "Content-Type": "application/xml", "Connection": "close"}
            for name, value in {**length, **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = answer  # noqa: N815  # the names that http.server calls

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # as http.server has it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        yield Store(Connection(endpoint, "key", "secret-key", region="us-east-1", retries=0, timeout=5))
        server.shutdown()


def fetch(store: Store) -> None:
    def begin(_delivery: Delivery) -> Take:
        return lambda _piece: None

    try:
        store._wire.get("read abc/k", Request("abc", "k", {}), begin)
    finally:
        store._wire._drop()


@pytest.mark.parametrize("content", [BOMB, SQUARE], ids=["billion laughs", "quadratic"])
def test_entities_are_not_expanded(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with answering(lambda _: content) as store:
        for ask in (
            lambda: list(store.list_objects("abc")),
            lambda: list(store.list_versions("abc")),
            lambda: list(store.pending_uploads("abc", "")),
            store.list_buckets,
        ):
            with pytest.raises(ObjectStoreError):
                ask()
    with answering(lambda _: content, 403) as store, pytest.raises(ObjectStoreError):
        store.bucket_policy("abc")
    with answering(lambda _: content, 403) as store, pytest.raises(ObjectStoreError):
        fetch(store)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda _: PAGE.format(token=TOKEN, key="k", size=1).encode(), "it sends the same page again and again"),
        (lambda number: EMPTY.format(number).encode(), "pages with nothing in them"),
        (lambda _: PAGE.format(token="", key="k", size=1).encode(), "more objects, and not where they begin"),
        (lambda _: PAGE.format(token=TOKEN, key="k", size="many").encode(), "makes no sense"),
        (lambda _: b"<a><b></a>", "makes no sense"),
        (lambda _: b"\x00\xff" * 1000, "makes no sense"),
    ],
    ids=["same token", "empty pages", "no token", "size", "not well formed", "no text"],
)
def test_a_listing_that_has_no_end_or_no_sense(
    body: Callable[[int], bytes], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_EMPTY", 20)
    with answering(body) as store, pytest.raises(ObjectStoreError, match=said):
        list(store.list_objects("abc"))


@pytest.mark.parametrize("name", ["list_versions", "pending_uploads"])
def test_other_listings_have_an_end_as_well(name: str) -> None:
    again = b"<L><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker></L>"
    with answering(lambda _: again) as store, pytest.raises(ObjectStoreError, match="the same page again and again"):
        list(getattr(store, name)("abc", ""))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Length": "many"},
        {"Content_Length": "1000000"},
        {"Content_Length": "-5"},
        {"Last_Modified": "yesterday"},
        {"X_Long": "a" * 100_000},
        {f"X_{number}": "a" for number in range(200)},
    ],
    ids=["length is no number", "length is too long", "length below 0", "no date", "long line", "many headers"],
)
def test_headers_that_make_no_sense(headers: dict[str, str]) -> None:
    with answering(lambda _: b"content", **headers) as store:
        if headers != {"Content_Length": "-5"}:
            with pytest.raises(ObjectStoreError):
                fetch(store)
        if "Last_Modified" not in headers:
            with pytest.raises(ObjectStoreError):
                store.stat_object("abc", "k")


#: The polynomial of the CRC-32, bit by bit as it is computed (ISO 3309): put on a content, it leaves the sum as it was.
SAME_CRC = int("100000100110000010001110110110111"[::-1], 2).to_bytes(5, "little")


@pytest.mark.parametrize("size", [100_000, 700_000], ids=["in one packet", "by sendfile"])
def test_who_means_to_change_what_is_uploaded_is_found_by_a_signature_alone(
    minio: Server, mc: Mc, bucket: str, tmp_path: Path, size: int
) -> None:
    src = plant(tmp_path / "src", {"f": os.urandom(size)})
    changed = bytearray((src / "f").read_bytes())
    for place, bits in enumerate(SAME_CRC, 1000):
        changed[place] ^= bits
    forgery = Fault(Kind.CORRUPT, method="PUT", path="/f", times=9, after=1000, mask=SAME_CRC)
    with running_proxy(minio) as proxy:
        proxy.add(forgery)
        assert sync(proxy.server, src, bucket).failure == ""
        assert mc.cat(f"{bucket}/p/f") == changed  # stored, since its CRC-32 is right
        (src / "f").write_bytes(os.urandom(size))
        report = sync(Store(connection(proxy.server, sign_payloads=True)), src, bucket)
        assert "ContentSHA256Mismatch" in report.failure
        assert mc.cat(f"{bucket}/p/f") == changed
        proxy.clear()
        assert sync(Store(connection(proxy.server, sign_payloads=True)), src, bucket).failure == ""
    assert mc.cat(f"{bucket}/p/f") == (src / "f").read_bytes()


#: Bytes of an object that is too large to come whole at the pace of a drip.
DRIPPED = 400_000


@pytest.mark.parametrize("size", [DRIPPED, 10_000], ids=["from the socket", "from its buffer"])
def test_a_body_that_drips_is_given_up(minio: Server, mc: Mc, bucket: str, size: int) -> None:
    """Each wait for some of it is short, and all of them would be minutes."""
    mc.put(f"{bucket}/k", b"x" * size)
    with running_proxy(minio) as proxy:
        proxy.add(Fault(Kind.DRIP, method="GET", path="/k", times=9, after=3, seconds=0.1))
        store = Store(connection(proxy.server, timeout=1.0, retries=0))
        with pytest.raises(SilentError, match=r"\d+ bytes came in \d+ s"):
            store.fetch_object(bucket, "k", etag="", start=0, begin=lambda _: lambda _: None)
        with pytest.raises(ObjectStoreError, match=r"did not answer in time \(\d+ bytes came in \d+ s\)"):
            store.read_object(bucket, "k")
        store._wire._drop()


def test_a_body_that_is_slow_and_no_drip_comes_whole(minio: Server, mc: Mc, bucket: str) -> None:
    """It takes longer than the time-out, which is about each wait."""
    content = os.urandom(30_000)
    mc.put(f"{bucket}/k", content)
    with running_proxy(minio) as proxy:
        proxy.add(Fault(Kind.DRIP, method="GET", path="/k", times=9, after=1000, seconds=0.1))
        store = Store(connection(proxy.server, timeout=1.0, retries=0))
        came = bytearray()
        store.fetch_object(bucket, "k", etag="", start=0, begin=lambda _: came.extend)
        assert came == content
        assert store.read_object(bucket, "k") == content
        store._wire._drop()
