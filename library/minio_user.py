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
  revoke:
    description:
      - Whether what acts for the user besides its own secret ends. Its access keys are removed, and its temporary
        credentials (C(AssumeRole)) are ended, which both outlive a new secret.
    type: bool
    default: false
  users:
    description:
      - Users to see to in one task, in place of O(name).
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name).
        type: str
        required: true
      state:
        description: As O(state).
        type: str
        choices: [present, absent]
      user_secret:
        description: As O(user_secret).
        type: str
      update_secret:
        description: As O(update_secret).
        type: bool
      enabled:
        description: As O(enabled).
        type: bool
      policies:
        description: As O(policies).
        type: list
        elements: str
      revoke:
        description: As O(revoke).
        type: bool
      assume_created:
        description: As O(assume_created).
        type: bool
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
  - minio.many
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
    revoke: true

- name: Keep it out
  minio_user:
    name: geocrop-worker
    enabled: false
"""

RETURN = r"""
name:
  description: Name of the user.
  returned: success, without a list
  type: str
  sample: geocrop-worker
planned:
  description: Whether the user does not exist yet, and a run without check mode would create it.
  returned: success, without a list
  type: bool
  sample: false
secret_accepted:
  description: Whether the server accepted O(user_secret) before the task; C(null) where it was not tried.
  returned: success, without a list
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done, in this order. A secret is never a part of it.
  returned: success, without a list
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
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-worker, name: geocrop-worker, changed: false, planned: false, secret_accepted: true, actions: []}
"""

from ansible.module_utils.objectstore.access.user import UserSpec, apply_user, plan_user, read_user
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.arguments import ASSUME_CREATED
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.steps import Many, Step

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "user_secret": {"type": "str", "no_log": True},
    "update_secret": {"type": "bool", "default": False, "no_log": False},
    "enabled": {"type": "bool"},
    "policies": {"type": "list", "elements": "str"},
    "revoke": {"type": "bool", "default": False},
    **ASSUME_CREATED,
}


def configure(step: Step) -> Report:
    spec = UserSpec.from_params(step.params)
    store = step.store(AdministeredStore)
    state = read_user(store, spec, check_mode=step.check_mode)
    return step.carried_out(
        plan_user(state, spec),
        lambda plan: apply_user(store, plan, spec, state),
        name=spec.name,
        planned=step.check_mode and spec.present and state.user is None,
        secret_accepted=state.secret_works,
    )


def main() -> None:
    with Runner(ARGUMENTS, many=Many("users", needs=("name",), label="name")) as run:
        run.do(configure)


if __name__ == "__main__":
    main()
