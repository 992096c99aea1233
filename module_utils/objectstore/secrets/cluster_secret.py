"""A Secret of the cluster with an identity's credentials, by keys that a pod takes into its environment as they are."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Iterator, Mapping, Optional, Protocol

from ..values.change import Action, Plan, update
from ..values.errors import RefusedError, SourceError
from ..values.model import JsonDict
from .kept_secret import ACCESS_KEY, ENDPOINT, SECRET_KEY, Kept, Wanted, plan_credentials

#: The label that says who looks after a resource, and what it says of ours.
LABEL, MANAGER = "app.kubernetes.io/managed-by", "geocrop-storage"


class Cluster(Protocol):
    """One namespace of a cluster."""

    @property
    def namespace(self) -> str:
        """Its name."""

    def find(self, kind: str, name: str) -> Optional[JsonDict]:
        """A resource, or ``None``."""

    def put(self, document: JsonDict, *, rehearse: bool = False) -> None:
        """Create it, or replace the one that was read; rehearsed, the server only judges it."""


@dataclass(frozen=True)
class ClusterSecretState(Kept):
    """The Secret as seen; ``document`` is ``None`` where there is none."""

    document: Optional[JsonDict] = field(default=None, repr=False)

    @property
    def manager(self) -> Optional[str]:
        """Who looks after it, by its label."""
        labels: Mapping[str, str] = (self.document or {}).get("metadata", {}).get("labels") or {}
        return labels.get(LABEL)

    @property
    def controller(self) -> str:
        """The resource that controls it, as an ExternalSecret does; empty where there is none."""
        owners = (self.document or {}).get("metadata", {}).get("ownerReferences") or []
        return next((f"{one['kind']} {one['name']}" for one in owners if one.get("controller")), "")


def read_cluster_secret(cluster: Cluster, name: str) -> ClusterSecretState:
    """Look at the Secret. Keys that are not ours are no part of ``values``.

    :raises ObjectStoreError: when the cluster cannot be asked
    """
    document = cluster.find("Secret", name)
    if document is None:
        return ClusterSecretState()
    data = document.get("data") or {}
    found = {key: _decode(cluster, name, key, data[key]) for key in (ENDPOINT, ACCESS_KEY, SECRET_KEY) if key in data}
    secret = found.pop(SECRET_KEY, "") or None
    return ClusterSecretState(found, secret, document)


def _decode(cluster: Cluster, name: str, key: str, value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        # the error of Python holds what was decoded
        raise SourceError(
            f"read {_place(cluster, name)}", f"its key {key} is no text", "Remove the key, or complete it."
        ) from None


def _place(cluster: Cluster, name: str) -> str:
    return f"Secret {name} in namespace {cluster.namespace}"


def plan_cluster_secret(cluster: Cluster, name: str, state: ClusterSecretState, wanted: Wanted) -> Plan:
    """The actions that make the Secret; a secret is never a part of them.

    :raises MissingSecretError: when it has no secret and none may be made
    :raises RefusedError: when another program looks after it, and would undo what is written
    """
    place = _place(cluster, name)
    actions = plan_credentials(place, state, wanted)
    if actions and state.manager not in (None, MANAGER):
        raise RefusedError(
            f"change {place}",
            f"its label {LABEL} says that {state.manager} looks after it",
            "Change it there, or remove the label, or set access_kubernetes_namespace to another.",
        )
    if actions and state.controller:
        raise RefusedError(
            f"change {place}",
            f"{state.controller} controls it (ownerReferences), and would write over what is written",
            "Change it there, or set access_kubernetes_namespace to another.",
        )
    if state.manager is None and not state.controller and not wanted.read_only:
        actions += update(f"label {LABEL}", None, MANAGER)
    return Plan(place, actions)


def document_of(name: str, state: ClusterSecretState, wanted: Wanted, secret: str) -> JsonDict:
    """The Secret with these credentials; all that it holds besides stays."""
    former = state.document or {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": name}}
    metadata = former["metadata"]
    labels = {LABEL: MANAGER, **(metadata.get("labels") or {})}
    ours = {
        key: base64.b64encode(value.encode()).decode() for key, value in {**wanted.values, SECRET_KEY: secret}.items()
    }
    return {
        **former,
        "metadata": {**metadata, "labels": labels},
        "data": {**(former.get("data") or {}), **ours},
    }


def rehearse_cluster_secret(cluster: Cluster, plan: Plan, document: JsonDict) -> None:
    """Have the cluster judge what a dry run would write: its namespace, rights, quotas and policies.

    :raises ObjectStoreError: that says why it would not take it
    """
    if plan.changed:
        cluster.put(document, rehearse=True)


def apply_cluster_secret(cluster: Cluster, plan: Plan, document: JsonDict) -> Iterator[Action]:
    """Write the Secret in one step.

    :raises ObjectStoreError: that says why the cluster does not take it; the former one is then as it was
    """
    if plan.changed:
        cluster.put(document)
        yield from plan.actions
