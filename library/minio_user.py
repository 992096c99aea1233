#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user
short_description: Create, change and remove users of a MinIO server
description:
  - Sees to a user's secret, status and policies. An option that is left out leaves that alone.
  - The secret is set when the user is new, and later only with O(update_secret). Whether the server has it already is
    found out by a request with it.
  - A user has the policies of its groups, too. They are M(minio_group)'s, and neither seen nor changed here.
  - Needs a MinIO server.
options:
  name:
    description: Name of the user, which is its access key (3 bytes or more).
    type: str
    required: true
  state:
    description: Whether there is such a user. Its access keys and its memberships of groups go with it.
    type: str
    choices: [present, absent]
    default: present
  user_secret:
    description: Secret key of the user (8 bytes or more). A new user needs one.
    type: str
  update_secret:
    description:
      - Whether an existing user gets O(user_secret) where it has another. The secret of a user who is not enabled
        cannot be tried, and is set each time.
    type: bool
    default: false
  enabled:
    description: Whether the user may do anything. A new user may.
    type: bool
  policies:
    description:
      - Names of the policies that are attached to the user; others are detached. Those that it has by a group stay.
      - They have to exist, for a dry run, too, unless O(assume_created) is given.
    type: list
    elements: str
seealso:
  - module: minio_group
attributes:
  idempotent:
    support: partial
    details: With O(update_secret), the secret of a user who is not enabled is set each time.
extends_documentation_fragment:
  - minio
  - minio.assume_created
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Create the worker's user
  minio_user:
    name: geocrop-worker
    user_secret: "{{ worker_secret }}"
    policies: [geocrop-worker]

- name: Give it another secret
  minio_user:
    name: geocrop-worker
    user_secret: "{{ new_worker_secret }}"
    update_secret: true

- name: Keep it out
  minio_user:
    name: geocrop-worker
    enabled: false
"""

RETURN = r"""
name:
  description: Name of the user.
  returned: success
  type: str
  sample: geocrop-worker
planned:
  description: Whether the user does not exist yet, and a run without check mode would create it.
  returned: success
  type: bool
  sample: false
secret_accepted:
  description: Whether the server accepted O(user_secret) before the task; C(null) where it was not tried.
  returned: success
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done, in this order. A secret is never a part of it.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: update, subject: policies, before: [readwrite], after: [geocrop-worker]}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - {action: create, subject: user, before: null, after: {name: geocrop-worker}}
"""

from ansible.module_utils.objectstore.access.user import UserSpec, apply_user, plan_user, read_user
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import ASSUME_CREATED


def main() -> None:
    arguments = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "user_secret": {"type": "str", "no_log": True},
        "update_secret": {"type": "bool", "default": False, "no_log": False},
        "enabled": {"type": "bool"},
        "policies": {"type": "list", "elements": "str"},
    }
    with Runner({**arguments, **ASSUME_CREATED}) as run:
        spec = UserSpec.from_params(run.params)
        store = run.store()
        state = read_user(store, spec, check_mode=run.check_mode)
        returns = {
            "name": spec.name,
            "planned": run.check_mode and spec.present and state.user is None,
            "secret_accepted": state.secret_works,
        }
        run.finish(plan_user(state, spec), lambda plan: apply_user(store, plan, spec, state), **returns)


if __name__ == "__main__":
    main()
