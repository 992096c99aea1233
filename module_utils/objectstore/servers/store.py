"""The store as the engine sees it: every verb of ``objectstore.store``'s protocols, over one session."""

from __future__ import annotations

from functools import cached_property

from ..s3.anonymous import Anonymous
from ..s3.approach import Approach
from ..s3.session import Session
from ..s3.versions import Versions
from ..s3.wire import Wire
from ..values.abilities import Abilities
from ..values.model import Connection
from .minio import abilities as minio
from .minio.admin import Admin
from .minio.admin_session import admin_session
from .minio.bundles import Bundles
from .minio.offers import Offers
from .minio.own_access import OwnAccess
from .minio.quotas import Quotas


class Store(Quotas, Versions, Admin, Anonymous, Approach, Offers, Bundles, OwnAccess):
    """A MinIO or S3 server."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._session = Session(connection)
        self._admin = admin_session(connection)
        self._wire = Wire(self._session)

    @cached_property
    def abilities(self) -> Abilities:
        """What the server can do; asked once."""
        return minio.ABILITIES if minio.answers(self._session) else Abilities()
