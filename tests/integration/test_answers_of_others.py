"""What answers may be no S3 server, or send us elsewhere: said in words, and nothing is taken for proof."""

from __future__ import annotations

import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.anonymous import Answer, check_access, expected_access, try_access
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees.regions import region
from ansible.module_utils.objectstore.values.errors import ObjectStoreError, UnreachableError, VerificationError
from ansible.module_utils.objectstore.values.model import Connection

from tests.integration.conftest import StartMinio
from tests.integration.engine import connection
from tests.support.tls import Authority


@contextmanager
def answering(
    status: int,
    *,
    tls: Path | None = None,
    host: str = "127.0.0.1",
    options: Mapping[str, Any] | None = None,
    **headers: str,
) -> Iterator[Store]:
    """A store at a server that gives every request the same answer; ``tls`` is the folder of its certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815  # the names that http.server calls

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # as http.server has it
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls / "public.crt", tls / "private.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"{'https' if tls else 'http'}://{host}:{server.server_port}"
        yield Store(Connection(endpoint, "key", "secret-key", retries=0, **(options or {})))
        server.shutdown()


def send(store: Store) -> object:
    try:
        with tempfile.TemporaryFile() as file:
            return store.send_file("abc", "k", region(file.fileno(), 0, 0), content_type="text/plain", metadata={})
    finally:
        store._wire._drop()


REQUESTS: dict[str, Callable[[Store], object]] = {
    "bucket": lambda store: store.bucket_exists("abc"),
    "listing": lambda store: list(store.list_objects("abc")),
    "look": lambda store: store.stat_object("abc", "k"),
    "upload": send,
    "admin": lambda store: AdministeredStore(store.connection).users(),
    "anonymous": lambda store: store.try_anonymously("GET", "abc"),
}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_named_without_its_secrets_and_not_followed(status: int) -> None:
    with answering(status, Location="https://user:pass@elsewhere.example:9/x?X-Amz-Signature=abc") as store:
        for request in REQUESTS.values():
            with pytest.raises(UnreachableError) as caught:
                request(store)
            assert "redirects to https://elsewhere.example:9. Set endpoint" in str(caught.value)


@pytest.mark.parametrize("status", [200, 404, 418])
def test_a_server_that_is_none_proves_nothing(status: int) -> None:
    with answering(status) as store:
        for name in ("listing", "upload", "admin"):
            with pytest.raises(ObjectStoreError):
                REQUESTS[name](store)
        if status == 418:
            found = try_access(store, "abc", ask=store.try_anonymously, own_key=False)
            with pytest.raises(VerificationError, match="no S3 server"):
                check_access("abc", "", expected=expected_access({"": "private"}, ""), found=found)


def test_a_server_that_breaks_over_a_request_shows_nothing_by_it() -> None:
    """S3Proxy does over a policy that is none. An answer of another kind in other words is no store's."""
    with answering(500) as store:
        assert store.try_as_self("PUT", "abc", query={"policy": ""}, body=b"{") == Answer(500, "")
    with answering(404) as store, pytest.raises(UnreachableError):
        store.try_as_self("PUT", "abc", query={"policy": ""}, body=b"{")


SERVICE = "minio.geocrop.svc"


@pytest.mark.parametrize(
    ("host", "server_name", "trusted"),
    [
        ("127.0.0.2", SERVICE, True),
        ("127.0.0.1", SERVICE, True),
        ("127.0.0.1", "other.geocrop.svc", True),
        ("127.0.0.2", "other.geocrop.svc", False),
        ("127.0.0.2", None, False),
    ],
)
def test_a_certificate_may_be_for_the_service_that_has_the_address(
    tmp_path: Path, host: str, server_name: str | None, *, trusted: bool
) -> None:
    """It is for 127.0.0.1 and the Service's name; a name that it is not for does no harm where the host is right."""
    authority = Authority.make(tmp_path / "authority").issue(tmp_path, host=SERVICE)
    options = {"ca_cert": str(authority), "server_name": server_name, "region": "us-east-1"}
    with answering(403, tls=tmp_path, host=host, options=options) as store:
        for name in ("listing", "upload", "admin", "look"):
            with pytest.raises(ObjectStoreError) as caught:
                REQUESTS[name](store)
            assert ("is for another host name" in str(caught.value)) is not trusted, name
            assert "connection broke" not in str(caught.value)


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_a_region_is_learnt_where_none_is_said(start_minio: StartMinio, region: str | None) -> None:
    server = start_minio(environment={"MINIO_SITE_REGION": "eu-central-1"})
    store = Store(connection(server, region=region))
    store.create_bucket("there", region=None, object_lock=False)
    assert store.bucket_exists("there")
    assert not store.bucket_exists("nowhere")
    store.write_object("there", "k", b"content", content_type="text/plain", metadata={})
    assert [item.key for item in Store(connection(server, region=region)).list_objects("there")] == ["k"]
    assert store.list_buckets() == ["there"]


def test_a_region_that_is_said_wrong_is_told(start_minio: StartMinio) -> None:
    store = Store(connection(start_minio(environment={"MINIO_SITE_REGION": "eu-central-1"}), region="us-east-1"))
    with pytest.raises(ObjectStoreError, match="eu-central-1"):
        store.create_bucket("there", region=None, object_lock=False)
