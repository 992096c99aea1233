"""What a preflight concludes from a store's first answer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible.module_utils.objectstore.host.preflight import FirstAnswer, Report, run_preflight
from ansible.module_utils.objectstore.values.errors import AccessDeniedError, ObjectStoreError, RefusedError
from ansible.module_utils.objectstore.values.model import Connection

NOON = 1_900_000_000.0  # Fri, 17 Mar 2030 17:46:40 GMT
HTTP_NOON = "Sun, 17 Mar 2030 17:46:40 GMT"
DENIED = b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'


class FakeStore:
    """A store that gives one first answer."""

    def __init__(self, answer: FirstAnswer, connection: Connection, refusal: ObjectStoreError | None = None) -> None:
        self.connection = connection
        self._answer = answer
        self._refusal = refusal

    def first_answer(self) -> FirstAnswer:
        return self._answer

    def check_identity(self) -> None:
        if self._refusal:
            raise self._refusal


def answer(
    status: int = 403,
    body: bytes = DENIED,
    headers: Mapping[str, str] | None = None,
    ahead: float = 0.0,
) -> FirstAnswer:
    return FirstAnswer(status, {"date": HTTP_NOON, "server": "MinIO", **(headers or {})}, body, NOON + ahead)


def preflight(
    given: FirstAnswer | None = None,
    *,
    endpoint: str = "http://127.0.0.1:9000",
    secret: str = "k3jh4k2jh34",  # noqa: S107
    defaults: str = "warn",
    in_cluster: bool = False,
    refusal: ObjectStoreError | None = None,
) -> Report:
    connection = Connection(endpoint=endpoint, access_key="minioadmin", secret_key=secret)
    return run_preflight(FakeStore(given or answer(), connection, refusal), in_cluster=in_cluster, defaults=defaults)


def test_a_good_store_gives_no_warning() -> None:
    report = preflight()
    assert (report.server, report.skew, report.warnings) == ("MinIO", 0.0, ())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(200, b"<html><title>MinIO Console</title>"), "console, not its S3 API"),
        (answer(200, b"<html>hello"), "not an S3 server (HTTP 200, MinIO)"),
        (answer(404, b"404 page not found", {"server": "nginx"}), "not an S3 server (HTTP 404, nginx)"),
        (answer(307, b"", {"location": "https://s3.example.org/"}), "redirects to https://s3.example.org/"),
        (answer(503, b"no healthy upstream"), "HTTP 503"),
        (answer(400, b"Client sent an HTTP request to an HTTPS server.\n"), "speaks TLS on this port"),
        (answer(ahead=1000), "17 minutes ahead of the store's"),
        (answer(ahead=-1000), "17 minutes behind the store's"),
    ],
)
def test_what_is_wrong_is_told_apart(given: FirstAnswer, words: str) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        preflight(given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<ListAllMyBucketsResult/>", DENIED, b"<ERROR><Code>x"])
def test_s3_is_recognised_by_its_documents(body: bytes) -> None:
    assert preflight(answer(200, body)).skew == 0.0


def test_a_server_without_a_date_tells_no_skew() -> None:
    assert preflight(answer(headers={"date": "yesterday"})).skew is None


def test_a_small_difference_of_clocks_is_a_warning() -> None:
    assert preflight(answer(ahead=299)).warnings == ()
    (warning,) = preflight(answer(ahead=600)).warnings
    assert "10 minutes ahead" in warning


@pytest.mark.parametrize(
    ("endpoint", "in_cluster", "warned"),
    [
        ("http://store.example.org:9000", False, True),
        ("http://192.168.1.10:9000", False, True),
        ("http://10.43.0.7:9000", True, False),
        ("http://127.0.0.1:9000", False, False),
        ("http://minio.geocrop.svc.cluster.local:9000", False, False),
        ("https://store.example.org", False, False),
    ],
)
def test_data_in_clear_is_a_warning(endpoint: str, in_cluster: bool, warned: bool) -> None:
    warnings = preflight(endpoint=endpoint, in_cluster=in_cluster).warnings
    assert [("in clear" in warning) for warning in warnings] == [True] * warned


@pytest.mark.parametrize("secret", ["minioadmin", "minioadmin123", "minioadmin12", "changeme"])
def test_well_known_credentials(secret: str) -> None:
    (warning,) = preflight(secret=secret).warnings
    assert "well-known defaults" in warning

    assert preflight(secret=secret, defaults="allow").warnings == ()
    with pytest.raises(RefusedError, match="control_plane_allow_default_credentials"):
        preflight(secret=secret, defaults="refuse")


def test_who_may_not_list_buckets_is_known_all_the_same() -> None:
    assert preflight(refusal=AccessDeniedError("log in", "no")).warnings == ()
