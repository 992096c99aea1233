#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_release_prune
short_description: Remove the records of old releases, and versions of objects that only they named
description:
  - Removes the records that M(minio_manifest) keeps of releases, but for the newest O(keep) and the one that the index
    names.
  - With O(versions), the versions of objects that the removed records named go as well, for good. Never removed are
    what is there now, versions of a content that a release that stays or the index has, and what no release named.
  - A release whose record is gone cannot be had by M(minio_rollback) any more. In a bucket that keeps versions, the
    record itself stays as a version.
  - Versions go before their records, so that a killed run is taken up by the next one.
options:
  releases_prefix:
    description:
      - Prefix of the records, as M(minio_manifest) has it.
    type: str
    required: true
  index_object:
    description:
      - Key of the index, which names the current release. One that cannot be read is an error.
    type: str
    required: true
  keep:
    description:
      - How many records stay, the newest; 1 or more.
    type: int
    required: true
  versions:
    description:
      - Whether versions that only the removed records named are removed.
    type: bool
    default: false
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_rollback
"""

EXAMPLES = r"""
- name: Keep the ten newest releases of the baselines
  minio_release_prune:
    bucket: geocrop-baselines
    releases_prefix: releases/dw/zim/summer/
    index_object: manifests/dw_baseline_index.json
    keep: 10

- name: Give back the room that older ones take
  minio_release_prune:
    bucket: geocrop-baselines
    releases_prefix: releases/dw/zim/summer/
    index_object: manifests/dw_baseline_index.json
    keep: 10
    versions: true
"""

RETURN = r"""
kept:
  description: Keys of the records that stay, the oldest first.
  returned: success
  type: list
  elements: str
  sample: [releases/dw/zim/summer/20260308T080000Z-77aa01c2.json]
removed:
  description: Keys of the records that were removed, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json]
versions_removed:
  description: How many versions of objects were removed, or in check mode would be.
  returned: success
  type: int
  sample: 1
actions:
  description: What was removed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: remove
      subject: dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000000000.tif?versionId=8b1d-example
      before: {etag: 26ccc82b8038986009c9aec36bc05d47}
      after: null
    - action: remove
      subject: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json
      before: {release: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json}
      after: null
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - action: remove
      subject: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json
      before: {release: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json}
      after: null
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.release_prune import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
