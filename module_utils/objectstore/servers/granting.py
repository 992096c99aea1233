"""The store whose identities have a key and rights each, without policies by name as MinIO has them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Mapping, Union

from ..values.errors import UnsupportedError
from ..values.model import Connection
from .ceph.identities import CephIdentities
from .garage.identities import GarageIdentities
from .iam.identities import IamIdentities
from .store import Store
from .versitygw.identities import VersitygwIdentities

GrantingStore = Union[CephIdentities, GarageIdentities, IamIdentities, VersitygwIdentities]

#: Ways to make an identity, besides ``auto``, which is that of the server.
BACKENDS = ("ceph", "garage", "iam", "versitygw")

#: An API of administration that is not on the port of S3.
ADMIN_ARGUMENTS: Mapping[str, Any] = {
    "admin_endpoint": {"type": "str"},
    "admin_token": {"type": "str", "no_log": True},
}

_BY_CONNECTION: Mapping[str, Callable[[Connection], GrantingStore]] = {
    "ceph": CephIdentities,
    "iam": IamIdentities,
    "versitygw": VersitygwIdentities,
}


def granting(params: Mapping[str, Any]) -> Callable[[Connection], GrantingStore]:
    """The kind of store that a module's parameters mean; the same for the same parameters."""
    return _kind(params["backend"], params["admin_endpoint"] or "", params["admin_token"] or "")


@lru_cache
def _kind(backend: str, admin_endpoint: str, admin_token: str) -> Callable[[Connection], GrantingStore]:
    def opened(connection: Connection) -> GrantingStore:
        way = _way_of(connection) if backend == "auto" else backend
        if way == "garage":
            return GarageIdentities(connection, admin_endpoint=admin_endpoint, admin_token=admin_token)
        return _BY_CONNECTION[way](connection)

    return opened


def _way_of(connection: Connection) -> str:
    """The way that the server has.

    :raises UnsupportedError: where that is none of ``BACKENDS``
    """
    way = Store(connection).abilities.identities
    if way in BACKENDS:
        return way
    raise UnsupportedError(
        f"make identities on {connection.endpoint}",
        "it is a MinIO, which has policies by name"
        if way
        else "its server is none whose identities we can make (Ceph, Garage, SeaweedFS by AWS's IAM API, versitygw)",
        "Use minio_user and minio_iam_policy."
        if way
        else "Name the backend where it has one of these APIs all the same; else make them with its own tools, and "
        "have them read and proved (access_backend: given).",
    )
