"""The work of ``minio_presigned_check``: a signed URL downloads its object, and no other request does."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..access.signed_check import EXPECTED, choose_key, told, try_signed
from ..manifests.spec import folder_of
from ..servers.store import Store
from ..values.arguments import BUCKET
from ..values.bucket_names import check_bucket_name
from ..values.change import Report
from ..values.steps import Step

SIGNER: dict[str, Any] = {
    "access_key": {"type": "str", "required": True, "no_log": False},
    "secret_key": {"type": "str", "required": True, "no_log": True},
    "session_token": {"type": "str", "no_log": True},
}
ARGUMENTS: dict[str, Any] = {
    **BUCKET,
    "key": {"type": "str", "no_log": False},
    "prefix": {"type": "str"},
    "signer": {"type": "dict", "options": SIGNER},
    "fails": {"type": "bool", "default": True},
}


def work(step: Step) -> Report:
    """Try the object that is named, or the first below the prefix, which is found without the signer's credentials."""
    bucket = check_bucket_name(step.params["bucket"])
    folder = None if step.params["prefix"] is None else folder_of(step.params["prefix"])
    store = step.store(Store)
    key = choose_key(store, bucket, key=step.params["key"], prefix=folder)
    signer = step.store(Store, step.params["signer"] or {})
    outcome = try_signed(signer, bucket, key, datetime.now(timezone.utc), region=store.region_of(bucket))
    returns = {"key": key, "outcome": outcome._asdict(), "met": outcome == EXPECTED}
    failure = told(bucket, key, outcome) if step.params["fails"] and outcome != EXPECTED else ""
    return Report(changed=False, diff=None, returns=returns, failure=failure)
