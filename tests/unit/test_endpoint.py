"""Endpoints as people write them."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.endpoint import normalise_endpoint, normalise_endpoints, shown_address
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.model import Connection

from tests.support.in_process import run_here


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("HTTP://Store.example:9000", "http://store.example:9000"),
        ("http://minio.example.org:9000", "http://minio.example.org:9000"),
        ("https://minio.example.org/", "https://minio.example.org"),
        (" https://Minio.Example.org ", "https://minio.example.org"),
        ("localhost:9000", "http://localhost:9000"),
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("127.9.9.9", "http://127.9.9.9"),
        ("[::1]:9000", "http://[::1]:9000"),
        ("http://[::1]", "http://[::1]"),
        ("minio.geocrop.svc:9000", "http://minio.geocrop.svc:9000"),
        ("minio.geocrop.svc.cluster.local:9000", "http://minio.geocrop.svc.cluster.local:9000"),
    ],
)
def test_normalised(written: str, url: str) -> None:
    assert normalise_endpoint(written) == url


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("minio.example.org:9000", "it has no scheme"),
        ("10.0.0.1:9000", "it has no scheme"),
        ("minio.svc.example.org", "it has no scheme"),
        ("ftp://host", "neither http nor https"),
        ("http://", "it names no host"),
        ("http://host/bucket", "it has a path (/bucket)"),
        ("http://host?x=1", "it has a path"),
        ("http://host:port", "the port is not a number"),
        ("http://host:70000", "the port is not a number"),
        ("http://me:hunter2@host", "it contains credentials"),
        ("me:hunter2@localhost", "it contains credentials"),
        ("http://[::1", "it is no URL"),
        ("http://me:hunter2@[::zz]", "it is no URL"),
    ],
)
def test_refused(written: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        normalise_endpoint(written)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://me:hunter2@other:9000/a?X-Amz-Signature=hunter2", "http://other:9000"),
        ("/login?token=hunter2", "/login"),
        ("http://[::zz/hunter2", "an address that is none"),
    ],
)
def test_an_address_that_somebody_else_wrote_is_shown_without_what_may_be_secret(written: str, shown: str) -> None:
    assert shown_address(written) == shown


@pytest.mark.parametrize("option", ["access_key", "session_token"])
@pytest.mark.parametrize("value", ["hunter2\n", "hunter2\r\nX-Header: 1", "hunter2 "])
def test_what_no_header_carries_is_refused_and_not_shown(option: str, value: str) -> None:
    given = {"endpoint": "http://127.0.0.1:1", "access_key": "key", "secret_key": "secret", option: value}
    result = run_here("minio_ping", given)
    assert f"of {option}, it has" in result["msg"]
    assert "hunter2" not in result["msg"]


@pytest.mark.parametrize(
    ("written", "urls"),
    [
        (None, ()),
        ("", ()),
        ([""], ()),
        ("http://a:9000", ("http://a:9000",)),
        ("http://a:9000, http://b:9000", ("http://a:9000", "http://b:9000")),
        (["http://a:9000", "HTTP://A:9000/", "http://b"], ("http://a:9000", "http://b")),
    ],
)
def test_several_endpoints(written: str | list[str] | None, urls: tuple[str, ...]) -> None:
    assert normalise_endpoints(written) == urls


def test_endpoints_of_one_store_all_speak_tls_or_none_does() -> None:
    with pytest.raises(InvalidInputError, match="some of them speak TLS and some do not"):
        normalise_endpoints(["https://a", "http://b"])


def test_each_endpoint_has_its_turn() -> None:
    connection = Connection("http://a", others=("http://b", "http://c"))
    assert connection.at("http://b").endpoints == ("http://b", "http://c", "http://a")
    assert connection.at("http://a") == connection
