#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_spot_check
short_description: Read some objects back and compare their content with the files they came from
description:
  - Downloads a sample of the objects below a prefix, spread evenly over their keys and the same for the same listing.
  - The SHA-256 of each is compared with that of its file. Nothing is kept, and the store is not changed.
  - What O(include) and O(exclude) select is judged by a file's path and by an object's key below O(prefix), each.
  - Without a source folder the objects are only read, which shows that the given credentials can.
options:
  src:
    description:
      - Folder on the managed host that the objects came from.
    type: path
  sample:
    description:
      - How many objects to read.
    type: int
    default: 5
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.prefix
  - minio.selection
  - minio.naming
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_sync
"""

EXAMPLES = r"""
- name: Compare five training batches with their files
  minio_spot_check:
    src: ~/geocrop/training
    bucket: geocrop-datasets
    prefix: zimbabwe_full/v1/
    include: ["*.csv"]

- name: See whether the worker can read
  minio_spot_check:
    bucket: geocrop-baselines
    sample: 1
    access_key: "{{ worker_access_key }}"
    secret_key: "{{ worker_secret_key }}"
"""

RETURN = r"""
objects:
  description: The objects that were read. C(same) is null where there was nothing to compare with.
  returned: success
  type: list
  elements: dict
  sample:
    - key: zimbabwe_full/v1/Zimbabwe_Full_Augmented_Batch_1.csv
      size: 10956
      sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      same: true
seconds:
  description: How long it took to list the objects, and to read these one after the other.
  returned: success
  type: float
  sample: 0.42
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.spot_check import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
