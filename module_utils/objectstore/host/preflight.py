"""Whether a store can be worked with, judged from its first answers, so that a run ends before its first change."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional, Protocol
from urllib.parse import urlsplit

from ..values.endpoint import is_internal
from ..values.errors import AccessDeniedError, CredentialsError, RefusedError, UnreachableError
from ..values.model import Connection

#: Seconds of difference that S3 accepts between a request's date and its own clock (RequestTimeTooSkewed).
SKEW_LIMIT = 900.0

#: Seconds of difference that are worth a word.
SKEW_NOTE = 300.0

#: Passwords of MinIO's own documentation, charts and tutorials. Everybody tries them first.
WELL_KNOWN_SECRETS = frozenset(
    {
        "minioadmin",
        "minioadmin12",
        "minioadmin123",
        "minio123",
        "miniosecret",
        "minio-secret-key",
        "minio_secret_key",
        "miniopassword",
        "miniostorage",
        "rootpass123",
        "console123",
        "changeme",
        "changeme123",
        "password",
        "password123",
        "admin123",
        "adminadmin",
        "secretkey",
        "12345678",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
)


@dataclass(frozen=True)
class FirstAnswer:
    """The answer to an unsigned ``GET /``.

    :param headers: names in lower case
    :param body: its first KiB
    :param local_time: this host's clock when it came, seconds since 1970
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    local_time: float


class Approachable(Protocol):
    """What a preflight asks of a store."""

    connection: Connection

    def first_answer(self) -> FirstAnswer:
        """What it says to an unsigned request, without another try."""

    def check_identity(self) -> None:
        """Raise CredentialsError where it does not take the credentials."""


@dataclass(frozen=True)
class Report:
    """What a preflight found.

    :param skew: seconds that this host's clock is ahead, ``None`` where the store does not say
    """

    server: str
    skew: Optional[float]
    warnings: tuple[str, ...]


def run_preflight(store: Approachable, *, in_cluster: bool, defaults: str) -> Report:
    """Ask a store in the order in which things go wrong: name, connection, TLS, protocol, clock, credentials.

    :param in_cluster: the address belongs to the cluster though its name does not say so
    :param defaults: what well-known default credentials do: ``warn``, ``refuse`` or ``allow``
    :raises ObjectStoreError: for the first thing that is wrong
    """
    connection = store.connection
    warnings = list(default_credentials(connection, defaults))
    if not connection.secure and not in_cluster and not is_internal(_host(connection)):
        warnings.append(
            f"{connection.endpoint} is reached without TLS: data travels in clear, and others on the way can change it."
            " Use https://."
        )
    answer = store.first_answer()
    check_is_s3(connection, answer)
    skew = clock_skew(answer)
    warnings += check_clock(connection, skew)
    with suppress(AccessDeniedError):  # known to the store but not allowed to list buckets, which others need not be
        store.check_identity()
    return Report(server=answer.headers.get("server", ""), skew=skew, warnings=tuple(warnings))


def default_credentials(connection: Connection, defaults: str) -> tuple[str, ...]:
    """A warning where the secret is a well-known one.

    :raises RefusedError: instead, where ``defaults`` says ``refuse``
    """
    known = connection.secret_key in WELL_KNOWN_SECRETS or connection.secret_key == connection.access_key
    if not known or defaults == "allow":
        return ()
    reason = f"the credentials of {connection.endpoint} are well-known defaults: anybody who reaches it owns its data"
    if defaults == "refuse":
        raise RefusedError(
            f"work with {connection.endpoint}",
            "its credentials are well-known defaults, which a production store must not have",
            "Change MINIO_ROOT_PASSWORD; control_plane_allow_default_credentials: true lets them pass until then.",
        )
    return (f"{reason}. Change MINIO_ROOT_PASSWORD.",)


def check_is_s3(connection: Connection, answer: FirstAnswer) -> None:
    """Whether the answer is that of an S3 server.

    :raises UnreachableError: otherwise, with what it looks like instead
    """
    attempted = f"talk S3 with {connection.endpoint}"
    body, kind = answer.body.lower(), answer.headers.get("content-type", "").split(";")[0]
    if b"http request to an https server" in body or b"plain http request was sent to https" in body:
        raise UnreachableError(attempted, "the server speaks TLS on this port", "Write https:// in the endpoint.")
    if b"no required ssl certificate" in body:  # nginx, before any S3 server is asked
        raise UnreachableError(attempted, "it asks for a client certificate", "Set client_cert and client_key.")
    if b"<error>" in body or b"<listallmybucketsresult" in body or "x-amz-request-id" in answer.headers:
        return
    if answer.status in (301, 302, 307, 308):
        target = answer.headers.get("location", "")
        raise UnreachableError(attempted, f"it redirects to {target}", "Set the endpoint to where the S3 API is.")
    if b"minio console" in body or "MinIO Console" in answer.headers.get("server", ""):
        raise UnreachableError(
            attempted, "this is MinIO's console, not its S3 API", "Use the API's port, 9000 by default."
        )
    if answer.status in (502, 503, 504):
        raise UnreachableError(
            attempted, f"what stands before it answers HTTP {answer.status}", "Check that MinIO's pods are ready."
        )
    said = ", ".join(part for part in (f"HTTP {answer.status}", answer.headers.get("server", ""), kind) if part)
    raise UnreachableError(attempted, f"it is not an S3 server ({said})", "Check host, port and the ingress's rule.")


def clock_skew(answer: FirstAnswer) -> Optional[float]:
    """Seconds that this host is ahead of the store; behind is negative. ``None`` without a ``Date`` header."""
    try:
        remote = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, TypeError, ValueError):
        return None
    local = datetime.fromtimestamp(answer.local_time, tz=timezone.utc)
    return (local - remote).total_seconds()


def check_clock(connection: Connection, skew: Optional[float]) -> tuple[str, ...]:
    """A warning where the clocks differ.

    :raises CredentialsError: where they differ by more than S3 accepts in a signature
    """
    if skew is None or abs(skew) < SKEW_NOTE:
        return ()
    said = f"this host's clock is {abs(skew) / 60:.0f} minutes {'ahead of' if skew > 0 else 'behind'} the store's"
    hint = "Set the clocks (for example with chrony or systemd-timesyncd)"
    if abs(skew) >= SKEW_LIMIT:
        raise CredentialsError(
            f"sign requests to {connection.endpoint}",
            f"{said}, and S3 accepts 15",
            f"{hint}, on the one that is wrong.",
        )
    return (f"{said[0].upper()}{said[1:]}; from 15 on S3 refuses each request. {hint}.",)


def _host(connection: Connection) -> str:
    return urlsplit(connection.endpoint).hostname or ""
