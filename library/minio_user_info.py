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
      - How users are made there, as in M(minio_identity). Where that is V(iam) or V(versitygw), only names are read.
    type: str
    choices: [iam, minio, versitygw]
    default: minio
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
from ansible.module_utils.objectstore.servers.granting import BACKENDS


def main() -> None:
    choices = ["iam", "minio", "versitygw"]
    with Runner({"backend": {"type": "str", "choices": choices, "default": "minio"}}) as run:
        way = run.params["backend"]
        users = run.store(AdministeredStore).users() if way == "minio" else run.store(BACKENDS[way]).users()
        run.exit(changed=False, users=[user._asdict() for user in users])


if __name__ == "__main__":
    main()
