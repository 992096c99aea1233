#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_access_check
short_description: Prove what an identity may and may not do, by trying it
description:
  - Tries with the credentials of the connection to list, read, write, delete and configure at each place, and compares
    the outcome with O(rights), both ways. What must pass passes, and what must not is denied.
  - Nothing is changed. A write has a checksum that cannot match, a deletion names a version that does not exist, and
    the bucket policy that is set is none; the server finds that out only after it authorised the request.
options:
  rights:
    description:
      - All that the identity may do. Whatever else is tried in a bucket or below a prefix that is named here must be
        denied.
    type: list
    elements: dict
    required: true
    suboptions:
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
extends_documentation_fragment:
  - minio
  - minio.reads_only
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
    others: [geocrop-datasets, geocrop-results]
"""

RETURN = r"""
matrix:
  description: A row for each place, with what was found for each verb and whether all of it is as it must be.
  returned: always, after the server answered
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
      configure: denied
      met: true
met:
  description: Whether everything is as it must be.
  returned: always, after the server answered
  type: bool
  sample: true
differences:
  description: What is not, in words.
  returned: always, after the server answered
  type: list
  elements: str
  sample: ["write in geocrop-datasets/ is allowed, not denied"]
"""

from ansible.module_utils.objectstore.access.access_check import check_identity, matrix, unmet
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import RIGHT


def main() -> None:
    arguments = {
        "rights": {"type": "list", "elements": "dict", "required": True, "options": RIGHT},
        "others": {"type": "list", "elements": "str", "default": []},
        "fails": {"type": "bool", "default": True},
    }
    with Runner(arguments) as run:
        cells = check_identity(run.store(), run.params["rights"], run.params["others"])
        differences = unmet(cells)
        returns = {
            "matrix": matrix(run.params["access_key"], cells),
            "met": not differences,
            "differences": differences,
        }
        if differences and run.params["fails"]:
            who = run.params["access_key"]
            run.fail(f"{who} may not do exactly what it must: {'; '.join(differences)}.", **returns)
        run.exit(changed=False, **returns)


if __name__ == "__main__":
    main()
