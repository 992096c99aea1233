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

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.here import HereOrThere  # noqa: E402

from ansible.module_utils.objectstore.secrets.env_file import ARGUMENTS, MANY, keep  # noqa: E402  # isort: skip
from ansible.module_utils.objectstore.values.change import Report  # noqa: E402
from ansible.module_utils.objectstore.values.errors import SourceError  # noqa: E402
from ansible.module_utils.objectstore.values.steps import Step  # noqa: E402


class ActionModule(HereOrThere):
    """Keeps the files; here also where they shall be encrypted."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Keep the files."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if boolean(self._task.args.get("vault"), strict=False) or self.is_here():
            return {**result, **self.do_here(ARGUMENTS, self._work, MANY)}
        return {**result, **self._execute_module(task_vars=task_vars)}

    def _work(self, step: Step) -> Report:
        return keep(step, lambda path: RunVault(path, self._loader._vault))  # noqa: SLF001


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
