"""minio_ping against servers with which something is wrong: one line for each."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunModule
from tests.support.state import Server
from tests.support.tls import Authority

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an HTTP server that is no S3 server: ``serve(body=…, date=…, context=…)`` -> its URL."""
    running: list[http.server.HTTPServer] = []

    def start(*, body: bytes = b"hello", date: str = "", context: ssl.SSLContext | None = None) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(200)
                self.send_header("Date", date or self.date_time_string())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        running.append(server)
        return f"{'https' if context else 'http'}://localhost:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def ping(run_module: RunModule, **options: Any) -> str:
    """The message of a ping that fails."""
    result = run_module("minio_ping", options)
    assert result["failed"], result
    message: str = result["msg"]
    assert "\n" not in message
    return message


def test_a_good_store_answers(run_module: RunModule, minio: Server) -> None:
    result = run_module("minio_ping", {})
    assert (result["failed"], result["changed"], result["endpoint"]) == (False, False, minio.endpoint)
    assert result["server"] == "MinIO"
    assert result["release"], "one that is built from source says that it is"
    assert abs(result["clock_skew"]) < 5
    assert "warnings" not in result


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"endpoint": "http://minio.geocrop.svc.cluster.local:9000"}, ["does not resolve", "minio_endpoint"]),
        ({"endpoint": "http://127.0.0.1:1"}, ["refuses connections"]),
        ({"secret_key": "not-the-secret"}, ["secret key is wrong"]),
        ({"access_key": "nobody"}, ["as nobody", "does not know this access key"]),
        ({"endpoint": "store.example.org:9000"}, ["no scheme", "https://store.example.org:9000"]),
        ({"endpoint": "http://127.0.0.1:9000/minio"}, ["has a path (/minio)", "http://127.0.0.1:9000"]),
    ],
)
def test_what_is_wrong_is_said(run_module: RunModule, options: dict[str, Any], words: list[str]) -> None:
    message = ping(run_module, **options)
    for word in words:
        assert word in message, message


def test_another_server_is_told_apart(run_module: RunModule, serve: Serve) -> None:
    assert "not an S3 server" in ping(run_module, endpoint=serve())
    assert "console" in ping(run_module, endpoint=serve(body=b"<title>MinIO Console</title>"))


def test_a_wrong_clock_is_told(run_module: RunModule, serve: Serve) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    url = serve(body=b"<Error></Error>", date=past.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert "this host's clock is 60 minutes ahead of the store's" in ping(run_module, endpoint=url)


def test_tls_on_either_side_alone_is_told(run_module: RunModule, minio: Server, tls_minio: Server) -> None:
    assert "speaks TLS on this port" in ping(run_module, endpoint=tls_minio.endpoint.replace("https", "http"))
    assert "does not speak TLS" in ping(run_module, endpoint=minio.endpoint.replace("http", "https"))


def test_a_private_authority_by_path_and_by_content(run_module: RunModule, tls_minio: Server) -> None:
    given = {"endpoint": tls_minio.endpoint, **tls_minio.module_options}
    assert tls_minio.ca_cert
    for authority in (tls_minio.ca_cert, Path(tls_minio.ca_cert).read_text()):
        assert not run_module("minio_ping", given | {"ca_cert": authority})["failed"]
    without = {key: value for key, value in given.items() if key != "ca_cert"}
    assert "unknown authority" in ping(run_module, **without)
    assert "there is no such file" in ping(run_module, **without, ca_cert="/none.pem")
    result = run_module("minio_ping", without | {"validate_certs": False})
    assert not result["failed"]
    assert "validate_certs is off" in str(result["warnings"])


@pytest.mark.parametrize(
    ("certificate", "words"),
    [({"host": "elsewhere.example.org"}, "another host name"), ({"expired": True}, "has expired")],
)
def test_a_certificate_that_does_not_fit(
    run_module: RunModule, serve: Serve, tmp_path: Path, certificate: dict[str, Any], words: str
) -> None:
    authority = Authority.make(tmp_path / "ca")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue(tmp_path, **certificate)
    context.load_cert_chain(tmp_path / "public.crt", tmp_path / "private.key")
    message = ping(run_module, endpoint=serve(context=context), ca_cert=str(authority.ca_cert))
    assert words in message


def test_a_client_certificate(run_module: RunModule, serve: Serve, tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "ca")
    authority.issue(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "public.crt", tmp_path / "private.key")
    context.load_verify_locations(authority.ca_cert)
    context.verify_mode = ssl.CERT_REQUIRED
    given = {"endpoint": serve(context=context), "ca_cert": str(authority.ca_cert)}
    assert "client certificate (client_cert)" in ping(run_module, **given)
    mine = {"client_cert": str(tmp_path / "public.crt"), "client_key": str(tmp_path / "private.key")}
    # past TLS: what answers is no S3 server
    assert "not an S3 server" in ping(run_module, **given, **mine)
    assert "client_key is given without" in ping(run_module, **given, client_key=mine["client_key"])


@pytest.mark.parametrize("secret", ["minioadmin"])
def test_default_credentials_are_refused_before_anything_is_sent(run_module: RunModule, secret: str) -> None:
    options = {"endpoint": "http://127.0.0.1:1", "access_key": secret, "secret_key": secret}
    assert "well-known defaults" in ping(run_module, **options, default_credentials="refuse")
    assert "refuses connections" in ping(run_module, **options)
