"""The root credentials of a MinIO that runs in Kubernetes, read off its manifests as its containers would get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..values.errors import ConflictError, InvalidInputError, NotFoundError
from ..values.model import JsonDict
from .container import MENTIONED, PASSWORD_NAMES, USER_NAMES, ContainerReader
from .sources import GIVE_THEM, Cluster, Value
from .tenant import tenant_of, tenant_pair


@dataclass(frozen=True)
class Credentials:
    """Both halves of the root credentials."""

    access_key: Value
    secret_key: Value

    @property
    def source(self) -> str:
        """Where they were found, for people."""
        user, password = self.access_key.where, self.secret_key.where
        return user if user == password else f"{user}; {password}"


#: What people call a kind of workload -> its name in the Kubernetes API.
KINDS = {
    **dict.fromkeys(("deployment", "deployments", "deploy"), "Deployment"),
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "StatefulSet"),
    **dict.fromkeys(("daemonset", "daemonsets", "ds"), "DaemonSet"),
    **dict.fromkeys(("tenant", "tenants"), "Tenant"),
}


def parse_workload(text: str) -> tuple[str, str]:
    """Kind and name of ``minio`` (a Deployment), ``sts/minio``, ``deployments.apps/minio``, ``tenant/minio`` ….

    :raises InvalidInputError: for another kind
    """
    kind, separator, name = text.strip().rpartition("/")
    found = KINDS.get(kind.lower().partition(".")[0]) if separator else "Deployment"
    if found is None or not name:
        raise InvalidInputError(
            f"read the credentials of {text}",
            "it is not a workload",
            "Write deployment/NAME, statefulset/NAME, daemonset/NAME or tenant/NAME.",
        )
    return found, name


def find_credentials(cluster: Cluster, kind: str, name: str, container: Optional[str] = None) -> Credentials:
    """The root credentials of a workload, or of the Tenant that it belongs to.

    :raises NotFoundError: for anything that is referred to and not there, or where nothing is referred to
    :raises ConflictError: where more than one container has credentials and none was named
    """
    attempted = f"read the credentials of {kind} {name} in namespace {cluster.namespace}"
    workload = {} if kind == "Tenant" else cluster.get(kind, name)
    tenant = name if kind == "Tenant" else tenant_of(workload)
    user, password = tenant_pair(cluster, tenant) if tenant else _pair(cluster, workload, kind, name, container)
    return Credentials(_clean(user, attempted), _clean(password, attempted))


def _pair(cluster: Cluster, workload: JsonDict, kind: str, name: str, container: Optional[str]) -> tuple[Value, Value]:
    template = workload["spec"]["template"]
    owner = f"{kind} {name} in namespace {cluster.namespace}"
    chosen = _choose(template["spec"].get("containers", []), owner, container)
    reader = ContainerReader(cluster, template["spec"], chosen, owner)
    user, password = reader.pair()
    if user is None and password is None:
        raise _nothing(reader.attempted, chosen["name"], template)
    if user is None or password is None:
        found, missing = (user, PASSWORD_NAMES[0]) if user else (password, USER_NAMES[0])
        raise NotFoundError(reader.attempted, f"{found.where if found else ''} was found, but no {missing}")
    return user, password


def _nothing(attempted: str, container: str, template: JsonDict) -> NotFoundError:
    """Where nothing is set: either that is so, or somebody injects it when the pod starts."""
    annotations = template.get("metadata", {}).get("annotations") or {}
    injectors = sorted(key for key, value in annotations.items() if "inject" in key and str(value) != "false")
    if injectors:
        return NotFoundError(
            attempted,
            f"container {container} sets no credentials; the annotation {injectors[0]} says that they come into the pod"
            " when it starts",
            GIVE_THEM,
        )
    return NotFoundError(
        attempted,
        f"container {container} sets neither MINIO_ROOT_USER and MINIO_ROOT_PASSWORD nor their older names",
        "MinIO then runs with its built-in defaults, which are never assumed here: set the variables.",
    )


def _choose(containers: list[JsonDict], owner: str, wanted: Optional[str]) -> JsonDict:
    names = ", ".join(str(one["name"]) for one in containers)
    if wanted:
        for one in containers:
            if one["name"] == wanted:
                return one
        raise NotFoundError(f"read the credentials of {owner}", f"it has no container {wanted}, only {names}")
    pool = [one for one in containers if MENTIONED & {entry["name"] for entry in one.get("env", [])}]
    pool = pool or [one for one in containers if one.get("envFrom")] or containers[:1]
    if len(pool) > 1:
        pool = [one for one in pool if one["name"] == "minio" or _image_name(one) == "minio"]
    if len(pool) != 1:
        raise ConflictError(
            f"read the credentials of {owner}",
            f"more than one of its containers could have them ({names})",
            "Name one: control_plane_kubernetes_container.",
        )
    return pool[0]


def _image_name(container: JsonDict) -> str:
    return str(container.get("image", "")).split("/")[-1].split(":")[0].split("@")[0]


def _clean(value: Value, attempted: str) -> Value:
    if value.text != value.text.strip() or not value.text.isprintable():
        raise InvalidInputError(
            attempted,
            f"{value.where} starts or ends with a space or line break",
            "Write the Secret without it (`printf %s` instead of `echo`); MinIO takes it as a part of the value.",
        )
    return value
