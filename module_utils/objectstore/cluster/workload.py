"""The root credentials of a MinIO that runs in Kubernetes, read off its manifests as its containers would get them.

Source of the rules: the Kubernetes API (``env`` wins over ``envFrom``, a later source over an earlier one) and
MinIO's start-up (a ``…_FILE`` wins over the plain variable, relative ones lie in ``/run/secrets``, files are
trimmed; the old names MINIO_ACCESS_KEY and MINIO_SECRET_KEY count where the new ones are not set).
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from dataclasses import dataclass, field
from typing import Any, Iterator, Optional, Protocol

from ..values.errors import ConflictError, InvalidInputError, NotFoundError
from ..values.model import JsonDict

USER_NAMES = ("MINIO_ROOT_USER", "MINIO_ACCESS_KEY")
PASSWORD_NAMES = ("MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY")
CONFIG_FILE = "MINIO_CONFIG_ENV_FILE"

_MENTIONED = {CONFIG_FILE, *(f"{name}{suffix}" for name in USER_NAMES + PASSWORD_NAMES for suffix in ("", "_FILE"))}
_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?(\w+)=(.*?)\s*$")
_SECRETS_FOLDER = "/run/secrets"


class Cluster(Protocol):
    """One namespace of a cluster."""

    @property
    def namespace(self) -> str:
        """Its name."""

    def get(self, kind: str, name: str) -> JsonDict:
        """A resource; NotFoundError, AccessDeniedError, … say what was looked for and where."""


@dataclass(frozen=True)
class Value:
    """A value and where it was found, in words without the value."""

    text: str = field(repr=False)
    where: str


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


def parse_workload(text: str) -> tuple[str, str]:
    """Kind and name of ``minio``, ``deployment/minio`` or ``statefulset/minio``.

    :raises InvalidInputError: for another kind
    """
    kind, separator, name = text.partition("/")
    if not separator:
        return "Deployment", text
    kinds = {"deployment": "Deployment", "deploy": "Deployment", "statefulset": "StatefulSet", "sts": "StatefulSet"}
    if kind.lower() not in kinds or not name:
        raise InvalidInputError(
            f"read the credentials of {text}", "it is not a workload", "Write deployment/NAME or statefulset/NAME."
        )
    return kinds[kind.lower()], name


def find_credentials(cluster: Cluster, kind: str, name: str, container: Optional[str] = None) -> Credentials:
    """The root credentials of a Deployment or StatefulSet.

    :raises NotFoundError: for anything that is referred to and not there, or where nothing is referred to
    :raises ConflictError: where more than one container has credentials and none was named
    """
    pod = cluster.get(kind, name)["spec"]["template"]["spec"]
    owner = f"{kind} {name} in namespace {cluster.namespace}"
    chosen = _choose(pod.get("containers", []), owner, container)
    reader = ContainerReader(cluster, pod, chosen, owner)
    user, password = reader.pair()
    if user is None and password is None:
        raise NotFoundError(
            reader.attempted,
            f"container {chosen['name']} sets neither MINIO_ROOT_USER and MINIO_ROOT_PASSWORD nor their older names",
            "MinIO then runs with its built-in defaults, which are never assumed here: set the variables.",
        )
    if user is None or password is None:
        found, missing = (user, PASSWORD_NAMES[0]) if user else (password, USER_NAMES[0])
        raise NotFoundError(reader.attempted, f"{found.where if found else ''} was found, but no {missing}")
    return Credentials(_clean(user, reader.attempted), _clean(password, reader.attempted))


def _choose(containers: list[JsonDict], owner: str, wanted: Optional[str]) -> JsonDict:
    names = ", ".join(str(one["name"]) for one in containers)
    if wanted:
        for one in containers:
            if one["name"] == wanted:
                return one
        raise NotFoundError(f"read the credentials of {owner}", f"it has no container {wanted}, only {names}")
    pool = [one for one in containers if _MENTIONED & {entry["name"] for entry in one.get("env", [])}]
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


class ContainerReader:
    """Reads variables of one container, asking the cluster only for what they refer to."""

    def __init__(self, cluster: Cluster, pod: JsonDict, container: JsonDict, owner: str) -> None:
        self._cluster = cluster
        self._volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        self._mounts = container.get("volumeMounts", [])
        self._env = {entry["name"]: entry for entry in container.get("env", [])}
        self._env_from = container.get("envFrom", [])
        self._label = f"container {container['name']} of {owner}"
        self.attempted = f"read the credentials of {owner}"

    def pair(self) -> tuple[Optional[Value], Optional[Value]]:
        """User and password. ``envFrom`` is looked at only where ``env`` does not say both."""
        for whole in (False, True):
            user, password = self._first(USER_NAMES, whole), self._first(PASSWORD_NAMES, whole)
            configured = self._config_file(whole)
            user, password = configured.get(USER_NAMES[0], user), configured.get(PASSWORD_NAMES[0], password)
            if user and password:
                break
        return user, password

    def _first(self, names: tuple[str, ...], whole: bool) -> Optional[Value]:
        for name in names:
            path = self._variable(f"{name}_FILE", whole)
            value = self._file(path.text) if path else self._variable(name, whole)
            if value is not None and value.text:
                return Value(value.text.strip(), value.where) if path else value
        return None

    def _variable(self, name: str, whole: bool) -> Optional[Value]:
        entry = self._env.get(name)
        if entry is not None:
            return self._entry(entry)
        for source in reversed(self._env_from if whole else []):
            prefix = source.get("prefix", "")
            for kind, field_name in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                if field_name in source and name.startswith(prefix):
                    value = self._key(kind, source[field_name], name[len(prefix) :], must=False)
                    if value is not None:
                        return value
        return None

    def _entry(self, entry: JsonDict) -> Optional[Value]:
        origin = entry.get("valueFrom")
        if origin is None:
            return Value(entry.get("value", ""), f"{entry['name']} of {self._label}")
        for kind, field_name in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
            if field_name in origin:
                reference = origin[field_name]
                return self._key(kind, reference, reference["key"], must=not reference.get("optional"))
        raise InvalidInputError(
            self.attempted, f"{entry['name']} comes from {', '.join(origin)}", "Set it by a Secret."
        )

    def _key(self, kind: str, reference: JsonDict, key: str, *, must: bool) -> Optional[Value]:
        name = reference["name"]
        try:
            data = _data(self._cluster.get(kind, name))
        except NotFoundError:
            if reference.get("optional"):
                return None
            raise
        where = f"key {key} of {kind} {name}"
        if key in data:
            return Value(_text(data[key], f"{where} in namespace {self._cluster.namespace}", self.attempted), where)
        if must:
            raise NotFoundError(
                self.attempted,
                f"{kind} {name} in namespace {self._cluster.namespace} has no key {key}"
                f" (its keys: {', '.join(sorted(data)) or 'none'})",
                f"The {self._label} refers to it.",
            )
        return None

    def _file(self, path: str) -> Optional[Value]:
        """The content of a file that a Secret or ConfigMap is mounted as."""
        full = posixpath.normpath(posixpath.join(_SECRETS_FOLDER, path))
        mounts = [one for one in self._mounts if full == one["mountPath"] or full.startswith(_folder(one["mountPath"]))]
        if not mounts:
            raise NotFoundError(self.attempted, f"nothing is mounted at {full} in the {self._label}")
        mount = max(mounts, key=lambda one: len(one["mountPath"]))
        inner = posixpath.join(mount.get("subPath", ""), posixpath.relpath(full, mount["mountPath"]))
        inner = posixpath.normpath(inner)
        volume = self._volumes.get(mount["name"], {})
        sources = list(_sources(volume))
        if not sources:
            return None
        for kind, reference in sources:
            items = reference.get("items")
            key = next((item["key"] for item in items if item["path"] == inner), None) if items else inner
            value = self._key(kind, reference, key, must=False) if key else None
            if value is not None:
                return value
        names = ", ".join(f"{kind} {reference['name']}" for kind, reference in sources)
        raise NotFoundError(
            self.attempted,
            f"the file {full} is none of the keys of {names} in namespace {self._cluster.namespace}",
            f"The {self._label} mounts it.",
        )

    def _config_file(self, whole: bool) -> dict[str, Value]:
        path = self._variable(CONFIG_FILE, whole)
        content = self._file(path.text) if path else None
        if content is None:
            return {}
        found = {}
        for line in content.text.splitlines():
            match = _ASSIGNMENT.match(line)
            if match:
                found[match.group(1)] = Value(match.group(2).strip("\"'"), f"{match.group(1)} in {content.where}")
        return found


def _sources(volume: JsonDict) -> Iterator[tuple[str, JsonDict]]:
    """The Secrets and ConfigMaps of a volume, later ones first as they hide earlier ones."""
    if "secret" in volume:
        yield "Secret", {**volume["secret"], "name": volume["secret"]["secretName"]}
    if "configMap" in volume:
        yield "ConfigMap", volume["configMap"]
    for source in reversed(volume.get("projected", {}).get("sources", [])):
        if "secret" in source:
            yield "Secret", source["secret"]
        if "configMap" in source:
            yield "ConfigMap", source["configMap"]


def _folder(path: str) -> str:
    return path.rstrip("/") + "/"


def _data(resource: JsonDict) -> dict[str, Any]:
    """Key -> value; those of a Secret are bytes."""
    values: dict[str, Any] = dict(resource.get("data") or {})
    if resource.get("kind") == "Secret":
        return {key: _decoded(value) for key, value in values.items()}
    return values


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value)
    except (binascii.Error, ValueError):
        return b""


def _text(value: Any, where: str, attempted: str) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidInputError(attempted, f"{where} is not text") from None


def _clean(value: Value, attempted: str) -> Value:
    if value.text != value.text.strip() or not value.text.isprintable():
        raise InvalidInputError(
            attempted,
            f"{value.where} starts or ends with a space or line break",
            "Write the Secret without it (`printf %s` instead of `echo`); MinIO takes it as a part of the value.",
        )
    return value


def service_endpoint(cluster: Cluster, name: str) -> str:
    """``scheme://address[:port]`` of a Service as this host reaches it: its cluster address, or its external name.

    Source: the Kubernetes API. A cluster's name does not resolve on a node, its address is reached from there.
    """
    attempted = f"find the address of Service {name} in namespace {cluster.namespace}"
    spec = cluster.get("Service", name)["spec"]
    host = spec.get("externalName") if spec.get("type") == "ExternalName" else spec.get("clusterIP")
    if host in (None, "", "None"):
        raise NotFoundError(attempted, "it has no cluster address (it is headless)", "Set minio_endpoint.")
    port = _port(spec.get("ports", []), attempted)
    scheme = "https" if port["port"] == 443 or str(port.get("appProtocol") or port.get("name")) == "https" else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port['port']}"


def _port(ports: list[JsonDict], attempted: str) -> JsonDict:
    for wanted in ("api", "s3", "minio", "minio-api", "http-minio", "https-minio", 9000, 443):
        for port in ports:
            if wanted in (port.get("name"), port["port"]):
                return port
    if len(ports) == 1:
        return ports[0]
    shown = ", ".join(str(port["port"]) for port in ports) or "none"
    raise ConflictError(attempted, f"which of its ports ({shown}) is the S3 API is not clear", "Set minio_endpoint.")
