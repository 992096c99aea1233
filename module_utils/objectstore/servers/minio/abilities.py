"""What a MinIO can do, and how it is known."""

from __future__ import annotations

from ...s3.failures import attempt
from ...s3.session import Session
from ...values.abilities import Abilities
from .keys import key_problem

#: Its lifecycle rules drop AbortIncompleteMultipartUpload; its setting api stale_uploads_expiry does that work.
ABILITIES = Abilities(
    unpack_archives=True,
    exclude_from_versioning=True,
    abort_uploads_by_rule=False,
    expire_all_versions=True,
    tags_in_any_script=False,
    policies_by_exclusion=False,
    key_problem=key_problem,
)


def answers(session: Session) -> bool:
    """Whether the server is a MinIO: nobody else answers its health check."""
    url = f"{session.connection.endpoint}/minio/health/live"
    with attempt(f"ask {url}", session.connection.endpoint):
        return bool(session._http.request("GET", url).status == 200)
