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
  vault:
    description:
      - Encrypt the file as C(ansible-vault encrypt) does. It is written and read on the workstation, wherever the task
        runs; nothing but the encrypted text reaches the disk. A file that is there in clear is encrypted, and keeps
        its secret.
      - The run needs a vault secret, from C(--vault-password-file) or the like. Of more than one, the
        setting C(vault_encrypt_identity) names the one to encrypt with.
    type: bool
    default: false
  files:
    description:
      - Files to see to in one task, in place of O(path) and O(access_key).
    type: list
    elements: dict
    suboptions:
      path:
        description: As O(path).
        type: path
        required: true
      endpoint:
        description: As O(endpoint).
        type: str
      access_key:
        description: As O(access_key).
        type: str
        required: true
      key_id:
        description: As O(key_id).
        type: str
      generate:
        description: As O(generate).
        type: bool
      rotate:
        description: As O(rotate).
        type: bool
      read_only:
        description: As O(read_only).
        type: bool
      vault:
        description: As O(vault).
        type: bool
attributes:
  idempotent:
    support: partial
    details: O(rotate) makes a new secret each time.
extends_documentation_fragment:
  - minio.kept_credentials
  - minio.attributes
  - minio.many
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
  returned: success, without a list
  type: str
  sample: q7Y0
credentials:
  description: The same as connection options of the other modules.
  returned: success, without a list
  type: dict
  sample: {access_key: geocrop-worker, secret_key: q7Y0, session_token: ""}
created:
  description: Whether the secret is a new one.
  returned: success, without a list
  type: bool
  sample: false
missing:
  description: Whether it failed only because there is no secret, and none may be made.
  returned: failure, without a list
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done. The secret is never a part of it.
  returned: success, without a list
  type: list
  elements: dict
  sample:
    - {action: create, subject: secret, before: null, after: a new one}
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-worker, changed: false, created: false, secret_key: q7Y0, actions: []}
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.secrets.env_file import ARGUMENTS, MANY, keep


def main() -> None:
    with Runner(ARGUMENTS, connects=False, many=MANY) as run:
        run.do(keep)


if __name__ == "__main__":
    main()
