#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_bucket_info
short_description: Read buckets of a MinIO or S3 store and all their settings
description:
  - Returns what M(minio_bucket) and M(minio_policy) can set, as it is on the server, in the words of their options.
options:
  name:
    description:
      - Bucket to look at. By default all that the credentials may see.
    type: str
  count:
    description:
      - Count object versions, delete markers and incomplete uploads, up to 1000 of them.
    type: bool
    default: false
extends_documentation_fragment:
  - minio
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Read all buckets
  minio_bucket_info:
  register: found

- name: Read one, and how much it holds
  minio_bucket_info:
    name: geocrop-models
    count: true
"""

RETURN = r"""
buckets:
  description:
    - The buckets, sorted by name. Empty where O(name) is not there.
    - A setting that is not set is C(null); so is one that cannot be read, and C(unread) says why.
  returned: success
  type: list
  elements: dict
  sample:
    - name: geocrop-models
      object_lock: false
      versioning: {status: enabled}
      tags: null
      quota: 53687091200
      encryption: {algorithm: sse-s3}
      retention: null
      lifecycle: {old: {enabled: true, prefix: tmp/, expire_days: 7}}
      notifications: null
      policy: null
      access: private
      contents: {versions: 12, delete_markers: 0, incomplete_uploads: 0, more: false, limit: 1000}
      unread: {}
"""

from ansible.module_utils.objectstore.buckets.info import bucket_infos
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore


def main() -> None:
    arguments = {"name": {"type": "str"}, "count": {"type": "bool", "default": False}}
    with Runner(arguments) as run:
        buckets = bucket_infos(run.store(AdministeredStore), run.params["name"], count=run.params["count"])
        run.exit(changed=False, buckets=buckets)


if __name__ == "__main__":
    main()
