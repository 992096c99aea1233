"""What answers may be no S3 server, or send us elsewhere: said in words, and nothing is taken for proof."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible.module_utils.objectstore.access.anonymous import check_access, expected_access, try_access
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees.regions import region
from ansible.module_utils.objectstore.values.errors import ObjectStoreError, UnreachableError, VerificationError
from ansible.module_utils.objectstore.values.model import Connection


@contextmanager
def answering(status: int, **headers: str) -> Iterator[Store]:
    """A store at a server that gives every request the same answer."""

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

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Store(Connection(f"HTTP://127.0.0.1:{server.server_port}".lower(), "key", "secret-key", retries=0))
        server.shutdown()


def send(store: Store) -> object:
    with tempfile.TemporaryFile() as file:
        return store.send_file("abc", "k", region(file.fileno(), 0, 0), content_type="text/plain", metadata={})


REQUESTS: dict[str, Callable[[Store], object]] = {
    "bucket": lambda store: store.bucket_exists("abc"),
    "listing": lambda store: list(store.list_objects("abc")),
    "look": lambda store: store.stat_object("abc", "k"),
    "upload": send,
    "admin": lambda store: store.users(),
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
