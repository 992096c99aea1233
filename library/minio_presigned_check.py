#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_presigned_check
short_description: Prove that signed URLs work, and only signed ones
description:
  - Signs a URL for an object with the credentials of the connection and downloads its first byte without any. Then
    tries the same without a signature, with one that has expired, and with one that was made for another key.
  - Nothing is changed.
options:
  key:
    description: Key of an object that is there.
    type: str
    required: true
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

from datetime import datetime, timezone

from ansible.module_utils.objectstore.access.signed_check import EXPECTED, told, try_signed
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.arguments import BUCKET
from ansible.module_utils.objectstore.values.bucket_names import check_bucket_name
from ansible.module_utils.objectstore.values.limits import check_key


def main() -> None:
    arguments = {
        **BUCKET,
        "key": {"type": "str", "required": True, "no_log": False},
        "fails": {"type": "bool", "default": True},
    }
    with Runner(arguments) as run:
        bucket, key = check_bucket_name(run.params["bucket"]), check_key(run.params["key"])
        outcome = try_signed(run.store(Store), bucket, key, datetime.now(timezone.utc))
        returns = {"outcome": outcome._asdict(), "met": outcome == EXPECTED}
        if run.params["fails"] and outcome != EXPECTED:
            run.fail(told(bucket, key, outcome), **returns)
        run.exit(changed=False, **returns)


if __name__ == "__main__":
    main()
