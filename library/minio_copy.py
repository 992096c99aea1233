#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_copy
short_description: Bring the objects of a bucket into another one, true to their content
description:
  - Copies what is new or has other content, and leaves alone what is already there; from prefix to prefix, from bucket
    to bucket, and with O(dest_endpoint) from store to store.
  - In one store the server copies, and no content leaves it. Between stores content goes through this host, an object
    or a part of one at a time, by temporary files without a name, in the folder that E(TMPDIR) names. Memory stays
    small.
  - Copies are made in parts of the sizes that the source was uploaded in, so that they have the same ETag. It proves
    them, and a second run compares by it. Content type and user metadata are copied.
  - Every request names the ETag of the source that it is about. An object that is replaced meanwhile is begun again.
  - An object appears whole or not at all. Parts that a killed run has sent are used by the next one.
  - One object that fails does not stop the others. The task fails at its end and names each.
  - Objects are only removed with O(delete), after everything was copied, and never when there is no source, when a copy
    failed, above O(delete_limit), or for keys that O(exclude) matches. The source is never written to.
options:
  bucket:
    description:
      - Bucket that is copied.
    type: str
    required: true
  dest_bucket:
    description:
      - Bucket that the copies go to. It must exist.
    type: str
    required: true
  dest_prefix:
    description:
      - Where in O(dest_bucket), in the form of O(prefix). In one bucket, neither of both may lie in the other.
    type: str
    default: ""
  key_pattern:
    description:
      - Regular expression with named groups that the last component of an object's key must match as a whole; its key
        below O(prefix), if the expression holds a C(/).
    type: str
  key_template:
    description:
      - How keys below O(dest_prefix) are made, as V({season}/{filename}). Fields are the named groups of
        O(key_pattern), and C(filename), C(dir) and C(path).
      - After a colon, V(snake), V(kebab), V(lower) or V(upper) converts. The key below O(prefix) is kept where this is
        left out.
    type: str
  existing:
    description:
      - What happens to an object of O(dest_bucket) whose content differs. V(fail) refuses everything before the first
        copy.
    type: str
    choices: [replace, keep, fail]
    default: replace
  delete:
    description:
      - Whether objects below O(dest_prefix) that have no source are removed. O(dest_prefix) must not be empty.
      - Never removed are keys that O(exclude) matches or O(key_pattern) does not, those in subfolders where
        O(recurse) is off, and keys that end in C(/), by which consoles mark folders.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details: Lines of O(log) are written and marked, where its folder is there.
notes:
  - Tags, versions, locks and ACLs are not copied. Other headers, such as C(Cache-Control), are copied where the server
    copies an object as a whole.
  - Where encryption hides content from ETags (SSE-KMS), a copy has the ETag of its source as user metadata
    C(source-etag), by which a second run knows it.
extends_documentation_fragment:
  - minio
  - minio.prefix
  - minio.selection
  - minio.syncing
  - minio.assume_bucket
  - minio.dest_store
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Keep the training set as it is today beside the one that goes on
  minio_copy:
    bucket: geocrop-datasets
    prefix: zimbabwe_full/v1
    dest_bucket: geocrop-datasets
    dest_prefix: kept/zimbabwe_full/v1

- name: Have the baselines in another store
  minio_copy:
    bucket: geocrop-baselines
    prefix: dw/zim/summer
    dest_bucket: geocrop-baselines
    dest_prefix: dw/zim/summer
    dest_endpoint: https://other-store.example.org
    dest_access_key: "{{ other_store_access_key }}"
    dest_secret_key: "{{ other_store_secret }}"
    workers: 8
"""

RETURN = r"""
scanned:
  description: Objects found below the prefix.
  returned: success or failed objects
  type: int
  sample: 24
copied:
  description: Objects written, new ones and replaced ones.
  returned: success or failed objects
  type: int
  sample: 2
unchanged:
  description: Objects whose copy stays as it is.
  returned: success or failed objects
  type: int
  sample: 22
adopted:
  description: Objects whose copy was there in parts of other sizes, and was found equal by reading the source.
  returned: success or failed objects
  type: int
  sample: 0
deleted:
  description: Objects removed.
  returned: success or failed objects
  type: int
  sample: 0
extraneous:
  description:
    - Objects below O(dest_prefix) that have no source and stay. With O(delete), those whose names O(key_pattern) does
      not match.
  returned: success or failed objects
  type: int
  sample: 0
unverifiable:
  description: Objects whose encryption hides their content from comparison with a copy of the same size. It stays.
  returned: success or failed objects
  type: int
  sample: 0
bytes_copied:
  description: Bytes of the objects written.
  returned: success or failed objects
  type: int
  sample: 21495808
seconds:
  description: How long it took.
  returned: success or failed objects
  type: float
  sample: 0.42
failures:
  description: Each object that failed, with the reason; at most 1000.
  returned: success or failed objects
  type: list
  elements: str
  sample: ["geocrop-datasets/zimbabwe_full/v1/a: Access Denied. (AccessDenied)"]
totals:
  description: Objects and bytes by action, as planned.
  returned: success or failed objects
  type: dict
  sample:
    copy: {objects: 2, bytes: 21495808}
    replace: {objects: 0, bytes: 0}
    adopt: {objects: 0, bytes: 0}
    keep: {objects: 22, bytes: 240648192}
    delete: {objects: 0, bytes: 0}
objects:
  description:
    - What happened to each object, in the order of their keys in O(dest_bucket); unchanged ones only with
      O(log_unchanged).
    - At most O(objects_limit); O(log) has all.
    - A dry run returns the same, without C(etag) of what is copied and C(seconds).
  returned: success or failed objects
  type: list
  elements: dict
  sample:
    - key: zimbabwe_full/v1/Zimbabwe_Full_Augmented_Batch_7.csv
      action: copy
      reason: new
      size: 10747904
      etag: 0d6ad5e0d6f21b0e2c8c0d2bd9c0b3a5
      seconds: 0.081
objects_truncated:
  description: Whether there are more than RV(objects) holds.
  returned: success or failed objects
  type: bool
  sample: false
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.sync.mirror import run_copy
from ansible.module_utils.objectstore.sync.spec import ARGUMENTS as SYNCING
from ansible.module_utils.objectstore.sync.spec import CopySpec
from ansible.module_utils.objectstore.values.arguments import ASSUME_BUCKET, BUCKET, DEST_STORE, PREFIX, dest_store
from ansible.module_utils.objectstore.values.naming import ARGUMENTS as NAMING
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION


def main() -> None:
    arguments = {
        **BUCKET,
        **PREFIX,
        **SELECTION,
        **NAMING,
        **SYNCING,
        **ASSUME_BUCKET,
        **DEST_STORE,
        "dest_bucket": {"type": "str", "required": True},
        "dest_prefix": {"type": "str", "default": ""},
    }
    with Runner(arguments) as run:
        other = dest_store(run.params)
        spec = CopySpec.from_params(run.params, same_store=not other)
        here = run.store(Store)
        report = run_copy((here, run.store(Store, other) if other else here), spec, check=run.check_mode)
        run.finish_with(report)


if __name__ == "__main__":
    main()
