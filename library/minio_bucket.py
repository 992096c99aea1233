#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
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
  state:
    description:
      - V(present) creates the bucket where it is missing; V(absent) removes it.
      - A bucket that holds versions, delete markers or incomplete uploads is only removed with O(force).
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), remove the bucket together with everything in it. There is no way back.
    type: bool
    default: false
  bypass_governance:
    description:
      - With O(force), remove versions under retention in governance mode, too. Compliance mode and legal hold stay.
    type: bool
    default: false
  object_lock:
    description:
      - Create the bucket with object lock, which S3 allows at creation only. It brings versioning with it.
      - On a bucket that is there, another value than the bucket's is an error.
    type: bool
  retention:
    description:
      - Default retention of new versions in a bucket with object lock.
    type: dict
    suboptions: &retention
      mode:
        description: V(governance) and V(compliance) differ in who may shorten it; V(none) removes the default.
        type: str
        choices: [governance, compliance, none]
        required: true
      days:
        description: Period in days.
        type: int
      years:
        description: Period in years.
        type: int
  versioning:
    description:
      - Whether the bucket keeps former versions of its objects.
    type: str
    choices: [enabled, suspended]
  versioning_exclude_prefixes:
    description:
      - Prefixes, with V(*) as a wildcard, whose objects keep no versions. Needs a MinIO server.
    type: list
    elements: str
  versioning_exclude_folders:
    description:
      - Whether keys that end in V(/) keep no versions. Needs a MinIO server.
    type: bool
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
  encryption:
    description:
      - How objects are encrypted that are written without saying how. V(none) removes the default.
      - The server needs a key management service, for example E(MINIO_KMS_SECRET_KEY) or a KES.
    type: str
    choices: [sse-s3, sse-kms, none]
  kms_key:
    description:
      - Name of the key of V(sse-kms).
    type: str
  lifecycle:
    description:
      - Rules by which the server removes objects on its own. Rules with other ids are left as they are.
    type: list
    elements: dict
    suboptions: &lifecycle
      id:
        description: Name of the rule.
        type: str
        required: true
      enabled:
        description: Whether the rule is in force.
        type: bool
        default: true
      prefix:
        description: Keys that it holds for; all, where empty.
        type: str
        default: ""
      tags:
        description: Tags that an object must have, all of them.
        type: dict
      larger_than:
        description: Only objects above this size, as V(1MiB).
        type: str
      smaller_than:
        description: Only objects below this size.
        type: str
      expire_days:
        description: Age in days at which an object is removed (in a versioned bucket, gets a delete marker).
        type: int
      expire_date:
        description: Day, in UTC, from which on objects are removed, as V(2027-01-01).
        type: str
      expire_delete_markers:
        description: Remove delete markers that have no versions behind them.
        type: bool
      expire_all_versions:
        description: On expiry, remove all versions of the object. Needs a MinIO server.
        type: bool
      noncurrent_expire_days:
        description: Days after which a former version is removed.
        type: int
      noncurrent_keep:
        description: Newest former versions that stay all the same.
        type: int
      abort_multipart_days:
        description:
          - Days after which an incomplete upload is dropped. MinIO has no such rule and drops them after a day anyway;
            there it is left out, with a warning.
        type: int
  purge_lifecycle:
    description:
      - Whether rules that O(lifecycle) does not name are removed.
    type: bool
    default: false
  notifications:
    description:
      - Events that the server sends to one of its targets. Rules with other ids are left as they are.
    type: list
    elements: dict
    suboptions: &notifications
      id:
        description: Name of the rule.
        type: str
        required: true
      arn:
        description: Target that the server is configured with, as V(arn:minio:sqs::NAME:webhook).
        type: str
        required: true
      events:
        description: Events, as V(s3:ObjectCreated:*).
        type: list
        elements: str
        required: true
      prefix:
        description: Keys that it holds for.
        type: str
      suffix:
        description: End of the keys that it holds for.
        type: str
  purge_notifications:
    description:
      - Whether notifications that O(notifications) does not name are removed.
    type: bool
    default: false
  buckets:
    description:
      - Buckets to see to in one task, in place of O(name).
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
      force:
        description: As O(force).
        type: bool
      bypass_governance:
        description: As O(bypass_governance).
        type: bool
      object_lock:
        description: As O(object_lock).
        type: bool
      retention:
        description: As O(retention).
        type: dict
        suboptions: *retention
      versioning:
        description: As O(versioning).
        type: str
        choices: [enabled, suspended]
      versioning_exclude_prefixes:
        description: As O(versioning_exclude_prefixes).
        type: list
        elements: str
      versioning_exclude_folders:
        description: As O(versioning_exclude_folders).
        type: bool
      quota:
        description: As O(quota).
        type: str
      tags:
        description: As O(tags).
        type: dict
      purge_tags:
        description: As O(purge_tags).
        type: bool
      encryption:
        description: As O(encryption).
        type: str
        choices: [sse-s3, sse-kms, none]
      kms_key:
        description: As O(kms_key).
        type: str
      lifecycle:
        description: As O(lifecycle).
        type: list
        elements: dict
        suboptions: *lifecycle
      purge_lifecycle:
        description: As O(purge_lifecycle).
        type: bool
      notifications:
        description: As O(notifications).
        type: list
        elements: dict
        suboptions: *notifications
      purge_notifications:
        description: As O(purge_notifications).
        type: bool
