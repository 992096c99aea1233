"""TLS with a store: whom is trusted, what the client shows, and for which name a certificate is."""

from __future__ import annotations

import os
import socket
import ssl
from contextlib import contextmanager
from functools import lru_cache
from typing import Iterator, Optional

from ..values.errors import SourceError
from ..values.model import Connection
from .sdk import certifi

#: OpenSSL's codes for a certificate that is issued for another host, and for another address.
OTHER_NAME = (62, 64)


@lru_cache
def certificate_name(connection: Connection) -> Optional[str]:
    """``server_name`` where the server's certificate is issued for it and not for the endpoint's host, else ``None``.

    Found by a handshake. What else may be wrong with the connection is said by its first request.
    """
    if not (connection.secure and connection.server_name and connection.validate_certs):
        return None
    try:
        _shake_hands(connection, connection.host)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code not in OTHER_NAME:
            return None
    except OSError:
        return None
    else:
        return None
    try:
        _shake_hands(connection, connection.server_name)
    except OSError:
        return None
    return connection.server_name


def _shake_hands(connection: Connection, name: str) -> None:
    with (
        socket.create_connection((connection.host, connection.port), timeout=min(connection.timeout, 10.0)) as sock,
        tls_context(connection).wrap_socket(sock, server_hostname=name),
    ):
        pass


def tls_context(connection: Connection) -> ssl.SSLContext:
    """TLS settings: the given authority, else the SDK's bundle; no checks at all only where asked for."""
    authority = connection.ca_cert or certifi.where()
    inline = "-----BEGIN" in authority
    with _reading(f"use the CA certificate {'given as text' if inline else authority}", "" if inline else authority):
        context = ssl.create_default_context(cafile=None if inline else authority, cadata=authority if inline else None)
    if connection.client_cert:
        with _reading(
            f"use the client certificate {connection.client_cert}", connection.client_cert, connection.client_key
        ):
            context.load_cert_chain(connection.client_cert, connection.client_key, password="")
    if not connection.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _reading(attempted: str, *paths: Optional[str]) -> Iterator[None]:
    if any(path and os.path.exists(path) and not os.path.isfile(path) for path in paths):
        raise SourceError(attempted, "it, or its key, is not a regular file")  # OpenSSL would wait for a pipe
    try:
        yield
    except FileNotFoundError:
        raise SourceError(attempted, "there is no such file on this host") from None
    except PermissionError:
        raise SourceError(attempted, "this user may not read it, or its key") from None
    except (OSError, ssl.SSLError) as error:
        reason = (
            "the key belongs to another certificate" if "MISMATCH" in str(error) else f"it is no usable PEM ({error})"
        )
        raise SourceError(attempted, reason) from error
