#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_sync
short_description: Bring the files of a folder into a bucket, true to their content
description:
  - Uploads what is new or has other content, and leaves alone what is already there.
  - Content decides. An object is unchanged when its size and ETag are those of the local file's content, for
    objects uploaded whole or in parts, by this module or by any other tool. Digests of local files are kept in
    O(digest_cache), so that a second run reads no file.
  - The server checks a digest of everything that it receives. A file that changes while it is read is tried again
    and then reported; no object with a mixed content is left.
  - One file that fails does not stop the others. The task fails at its end and names each.
  - Objects are only removed with O(delete), after all uploads, and never when the source is missing or empty, when
    a part of it could not be read, when an upload failed, above O(delete_limit), or for keys that O(exclude)
    matches.
options:
  src:
    description:
      - Folder on the managed host. Symbolic links in it are followed.
    type: path
    required: true
  bucket:
    description:
      - Bucket that the objects go to. It must exist.
    type: str
    required: true
  exclude:
    description:
      - Globs of files that are not meant, in the form of O(include). Objects whose keys match are never removed.
    type: list
    elements: str
  existing:
    description:
      - What happens to an object whose content differs. V(fail) refuses the whole sync before the first upload.
    type: str
    choices: [replace, keep, fail]
    default: replace
  delete:
    description:
      - Whether objects below O(prefix) that have no file in O(src) are removed. O(prefix) must not be empty.
      - On a bucket with versioning, what is removed or replaced stays as an older version.
      - Never removed are keys that O(exclude) matches or O(key_pattern) does not, those in subfolders where
        O(recurse) is off, and keys that end in C(/), by which consoles mark folders.
    type: bool
    default: false
  part_size:
    description:
      - Files above this size are uploaded in parts of this size, from V(5MiB) to V(5GiB).
    type: str
    default: 64MiB
  metadata:
    description:
      - User metadata of what is uploaded. Objects that are unchanged keep theirs.
    type: dict
  content_type:
    description:
      - Content type of what is uploaded. Guessed from each file's name where it is left out.
    type: str
attributes:
  check_mode:
    support: full
    details: Lines of O(log) are written and marked, where its folder is there.
extends_documentation_fragment:
  - minio
  - minio.prefix
  - minio.selection
  - minio.naming
  - minio.syncing
  - minio.digest_cache
  - minio.assume_bucket
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Upload the baselines under their season and type
  minio_sync:
    src: ~/geocrop/data/dw_cogs
    bucket: geocrop-baselines
    prefix: dw/zim/summer
    include: ["*.tif"]
    key_pattern: 'DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-\d{10}-\d{10}\.tif'
    key_template: "{season}/{type:snake}/{filename}"
    log: ~/geocrop/logs/baselines.jsonl

- name: Mirror a folder, with at most 10 removals
  minio_sync:
    src: /srv/training
    bucket: geocrop-datasets
    prefix: zimbabwe_full/v1
    delete: true
    delete_limit: "10"
"""

RETURN = r"""
scanned:
  description: Files found in the source.
  returned: success or failed files
  type: int
  sample: 132
uploaded:
  description: Objects written, new ones and replaced ones.
  returned: success or failed files
  type: int
  sample: 12
unchanged:
  description: Files whose object stays as it is.
  returned: success or failed files
  type: int
  sample: 116
adopted:
  description:
    - Files whose object was there, and whose content was found equal by reading the file. It was written by somebody
      else, or nothing was known of the file as it is now.
  returned: success or failed files
  type: int
  sample: 4
deleted:
  description: Objects removed.
  returned: success or failed files
  type: int
  sample: 0
extraneous:
  description:
    - Objects below the prefix that have no file and stay. With O(delete), those whose names O(key_pattern) does not
      match, and which this sync therefore cannot have made.
  returned: success or failed files
  type: int
  sample: 0
unverifiable:
  description: Objects whose encryption hides their content from comparison. They stay.
  returned: success or failed files
  type: int
  sample: 0
bytes_uploaded:
  description: Bytes of the objects written.
  returned: success or failed files
  type: int
  sample: 754974720
seconds:
  description: How long the sync took.
  returned: success or failed files
  type: float
  sample: 3.42
failures:
  description: Each file, folder or object that failed, with the reason; at most 1000.
  returned: success or failed files
  type: list
  elements: str
  sample: ["/home/ops/geocrop/data/dw_cogs/a.tif: it is not a regular file"]
totals:
  description: Objects and bytes by action, as planned.
  returned: success or failed files
  type: dict
  sample:
    upload: {objects: 12, bytes: 754974720}
    replace: {objects: 0, bytes: 0}
    adopt: {objects: 4, bytes: 251658240}
    keep: {objects: 116, bytes: 7298088960}
    delete: {objects: 0, bytes: 0}
objects:
  description:
    - What happened to each object, in the order of their keys; unchanged ones only with O(log_unchanged).
    - At most O(objects_limit); O(log) has all.
    - A dry run returns the same, without C(etag) of what is uploaded and C(seconds).
  returned: success or failed files
  type: list
  elements: dict
  sample:
    - key: dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000000000.tif
      action: upload
      reason: new
      size: 62914560
      etag: 0d6ad5e0d6f21b0e2c8c0d2bd9c0b3a5
      seconds: 0.412
objects_truncated:
  description: Whether there are more than RV(objects) holds.
  returned: success or failed files
  type: bool
  sample: false
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.sync.mirror import run_upload
from ansible.module_utils.objectstore.sync.spec import ARGUMENTS as SYNCING
from ansible.module_utils.objectstore.sync.spec import DIGEST_CACHE, UploadSpec
from ansible.module_utils.objectstore.values.arguments import ASSUME_BUCKET, BUCKET, PREFIX
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
        **ASSUME_BUCKET,
        "src": {"type": "path", "required": True},
        "part_size": {"type": "str", "default": "64MiB"},
        "metadata": {"type": "dict"},
        "content_type": {"type": "str"},
    }
    with Runner(arguments) as run:
        spec = UploadSpec.from_params(run.params)
        report = run_upload(run.store(Store), spec, check=run.check_mode)
        run.finish_with(report)


if __name__ == "__main__":
    main()
