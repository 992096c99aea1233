#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_manifest
short_description: Keep a list and an index of the objects of a bucket
description:
  - Lists the objects below a prefix and writes their keys, sorted by their bytes and one a line, to a file
    on the managed host, to an object, or to both.
  - Makes a JSON index of them by the named groups of a pattern, for readers that look keys up.
  - Tells what is missing from an expected matrix of names.
  - A document is written only when it differs. With no place given, nothing is written, and the result tells.
  - The manifest's own objects are not listed in it.
options:
  dest:
    description:
      - File on the managed host that gets the keys. It is replaced in one step; missing folders are made.
    type: path
  object:
    description:
      - Key of the object that gets the keys, in the same bucket.
    type: str
  index_dest:
    description:
      - File on the managed host that gets the index.
    type: path
  index_object:
    description:
      - Key of the object that gets the index, in the same bucket.
    type: str
  mode:
    description:
      - Octal mode of the files, as V("0644"), or the number that YAML makes of V(0644) without quotes. Left out, a file
        keeps its mode, and a new one gets V(0644).
    type: raw
  key_pattern:
    description:
      - Regular expression with named groups that must match in full, the last component of a key where it holds no
        C(/), else the whole key.
      - Keys that do not match are listed, but they are not in the index, and count as unexpected.
    type: str
  index_by:
    description:
      - Named groups in the order in which the index nests them. All, in the pattern's order, where it is missing.
    type: list
    elements: str
  expect:
    description:
      - 'Values of named groups, as V({season: [2015_2016, 2016_2017], type: [Mode]}). Every combination must be there.'
    type: dict
  on_missing:
    description:
      - What to do when a combination of O(expect) is missing. With V(fail) nothing is written.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  verify:
    description:
      - Compare the stored documents with the store and fail naming the differences. Changes nothing.
    type: bool
    default: false
  planned:
    description:
      - In check mode, the actions of an earlier task that would change the listing, as M(minio_sync) returns them in
        RV(minio_sync#module:objects).
        The ETag of an object that is not uploaded yet is unknown, so that an index with it is predicted to change.
      - Not used outside of check mode.
    type: list
    elements: dict
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.prefix
  - minio.selection
  - minio.assume_bucket
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_sync
"""

EXAMPLES = r"""
- name: Keep the list of baselines on the host and in the bucket
  minio_manifest:
    bucket: geocrop-baselines
    prefix: dw/zim/summer/
    include: ["*.tif"]
    dest: ~/geocrop/data/dw_baseline_keys.txt
    object: manifests/dw_baseline_keys.txt

- name: Keep an index from season to type to tile, and fail where one is missing
  minio_manifest:
    bucket: geocrop-baselines
    prefix: dw/zim/summer/
    key_pattern: DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif
    index_by: [season, type, tile]
    index_object: manifests/dw_baseline_index.json
    expect:
      season: ["2015_2016"]
      type: [Mode]

- name: Compare the stored list with the store
  minio_manifest:
    bucket: geocrop-baselines
    prefix: dw/zim/summer/
    include: ["*.tif"]
    object: manifests/dw_baseline_keys.txt
    verify: true
"""

RETURN = r"""
keys:
  description: The keys, sorted.
  returned: success
  type: list
  elements: str
  sample: [dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000000000.tif]
bytes:
  description: Size of all objects together.
  returned: success
  type: int
  sample: 7916748800
missing:
  description: Combinations of O(expect) that have no key.
  returned: success
  type: list
  elements: dict
  sample: [{season: "2015_2016", type: Mode}]
unexpected:
  description: Keys that do not match O(key_pattern), or lie outside of O(expect).
  returned: success
  type: list
  elements: str
  sample: [dw/zim/summer/notes.tif]
added:
  description: Keys that the stored list did not have.
  returned: success
  type: list
  elements: str
  sample: [dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000065536.tif]
removed:
  description: Keys that only the stored list had.
  returned: success
  type: list
  elements: str
  sample: [dw/zim/summer/old.tif]
actions:
  description: The documents that were written, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: geocrop-baselines/manifests/dw_baseline_keys.txt
      before: null
      after: {size: 10956, md5: 7fc56270e7a70fa81a5935b72eacbe29}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - action: create
      subject: /home/ops/geocrop/data/dw_baseline_keys.txt
      before: null
      after: {size: 11264, md5: 26ccc82b8038986009c9aec36bc05d47}
"""

from ansible.module_utils.objectstore.manifests.manifest import ManifestSpec
from ansible.module_utils.objectstore.manifests.run import ManifestOptions, apply_manifest, read_manifest
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.arguments import ASSUME_BUCKET, BUCKET, PREFIX
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION


def main() -> None:
    arguments = {
        **BUCKET,
        **PREFIX,
        **SELECTION,
        **ASSUME_BUCKET,
        "dest": {"type": "path"},
        "object": {"type": "str"},
        "index_dest": {"type": "path"},
        "index_object": {"type": "str"},
        "mode": {"type": "raw"},
        "key_pattern": {"type": "str", "no_log": False},
        "index_by": {"type": "list", "elements": "str"},
        "expect": {"type": "dict"},
        "on_missing": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "fail"},
        "verify": {"type": "bool", "default": False},
        "planned": {"type": "list", "elements": "dict"},
    }
    with Runner(arguments) as run:
        spec = ManifestSpec.from_params(run.params)
        store = run.store(Store)
        read = read_manifest(store, spec, ManifestOptions.from_params(run.params, check_mode=run.check_mode))
        for warning in read.warnings:
            run.warn(warning)
        run.finish(read.plan, lambda plan: apply_manifest(store, plan, read), **read.as_dict())


if __name__ == "__main__":
    main()
