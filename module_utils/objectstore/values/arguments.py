"""Options that several modules have, as argument specs, and what those of the connection become."""

from __future__ import annotations

from typing import Any, Mapping

from .endpoint import normalise_endpoint
from .errors import InvalidInputError
from .model import Connection

Arguments = Mapping[str, Mapping[str, Any]]

BUCKET: Arguments = {"bucket": {"type": "str", "required": True}}
PREFIX: Arguments = {"prefix": {"type": "str", "default": ""}}
ASSUME_BUCKET: Arguments = {"assume_bucket": {"type": "bool", "default": False}}
FOLDER: Arguments = {"path": {"type": "path", "required": True}, "recurse": {"type": "bool", "default": True}}

#: Suboptions of ``rights``.
RIGHT: Arguments = {
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "can": {"type": "list", "elements": "str", "required": True},
}


def connection_of(params: Mapping[str, Any]) -> Connection:
    """The connection that a module's parameters describe.

    :raises InvalidInputError: for a missing endpoint or half a pair of credentials
    """
    if not params["endpoint"]:
        raise InvalidInputError(
            "connect to a store", "no endpoint is given", "Set endpoint or MINIO_ENDPOINT to http(s)://host[:port]."
        )
    if not params["access_key"] or not params["secret_key"]:
        missing = "access_key" if not params["access_key"] else "secret_key"
        raise InvalidInputError(
            f"connect to {normalise_endpoint(params['endpoint'])}",
            f"no {missing} is given",
            f"Set {missing} or MINIO_{missing.upper()}.",
        )
    if params["client_key"] and not params["client_cert"]:
        raise InvalidInputError("connect to a store", "client_key is given without client_cert", "Set both.")
    if params["timeout"] <= 0 or params["retries"] < 0:
        raise InvalidInputError("connect to a store", "timeout must be above 0 and retries at least 0")
    return Connection(
        endpoint=normalise_endpoint(params["endpoint"]),
        access_key=params["access_key"],
        secret_key=params["secret_key"],
        session_token=params["session_token"],
        region=params["region"],
        ca_cert=params["ca_cert"],
        client_cert=params["client_cert"],
        client_key=params["client_key"],
        validate_certs=params["validate_certs"],
        timeout=params["timeout"],
        retries=params["retries"],
    )
