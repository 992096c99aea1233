#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: csv_info
short_description: Read the CSV files of a folder once, and check claims about them
description:
  - Reads each CSV file of a folder on the managed host once, and returns rows, columns, classes and a SHA-256 of each.
  - Compares a description of the data with what the files hold, and names each file that is not as it should be, with
    the line where that is first seen.
  - A file is UTF-8 (a byte order mark may stand in front) with commas between fields; fields may be quoted, and lines
    end in LF or CRLF.
options:
  class_column:
    description:
      - Column whose values are counted. A file without it, and a row where it is empty, is a problem.
    type: str
  claims:
    description:
      - A description of the data. Of it, C(batches) (number of files), C(total_samples) (number of rows), C(features)
        (columns) and C(classes) (all values of O(class_column)) are compared with the files; the rest is not checked.
      - With C(batches), the numbers of the files must be 1 to that number, each once; see O(batch_pattern).
      - A value of the columns C(features) that is no finite number is a problem.
    type: dict
  batch_pattern:
    description:
      - Regular expression for the end of a file's name, whose one group is the number of a batch. Where no name
        matches, or where this is empty, files are only counted.
    type: str
    default: '(\d+)\.[^.]+'
  on_false_claim:
    description:
      - What to do when a claim is false.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  on_problem:
    description:
      - What to do when a file is not as it should be; one that is no CSV file (an HTML page, a workbook, compressed
        data), is empty, has NUL or undecodable bytes, has other columns than most, a column twice, its header again,
        rows of another length, features that are no finite numbers, the content of another file, or the name of a
        copy.
      - With V(fail) and V(warn) a claim is not called false because of a file that is named as a copy or as no table.
    type: str
    choices: [fail, warn, ignore]
    default: ignore
extends_documentation_fragment:
  - minio.folder
  - minio.selection
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Check what is said of the training set
  csv_info:
    path: ~/geocrop/training
    include: ["*.csv"]
    class_column: class
    claims:
      batches: 23
      total_samples: 25000
      classes: [cropland, grass, shrubland, forest, water, builtup, bare]
"""

RETURN = r"""
files:
  description: Number of files.
  returned: success
  type: int
  sample: 23
bytes:
  description: Size of all files together.
  returned: success
  type: int
  sample: 262144000
rows:
  description: Number of rows, headers not counted.
  returned: success
  type: int
  sample: 25000
columns:
  description: Columns of most files.
  returned: success
  type: list
  elements: str
  sample: [sample_id, ndvi_peak, class]
classes:
  description: Values of O(class_column) and how many rows have them.
  returned: success
  type: dict
  sample: {cropland: 20000, water: 5000}
tables:
  description: Each file. C(rows) is null where it is no table, C(sha256) empty where it cannot be read.
  returned: success
  type: list
  elements: dict
  sample:
    - name: Zimbabwe_Full_Augmented_Batch_1.csv
      rows: 1087
      bytes: 71025
      sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
description:
  description:
    - O(claims) as they are, and C(measured), which is the same for the same files. Kept beside the data, it tells its
      readers what to expect.
  returned: success
  type: dict
  sample:
    version: v1
    measured:
      rows: 25000
      bytes: 1633592
      columns: [sample_id, ndvi_peak, class]
      class_counts: {cropland: 20000, water: 5000}
      files:
        - name: Zimbabwe_Full_Augmented_Batch_1.csv
          rows: 1087
          bytes: 71025
          sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
false_claims:
  description: Claims that are not true.
  returned: success
  type: list
  elements: dict
  sample: [{name: total_samples, claimed: "25000", found: "24999"}]
problems:
  description: Files that are not as they should be.
  returned: success
  type: list
  elements: dict
  sample: [{path: /home/ops/geocrop/training/a.csv, problem: 'line 17: ndvi_peak is empty'}]
"""

from ansible.module_utils.objectstore.data.batches import NUMBERED
from ansible.module_utils.objectstore.data.tabular import REACTIONS, TableSpec, read_tables
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import FOLDER
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION


def main() -> None:
    arguments = {
        **FOLDER,
        **SELECTION,
        "class_column": {"type": "str"},
        "claims": {"type": "dict"},
        "batch_pattern": {"type": "str", "default": NUMBERED},
        "on_false_claim": {"type": "str", "choices": list(REACTIONS), "default": "fail"},
        "on_problem": {"type": "str", "choices": list(REACTIONS), "default": "ignore"},
    }
    with Runner(arguments, connects=False) as run:
        facts = read_tables(TableSpec.from_params(run.params))
        faults = facts.faults()
        for fault in faults["warn"]:
            run.warn(str(fault))
        if faults["fail"]:
            run.fail(" ".join(str(fault) for fault in faults["fail"]), **facts.as_dict())
        run.exit(changed=False, **facts.as_dict())


if __name__ == "__main__":
    main()
