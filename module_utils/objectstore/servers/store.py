"""The store that most modules work with: every verb of ``objectstore.store``'s protocols, over one session."""

from __future__ import annotations

from functools import cached_property

from ..s3.anonymous import Anonymous
from ..s3.approach import Approach
from ..s3.buckets import Buckets
from ..s3.session import Session
from ..s3.versions import Versions
from ..s3.wire import Wire
from ..values.abilities import Abilities
from ..values.model import Connection
from .ceph import abilities as ceph
from .garage import abilities as garage
from .greeting import greet
from .minio import abilities as minio
from .minio.bundles import Bundles
from .seaweedfs import abilities as seaweedfs
from .versitygw import abilities as versitygw

#: Those that say what they are; any other is taken for a plain S3 server, which promises nothing more.
PRODUCTS = (ceph, garage, minio, seaweedfs, versitygw)


class Store(Buckets, Versions, Anonymous, Approach, Bundles):
    """A MinIO or S3 server: its buckets, objects and who may reach them."""

    def __init__(self, connection: Connection) -> None:
        self._session = Session(connection)
        self._wire = Wire(self._session)

    @property
    def connection(self) -> Connection:  # type: ignore[override]  # the session may turn to another endpoint
        """How the store is reached now."""
        return self._session.connection

    @property
    def warnings(self) -> list[str]:
        """Which of several endpoints were passed over, and why."""
        return self._session.passed

    @cached_property
    def abilities(self) -> Abilities:
        """What the server can do; asked once."""
        answer = greet(self._session)
        return next((product.ABILITIES for product in PRODUCTS if product.recognised(answer)), Abilities())
