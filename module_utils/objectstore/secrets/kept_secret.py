"""An identity's credentials in a place that keeps them: a file, or a Secret of a cluster."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from ..values.change import Action, Plan, Report, update
from ..values.errors import RefusedError

ENDPOINT, ACCESS_KEY = "MINIO_ENDPOINT", "MINIO_ACCESS_KEY"
SECRET_KEY = "MINIO_SECRET_KEY"  # noqa: S105  # the name, not a value

_ALPHABET = string.ascii_letters + string.digits

#: Options of the modules that keep credentials, whatever the place.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "endpoint": {"type": "str", "required": True},
    "access_key": {"type": "str", "required": True, "no_log": False},
    "key_id": {"type": "str", "no_log": False},
    "generate": {"type": "bool", "default": True},
    "rotate": {"type": "bool", "default": False},
    "read_only": {"type": "bool", "default": False},
}


class MissingSecretError(RefusedError):
    """There is no secret, and none may be made."""


@dataclass(frozen=True)
class Wanted:
    """The credentials as wanted.

    :param values: name -> value of what is not secret
    :param generate: whether a secret may be made where there is none
    :param rotate: whether a new secret is made in any case
    :param read_only: whether what is there is taken as it is, and nothing is made
    """

    values: Mapping[str, str]
    generate: bool = True
    rotate: bool = False
    read_only: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Wanted:
        """What the options of ``ARGUMENTS`` ask for."""
        values = {ENDPOINT: params["endpoint"], ACCESS_KEY: params["key_id"] or params["access_key"]}
        return cls(values, params["generate"], params["rotate"], params["read_only"])


@dataclass(frozen=True)
class Kept:
    """The credentials as seen. ``secret`` is ``None`` where the place has none."""

    values: Mapping[str, str] = field(default_factory=dict)
    secret: Optional[str] = field(default=None, repr=False)


def plan_credentials(place: str, kept: Kept, wanted: Wanted) -> tuple[Action, ...]:
    """The actions that bring the credentials to ``place``; a secret is never a part of them.

    :raises MissingSecretError: when there is no secret and none may be made
    """
    may_make = not wanted.read_only and (wanted.generate or wanted.rotate)
    if kept.secret is None and not may_make:
        raise MissingSecretError(
            f"take the secret of {wanted.values[ACCESS_KEY]} from {place}",
            "there is none" if wanted.read_only else "there is none, and the identity exists on the server already",
            "Bring it from where it was made, or have a new secret made by name (access_rotate).",
        )
    if wanted.read_only:
        return ()
    actions: tuple[Action, ...] = ()
    if kept.secret is None or wanted.rotate:
        actions += (Action("create", "secret", None if kept.secret is None else "the former", "a new one"),)
    return actions + update("values", dict(kept.values) or None, dict(wanted.values))


def makes_secret(plan: Plan) -> bool:
    """Whether the secret is a new one after ``plan``."""
    return any(action.subject == "secret" for action in plan.actions)


def secret_of(kept: Kept, plan: Plan) -> str:
    """The secret after ``plan``; 40 letters and digits (238 bits) where it is a new one."""
    if kept.secret is None or makes_secret(plan):
        return "".join(secrets.choice(_ALPHABET) for _ in range(40))
    return kept.secret


def missing(error: MissingSecretError) -> Report:
    """The end of a step whose secret is missing, by which a caller can tell it from one that cannot be read."""
    return Report(changed=False, diff=None, returns={"missing": True}, failure=str(error))


def returns_of(plan: Plan, kept: Kept, wanted: Wanted, secret: str) -> dict[str, Any]:
    """What a module returns of the credentials, besides what it did: what is only read is taken as it is."""
    values = {**wanted.values, **(kept.values if wanted.read_only else {})}
    # an empty token keeps that of the run, and of the host's environment, from being sent with another's keys
    credentials = {"access_key": values[ACCESS_KEY], "secret_key": secret, "session_token": ""}
    return {"secret_key": secret, "credentials": credentials, "created": makes_secret(plan)}
