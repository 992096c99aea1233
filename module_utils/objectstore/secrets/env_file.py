"""A file of an identity's credentials, in the form in which programs read them from their environment."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Protocol

from ..files.textfile import write_text_file
from ..values.change import Action, Plan, Report, update
from ..values.errors import SourceError, UnsupportedError
from ..values.steps import Many, Step
from .kept_secret import ARGUMENTS as CREDENTIALS
from .kept_secret import (
    SECRET_KEY,
    Kept,
    MissingSecretError,
    Wanted,
    missing,
    plan_credentials,
    returns_of,
    secret_of,
)

ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "path": {"type": "path", "required": True},
    **CREDENTIALS,
    "vault": {"type": "bool", "default": False},
}

MANY = Many("files", needs=("path", "access_key"), label="access_key")

#: How a file starts that ansible-vault encrypted.
_VAULT_HEADER = b"$ANSIBLE_VAULT;"


class Vault(Protocol):
    """The vault secrets of a run. Both raise SourceError where none of them fits."""

    def decrypt(self, content: bytes) -> bytes:
        """The text of an encrypted file."""

    def encrypt(self, text: bytes) -> bytes:
        """The content of an encrypted file."""


@dataclass(frozen=True)
class EnvFileSpec:
    """The file as wanted; with a ``vault`` it is encrypted."""

    path: Path
    wanted: Wanted
    vault: Optional[Vault] = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], vault: Optional[Vault] = None) -> EnvFileSpec:
        """What the options of ``ARGUMENTS`` ask for."""
        return cls(Path(params["path"]), Wanted.from_params(params), vault)


@dataclass(frozen=True)
class EnvFileState(Kept):
    """The file as seen. ``mode`` is ``None`` where there is none."""

    mode: Optional[int] = None
    encrypted: bool = False


def read_env_file(path: Path, vault: Optional[Vault] = None) -> EnvFileState:
    """Look at the file; one that is encrypted is decrypted in memory.

    :raises SourceError: when it is there and cannot be read, or is no such file
    """
    try:
        content = path.read_bytes()
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return EnvFileState()
    except OSError as error:
        raise SourceError(f"read {path}", error.strerror or str(error)) from error
    encrypted = content.startswith(_VAULT_HEADER)
    if encrypted:
        content = _decrypt(path, content, vault)
    values = _parse(path, content)
    secret = values.pop(SECRET_KEY, "")
    if not secret:
        raise SourceError(f"read {path}", f"it has no line {SECRET_KEY}=", "Move the file away, or complete it.")
    return EnvFileState(values, secret, mode, encrypted)


def _decrypt(path: Path, content: bytes, vault: Optional[Vault]) -> bytes:
    if vault is None:
        raise SourceError(f"read {path}", "it is encrypted by ansible-vault", "Set access_secrets_store to vault.")
    return vault.decrypt(content)


def _parse(path: Path, content: bytes) -> dict[str, str]:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        # the error of Python holds what was decoded
        raise SourceError(f"read {path}", "it is no text") from None
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def plan_env_file(state: EnvFileState, spec: EnvFileSpec) -> Plan:
    """The actions that make the file; a secret is never a part of them.

    :raises MissingSecretError: when the file is missing and no secret may be made
    """
    actions = plan_credentials(f"file {spec.path}", state, spec.wanted)
    if state.mode is not None and not spec.wanted.read_only:
        actions += update("encryption", _encryption(state.encrypted), _encryption(spec.vault is not None))
        actions += update("mode", f"{state.mode:04o}", "0600")
    return Plan(f"file {spec.path}", actions)


def _encryption(encrypted: bool) -> str:
    return "ansible-vault" if encrypted else "none"


def apply_env_file(plan: Plan, spec: EnvFileSpec, secret: str) -> Iterator[Action]:
    """Write the file in one step, readable by its owner alone from its first byte on.

    :raises SourceError: when it cannot be written; the former file is then as it was
    """
    if not plan.changed:
        return
    content = content_of(spec, secret)
    try:
        spec.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"make the folder {spec.path.parent}", error.strerror or str(error)) from error
    write_text_file(str(spec.path), content, mode=0o600)
    yield from plan.actions


def content_of(spec: EnvFileSpec, secret: str) -> bytes:
    """The file with this secret, encrypted where it shall be.

    :raises SourceError: when the vault has no key to encrypt with
    """
    text = "".join(f"{name}={value}\n" for name, value in {**spec.wanted.values, SECRET_KEY: secret}.items()).encode()
    return spec.vault.encrypt(text) if spec.vault else text


def keep(step: Step, vault_for: Optional[Callable[[str], Vault]] = None) -> Report:
    """The work of a step with the options of ``ARGUMENTS``.

    :param vault_for: the vault of a path; only the workstation has one
    :raises ObjectStoreError: that says what is wrong with the file or the vault
    """
    path = step.params["path"]
    if step.params["vault"] and vault_for is None:
        raise UnsupportedError(
            f"encrypt {path}",
            "the vault secret is known to the workstation alone",
            "Set action_plugins to the folder plugins/action of this collection.",
        )
    vault = vault_for(path) if vault_for and step.params["vault"] else None
    spec = EnvFileSpec.from_params(step.params, vault)
    state = read_env_file(spec.path, spec.vault)
    try:
        plan = plan_env_file(state, spec)
    except MissingSecretError as error:
        return missing(error)
    secret = secret_of(state, plan)
    if plan.changed and step.check_mode:
        content_of(spec, secret)  # a vault that cannot encrypt is foreseen
    return step.carried_out(
        plan, lambda plan: apply_env_file(plan, spec, secret), **returns_of(plan, state, spec.wanted, secret)
    )
