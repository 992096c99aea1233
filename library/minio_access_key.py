#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_access_key
short_description: Create, change and remove access keys of users of a MinIO server
description:
  - An access key (service account) acts for a user, with the user's rights or with fewer.
  - The secret is set when the key is new, and later only with O(update_secret). Whether the server has it already is
    found out by a request with it.
  - Needs a MinIO server.
options:
  key:
    description: Name of the access key (3 to 20 bytes).
    type: str
    required: true
  state:
    description: Whether there is such an access key.
    type: str
    choices: [present, absent]
    default: present
  user:
    description: User that it acts for; by default the one of the connection. It cannot be changed later.
    type: str
  key_secret:
    description: Secret key (8 to 40 bytes). A new access key needs one.
    type: str
  update_secret:
    description:
      - Whether an existing access key gets O(key_secret) where it has another. The secret of one that is not enabled
        cannot be tried, and is set each time.
    type: bool
    default: false
  enabled:
    description: Whether it may be used. A new one may.
    type: bool
  policy:
    description:
      - A document that narrows the user's rights, of up to 4096 bytes. V(inherit) gives it all of them.
      - What MinIO cannot hold is refused before it is sent, and what was sent is read back.
    type: raw
  description:
    description: What it is for, in up to 256 bytes.
    type: str
  expires:
    description: Time at which it ends, as V(2026-12-31T00:00:00Z), 15 minutes to 365 days ahead; or V(never).
    type: str
attributes:
  idempotent:
    support: partial
    details: With O(update_secret), the secret of an access key that is not enabled is set each time.
extends_documentation_fragment:
  - minio
  - minio.assume_created
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: A key for a notebook, which may only read and ends with the season
  minio_access_key:
    key: geocrop-notebook
    user: geocrop-trainer
    key_secret: "{{ notebook_secret }}"
    description: exploration of the training set
    expires: "2026-12-31T00:00:00Z"
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::geocrop-datasets/*

- name: Remove it
  minio_access_key:
    key: geocrop-notebook
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in this order. A secret is never a part of it.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: update, subject: expires, before: null, after: "2026-12-31T00:00:00Z"}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - {action: update, subject: enabled, before: true, after: false}
"""

from datetime import datetime, timezone

from ansible.module_utils.objectstore.access.access_key import (
    AccessKeySpec,
    apply_access_key,
    plan_access_key,
    read_access_key,
)
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.arguments import ASSUME_CREATED


def main() -> None:
    arguments = {
        "key": {"type": "str", "required": True, "no_log": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "user": {"type": "str"},
        "key_secret": {"type": "str", "no_log": True},
        "update_secret": {"type": "bool", "default": False, "no_log": False},
        "enabled": {"type": "bool"},
        "policy": {"type": "raw"},
        "description": {"type": "str"},
        "expires": {"type": "str"},
    }
    with Runner({**arguments, **ASSUME_CREATED}) as run:
        spec = AccessKeySpec.from_params(run.params, datetime.now(timezone.utc))
        store = run.store(AdministeredStore)
        plan = plan_access_key(read_access_key(store, spec, check_mode=run.check_mode), spec)
        run.finish(plan, lambda plan: apply_access_key(store, plan, spec))


if __name__ == "__main__":
    main()
