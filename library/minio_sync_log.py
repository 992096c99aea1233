#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_sync_log
short_description: Tell what the last syncs did, from their logs
description:
  - Reads the logs that M(minio_sync) writes on the managed host from their ends, so that long ones take no longer.
  - Dry runs do not count.
options:
  paths:
    description:
      - Paths of logs.
    type: list
    elements: path
    required: true
extends_documentation_fragment:
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_sync
"""

EXAMPLES = r"""
- name: See what the last sync did
  minio_sync_log:
    paths: [~/geocrop/logs/baselines.jsonl]
"""

RETURN = r"""
logs:
  description:
    - For each log, C(last), the summary of the last sync, and C(change), that of the last one that uploaded or deleted
      something; null where there is none. A sync that was refused has C(error).
    - C(reason) says why a log cannot be read.
  returned: success
  type: list
  elements: dict
  sample:
    - path: /home/ops/geocrop/logs/baselines.jsonl
      last: {time: "2026-03-01T06:00:00.000+00:00", uploaded: 0, unchanged: 132, bytes_uploaded: 0, seconds: 0.4}
      change: {time: "2026-02-22T06:00:00.000+00:00", uploaded: 12, unchanged: 120, bytes_uploaded: 719, seconds: 0.8}
      reason: ""
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.sync_log import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS, connects=False) as run:
        run.do(work)


if __name__ == "__main__":
    main()
