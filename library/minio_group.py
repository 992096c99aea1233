#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_group
short_description: Create, change and remove groups of users of a MinIO server
description:
  - Sees to a group's members, status and policies. An option that is left out leaves that alone.
  - A member may do what its own policies allow and what the policies of its groups allow. What a policy denies, it may
    not do, whichever of them it is.
  - Members and policies have to exist, for a dry run, too, unless O(assume_created) is given.
  - Needs a MinIO server that keeps the users itself, without LDAP.
options:
  name:
    description: Name of the group.
    type: str
    required: true
  state:
    description:
      - Whether there is such a group. With V(absent) its members leave it and stay as users, and its policies stay as
        named policies.
    type: str
    choices: [present, absent]
    default: present
  members:
    description:
      - Names of the users in the group; others leave it. They have to exist. An access key has the rights of its user
        and cannot be a member.
      - Without this a new group is empty.
    type: list
    elements: str
  enabled:
    description:
      - Whether the policies of the group apply to its members. Those of a new group do. Those of a group that is not
        enabled cannot be changed.
    type: bool
  policies:
    description: Names of the policies that are attached to the group; others are detached.
    type: list
    elements: str
seealso:
  - module: minio_user
  - module: minio_user_info
extends_documentation_fragment:
  - minio
  - minio.assume_created
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Let two users read and write everything
  minio_group:
    name: geocrop-operators
    members: [geocrop-migrator, geocrop-trainer]
    policies: [readwrite]

- name: Suspend what the group gives
  minio_group:
    name: geocrop-operators
    enabled: false

- name: Remove the group; the users stay
  minio_group:
    name: geocrop-operators
    state: absent
"""

RETURN = r"""
name:
  description: Name of the group.
  returned: success
  type: str
  sample: geocrop-operators
planned:
  description: Whether the group does not exist yet, and a run without check mode would create it.
  returned: success
  type: bool
  sample: false
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success
  type: list
  elements: dict
  sample:
    - {action: update, subject: members, before: [geocrop-trainer], after: [geocrop-migrator, geocrop-trainer]}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - {action: create, subject: group, before: null, after: {name: trainers}}
"""

from ansible.module_utils.objectstore.access.group import (
    GroupSpec,
    apply_group,
    check_group_state,
    plan_group,
    read_group,
)
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.arguments import ASSUME_CREATED


def main() -> None:
    arguments = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "members": {"type": "list", "elements": "str"},
        "enabled": {"type": "bool"},
        "policies": {"type": "list", "elements": "str"},
    }
    with Runner({**arguments, **ASSUME_CREATED}) as run:
        spec = GroupSpec.from_params(run.params)
        store = run.store(AdministeredStore)
        state = read_group(store, spec, check_mode=run.check_mode)
        check_group_state(state, spec)
        group = state.group
        returns = {"name": spec.name, "planned": run.check_mode and spec.present and group is None}
        run.finish(plan_group(group, spec), lambda plan: apply_group(store, plan, spec), **returns)


if __name__ == "__main__":
    main()
