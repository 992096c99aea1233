#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_dataset_check
short_description: Judge training sets, and whether they may be published as the versions that they are said to be
description:
  - Reads the CSV files of each set once, as M(csv_info) does, and compares its description with them.
  - A version is published when its description is in the store, which is written last. From then on its files must
    stay as they are. A file that was changed, added or removed is refused; what differs only in the store may be put
    right.
  - Changes nothing. M(minio_sync) uploads the files, then M(minio_object) writes the description that this returns.
options:
  sets:
    description:
      - The sets.
    type: list
    elements: dict
    required: true
    suboptions:
      source:
        description: Folder with the files, on the managed host.
        type: path
        required: true
      recurse:
        description: Whether files in subfolders count.
        type: bool
        default: true
      include:
        description: Globs of the names that are meant, as in M(csv_info); all, where it is left out.
        type: list
        elements: str
      exclude:
        description: Globs of names to leave out.
        type: list
        elements: str
      class_column:
        description: Column whose values are counted, as in M(csv_info).
        type: str
      metadata:
        description:
          - The description. What of it is compared with the files is told by M(csv_info) at its C(claims). A set
            without one is not described, and never counts as published.
        type: dict
      batch_pattern:
        description: Regular expression for the end of a file's name, whose one group is the number of a batch.
        type: str
        default: '(\d+)\.[^.]+'
      on_false_claim:
        description: What to do when a claim is false.
        type: str
        choices: [fail, warn, ignore]
        default: fail
      on_problem:
        description: What to do when a file is not as it should be.
        type: str
        choices: [fail, warn, ignore]
        default: fail
      bucket:
        description: Bucket that the set goes to.
        type: str
        required: true
      prefix:
        description:
          - Prefix of this version; no other set may lie in it. Where it ends like C(v1/), a C(version) in
            O(sets[].metadata) must be that.
        type: str
        required: true
      metadata_name:
        description: Name of the description below the prefix.
        type: str
        default: metadata.json
      immutable:
        description: Whether the files of a published version must stay as they are.
        type: bool
        default: true
  assume_buckets:
    description:
      - In check mode, take these buckets, where they are missing, as ones that an earlier task would create.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - minio
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: csv_info
  - module: minio_sync
  - module: minio_object
"""

EXAMPLES = r"""
- name: See whether the training set may be published
  minio_dataset_check:
    sets:
      - source: ~/geocrop/training
        include: ["*.csv"]
        bucket: geocrop-datasets
        prefix: zimbabwe_full/v1
        class_column: class
        metadata:
          version: v1
          batches: 23
          total_samples: 25000
          classes: [cropland, grass, shrubland, forest, water, builtup, bare]
"""

RETURN = r"""
sets:
  description:
    - What was found for each set, as M(csv_info) returns it.
    - C(key) is that of its description, C(published) whether that is in the store, C(described) whether it is the one
      that is returned here as C(description), and null where none is wanted.
    - C(existing) is the option of M(minio_sync) by which an upload replaces no published content.
  returned: success or a fault of the files
  type: list
  elements: dict
  sample:
    - files: 23
      bytes: 1633592
      rows: 25000
      columns: [sample_id, ndvi_peak, class]
      classes: {cropland: 20000, water: 5000}
      tables: [{name: Zimbabwe_Full_Augmented_Batch_1.csv, rows: 1087, bytes: 71025, sha256: 2c26b46b68ffc68f}]
      description: {version: v1, batches: 23}
      false_claims: []
      problems: []
      key: zimbabwe_full/v1/metadata.json
      published: true
      described: true
      existing: replace
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.dataset_check import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