extends_documentation_fragment:
  - minio
  - minio.attributes
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
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

- name: Remove results after 90 days, and encrypt new ones
  minio_bucket:
    name: geocrop-results
    encryption: sse-s3
    lifecycle:
      - id: old-results
        prefix: results/
        expire_days: 90

- name: Keep released models for a year, unless somebody with the right to lifts it
  minio_bucket:
    name: geocrop-releases
    object_lock: true
    retention:
      mode: governance
      years: 1

- name: Remove an empty bucket
  minio_bucket:
    name: geocrop-scratch
    state: absent
"""

RETURN = r"""
name:
  description: Name of the bucket.
  returned: success, without a list
  type: str
  sample: geocrop-baselines
planned:
  description: Whether the bucket does not exist yet, and a run without check mode would create it.
  returned: success, without a list
  type: bool
  sample: false
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success, without a list
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
  sample:
    - {action: create, subject: tags, before: null, after: {platform: geocrop}}
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-models, name: geocrop-models, changed: false, planned: false, actions: []}
"""

from ansible.module_utils.objectstore.buckets.bucket import (
    adapt,
    apply_bucket,
    kept_otherwise,
    plan_bucket,
    read_bucket,
)
from ansible.module_utils.objectstore.buckets.lifecycle import RULE_OPTIONS
from ansible.module_utils.objectstore.buckets.notifications import NOTIFICATION_OPTIONS
from ansible.module_utils.objectstore.buckets.offers import check_offers
from ansible.module_utils.objectstore.buckets.spec import RETENTION_OPTIONS, BucketSpec
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.steps import Many, Step

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    "bypass_governance": {"type": "bool", "default": False},
    "object_lock": {"type": "bool"},
    "retention": {"type": "dict", "options": RETENTION_OPTIONS},
    "versioning": {"type": "str", "choices": ["enabled", "suspended"]},
    "versioning_exclude_prefixes": {"type": "list", "elements": "str"},
    "versioning_exclude_folders": {"type": "bool"},
    "quota": {"type": "str"},
    "tags": {"type": "dict"},
    "purge_tags": {"type": "bool", "default": True},
    "encryption": {"type": "str", "choices": ["sse-s3", "sse-kms", "none"]},
    "kms_key": {"type": "str", "no_log": False},
    "lifecycle": {"type": "list", "elements": "dict", "options": RULE_OPTIONS},
    "purge_lifecycle": {"type": "bool", "default": False},
    "notifications": {"type": "list", "elements": "dict", "options": NOTIFICATION_OPTIONS},
    "purge_notifications": {"type": "bool", "default": False},
}


def configure(step: Step) -> Report:
    store = step.store(AdministeredStore)
    spec, warnings = adapt(store, BucketSpec.from_params(step.params))
    state = read_bucket(store, spec)
    plan = plan_bucket(state, spec)
    check_offers(store, plan)
    report = step.carried_out(
        plan,
        lambda plan: apply_bucket(store, plan, spec),
        name=spec.name,
        planned=step.check_mode and spec.present and not state.exists,
    )
    different = [] if step.check_mode else kept_otherwise(store, plan, spec)
    return report.warning(*warnings, *(f"The server keeps {text}" for text in different))


def main() -> None:
    with Runner(ARGUMENTS, many=Many("buckets", needs=("name",), label="name")) as run:
        run.do(configure)


if __name__ == "__main__":
    main()
