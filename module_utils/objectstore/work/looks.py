"""Which modules only look, or can: what ``minio_look`` does in one process."""

from __future__ import annotations

from typing import Any, Mapping

from ..values.errors import InvalidInputError
from ..values.steps import Kind
from . import access_check, dataset_check, manifest, policy, presigned_check, quicklook, spot_check, sync_log

KINDS: Mapping[str, Kind] = {
    "geotiff_quicklook": Kind(quicklook.ARGUMENTS, quicklook.work),
    "minio_access_check": Kind(access_check.ARGUMENTS, access_check.work),
    "minio_dataset_check": Kind(dataset_check.ARGUMENTS, dataset_check.work),
    "minio_manifest": Kind(manifest.ARGUMENTS, manifest.work),
    "minio_policy": Kind(policy.ARGUMENTS, policy.work, policy.EXCLUSIVE),
    "minio_presigned_check": Kind(presigned_check.ARGUMENTS, presigned_check.work, credentials="signer"),
    "minio_spot_check": Kind(spot_check.ARGUMENTS, spot_check.work),
    "minio_sync_log": Kind(sync_log.ARGUMENTS, sync_log.work),
}

IDENTITY: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    **presigned_check.SIGNER,
}
LOOK: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "module": {"type": "str", "required": True, "choices": sorted(KINDS)},
    "options": {"type": "dict", "required": True},
    "identity": {"type": "str"},
}
ARGUMENTS: Mapping[str, Any] = {
    "looks": {"type": "list", "elements": "dict", "required": True, "options": LOOK},
    "identities": {"type": "list", "elements": "dict", "options": IDENTITY, "no_log": False},
}


def own_credentials(params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Name of a look -> the options that its identity's credentials become; empty where it has none.

    :raises InvalidInputError: for a name that two looks have, and for an identity that is not given
    """
    known = {who["name"]: who for who in params["identities"] or ()}
    found: dict[str, dict[str, Any]] = {}
    for look in params["looks"]:
        name, identity = look["name"], look["identity"]
        if name in found:
            raise InvalidInputError("tell the looks apart", f"two are called {name}", "Give each a name of its own.")
        if identity is not None and identity not in known:
            raise InvalidInputError(
                f"look at {name} as {identity}", "identities has none of that name", "Add it with its credentials."
            )
        mine = {option: value for option, value in known.get(identity, {}).items() if option != "name"}
        option = KINDS[look["module"]].credentials
        found[name] = {option: mine} if option and mine else mine
    return found
