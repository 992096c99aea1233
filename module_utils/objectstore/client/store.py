"""The store as the engine sees it: every verb of ``objectstore.store``'s protocols, over one session."""

from __future__ import annotations

from ..model import Connection
from .admin import Admin
from .anonymous import Anonymous
from .approach import Approach
from .buckets import Buckets
from .offers import Offers
from .session import Session, admin_session
from .versions import Versions
from .wire import Wire


class Store(Buckets, Versions, Admin, Anonymous, Approach, Offers):
    """A MinIO or S3 server."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._session = Session(connection)
        self._admin = admin_session(connection)
        self._wire = Wire(self._session)
