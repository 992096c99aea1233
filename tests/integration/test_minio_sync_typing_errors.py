"""What a user sees who typed something wrong: one message that says what to do, and never a traceback."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunModule
from tests.support.syncing import plant


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return plant(tmp_path / "src", {f"f{number}": b"%d" % number for number in range(10)})


@contextlib.contextmanager
def web_server() -> Iterator[str]:
    """A server that answers 200 and a page to everything."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><html><br>Hello</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"endpoint": "http://127.0.0.1:1"},
            "refuses connections. Check that the server runs and that the port is right",
        ),
        ({"endpoint": "minio.example.org:9000"}, "it has no scheme. Write https://"),
        ({"endpoint": "http://no-such-host.invalid"}, "does not resolve"),
        ({"secret_key": "wrong-secret"}, "The secret key is wrong: check MINIO_SECRET_KEY"),
        ({"access_key": "nobody"}, "The store does not know this access key: check MINIO_ACCESS_KEY"),
        ({"bucket": "Bad_Bucket"}, "it is not a valid S3 bucket name"),
        ({"bucket": "no-such-bucket"}, "there is no such bucket. Create it with minio_bucket, or check its name"),
        ({"src": "/no/such/folder"}, "there is no such folder on this host. Check src"),
        ({"src": ""}, "src is empty"),
        ({"src": "/etc/hostname"}, "it is not a folder"),
        ({"key_pattern": r"DW_(?P<type>\w+)\.tif"}, "10 do not match key_pattern: f0, f1"),
        ({"key_pattern": "("}, "it is no regular expression"),
        ({"workers": 0}, "1 to 64 are possible"),
        ({"part_size": "1MiB"}, "S3 takes parts of 5MiB to 5GiB"),
        ({"delete": True, "delete_limit": "nan%"}, "it is neither a number nor a percentage"),
        ({"shard": {"index": 2, "count": 2}}, "there is no such shard"),
        ({"log": "/proc/none/log"}, "write the log /proc/none/log"),
        ({"ca_cert": "/no/such/file", "endpoint": "https://127.0.0.1:1"}, "there is no such file on this host"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_things_get_one_clear_message(
    run_module: RunModule, bucket: str, src: Path, wrong: dict[str, Any], said: str
) -> None:
    params = {"src": src, "bucket": bucket, "prefix": "p", "retries": 0, "digest_cache": "", **wrong}
    result = run_module("minio_sync", params)
    assert result["failed"]
    assert said in result["msg"]
    assert result["msg"].startswith("Could not ")
    assert not result["changed"]


def test_an_endpoint_that_is_some_web_server(run_module: RunModule, src: Path) -> None:
    with web_server() as endpoint:
        params = {"src": src, "bucket": "some-bucket", "prefix": "p", "retries": 0, "digest_cache": ""}
        result = run_module("minio_sync", {**params, "endpoint": endpoint})
    assert result["failed"]
    assert f"the answer of {endpoint} makes no sense" in result["msg"]
    assert "Check that the endpoint is the S3 API's port." in result["msg"]
