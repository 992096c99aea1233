"""The store whose identities have a key and rights each, without policies by name as MinIO has them."""

from __future__ import annotations

from typing import Callable, Mapping, Union

from ..values.errors import UnsupportedError
from ..values.model import Connection
from .iam.identities import IamIdentities
from .store import Store
from .versitygw.identities import VersitygwIdentities

GrantingStore = Union[IamIdentities, VersitygwIdentities]


def _asked(connection: Connection) -> GrantingStore:
    """The store in the way that its server has.

    :raises UnsupportedError: where that is none of ``BACKENDS``
    """
    way = Store(connection).abilities.identities
    if way not in BACKENDS:
        raise UnsupportedError(
            f"make identities on {connection.endpoint}",
            "it is a MinIO, which has policies by name"
            if way
            else "its server is none whose identities we can make (SeaweedFS by AWS's IAM API, versitygw)",
            "Use minio_user and minio_iam_policy."
            if way
            else "Name the backend where it has one of these APIs all the same; else make them with its own tools, and "
            "have them read and proved (access_backend: given).",
        )
    return BACKENDS[way](connection)


#: Ways to make an identity.
BACKENDS: Mapping[str, Callable[[Connection], GrantingStore]] = {
    "auto": _asked,
    "iam": IamIdentities,
    "versitygw": VersitygwIdentities,
}
