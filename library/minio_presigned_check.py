#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_presigned_check
short_description: Prove that signed URLs work, and only signed ones
description:
  - Signs a URL for an object and downloads its first byte without any credentials. Then
    tries the same without a signature, with one that has expired, and with one that was made for another key.
  - Nothing is changed.
options:
  key:
    description: Key of an object that is there. One of this and O(prefix) is required.
    type: str
  prefix:
    description: Takes the first object below it, which is found with the credentials of the connection.
    type: str
  signer:
    description: Who signs; the credentials of the connection by default.
    type: dict
    suboptions:
      access_key:
        description: Access key.
        type: str
        required: true
      secret_key:
        description: Secret key.
        type: str
        required: true
      session_token:
        description: The session token of temporary credentials; empty as left out.
        type: str
  fails:
    description: Whether another outcome than the expected one fails the task; else RV(met) tells of it.
    type: bool
    default: true
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Prove that the API can let people download a result
  minio_presigned_check:
    access_key: geocrop-api
    secret_key: "{{ api_secret }}"
    bucket: geocrop-results
    key: results/42/map.tif
"""

RETURN = r"""
key:
  description: Key of the object that was tried.
  returned: always, after the server answered
  type: str
  sample: results/42/map.tif
outcome:
  description: What happened in each way, V(allowed), V(denied) or the status of the answer.
  returned: always, after the server answered
  type: dict
  sample: {signed: allowed, unsigned: denied, expired: denied, other_key: denied}
met:
  description: Whether the signed URL worked and no other did.
  returned: always, after the server answered
  type: bool
  sample: true
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.presigned_check import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
