"""What an identity may do, asked of MinIO with its own credentials."""

from __future__ import annotations

import json
from typing import Any, Iterable, Optional

from ...access.anonymous import Answer
from ...access.probes import Probe
from ...s3.failures import attempt
from ...s3.sdk import MinioAdminException
from ...values.abilities import Abilities
from ...values.model import Connection
from . import probes
from .sdk import MinioAdmin


class OwnAccess:
    """The verbs of ``access_check.IdentityAccessStore`` that only MinIO has; elsewhere there is nothing to try."""

    connection: Connection
    _admin: MinioAdmin

    @property
    def abilities(self) -> Abilities:
        """What the server can do."""
        raise NotImplementedError

    def bucket_probes(self) -> Iterable[Probe]:
        """Changes of a bucket, to be tried."""
        return probes.bucket_probes() if self.abilities.harmless_requests else ()

    def object_probes(self, prefix: str) -> Iterable[Probe]:
        """What may be done with an object below ``prefix``, to be tried."""
        return probes.object_probes(prefix) if self.abilities.harmless_requests else ()

    def try_admin(self) -> Iterable[tuple[str, str]]:
        """Verbs of the admin API, and what was found for each."""
        if not self.abilities.harmless_requests:
            return
        for command, probe in probes.admin_probes(self.connection.access_key or "", self.connection.secret_key or ""):
            with attempt(f"try {command.value} as {self.connection.access_key}", self.connection.endpoint):
                try:
                    answer = self._admin._url_open(
                        method=probe.method, command=command, query_params={**probe.query}, body=probe.body
                    )
                    found = Answer(answer.status, "")
                except MinioAdminException as error:
                    found = Answer(int(error._code), _code(str(error._body)))
            yield probe.verb, probe.outcome(found)

    def own_policy(self) -> Optional[dict[str, Any]]:
        """All policies that the server holds for the identity, as one; ``None`` where it does not say.

        An access key or a session may have less than its user, whose policy is what the server tells.
        """
        if not self.abilities.harmless_requests:
            return None
        what = f"ask what {self.connection.access_key} may do"
        with attempt(what, self.connection.endpoint):
            told = json.loads(self._admin.account_info())
        mine = told.get("AccountName") == self.connection.access_key
        policy: Optional[dict[str, Any]] = told.get("Policy") if mine else None
        return policy


def _code(body: str) -> str:
    try:
        return str(json.loads(body)["Code"])
    except (ValueError, KeyError, TypeError):
        return ""
