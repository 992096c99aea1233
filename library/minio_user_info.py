#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user_info
short_description: Read the users of a MinIO server
description:
  - Returns users with their status and the names of their policies. Needs a MinIO server.
options: {}
extends_documentation_fragment:
  - minio
  - minio.attributes
author:
  - geocrop-storage contributors
"""

EXAMPLES = r"""
- name: Read all users
  minio_user_info:
  register: found
"""

RETURN = r"""
users:
  description: The users, sorted by name.
  returned: success
  type: list
  elements: dict
  sample: [{name: geocrop-worker, enabled: true, policies: [geocrop-worker]}]
"""

from ansible.module_utils.objectstore.runner import Runner


def main() -> None:
    with Runner({}) as run:
        run.exit(changed=False, users=[user._asdict() for user in run.store().users()])


if __name__ == "__main__":
    main()
