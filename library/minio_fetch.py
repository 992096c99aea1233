#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_fetch
short_description: Bring the objects of a bucket into a folder, true to their content
description:
  - Fetches what is new or has other content, and leaves alone what is already there.
  - Content decides. A file is unchanged when its size and content are those of the object, by the object's size and
    ETag, whoever uploaded it, whole or in parts. Digests of local files are kept in O(digest_cache), so that a second
    run reads no file.
  - Each object is written beside its place, checked against what the server says of its content (a CRC-32, or the
    ETag, computed again of its parts), and only then takes its place, in one step. No reader ever sees half a file.
  - A run that was killed leaves nothing under the name of a file, and the next one goes on with a large object where it
    was, if the object is still the same. An object that is replaced while it is read is begun again.
  - Nothing is written outside of O(dest). Keys that no file below it can have, links in it, and keys that cannot be
    files together, as C(a) and C(a/b), are named before anything is written; the others are fetched.
  - One object that fails does not stop the others. The task fails at its end and names each.
  - Files are only removed with O(delete), after everything was fetched, and never when there is no object, when an
    object failed, above O(delete_limit), or for names that O(exclude) matches.
options:
  dest:
    description:
      - Folder on the managed host. It is made where it is missing. It may be a symbolic link; links in it are not
        followed, replaced or removed.
    type: path
    required: true
  bucket:
    description:
      - Bucket that the objects are in.
    type: str
    required: true
  key_pattern:
    description:
      - Regular expression with named groups that the last component of an object's key must match as a whole; its key
        below O(prefix), if the expression holds a C(/).
    type: str
  key_template:
    description:
      - How paths below O(dest) are made, as V({filename}) for a flat folder. Fields are the named groups of
        O(key_pattern), and C(filename), C(dir) and C(path).
      - After a colon, V(snake), V(kebab), V(lower) or V(upper) converts. The path is the key below O(prefix) where this
        is left out.
    type: str
  existing:
    description:
      - What happens to a file whose content differs. V(fail) refuses everything before the first file is written.
    type: str
    choices: [replace, keep, fail]
    default: replace
  delete:
    description:
      - Whether files in O(dest) that have no object are removed, and folders that are empty without them.
      - O(dest) must not be the home folder of the user, or a folder that holds it.
      - Never removed are files whose names O(exclude) matches or O(key_pattern) does not, those in subfolders where
        O(recurse) is off, and what is no regular file.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details: Lines of O(log) are written and marked, where its folder is there.
notes:
  - A new file has the mode that the user's mask gives it, and one that is replaced keeps its owner and mode. The
    modification time is the time at which the object was written.
  - Objects that hide others are a matter of MinIO. Where C(a) and C(a/b) are objects, its listings show C(a) alone.
extends_documentation_fragment:
  - minio
  - minio.prefix
  - minio.selection
  - minio.syncing
  - minio.digest_cache
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Have the training set on the trainer's host
  minio_fetch:
    bucket: geocrop-datasets
    prefix: zimbabwe_full/v1
    dest: ~/training/zimbabwe_full/v1
    include: ["*.csv", metadata.json]

- name: Have all baselines in one folder, as they were before the upload, and nothing else
  minio_fetch:
    bucket: geocrop-baselines
    prefix: dw/zim/summer
    dest: ~/geocrop/data/dw_cogs
    include: ["*.tif"]
    key_template: "{filename}"
    delete: true
    delete_limit: "10"
"""

RETURN = r"""
scanned:
  description: Objects found below the prefix.
  returned: success or failed objects
  type: int
  sample: 24
fetched:
  description: Files written, new ones and replaced ones.
  returned: success or failed objects
  type: int
  sample: 2
unchanged:
  description: Objects whose file stays as it is.
  returned: success or failed objects
  type: int
  sample: 22
adopted:
  description: Objects whose file was there, and whose content was found equal by reading the file.
  returned: success or failed objects
  type: int
  sample: 0
deleted:
  description: Files removed.
  returned: success or failed objects
  type: int
  sample: 0
extraneous:
  description:
    - Files in the folder that have no object and stay. With O(delete), those whose names O(key_pattern) does not match.
  returned: success or failed objects
  type: int
  sample: 0
unverifiable:
  description: Objects whose encryption hides their content from comparison with the file of the same size. It stays.
  returned: success or failed objects
  type: int
  sample: 0
bytes_fetched:
  description: Bytes of the files written.
  returned: success or failed objects
  type: int
  sample: 21495808
seconds:
  description: How long it took.
  returned: success or failed objects
  type: float
  sample: 0.42
failures:
  description: Each object or file that failed, with the reason; at most 1000.
  returned: success or failed objects
  type: list
  elements: str
  sample: ["geocrop-datasets/zimbabwe_full/v1/../x: it has a component that is empty, '.' or '..'"]
totals:
  description: Files and bytes by action, as planned.
  returned: success or failed objects
  type: dict
  sample:
    fetch: {objects: 2, bytes: 21495808}
    replace: {objects: 0, bytes: 0}
    adopt: {objects: 0, bytes: 0}
    keep: {objects: 22, bytes: 240648192}
    delete: {objects: 0, bytes: 0}
objects:
  description:
    - What happened to each file, in the order of their names; unchanged ones only with O(log_unchanged). C(key) is the
      path below O(dest).
    - At most O(objects_limit); O(log) has all.
    - A dry run returns the same, without C(etag) of what is fetched and C(seconds).
  returned: success or failed objects
  type: list
  elements: dict
  sample:
    - key: Zimbabwe_Full_Augmented_Batch_7.csv
      action: fetch
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
from ansible.module_utils.objectstore.sync.mirror import run_fetch
from ansible.module_utils.objectstore.sync.spec import ARGUMENTS as SYNCING
from ansible.module_utils.objectstore.sync.spec import DIGEST_CACHE, FetchSpec
from ansible.module_utils.objectstore.values.arguments import BUCKET, PREFIX
from ansible.module_utils.objectstore.values.naming import ARGUMENTS as NAMING
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION


def main() -> None:
    arguments = {
        **BUCKET,
        **PREFIX,
        **SELECTION,
        **NAMING,
        **SYNCING,
        **DIGEST_CACHE,
        "dest": {"type": "path", "required": True},
    }
    with Runner(arguments) as run:
        spec = FetchSpec.from_params(run.params)
        report = run_fetch(run.store(Store), spec, check=run.check_mode)
        run.finish_with(report)


if __name__ == "__main__":
    main()
