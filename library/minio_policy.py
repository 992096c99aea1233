#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_policy
short_description: Set, and prove, who may reach a bucket without credentials
description:
  - Sets the policy of a bucket, as a level of anonymous access or as a document.
  - Policies are compared by what they mean, so one that C(mc anonymous set) or the console wrote in other words is
    left as it is.
  - The policy is set as a whole. One task says all about a bucket, with O(access_by_prefix) for levels that differ.
  - With O(verify), requests without credentials show what the policy does. They change nothing, in check mode neither.
options:
  access:
    description:
      - What anybody may do. V(private) is nothing; V(download) is to list and read; V(upload) is to write and
        delete; V(public) is all of it.
      - With O(prefixes), it holds for those only, and the rest of the bucket is private.
      - Without O(access), O(access_by_prefix) and O(policy), the policy is left alone.
    type: str
    choices: [private, download, upload, public]
  prefixes:
    description:
      - Prefixes that O(access) holds for. One is taken as a folder (V(maps) is V(maps/)), unless it ends in V(*).
    type: list
    elements: str
  access_by_prefix:
    description:
      - Prefixes, each with its own level. What none of them names has the level O(access), by default V(private).
    type: dict
  policy:
    description:
      - A policy document, as a dictionary or as JSON. An empty one is an error; O(access=private) removes the policy.
      - What the server cannot hold is refused before it is sent, and what was sent is read back.
    type: raw
  verify:
    description:
      - Try to list, read, write and delete without credentials, and fail where the outcome contradicts O(access).
      - The write is one that the server must refuse in the end (its checksum is wrong), and the deletion names a
        version that does not exist, so nothing is stored or removed.
    type: bool
    default: false
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.assume_bucket
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Close a bucket to requests without credentials, and prove it
  minio_policy:
    bucket: geocrop-baselines
    access: private
    verify: true

- name: Let anybody read what is below maps/
  minio_policy:
    bucket: geocrop-results
    access: download
    prefixes: [maps/]

- name: Let anybody read one prefix and write to another
  minio_policy:
    bucket: geocrop-results
    access_by_prefix:
      maps/: download
      inbox/: upload

- name: Only find out what anybody may do, and change nothing
  minio_policy:
    bucket: geocrop-models
    verify: true
"""

RETURN = r"""
anonymous:
  description:
    - What requests without credentials may do, as tried; with prefixes, outside of them.
    - V(untested) where the server's answer does not tell, or where there is no bucket yet in check mode.
  returned: with O(verify)
  type: dict
  sample: {list: denied, read: denied, write: denied, delete: denied}
anonymous_by_prefix:
  description: The same below each prefix that has a level.
  returned: with O(verify)
  type: dict
  sample: {maps/: {list: allowed, read: allowed, write: denied, delete: denied}}
access:
  description: The level of the whole bucket after the task, V(custom) where the policy is none of them.
  returned: success
  type: str
  sample: private
policy:
  description: The policy after the task, C(null) where there is none.
  returned: success
  type: dict
  sample:
    Version: "2012-10-17"
    Statement:
      - Effect: Allow
        Principal: {AWS: ["*"]}
        Action: ["s3:GetObject"]
        Resource: ["arn:aws:s3:::geocrop-results/maps/*"]
actions:
  description: What was done, or in check mode would be done.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: policy
      before: null
      after:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: ["*"]}
            Action: ["s3:GetObject"]
            Resource: ["arn:aws:s3:::geocrop-results/maps/*"]
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - action: remove
      subject: policy
      before:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: ["*"]}
            Action: ["s3:GetObject"]
            Resource: ["arn:aws:s3:::geocrop-results/maps/*"]
      after: null
"""

from ansible.module_utils.objectstore.access.bucket_policy import (
    PolicySpec,
    apply_policy,
    check_policy,
    plan_policy,
    read_policy,
    report,
)
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import ASSUME_BUCKET, BUCKET


def main() -> None:
    arguments = {
        **BUCKET,
        **ASSUME_BUCKET,
        "access": {"type": "str", "choices": ["private", "download", "upload", "public"]},
        "prefixes": {"type": "list", "elements": "str"},
        "access_by_prefix": {"type": "dict"},
        "policy": {"type": "raw"},
        "verify": {"type": "bool", "default": False},
    }
    exclusive = [("policy", "access"), ("policy", "access_by_prefix"), ("policy", "prefixes")]
    with Runner(arguments, mutually_exclusive=exclusive) as run:
        spec = PolicySpec.from_params(run.params)
        store = run.store()
        check_policy(store, spec)
        state = read_policy(store, spec, check_mode=run.check_mode)
        plan = plan_policy(state, spec)
        run.carry_out(plan, lambda plan: apply_policy(store, plan, spec))
        pending = run.check_mode and plan.changed
        returns = report(store, spec, state, pending=pending)
        run.exit(changed=plan.changed, diff=plan.diff(), actions=plan.as_list(), **returns)


if __name__ == "__main__":
    main()
