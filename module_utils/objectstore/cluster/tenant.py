"""A Tenant of the MinIO Operator: the credentials are in the Secret that its specification names.

Source of the rules: the custom resource ``minio.min.io/v2`` (``configuration`` names a Secret with ``config.env``;
older Tenants have ``credsSecret`` with ``accesskey`` and ``secretkey``). Its StatefulSets hold none themselves: a
container of the pod fetches ``config.env`` when it starts.
"""

from __future__ import annotations

from typing import Optional

from ..values.errors import NotFoundError
from ..values.model import JsonDict
from .container import PASSWORD_NAMES, USER_NAMES, assignments
from .sources import GIVE_THEM, Cluster, Sources, Value

#: The custom resource, by the name that kubectl knows it by whatever else is called so.
KIND = "Tenant.minio.min.io"


def tenant_of(workload: JsonDict) -> Optional[str]:
    """The name of the Tenant that a StatefulSet belongs to."""
    owners = workload.get("metadata", {}).get("ownerReferences") or []
    return next((str(owner["name"]) for owner in owners if owner.get("kind") == "Tenant"), None)


def tenant_pair(cluster: Cluster, name: str) -> tuple[Value, Value]:
    """User and password of the Tenant.

    :raises NotFoundError: where its specification names no Secret that has them
    """
    owner = f"Tenant {name} in namespace {cluster.namespace}"
    sources = Sources(cluster, f"read the credentials of {owner}", owner)
    spec = cluster.get(KIND, name).get("spec", {})
    configuration, old = spec.get("configuration"), spec.get("credsSecret")
    if configuration and configuration.get("name"):
        content = sources.key("Secret", configuration, "config.env", must=True)
        assert content is not None
        found = assignments(content)
        user = next((found[key] for key in USER_NAMES if key in found), None)
        password = next((found[key] for key in PASSWORD_NAMES if key in found), None)
        if user and password:
            return user, password
    elif old and old.get("name"):
        user, password = (sources.key("Secret", old, key, must=True) for key in ("accesskey", "secretkey"))
        assert user is not None
        assert password is not None
        return user, password
    raise NotFoundError(
        sources.attempted,
        f"the {owner} names no Secret with {USER_NAMES[0]} and {PASSWORD_NAMES[0]} (configuration.name)",
        GIVE_THEM,
    )
