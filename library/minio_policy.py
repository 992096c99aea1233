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
      - It is about everybody. What the policy says of principals that it names stays as it is.
      - On a server that has no bucket policies V(private) is what there is, and is proved by requests without
        credentials. Other levels are refused.
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
  bucket:
    description:
      - Name of the bucket.
    type: str
  buckets:
    description:
      - Buckets to see to in one task, in place of O(bucket).
    type: list
    elements: dict
    suboptions:
      bucket:
        description: As O(bucket).
        type: str
        required: true
      assume_bucket:
        description: As O(assume_bucket).
        type: bool
      access:
        description: As O(access).
        type: str
        choices: [private, download, upload, public]
      prefixes:
        description: As O(prefixes).
        type: list
        elements: str
      access_by_prefix:
        description: As O(access_by_prefix).
        type: dict
      policy:
        description: As O(policy).
        type: raw
      verify:
        description: As O(verify).
        type: bool
extends_documentation_fragment:
  - minio
  - minio.assume_bucket
  - minio.attributes
  - minio.many
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
planned:
  description: Whether there is no such bucket yet, as O(assume_bucket) allows.
  returned: success, without a list
  type: bool
  sample: false
anonymous:
  description:
    - What requests without credentials may do, as tried; with prefixes, outside of them.
    - V(untested) where the server's answer does not tell, or where there is no bucket yet in check mode.
  returned: with O(verify), without a list
  type: dict
  sample: {list: denied, read: denied, write: denied, delete: denied}
anonymous_by_prefix:
  description: The same below each prefix that has a level.
  returned: with O(verify), without a list
  type: dict
  sample: {maps/: {list: allowed, read: allowed, write: denied, delete: denied}}
access:
  description: The level of the whole bucket after the task, V(custom) where the policy is none of them.
  returned: success, without a list
  type: str
  sample: private
policy:
  description: The policy after the task, C(null) where there is none.
  returned: success, without a list
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
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-models, changed: false, access: private, policy: null, actions: []}
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.steps import Many
from ansible.module_utils.objectstore.work.policy import ARGUMENTS, EXCLUSIVE, work


def main() -> None:
    many = Many("buckets", needs=("bucket",), label="bucket")
    with Runner(ARGUMENTS, many=many, mutually_exclusive=EXCLUSIVE) as run:
        run.do(work)


if __name__ == "__main__":
    main()
