"""A file of an identity's credentials, in the form in which programs read them from their environment."""

from __future__ import annotations

import secrets
import stat
import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Mapping, Optional

from ..change import Action, Plan, update
from ..errors import RefusedError, SourceError
from ..files.textfile import write_text_file

_ALPHABET = string.ascii_letters + string.digits
_SECRET = "MINIO_SECRET_KEY"  # noqa: S105  # the name, not a value


@dataclass(frozen=True)
class EnvFileSpec:
    """The file as wanted.

    :param values: name -> value of what is not secret
    :param generate: whether a secret may be made where the file is missing
    :param rotate: whether a new secret is made in any case
    """

    path: Path
    values: Mapping[str, str]
    generate: bool = True
    rotate: bool = False


@dataclass(frozen=True)
class EnvFileState:
    """The file as seen. ``mode`` is ``None`` where there is none."""

    mode: Optional[int] = None
    values: Mapping[str, str] = field(default_factory=dict)
    secret: Optional[str] = field(default=None, repr=False)


def read_env_file(path: Path) -> EnvFileState:
    """Look at the file.

    :raises SourceError: when it is there and cannot be read, or is no such file
    """
    try:
        text = path.read_text(encoding="utf-8")
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return EnvFileState()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"read {path}", getattr(error, "strerror", None) or "it is no text") from error
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    secret = values.pop(_SECRET, "")
    if not secret:
        raise SourceError(f"read {path}", f"it has no line {_SECRET}=", "Move the file away, or complete it.")
    return EnvFileState(mode, values, secret)


def plan_env_file(state: EnvFileState, spec: EnvFileSpec) -> Plan:
    """The actions that make the file; a secret is never a part of them.

    :raises RefusedError: when the file is missing and no secret may be made
    """
    if state.mode is None and not (spec.generate or spec.rotate):
        raise RefusedError(
            f"read {spec.path}",
            "there is no such file, and the identity exists on the server already",
            "Bring the file from where it was made, or have a new secret made by name (access_rotate).",
        )
    actions: tuple[Action, ...] = ()
    if state.mode is None or spec.rotate:
        actions += (Action("create", "secret", None if state.mode is None else "the former", "a new one"),)
    actions += update("values", dict(state.values) or None, dict(spec.values))
    if state.mode not in (None, 0o600):
        actions += update("mode", f"{state.mode:04o}", "0600")
    return Plan(f"file {spec.path}", actions)


def secret_of(state: EnvFileState, plan: Plan) -> str:
    """The secret that the file holds after ``plan``; 40 letters and digits (238 bits) where it is a new one."""
    makes_new = any(action.subject == "secret" for action in plan.actions)
    if state.secret is None or makes_new:
        return "".join(secrets.choice(_ALPHABET) for _ in range(40))
    return state.secret


def apply_env_file(plan: Plan, spec: EnvFileSpec, secret: str) -> Iterator[Action]:
    """Write the file in one step, readable by its owner alone from its first byte on.

    :raises SourceError: when it cannot be written; the former file is then as it was
    """
    if not plan.changed:
        return
    text = "".join(f"{name}={value}\n" for name, value in {**spec.values, _SECRET: secret}.items())
    try:
        spec.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"make the folder {spec.path.parent}", error.strerror or str(error)) from error
    write_text_file(str(spec.path), text.encode(), mode=0o600)
    yield from plan.actions
