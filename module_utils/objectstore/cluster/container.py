"""Environment variables of one container, as Kubernetes and MinIO's start-up would make them.

Source of the rules: the Kubernetes API (``env`` wins over ``envFrom``, a later source over an earlier one, ``$(NAME)``
stands for a variable from further up) and MinIO's start-up (a ``…_FILE`` wins over the plain variable, relative ones
lie in ``/run/secrets``, files are trimmed; the old names count where the new ones are not set).
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, Optional

from ..values.errors import InvalidInputError, NotFoundError
from ..values.model import JsonDict
from .sources import GIVE_THEM, Cluster, Sources, Value

USER_NAMES = ("MINIO_ROOT_USER", "MINIO_ACCESS_KEY")
PASSWORD_NAMES = ("MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY")
CONFIG_FILE = "MINIO_CONFIG_ENV_FILE"

#: Every variable that says something of the credentials.
MENTIONED = {CONFIG_FILE, *(f"{name}{suffix}" for name in USER_NAMES + PASSWORD_NAMES for suffix in ("", "_FILE"))}

_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?(\w+)=(.*?)\s*$")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")
_SECRETS_FOLDER = "/run/secrets"


class ContainerReader:
    """Reads variables of one container, asking the cluster only for what they refer to."""

    def __init__(self, cluster: Cluster, pod: JsonDict, container: JsonDict, owner: str) -> None:
        self._volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        self._mounts = container.get("volumeMounts", [])
        self._env = {entry["name"]: entry for entry in container.get("env", [])}
        self._env_from = container.get("envFrom", [])
        self._label = f"container {container['name']} of {owner}"
        self.attempted = f"read the credentials of {owner}"
        self._sources = Sources(cluster, self.attempted, self._label)

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
        value = self._entry(entry, whole) if entry is not None else None
        if value is not None:  # an optional key that is missing leaves what envFrom says
            return value
        for source in reversed(self._env_from if whole else []):
            prefix = source.get("prefix", "")
            for kind, field_name in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                if field_name in source and name.startswith(prefix):
                    value = self._sources.key(kind, source[field_name], name[len(prefix) :], must=False)
                    if value is not None:
                        return value
        return None

    def _entry(self, entry: JsonDict, whole: bool) -> Optional[Value]:
        origin = entry.get("valueFrom")
        if origin is None:
            text = self._expanded(entry.get("value", ""), entry["name"], whole)
            return Value(text, f"{entry['name']} of {self._label}")
        for kind, field_name in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
            if field_name in origin:
                reference = origin[field_name]
                return self._sources.key(kind, reference, reference["key"], must=not reference.get("optional"))
        raise InvalidInputError(
            self.attempted, f"{entry['name']} comes from {', '.join(origin)}", "Set it by a Secret."
        )

    def _expanded(self, text: str, name: str, whole: bool) -> str:
        """``$(NAME)`` is a variable from further up, ``$$`` a dollar; what is not known stays (Kubernetes API)."""
        further_up = list(self._env)[: list(self._env).index(name)]

        def replaced(match: re.Match[str]) -> str:
            other = match.group(1)
            if other is None:
                return "$"
            known = other in further_up or (other not in self._env and whole)
            value = self._variable(other, whole) if known else None
            return match.group() if value is None else value.text

        return _REFERENCE.sub(replaced, text)

    def _file(self, path: str) -> Optional[Value]:
        """The content of a file that a Secret or ConfigMap is mounted as."""
        full = posixpath.normpath(posixpath.join(_SECRETS_FOLDER, path))
        mounts = [one for one in self._mounts if full == one["mountPath"] or full.startswith(_folder(one["mountPath"]))]
        if not mounts:
            raise NotFoundError(
                self.attempted,
                f"nothing is mounted at {full} in the {self._label}: an injector may put it there when the pod starts",
                GIVE_THEM,
            )
        mount = max(mounts, key=lambda one: len(one["mountPath"]))
        inner = posixpath.join(mount.get("subPath", ""), posixpath.relpath(full, mount["mountPath"]))
        inner = posixpath.normpath(inner)
        volume = self._volumes.get(mount["name"], {})
        sources = list(_sources(volume))
        if not sources:
            kind = next((key for key in volume if key != "name"), "volume")
            raise NotFoundError(
                self.attempted,
                f"the file {full} lies in the {kind} {mount['name']} of the {self._label}, which is filled in the pod",
                GIVE_THEM,
            )
        for kind, reference in sources:
            items = reference.get("items")
            key = next((item["key"] for item in items if item["path"] == inner), None) if items else inner
            value = self._sources.key(kind, reference, key, must=False) if key else None
            if value is not None:
                return value
        names = ", ".join(f"{kind} {reference['name']}" for kind, reference in sources)
        raise NotFoundError(
            self.attempted,
            f"the file {full} is none of the keys of {names} in namespace {self._sources.cluster.namespace}",
            f"The {self._label} mounts it.",
        )

    def _config_file(self, whole: bool) -> dict[str, Value]:
        path = self._variable(CONFIG_FILE, whole)
        content = self._file(path.text) if path else None
        return {} if content is None else assignments(content)


def assignments(content: Value) -> dict[str, Value]:
    """The variables that a ``config.env`` sets, as MinIO reads it."""
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
