#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_identity
short_description: Set up identities with their rights on a store other than MinIO
description:
  - Makes an identity with an access key and exactly the rights that are named, on a store that has no policies by name
    as MinIO has them. On MinIO use M(minio_iam_policy) and M(minio_user).
  - V(iam) is AWS's IAM API, as SeaweedFS has it on the port of S3. The rights are a policy that is attached to the
    user, named by the user and a digest of what it says; other policies are detached. A server that takes no key that
    others made, as AWS, is refused.
  - V(ceph) is the Admin Ops API of Ceph's object gateway, with a policy of the user; its other policies are removed. It
    takes credentials with the capabilities C(users=*;user-policy=*;metadata=read). A user that is made here can make
    no buckets.
  - V(garage) is the admin API of Garage, which has a port and a token of its own. A key may read (list and read) or
    write (write and delete) in a whole bucket; any other right is an error that names the nearest. A bucket gets its
    name for all keys where it has none.
  - V(versitygw) is the admin API of versitygw. The rights are statements of the policies of buckets that name the
    identity; what they say of others stays.
  - What the server holds afterwards is read back and compared.
options:
  name:
    description: Name of the identity.
    type: str
  identity_key:
    description:
      - Its access key. The name where it is not set; on V(iam) the name's letters and digits, since that takes no
        others.
    type: str
  rights:
    description: All that the identity may do.
    type: list
    elements: dict
    suboptions: &rights
      bucket:
        description: Name of the bucket.
        type: str
        required: true
      prefix:
        description: Keys that it holds for, as in M(minio_iam_policy).
        type: str
        default: ""
      can:
        description: What may be done, of V(list), V(read), V(write) and V(delete).
        type: list
        elements: str
        required: true
  identity_secret:
    description: The secret of the access key. Needed for one that does not exist yet.
    type: str
  update_secret:
    description: Whether an existing key gets O(identity_secret) where the server does not accept that.
    type: bool
    default: false
  revoke:
    description: Whether the other access keys of the identity are removed.
    type: bool
    default: false
  backend:
    description:
      - How identities are made. V(auto) is the way of the server, as it says what it is.
    type: str
    choices: [auto, ceph, garage, iam, versitygw]
    default: auto
  admin_endpoint:
    description: URL of the admin API of V(garage), as V(http://host:3903).
    type: str
  admin_token:
    description: Its token, C(admin_token) of Garage's configuration.
    type: str
  identities:
    description: Identities to set up in one task.
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name).
        type: str
        required: true
      identity_key:
        description: As O(identity_key).
        type: str
      rights:
        description: As O(rights).
        type: list
        elements: dict
        required: true
        suboptions: *rights
      identity_secret:
        description: As O(identity_secret).
        type: str
      update_secret:
        description: As O(update_secret).
        type: bool
      revoke:
        description: As O(revoke).
        type: bool
      backend:
        description: As O(backend).
        type: str
        choices: [auto, ceph, garage, iam, versitygw]
      admin_endpoint:
        description: As O(admin_endpoint).
        type: str
      admin_token:
        description: As O(admin_token).
        type: str
seealso:
  - module: minio_user
  - module: minio_access_check
extends_documentation_fragment:
  - minio
  - minio.attributes
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: The worker reads models and writes results, on a SeaweedFS
  minio_identity:
    name: geocrop-worker
    identity_secret: "{{ worker_secret }}"
    rights:
      - {bucket: geocrop-models, can: [list, read]}
      - {bucket: geocrop-results, prefix: results/, can: [write]}
"""

RETURN = r"""
name:
  description: Name of the identity.
  returned: success, without a list
  type: str
  sample: geocrop-worker
key:
  description: Its access key.
  returned: success, without a list
  type: str
  sample: geocropworker
planned:
  description: Whether the identity does not exist yet, and a run without check mode would create it.
  returned: success, without a list
  type: bool
  sample: false
secret_accepted:
  description: Whether the server accepted O(identity_secret) before the task; C(null) where it was not tried.
  returned: success, without a list
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done, in this order. A secret is never a part of it.
  returned: success, without a list
  type: list
  elements: dict
  sample:
    - {action: create, subject: identity, before: null, after: {name: geocrop-worker, key: geocropworker}}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - {action: create, subject: identity, before: null, after: {name: geocrop-worker, key: geocropworker}}
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - item: geocrop-worker
      name: geocrop-worker
      key: geocropworker
      changed: false
      planned: false
      secret_accepted: true
      actions: []
"""

from ansible.module_utils.objectstore.access.grants import IdentitySpec, apply_identity, plan_identity, read_identity
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.granting import ADMIN_ARGUMENTS, BACKENDS, granting
from ansible.module_utils.objectstore.values.arguments import RIGHT
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.steps import Many, Step

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "identity_key": {"type": "str", "no_log": False},
    "rights": {"type": "list", "elements": "dict", "required": True, "options": RIGHT},
    "identity_secret": {"type": "str", "no_log": True},
    "update_secret": {"type": "bool", "default": False, "no_log": False},
    "revoke": {"type": "bool", "default": False},
    "backend": {"type": "str", "choices": sorted({*BACKENDS, "auto"}), "default": "auto"},
    **ADMIN_ARGUMENTS,
}


def configure(step: Step) -> Report:
    store = step.store(granting(step.params))
    spec = IdentitySpec.from_params(step.params, store)
    state = read_identity(store, spec)
    return step.carried_out(
        plan_identity(state, spec),
        lambda plan: apply_identity(store, plan, spec),
        **spec.who._asdict(),
        planned=step.check_mode and state.holder is None,
        secret_accepted=state.secret_works,
    )


def main() -> None:
    with Runner(ARGUMENTS, many=Many("identities", needs=("name", "rights"), label="name")) as run:
        run.do(configure)


if __name__ == "__main__":
    main()
