"""Signed URLs, compared with those of the SDK."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from ansible.module_utils.objectstore.access.signing import parse_duration, presigned_url, with_signature
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.model import Connection
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("address", ["127.0.0.1:9000", "s3.example.org", "s3.example.org:80"])
@pytest.mark.parametrize("key", ["a.tif", "dw/a b+%&ü~(1).tif"])
@pytest.mark.parametrize(
    "query", [{}, {"response-content-disposition": "attachment; filename=x.tif", "versionId": "v1"}]
)
@pytest.mark.parametrize("token", [None, "to/ken=="])
def test_the_url_is_that_of_the_sdk(address: str, key: str, query: dict[str, str], token: str | None) -> None:
    connection = Connection(f"http://{address}", "access", "secret", token)
    theirs = Minio(address, "access", "secret", token, secure=False, region="us-east-1").get_presigned_url(
        "GET",
        "maps",
        key,
        expires=timedelta(hours=2),
        request_date=NOW,
        version_id=query.get("versionId"),
        response_headers={name: value for name, value in query.items() if name.startswith("response-")},
    )
    ours = presigned_url(connection, "GET", "maps", key, expires=timedelta(hours=2), now=NOW, query=query)
    assert _parts(ours) == _parts(theirs)


@pytest.mark.parametrize("token", [None, "to/ken=="])
@pytest.mark.parametrize("query", ["", "partNumber=2&uploadId=a%2Fb"])
def test_a_request_is_signed_as_the_sdk_signs_it(query: str, token: str | None) -> None:
    connection = Connection("http://h:9000", "access", "secret", token)
    headers = {"x-amz-meta-Note": " two  spaces ", "Content-Type": "a/b", "If-Match": '"e"', "Host": "h:9000"}
    ours = with_signature(
        connection, "PUT", "/maps/a%20b", query=query, headers=headers, payload="UNSIGNED", scope="eu/s3", now=NOW
    )
    theirs = sign_v4_s3(
        method="PUT",
        url=urlsplit(f"http://h:9000/maps/a%20b?{query}"),
        region="eu",
        headers={name: value for name, value in ours.items() if name != "Authorization"},
        credentials=Credentials("access", "secret", token),
        content_sha256="UNSIGNED",
        date=NOW,
    )
    assert ours == theirs
    assert {*headers, "x-amz-content-sha256", "x-amz-date"} < {*ours}


def _parts(url: str) -> tuple[str, list[str]]:
    """The address without a default port, and the parameters in one order."""
    base, _, query = url.replace(":80/", "/").partition("?")
    return base, sorted(query.split("&"))


@pytest.mark.parametrize(("text", "seconds"), [("900", 900), ("15m", 900), ("12h", 43200), ("7d", 604800)])
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["0", "8d", "-1", "1w", "", "soon"])
def test_durations_that_s3_does_not_take(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_duration(text)


def test_no_url_without_credentials() -> None:
    with pytest.raises(InvalidInputError):
        presigned_url(Connection("http://h"), "GET", "maps", "a", expires=timedelta(1), now=NOW)
