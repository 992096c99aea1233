#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_iam_policy
short_description: Write and remove named policies of a MinIO server
description:
  - A named policy says what a user may do to whom it is attached by M(minio_user).
  - Policies are compared by what they mean. A policy that is attached to somebody is not removed.
  - Needs a MinIO server.
options:
  name:
    description: Name of the policy.
    type: str
  state:
    description: Whether there is such a policy.
    type: str
    choices: [present, absent]
    default: present
  policy:
    description: The document, as a dictionary or as JSON.
    type: raw
  rights:
    description:
      - The rights that the policy gives, in place of a document.
    type: list
    elements: dict
    suboptions: &rights
      bucket:
        description: Name of the bucket.
        type: str
        required: true
      prefix:
        description: Keys that it holds for, taken as a folder unless it ends in V(*); the whole bucket, where empty.
        type: str
        default: ""
      can:
        description: What may be done, of V(list), V(read), V(write) and V(delete).
        type: list
        elements: str
        required: true
  policies:
    description:
      - Policies to see to in one task, in place of O(name).
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
      policy:
        description: As O(policy).
        type: raw
      rights:
        description: As O(rights).
        type: list
        elements: dict
        suboptions: *rights
extends_documentation_fragment:
  - minio
  - minio.attributes
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Let a worker read models and write results
  minio_iam_policy:
    name: geocrop-worker
    rights:
      - bucket: geocrop-models
        can: [list, read]
      - bucket: geocrop-results
        prefix: results/
        can: [write]

- name: The same kind of thing as a document
  minio_iam_policy:
    name: geocrop-reader
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::geocrop-results/*
"""

RETURN = r"""
policy:
  description: The policy after the task, C(null) where there is none.
  returned: success, without a list
  type: dict
  sample:
    Version: "2012-10-17"
    Statement:
      - Effect: Allow
        Action: ["s3:GetObject"]
        Resource: ["arn:aws:s3:::geocrop-results/*"]
actions:
  description: What was done, or in check mode would be done, in this order. A secret is never a part of it.
  returned: success, without a list
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
            Action: ["s3:GetObject"]
            Resource: ["arn:aws:s3:::geocrop-results/*"]
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-worker, changed: false, actions: []}
"""

from ansible.module_utils.objectstore.access.iam_policy import (
    IamPolicySpec,
    apply_iam_policy,
    plan_iam_policy,
    read_iam_policy,
)
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.arguments import RIGHT
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.steps import Many, Step

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "policy": {"type": "raw"},
    "rights": {"type": "list", "elements": "dict", "options": RIGHT},
}


def configure(step: Step) -> Report:
    spec = IamPolicySpec.from_params(step.params)
    store = step.store(AdministeredStore)
    plan = plan_iam_policy(read_iam_policy(store, spec), spec)
    return step.carried_out(plan, lambda plan: apply_iam_policy(store, plan, spec), policy=spec.document)


def main() -> None:
    many = Many("policies", needs=("name",), label="name")
    exclusive = [("policy", "rights")]
    required = [("state", "present", ("policy", "rights"), True)]
    with Runner(ARGUMENTS, many=many, mutually_exclusive=exclusive, required_if=required) as run:
        run.do(configure)


if __name__ == "__main__":
    main()
