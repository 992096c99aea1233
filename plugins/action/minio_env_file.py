# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module minio_env_file; a file that shall be encrypted is kept here, where the vault's secrets are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.plugins
from ansible.constants import config
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.vault import VaultLib, match_encrypt_secret
from ansible.plugins.action import ActionBase

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.engine import make_importable  # noqa: E402

make_importable()

from ansible.module_utils.objectstore.secrets.env_file import (  # noqa: E402
    ARGUMENTS,
    EnvFileSpec,
    apply_env_file,
    content_of,
    plan_env_file,
    read_env_file,
    secret_of,
)
from ansible.module_utils.objectstore.secrets.kept_secret import MissingSecretError, returns_of  # noqa: E402
from ansible.module_utils.objectstore.values.errors import ObjectStoreError, SourceError  # noqa: E402


class ActionModule(ActionBase):
    """A plain module run; with ``vault`` the same here, on the workstation."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Keep the file."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if not boolean(self._task.args.get("vault"), strict=False):
            return {**result, **self._execute_module(task_vars=task_vars)}
        _, params = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            return {**result, **self._keep(params)}
        except ObjectStoreError as error:
            missing = {"missing": True} if isinstance(error, MissingSecretError) else {}
            return {**result, "failed": True, "changed": False, "msg": str(error), **missing}

    def _keep(self, params: dict[str, Any]) -> dict[str, Any]:
        spec = EnvFileSpec.from_params(params, RunVault(params["path"], self._loader._vault))  # noqa: SLF001
        state = read_env_file(spec.path, spec.vault)
        plan = plan_env_file(state, spec)
        secret = secret_of(state, plan)
        if plan.changed and self._task.check_mode:
            content_of(spec, secret)
        else:
            list(apply_env_file(plan, spec, secret))
        diff = {"diff": plan.diff()} if self._task.diff else {}
        return {"changed": plan.changed, "actions": plan.as_list(), **diff, **returns_of(plan, spec.wanted, secret)}


class RunVault:
    """The vault secrets that this run of Ansible was given, for one file."""

    def __init__(self, path: str, vault: VaultLib) -> None:
        self._path = path
        self._vault = vault
        if not vault.secrets:
            raise SourceError(
                f"keep {path}",
                "it shall be encrypted, and this run was given no vault secret",
                "Give it one by --vault-password-file or --ask-vault-pass, or set access_secrets_store to another.",
            )

    def decrypt(self, content: bytes) -> bytes:
        """The text of the file."""
        try:
            text: bytes = self._vault.decrypt(content)
        except AnsibleError:
            raise SourceError(
                f"decrypt {self._path}",
                "none of the vault secrets of this run opens it",
                "Give it the one that the file was encrypted with.",
            ) from None
        return text

    def encrypt(self, text: bytes) -> bytes:
        """The content of the file."""
        name, secret = self._key()
        content: bytes = self._vault.encrypt(text, secret, vault_id=name)
        return content

    def _key(self) -> tuple[str, Any]:
        """The vault secret to encrypt with, and its name, chosen as ``ansible-vault encrypt`` does."""
        chosen = config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        names = sorted({name for name, _ in self._vault.secrets})
        if chosen not in names and (chosen or len(names) > 1):
            raise SourceError(
                f"encrypt {self._path}",
                f"which vault secret to take is not clear: {chosen or 'none'} is chosen, there are {', '.join(names)}",
                "Choose one of them by the setting vault_encrypt_identity (ANSIBLE_VAULT_ENCRYPT_IDENTITY).",
            )
        name, secret = match_encrypt_secret(self._vault.secrets, chosen)
        return name, secret
