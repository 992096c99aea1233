#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user_info
short_description: Read the users of a MinIO server, or of another store
description:
  - Returns users with their status, their groups, and the names of the policies that are attached to themselves. The
    policies of a user's groups apply to it, too.
options:
  backend:
    description:
      - How users are made there, as in M(minio_identity). Elsewhere than on V(minio) only names are read.
    type: str
    choices: [ceph, garage, iam, minio, versitygw]
    default: minio
  admin_endpoint:
    description: As in M(minio_identity).
    type: str
  admin_token:
    description: As in M(minio_identity).
    type: str
seealso:
  - module: minio_group
extends_documentation_fragment:
  - minio
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Read all users
  minio_user_info:
  register: found
"""

RETURN = r"""
users:
  description:
    - The users, sorted by name. C(policies) has none that a user has by a group; of C(groups) those
      that are not enabled give none.
  returned: success
  type: list
  elements: dict
  sample: [{name: geocrop-worker, enabled: true, policies: [geocrop-worker], groups: [geocrop-readers]}]
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.servers.granting import ADMIN_ARGUMENTS, BACKENDS, granting


def main() -> None:
    backend = {"type": "str", "choices": sorted({*BACKENDS, "minio"}), "default": "minio"}
    with Runner({"backend": backend, **ADMIN_ARGUMENTS}) as run:
        store = run.store(AdministeredStore if run.params["backend"] == "minio" else granting(run.params))
        users = store.users()
        run.exit(changed=False, users=[user._asdict() for user in users])


if __name__ == "__main__":
    main()
