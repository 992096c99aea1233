#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_access_check
short_description: Prove what an identity may and may not do, by trying it
description:
  - Tries with the credentials of the connection to list, read, write and delete at each place, and compares the outcome
    with O(rights), both ways. What must pass passes, and what must not is denied.
  - On MinIO the other ways to write are tried, too (to copy to the place, and to unpack an archive there), and what no
    right gives. That is to remove single versions; to set a legal hold; to set the policy, encryption, lifecycle,
    notifications, object lock, replication and versioning of each bucket, and to remove it; to make itself access keys
    or another secret; and to change users, policies and settings of the server.
  - What cannot be tried without harm, as to create a bucket or to bypass a retention, is judged by the policies that
    MinIO says it holds for the identity, those of its groups included. All that they allow beyond O(rights) is a
    difference. Other servers do not tell; there only the first of the above and the bucket's policy are tried.
  - Nothing is changed. Each request has a fault that the server finds only after it authorised the request, as a
    checksum that cannot match or a document that is none, and names an object that does not exist.
options:
  rights:
    description:
      - All that the identity may do. Whatever else is tried in a bucket or below a prefix that is named here must be
        denied.
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
  others:
    description:
      - Further places, as V(bucket) or V(bucket/prefix/), where the identity may do nothing that O(rights) does not
        give it.
    type: list
    elements: str
    default: []
  fails:
    description: Whether a difference fails the task; else RV(met) and RV(differences) tell of it.
    type: bool
    default: true
  identities:
    description:
      - Identities to try in one task, in place of O(rights), each with its own credentials.
    type: list
    elements: dict
    suboptions:
      rights:
        description: As O(rights).
        type: list
        elements: dict
        required: true
        suboptions: *rights
      others:
        description: As O(others).
        type: list
        elements: str
      fails:
        description: As O(fails).
        type: bool
      access_key:
        description: As O(access_key).
        type: str
      secret_key:
        description: As O(secret_key).
        type: str
      session_token:
        description: As O(session_token).
        type: str
extends_documentation_fragment:
  - minio
  - minio.reads_only
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Prove the worker's rights with its own credentials
  minio_access_check:
    access_key: geocrop-worker
    secret_key: "{{ worker_secret }}"
    rights:
      - bucket: geocrop-models
        can: [list, read]
      - bucket: geocrop-results
        prefix: results/
        can: [write]
    others: [geocrop-datasets]
"""

RETURN = r"""
matrix:
  description:
    - A row for each place, with what was found for each verb and whether all of it is as it must be. The row without a
      prefix has what was tried with the bucket itself; the one without a bucket, with the server.
  returned: always, after the server answered, without a list
  type: list
  elements: dict
  sample:
    - identity: geocrop-worker
      bucket: geocrop-models
      prefix: ""
      list: allowed
      read: allowed
      write: denied
      delete: denied
      versions: denied
      hold: denied
      copy: denied
      unpack: denied
      configure: denied
      lifecycle: denied
      remove_bucket: denied
      met: true
    - identity: geocrop-worker
      bucket: ""
      prefix: ""
      own_secret: denied
      access_keys: denied
      users: denied
      policies: denied
      server: denied
      met: true
beyond:
  description:
    - What the policies of the identity allow beyond O(rights), each action with its resource; C(null) where the server
      does not say.
  returned: always, after the server answered, without a list
  type: list
  elements: str
  sample: ["s3:DeleteBucket on arn:aws:s3:::geocrop-models"]
met:
  description: Whether everything is as it must be.
  returned: always, after the server answered, without a list
  type: bool
  sample: true
differences:
  description: What is not, in words.
  returned: always, after the server answered, without a list
  type: list
  elements: str
  sample: ["write in geocrop-datasets/ is allowed, not denied"]
secret_accepted:
  description: That the server knows the access key, and has another secret for it.
  returned: failure, where that is the reason, without a list
  type: bool
  sample: false
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-worker, changed: false, met: true, differences: [], matrix: []}
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.steps import Many
from ansible.module_utils.objectstore.work.access_check import ARGUMENTS, work


def main() -> None:
    many = Many("identities", needs=("rights",), label="access_key", own_credentials=True)
    with Runner(ARGUMENTS, many=many) as run:
        run.do(work)


if __name__ == "__main__":
    main()
