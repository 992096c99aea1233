"""The address of a store: from what people write to a URL, without guessing where a guess could expose data."""

from __future__ import annotations

import ipaddress
from typing import Iterable, Union
from urllib.parse import urlsplit

from .errors import InvalidInputError

#: Names that only resolve inside a Kubernetes cluster.
CLUSTER_SUFFIXES = (".svc", ".svc.cluster.local")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_internal(host: str) -> bool:
    """Whether traffic to ``host`` stays on this machine or inside the cluster."""
    return is_loopback(host) or host.endswith(CLUSTER_SUFFIXES)


def normalise_endpoint(text: str) -> str:
    """``scheme://host[:port]`` of what the user wrote.

    Without a scheme, ``host:port`` is taken as http for loopback and cluster-internal names only;
    for any other host the scheme decides whether data and signatures travel in clear, so it must be said.

    :raises InvalidInputError: for no host, a path, credentials in the URL, another scheme or a missing one
    """
    attempted = f"use the endpoint {_without_userinfo(text)!r}"
    written = text.strip()
    if not written:
        raise InvalidInputError(attempted, "it is empty", "Set endpoint or MINIO_ENDPOINT to http(s)://host[:port].")
    scheme, separator, _ = written.partition("://")
    scheme = scheme.lower()  # case does not count (RFC 3986, section 3.1)
    try:
        url = urlsplit(written if separator else f"//{written}")
    except ValueError as error:  # a bracket that is not closed, an address that is none
        raise InvalidInputError(attempted, f"it is no URL ({error})", "Write http(s)://host[:port].") from None
    try:
        host, port = url.hostname or "", url.port
    except ValueError:
        raise InvalidInputError(attempted, "the port is not a number from 0 to 65535") from None
    if not host:
        raise InvalidInputError(attempted, "it names no host", "Write http(s)://host[:port].")
    if url.username is not None or url.password is not None:
        raise InvalidInputError(attempted, "it contains credentials", "Pass them as access_key and secret_key.")
    if url.path not in ("", "/") or url.query or url.fragment:
        raise InvalidInputError(
            attempted, f"it has a path ({url.path or '?'})", f"Use {scheme}://{url.netloc} and name buckets separately."
        )
    if separator and scheme not in ("http", "https"):
        raise InvalidInputError(attempted, f"its scheme {scheme!r} is neither http nor https")
    if not separator:
        if not is_internal(host):
            raise InvalidInputError(
                attempted,
                "it has no scheme",
                f"Write https://{written}, or http://{written} if data may travel in clear.",
            )
        scheme = "http"
    address = f"[{host}]" if ":" in host else host
    return f"{scheme}://{address}{f':{port}' if port else ''}"


def normalise_endpoints(written: Union[str, Iterable[str], None]) -> tuple[str, ...]:
    """The endpoints of one store, each normalised and once; blanks are none. A text has commas between them.

    :raises InvalidInputError: for one that is none, and where some speak TLS and some do not
    """
    texts = written.split(",") if isinstance(written, str) else written or ()
    found = tuple(dict.fromkeys(normalise_endpoint(text) for text in texts if text.strip()))
    if len({one.startswith("https://") for one in found}) > 1:
        raise InvalidInputError(
            f"use the endpoints {', '.join(found)}",
            "some of them speak TLS and some do not",
            "All are of one store: write https:// for each, or http:// for each.",
        )
    return found


def shown_address(url: str) -> str:
    """Scheme, host and port of a URL that somebody else wrote: the rest may hold credentials or a signature."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else url.partition("?")[0]


def _without_userinfo(text: str) -> str:
    """``text`` without what stands before an ``@``: it may be a secret."""
    head, separator, tail = text.rpartition("@")
    if not separator:
        return text
    scheme, slashes, _ = head.partition("://")
    return f"{scheme}://{tail}" if slashes else tail
