"""Secrets and ConfigMaps of a namespace, and values with the place where they were found."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol

from ..values.errors import InvalidInputError, NotFoundError
from ..values.model import JsonDict

#: What to do where the cluster's own manifests do not hold the credentials.
GIVE_THEM = "Set minio_credentials_source to variables or environment, and give them there."


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
class Sources:
    """Reads keys of Secrets and ConfigMaps; ``attempted`` and ``label`` say for whom."""

    cluster: Cluster
    attempted: str
    label: str

    def key(self, kind: str, reference: JsonDict, key: str, *, must: bool) -> Optional[Value]:
        """A key of what ``reference`` names; ``None`` where it may be missing and is."""
        name = reference["name"]
        try:
            data = _data(self.cluster.get(kind, name))
        except NotFoundError:
            if reference.get("optional"):
                return None
            raise
        where = f"key {key} of {kind} {name}"
        if key in data:
            return Value(_text(data[key], f"{where} in namespace {self.cluster.namespace}", self.attempted), where)
        if must:
            raise NotFoundError(
                self.attempted,
                f"{kind} {name} in namespace {self.cluster.namespace} has no key {key}"
                f" (its keys: {', '.join(sorted(data)) or 'none'})",
                f"The {self.label} refers to it.",
            )
        return None


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
