#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_manifest
short_description: Keep a list, an index and a catalog of the objects of a bucket
description:
  - Lists the objects below a prefix and writes their keys, sorted by their bytes and one a line, to a file
    on the managed host, to an object, or to both.
  - Makes a JSON index of them by the named groups of a pattern. It pins what it names, by ETag and, where the bucket
    keeps versions, by version, and says what is known of each object.
  - Makes a static STAC catalog of the same objects, and for each level of the index a mosaic that GDAL opens as one
    image.
  - Tells what is missing from an expected matrix of names.
  - A document is written only when it differs, and only over the one that was seen, where the store knows conditional
    writes. The index is written last. With no place given, nothing is written, and the result tells.
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
      - Key of the object that gets the index, in the same bucket. Its JSON Schema is C(NAME.schema.json).
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
  key_template:
    description:
      - How a file's key below O(prefix) is made of the groups of O(key_pattern), as in M(minio_sync). Left out, it is
        the file's path. Tells which file of O(rasters) and O(src) is which object.
    type: str
  rasters:
    description:
      - What is known of the files, as M(geotiff_info) returns it. It is taken for the object of a file where the sizes
        are equal. Of an object without a row, what the stored index knows of the same content is kept.
    type: list
    elements: dict
  src:
    description:
      - Folder that the objects came from. With O(verify) its files are compared, too.
    type: path
  digest_cache:
    description:
      - The file of digests that M(minio_sync) keeps, so that O(verify) reads no file that it knows. It is not written.
    type: path
  base_url:
    description:
      - URL of the store as readers reach it, for the index. Left out, the index names none.
    type: str
  legend:
    description:
      - Classes that the values of pixels stand for, for the index, the catalog and the colours of mosaics.
    type: dict
    suboptions:
      applies_to:
        description:
          - 'Named groups with the values whose objects have these classes, as V({type: [Mode]}). All, where left out.'
        type: dict
      classes:
        description:
          - The classes.
        type: list
        elements: dict
        required: true
        suboptions:
          value:
            description:
              - Value of a pixel.
            type: int
            required: true
          name:
            description:
              - Name of the class, in letters, digits, V(-) and V(_).
            type: str
            required: true
          color:
            description:
              - Its colour, as V(#419bdf).
            type: str
            required: true
  stac:
    description:
      - A static STAC catalog, version 1.1.0, in the same bucket. It has a Collection, C(collection.json), and an Item
        for each object of the index, C(items/NAME.json), all with relative links.
    type: dict
    suboptions:
      prefix:
        description:
          - Prefix of the catalog. Nothing else should be below it.
        type: str
        required: true
      id:
        description:
          - Identifier of the Collection.
        type: str
        required: true
      title:
        description:
          - Its title; the identifier where left out.
        type: str
      description:
        description:
          - What the data is.
        type: str
        required: true
      license:
        description:
          - Licence of the data, as an SPDX identifier.
        type: str
        required: true
      period_group:
        description:
          - Named group that has a season's year, or its two years.
        type: str
        default: season
      period:
        description:
          - The first and the last day of a season, as V(09-01) and V(05-31). The first day is in the first year.
        type: list
        elements: str
        required: true
  vrt_prefix:
    description:
      - Prefix of the mosaics, C(SEASON/TYPE.vrt) where O(index_by) is season, type, tile. The last level tells tiles
        apart. A mosaic names its tiles as C(/vsis3/BUCKET/KEY).
      - Tiles that are no image together, or of which it is not known where they lie, get none, with a warning.
    type: str
  releases_prefix:
    description:
      - Prefix of the records of releases. When objects are other than the stored index has them, a record of all is
        written there before the index that names it, as C(20260301T123000Z-1f0c2a9b.json). It has keys, sizes, ETags,
        versions and facts, and what was added, replaced and removed since the release before.
      - Needs O(index_object).
    type: str
  release:
    description:
      - Key of the record of a release. The documents are then of its objects and of no others, with what it knows of
        them, and with O(releases_prefix) the index names it. It fails where one is not in the bucket with the content
        that it had.
      - For after M(minio_rollback), which brings them back.
    type: str
  purge:
    description:
      - Whether Items and mosaics of objects that are gone are removed. Nothing links to them.
    type: bool
    default: false
  verify:
    description:
      - Compare the stored documents with the store and fail naming the differences. Changes nothing.
      - With O(src), index, store and files are compared three ways, and for each key that differs it is said which of
        them is the odd one out.
    type: bool
    default: false
  planned:
    description:
      - In check mode, the actions of an earlier task that would change the listing, as M(minio_sync) returns them in
        RV(minio_sync#module:objects), and M(minio_rollback).
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

- name: Keep the index with its classes, a catalog, and a mosaic for each season and type
  minio_manifest:
    bucket: geocrop-baselines
    prefix: dw/zim/summer/
    key_pattern: DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif
    index_by: [season, type, tile]
    index_object: manifests/dw_baseline_index.json
    base_url: http://minio.geocrop.svc.cluster.local:9000
    legend:
      applies_to: {type: [Mode, HighestConf]}
      classes:
        - {value: 0, name: water, color: "#419bdf"}
        - {value: 1, name: trees, color: "#397d49"}
    stac:
      prefix: stac/dw/zim/summer
      id: dw-zim-summer
      description: Dynamic World land cover of Zimbabwe
      license: CC-BY-4.0
      period: ["09-01", "05-31"]
    vrt_prefix: vrt/dw/zim/summer

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
replaced:
  description:
    - Keys whose content is another than the stored index pins; in check mode also those that O(planned) replaces.
    - Readers of the former index are refused until they read the new one, which there is a warning about.
  returned: success
  type: list
  elements: str
  sample: [dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000065536.tif]
release:
  description: Key of the record of these objects; null where there is none.
  returned: success
  type: str
  sample: releases/dw/zim/summer/20260301T123000Z-1f0c2a9b.json
differences:
  description:
    - With O(verify), the keys on which index, store and files do not agree. C(odd) is the one unlike the others.
  returned: success
  type: list
  elements: dict
  sample:
    - key: dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000065536.tif
      odd: store
      index: {size: 10956, etag: 7fc56270e7a70fa81a5935b72eacbe29}
      store: {size: 10956, etag: 26ccc82b8038986009c9aec36bc05d47}
      file: {size: 10956}
      remedy: synchronise again, which brings the files' content back
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

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.manifest import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS) as run:
        run.do(work)


if __name__ == "__main__":
    main()
