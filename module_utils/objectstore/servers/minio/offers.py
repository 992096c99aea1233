"""What a MinIO server offers, by its admin API."""

from __future__ import annotations

import json
from typing import Any, Optional

from ...s3.failures import attempt
from ...values.abilities import Abilities
from ...values.errors import ObjectStoreError, UnsupportedError
from ...values.model import Connection
from .sdk import COMMAND, MinioAdmin


class Offers:
    """The verbs of ``buckets.offers.ServerOffers``."""

    connection: Connection
    _admin: MinioAdmin

    @property
    def abilities(self) -> Abilities:
        """What the server can do."""
        raise NotImplementedError

    def key_problem(self, key: Optional[str]) -> str:
        """Why the server cannot encrypt with ``key``; empty where it can, and where it does not say."""
        query: dict[str, Any] = {"key-id": key} if key else {}
        try:
            with attempt("ask for a key", self.connection.endpoint):
                answer = self._admin._url_open(method="GET", command=COMMAND.GET_KMS_KEY_STATUS, query_params=query)
                return str(json.loads(answer.data).get("encryption-error") or "")
        except UnsupportedError as error:
            return error.reason if "KMS" in error.reason else ""
        except ObjectStoreError:
            return ""

    def notification_targets(self) -> Optional[list[str]]:
        """The ARNs of the targets that events can go to, ``None`` where they are not known."""
        try:
            with attempt("ask for the targets of events", self.connection.endpoint):
                return list(json.loads(self._admin.info()).get("sqsARN") or [])
        except ObjectStoreError:
            return None

    def release(self) -> Optional[str]:
        """The release that the server says it is, ``None`` where it does not say; nodes that differ are all named."""
        if self.abilities.identities != "minio":
            return None
        try:
            with attempt("ask for the server's release", self.connection.endpoint):
                nodes = json.loads(self._admin.info()).get("servers") or []
        except ObjectStoreError:
            return None
        return ", ".join(sorted({str(node["version"]) for node in nodes if node.get("version")})) or None
