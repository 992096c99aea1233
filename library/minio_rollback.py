#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_rollback
short_description: Bring back the objects of a release from their versions
description:
  - A release is what a prefix held when its index was published; M(minio_manifest) records it (O(releases_prefix)).
  - Each object that is not as the release has it comes back from the version that its record names, or from another
    version of the same content. The server copies, in the same parts, so that ETags are the same again. What is
    replaced stays as a version.
  - Where the bucket keeps no version with the content of an object, each such object is named, and nothing is touched.
  - What is there beyond the release stays, unless O(delete) asks for its removal, which comes last and has the guards
    of M(minio_sync).
  - A killed run is taken up by the next one. Neither list nor index are written; M(minio_manifest) does that with its
    option O(minio_manifest#module:release), so that readers of the former index go on with the former versions until
    everything is back.
options:
  release:
    description:
      - The release, by its id as V(20260301T123000Z-1f0c2a9b), by a beginning of it that no other has, or by the key of
        its record.
      - V(latest) is the newest. V(previous) is the one before the one that the index names, so that it is another one
        after each rollback; use an id in what is run again.
    type: str
    required: true
  releases_prefix:
    description:
      - Prefix of the records, as M(minio_manifest) has it.
    type: str
    required: true
  index_object:
    description:
      - Key of the index, which names the current release.
    type: str
    required: true
  delete:
    description:
      - Whether objects below the prefix of the release that it does not have are removed. In a bucket with versions
        they stay as versions.
      - Never removed are the index, its schema, the records, keys that O(include) does not match or O(exclude) does,
        and keys that end in C(/), by which consoles mark folders.
    type: bool
    default: false
  delete_limit:
    description:
      - How many may be removed at most, as a number or as a share of what is there. Above it, all is refused before
        anything is written.
    type: str
    default: "25%"
  workers:
    description:
      - Requests at a time, at most, from 1 to 64. A server that says that they are too many (C(503 SlowDown)) is sent
        half as many, and then slowly more again.
      - The default suits a store on the same host as well as one that is 100 ms away.
    type: int
    default: 16
  log:
    description:
      - File on the managed host that one JSON line for each entry is appended to, and one for the summary. A dry run
        marks its lines with C("check":true) and makes no folder.
    type: path
  log_unchanged:
    description:
      - Whether what is unchanged is logged and returned too.
    type: bool
    default: false
  objects_limit:
    description:
      - How many entries RV(objects) holds at most.
    type: int
    default: 1000
  progress_file:
    description:
      - File on the managed host that holds the progress as JSON, replaced about every second.
    type: path
attributes:
  check_mode:
    support: full
    details: Lines of O(log) are written and marked, where its folder is there.
notes:
  - O(include) and O(exclude) are of keys below the prefix of the release. They choose what comes back as well as what
    may be removed.
  - Tags, locks and ACLs of a version are not copied. An object that is locked gets a newer version like any other.
  - Where versioning was suspended, what is replaced or removed does not stay, which there is a warning about.
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.selection
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_manifest
  - module: minio_copy
"""

EXAMPLES = r"""
- name: Have the baselines as they were before the last change
  minio_rollback:
    bucket: geocrop-baselines
    release: previous
    releases_prefix: releases/dw/zim/summer/
    index_object: manifests/dw_baseline_index.json
    include: ["*.tif"]

- name: Have one release exactly, by the beginning of its id, and remove what it does not have
  minio_rollback:
    bucket: geocrop-baselines
    release: 20260301T1230
    releases_prefix: releases/dw/zim/summer/
    index_object: manifests/dw_baseline_index.json
    include: ["*.tif"]
    delete: true
"""

RETURN = r"""
release:
  description: Key of the record of the release.
  returned: success or failed objects
  type: str
  sample: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json
current:
  description: Key of the record that the index names; null where it names none.
  returned: success or failed objects
  type: str
  sample: releases/dw/zim/summer/20260308T080000Z-77aa01c2.json
prefix:
  description: The prefix that the release is of.
  returned: success or failed objects
  type: str
  sample: dw/zim/summer/
scanned:
  description: Objects of the release.
  returned: success or failed objects
  type: int
  sample: 24
restored:
  description: Objects written, new ones and replaced ones.
  returned: success or failed objects
  type: int
  sample: 2
unchanged:
  description: Objects that are as the release has them.
  returned: success or failed objects
  type: int
  sample: 22
adopted:
  description: Always 0; as other syncs count.
  returned: success or failed objects
  type: int
  sample: 0
deleted:
  description: Objects removed.
  returned: success or failed objects
  type: int
  sample: 0
extraneous:
  description: Objects that the release does not have and that stay.
  returned: success or failed objects
  type: int
  sample: 0
unverifiable:
  description: Always 0; as other syncs count.
  returned: success or failed objects
  type: int
  sample: 0
bytes_restored:
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
  sample: ["zimbabwe_full/v1/a: Access Denied. (AccessDenied)"]
totals:
  description: Objects and bytes by action, as planned.
  returned: success or failed objects
  type: dict
  sample:
    restore: {objects: 2, bytes: 21495808}
    replace: {objects: 0, bytes: 0}
    adopt: {objects: 0, bytes: 0}
    keep: {objects: 22, bytes: 240648192}
    delete: {objects: 0, bytes: 0}
objects:
  description:
    - What happened to each object, in the order of their keys; unchanged ones only with O(log_unchanged).
    - At most O(objects_limit); O(log) has all.
    - A dry run returns the same, without C(etag) of what comes back and C(seconds).
  returned: success or failed objects
  type: list
  elements: dict
  sample:
    - key: zimbabwe_full/v1/Zimbabwe_Full_Augmented_Batch_7.csv
      action: restore
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
from ansible.module_utils.objectstore.work.rollback import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
