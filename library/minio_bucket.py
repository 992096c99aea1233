#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_bucket
short_description: Manage buckets of a MinIO or S3 store
description:
  - Creates, configures and removes buckets.
  - An option that is left out leaves that setting alone; removing is always explicit.
  - A new bucket is private. Anonymous access is the business of M(minio_policy).
options:
  name:
    description:
      - Name of the bucket.
    type: str
    required: true
  state:
    description:
      - V(present) creates the bucket where it is missing; V(absent) removes it.
      - A bucket that holds objects is only removed with O(force).
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), remove the bucket together with everything in it. There is no way back.
    type: bool
    default: false
  object_lock:
    description:
      - Create the bucket with object lock, which S3 allows at creation only.
    type: bool
  versioning:
    description:
      - Whether the bucket keeps former versions of its objects.
    type: str
    choices: [enabled, suspended]
  quota:
    description:
      - Largest total size, as V(50GiB). V(0) clears it. Needs a MinIO server.
    type: str
  tags:
    description:
      - Tags of the bucket.
    type: dict
  purge_tags:
    description:
      - Whether tags that O(tags) does not name are removed. Without O(tags), none is.
    type: bool
    default: true
extends_documentation_fragment:
  - minio
  - minio.attributes
author:
  - geocrop-storage contributors
"""

EXAMPLES = r"""
- name: Create the bucket of the baselines
  minio_bucket:
    name: geocrop-baselines
    tags:
      purpose: land cover

- name: Keep former versions of models, and at most 50 GiB
  minio_bucket:
    name: geocrop-models
    versioning: enabled
    quota: 50GiB

- name: Remove an empty bucket
  minio_bucket:
    name: geocrop-scratch
    state: absent
"""

RETURN = r"""
name:
  description: Name of the bucket.
  returned: success
  type: str
  sample: geocrop-baselines
planned:
  description: Whether the bucket does not exist yet, and a run without check mode would create it.
  returned: success
  type: bool
  sample: false
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: bucket
      before: null
      after: {name: geocrop-baselines, object_lock: false}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
"""

from ansible.module_utils.objectstore.bucket import BucketSpec, apply_bucket, plan_bucket, read_bucket
from ansible.module_utils.objectstore.runner import Runner


def main() -> None:
    arguments = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "force": {"type": "bool", "default": False},
        "object_lock": {"type": "bool"},
        "versioning": {"type": "str", "choices": ["enabled", "suspended"]},
        "quota": {"type": "str"},
        "tags": {"type": "dict"},
        "purge_tags": {"type": "bool", "default": True},
    }
    with Runner(arguments) as run:
        spec = BucketSpec.from_params(run.params)
        store = run.store()
        state = read_bucket(store, spec)
        plan = plan_bucket(state, spec)
        planned = run.check_mode and spec.present and not state.exists
        run.finish(plan, lambda plan: apply_bucket(store, plan, spec), name=spec.name, planned=planned)


if __name__ == "__main__":
    main()
