#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: csv_info
short_description: Count what the CSV files of a folder hold, and check claims about it
description:
  - Reads each CSV file of a folder on the managed host once, and returns rows, columns and classes.
  - Compares a description of the data with what the files hold.
options:
  class_column:
    description:
      - Column whose values are counted.
    type: str
  claims:
    description:
      - A description of the data. Of it, C(batches) (number of files), C(total_samples) (number of rows), C(features)
        (columns) and C(classes) (all values of O(class_column)) are compared with the files; the rest is ignored.
    type: dict
  on_false_claim:
    description:
      - What to do when a claim is false.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  on_problem:
    description:
      - What to do when a file is empty, has rows of another length or other columns than the first file.
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
  description: Columns of the first file.
  returned: success
  type: list
  elements: str
  sample: [sample_id, ndvi_peak, class]
classes:
  description: Values of O(class_column) and how many rows have them.
  returned: success
  type: dict
  sample: {cropland: 20000, water: 5000}
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
  sample: [{path: /home/ops/geocrop/training/a.csv, problem: it has a header and no row}]
"""

from ansible.module_utils.objectstore.data.tabular import false_claims, read_tables, table_faults
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import FOLDER
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION
from ansible.module_utils.objectstore.values.selection import Selection


def main() -> None:
    arguments = {
        **FOLDER,
        **SELECTION,
        "class_column": {"type": "str"},
        "claims": {"type": "dict"},
        "on_false_claim": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "fail"},
        "on_problem": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "ignore"},
    }
    with Runner(arguments, connects=False) as run:
        params = run.params
        facts = read_tables(
            params["path"],
            Selection.from_params(params),
            class_column=params["class_column"],
            recurse=params["recurse"],
        )
        wrong = false_claims(params["claims"] or {}, facts)
        returns = {**facts.as_dict(), "false_claims": [claim.as_dict() for claim in wrong]}
        faults = table_faults(params["path"], facts, wrong)
        for option, fault in faults.items():
            if params[option] == "fail":
                run.fail(str(fault), **returns)
            if params[option] == "warn":
                run.warn(str(fault))
        run.exit(changed=False, **returns)


if __name__ == "__main__":
    main()
