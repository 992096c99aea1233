"""Whether a pair of credentials is accepted, found out by using it."""

from __future__ import annotations

from dataclasses import replace

from ..s3.failures import attempt
from ..s3.session import Session
from ..values.errors import AccessDeniedError, CredentialsError
from ..values.model import Connection


def secret_works(connection: Connection, key: str, secret: str) -> bool:
    """Whether the server accepts the pair: it is asked for the list of buckets, which not everybody may see."""
    other = replace(connection, access_key=key, secret_key=secret, session_token=None)
    try:
        with attempt(f"try the secret of {key}", connection.endpoint):
            Session(other).list_buckets()
    except CredentialsError:
        return False
    except AccessDeniedError:
        return True
    return True
