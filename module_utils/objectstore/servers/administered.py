"""The store that modules work with which set it up: settings of buckets, identities, and what the server offers.

Apart from ``servers.store``, since the client of the admin API takes as long to import as all else together.
"""

from __future__ import annotations

from functools import cached_property

from .minio.admin import Admin
from .minio.admin_session import admin_session
from .minio.offers import Offers
from .minio.own_access import OwnAccess
from .minio.quotas import Quotas
from .minio.sdk import MinioAdmin
from .store import Store


class AdministeredStore(Quotas, Admin, Store, Offers, OwnAccess):
    """A MinIO or S3 server, with the verbs of its admin API where it has one."""

    @cached_property
    def _admin(self) -> MinioAdmin:  # type: ignore[override]
        """The session of the admin API; made when the first verb asks for it."""
        return admin_session(self.connection)
