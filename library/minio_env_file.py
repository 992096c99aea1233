#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_env_file
short_description: Keep an identity's credentials in a file, with a secret that is made there
description:
  - Keeps a file of mode 0600 with the lines E(MINIO_ENDPOINT), E(MINIO_ACCESS_KEY) and E(MINIO_SECRET_KEY), as programs
    read them from their environment and as C(kubectl create secret generic --from-env-file) takes them.
  - The secret is made where the file is missing, and kept as long as the file is there.
  - With O(vault) the file is encrypted by C(ansible-vault), with the vault secret that the run was given.
  - Returns the secret. Run the task with C(no_log), and where the file shall be, for example C(delegate_to=localhost).
options:
  path:
    description: The file.
    type: path
    required: true
  endpoint:
    description: URL of the store, for E(MINIO_ENDPOINT).
    type: str
    required: true
  access_key:
    description: Access key, for E(MINIO_ACCESS_KEY).
    type: str
    required: true
  generate:
    description: Whether a secret may be made where the file is missing; else that is an error.
    type: bool
    default: true
  rotate:
    description: Make a new secret in any case.
    type: bool
    default: false
  read_only:
    description: Return what the file holds, and change nothing; a missing file is an error.
    type: bool
    default: false
  vault:
    description:
      - Encrypt the file as C(ansible-vault encrypt) does. It is written and read on the workstation, wherever the task
        runs; nothing but the encrypted text reaches the disk. A file that is there in clear is encrypted, and keeps
        its secret.
      - The run needs a vault secret, from C(--vault-password-file) or the like. Of more than one, the
        setting C(vault_encrypt_identity) names the one to encrypt with.
    type: bool
    default: false
attributes:
  idempotent:
    support: partial
    details: O(rotate) makes a new secret each time.
extends_documentation_fragment:
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Keep the worker's credentials on the workstation
  minio_env_file:
    path: ~/.geocrop/worker.env
    endpoint: http://minio.geocrop.svc.cluster.local:9000
    access_key: geocrop-worker
  delegate_to: localhost
  no_log: true
  register: worker_credentials
"""

RETURN = r"""
secret_key:
  description: The secret; in check mode, where a new one would be made, one that nobody will ever use.
  returned: success
  type: str
  sample: q7Y0
credentials:
  description: The same as connection options of the other modules.
  returned: success
  type: dict
  sample: {access_key: geocrop-worker, secret_key: q7Y0, session_token: ""}
created:
  description: Whether the secret is a new one.
  returned: success
  type: bool
  sample: false
missing:
  description: Whether it failed only because there is no secret, and none may be made.
  returned: failure
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done. The secret is never a part of it.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: create, subject: secret, before: null, after: a new one}
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.secrets.env_file import (
    ARGUMENTS,
    EnvFileSpec,
    apply_env_file,
    plan_env_file,
    read_env_file,
    secret_of,
)
from ansible.module_utils.objectstore.secrets.kept_secret import MissingSecretError, returns_of
from ansible.module_utils.objectstore.values.errors import UnsupportedError


def main() -> None:
    with Runner(ARGUMENTS, connects=False) as run:
        spec = EnvFileSpec.from_params(run.params)
        if run.params["vault"]:
            raise UnsupportedError(
                f"encrypt {spec.path}",
                "the vault secret is known to the workstation alone",
                "Set action_plugins to the folder plugins/action of this collection.",
            )
        state = read_env_file(spec.path)
        try:
            plan = plan_env_file(state, spec)
        except MissingSecretError as error:
            run.fail(str(error), missing=True)
        secret = secret_of(state, plan)
        run.finish(plan, lambda plan: apply_env_file(plan, spec, secret), **returns_of(plan, spec.wanted, secret))


if __name__ == "__main__":
    main()
