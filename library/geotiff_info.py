#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: geotiff_info
short_description: Check that the GeoTIFFs of a folder are Cloud Optimized, and one set
description:
  - Looks at the directories of each file of a folder on the managed host, and at some bytes of its blocks, without
    decoding a pixel.
  - A file is as it should be when it is a GeoTIFF with a coordinate reference system and a transform, laid out as
    GDAL's and rio-cogeo's validators want it, and neither cut short nor with a hole. Where a side exceeds 512 pixels,
    it must be in tiles, and have overviews.
  - With O(key_pattern) the files are also judged as a set, before anything is uploaded. Their names must be those of a
    matrix, all may have to be of one kind, no two may have the same content, and tiles must cover their image without
    overlap or gap. Where a tile lies is read from its georeference; a name that contradicts it is a problem.
  - Where C(rasterio) cannot be imported, coordinate reference system, transform and data type stay unknown, and
    RV(checked) says so.
options:
  overviews:
    description:
      - Whether a file with a side above 512 pixels must have overviews. Otherwise it is one of RV(remarks).
    type: bool
    default: true
  crs:
    description:
      - Whether a file must have a coordinate reference system and a transform.
    type: bool
    default: true
  dtype:
    description:
      - Data type that the bands must have, as V(uint8). Any, where it is missing.
    type: str
  prefix:
    description:
      - What stands before the keys in RV(rasters), as M(minio_sync) has it.
    type: str
    default: ''
  key_pattern:
    description:
      - Regular expression that each name must match, as M(minio_sync) takes it; its named groups are what the
        options below speak of.
    type: str
  key_template:
    description:
      - How M(minio_sync) makes keys of them. Only used to tell which files would get the same key, and for RV(rasters).
    type: str
  unmatched:
    description:
      - What a file is whose name does not match O(key_pattern). V(fail) makes it one of RV(problems), V(keep) looks at
        its content alone, V(skip) not even that.
    type: str
    choices: [fail, skip, keep]
    default: fail
  expect:
    description:
      - 'Values of named groups, as V({season: [2015_2016, 2016_2017], type: [Mode]}). There must be a file for every
        combination.'
      - Names that are almost those of missing files (V(.TIF), V(.crdownload), V( (1).tif), other capitals) are named.
    type: dict
  on_missing:
    description:
      - What to do when a combination of O(expect) is missing.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  season_group:
    description:
      - Named group that holds a season, which must be two consecutive years.
    type: str
  mosaic_by:
    description:
      - Named groups of which each combination of values is one image made of tiles. The tiles must cover a rectangle.
    type: list
    elements: str
  tile_group:
    description:
      - Named group with the two numbers by which Earth Engine names the tiles of a split export, first row, then first
        column, as in C(…-0000000000-0000065536.tif), which is the tile in the north-east.
      - Their order must be that of the tiles on the ground, within each image of O(mosaic_by).
    type: str
  alike:
    description:
      - What all files must have in common. The values that most have are taken as meant.
    type: list
    elements: str
    choices: [crs, dtype, bands, nodata, pixel_size]
  alike_by:
    description:
      - Named groups that tell kinds of files apart. Then only those of one kind must be alike.
    type: list
    elements: str
  compare_with:
    description:
      - Another folder, of which this one may hold a part or a copy. Files of the same name are compared by content.
    type: path
  digest_cache:
    description:
      - The O(minio_sync#module:digest_cache) of the syncs of both folders. What it knows of two files is not read
        again, and nothing is written to it.
    type: path
  on_difference:
    description:
      - What to do when a file has another content than that of its name in O(compare_with).
    type: str
    choices: [fail, warn, ignore]
    default: ignore
  rasters_limit:
    description:
      - How many files RV(rasters) has at most.
    type: int
    default: 1000
  on_problem:
    description:
      - What to do when a file is not as it should be.
    type: str
    choices: [fail, warn, ignore]
    default: ignore
extends_documentation_fragment:
  - minio.folder
  - minio.selection
  - minio.reads_only
requirements:
  - rasterio (Python library, on the managed host; without it only the structure of the files is checked)
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Check the baselines before they are uploaded
  geotiff_info:
    path: ~/geocrop/data/dw_cogs
    include: ["*.tif"]
    dtype: uint8
    on_problem: fail

- name: See how much of a partial set the whole one has
  geotiff_info:
    path: ~/geocrop/data/dw_baselines
    compare_with: ~/geocrop/data/dw_cogs
    on_difference: warn

- name: Check them as a set, too
  geotiff_info:
    path: ~/geocrop/data/dw_cogs
    include: ["*.tif"]
    key_pattern: DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif
    season_group: season
    mosaic_by: [season, type]
    tile_group: tile
    alike: [crs, dtype, bands, nodata, pixel_size]
    expect:
      season: ["2015_2016"]
      type: [Mode]
      tile: [0000000000-0000000000, 0000000000-0000065536, 0000065536-0000000000, 0000065536-0000065536]
    on_problem: fail
"""

RETURN = r"""
files:
  description: Number of files.
  returned: success
  type: int
  sample: 132
bytes:
  description: Size of all files together.
  returned: success
  type: int
  sample: 7916748800
checked:
  description: Whether the files were also opened with C(rasterio).
  returned: success
  type: bool
  sample: true
reason:
  description: Why they were not; empty otherwise.
  returned: success
  type: str
  sample: the Python library rasterio cannot be used here (No module named 'rasterio')
problems:
  description: What is not as it should be.
  returned: success
  type: list
  elements: dict
  sample: [{path: /home/ops/geocrop/data/dw_cogs/a.tif, problem: it has no overviews}]
remarks:
  description: What could be better, and is no fault.
  returned: success
  type: list
  elements: dict
  sample: [{path: /home/ops/geocrop/data/dw_cogs/a.tif, problem: it has no overviews}]
missing:
  description: Combinations of O(expect) that have no file.
  returned: success
  type: list
  elements: dict
  sample: [{season: "2015_2016", type: Mode, tile: 0000000000-0000065536}]
unexpected:
  description: Files that lie outside of O(expect), relative to O(path).
  returned: success
  type: list
  elements: str
  sample: [DW_Zim_Mode_2026_2027-0000000000-0000000000.tif]
crs:
  description: Coordinate reference systems of the files.
  returned: success
  type: list
  elements: str
  sample: ["EPSG:4326"]
dtypes:
  description: Data types of the files.
  returned: success
  type: list
  elements: str
  sample: [uint8]
compared:
  description:
    - How the files of O(path) and of O(compare_with) overlap. How many are the same in both by name and content, which
      names have another content, and how many are in one of them only.
  returned: success, with O(compare_with)
  type: dict
  sample: {folder: /home/ops/geocrop/data/dw_cogs, same: 50, different: [], only_here: 0, only_there: 82}
rasters:
  description:
    - Each file that could be read, in the order of their names, RV(rasters) being as long as O(rasters_limit) lets it.
    - C(path) is relative to O(path), C(size) in bytes.
    - C(crs) is C(EPSG:…) or WKT, C(transform) the six numbers a to f by which a column and a row (from the upper left
      corner) become C(x = a*column + b*row + c) and C(y = d*column + e*row + f), C(bounds) are minx, miny, maxx, maxy.
      All three are null where the file does not say them, or without C(rasterio), and so are C(dtype) and C(nodata).
    - C(key) is that of the object, null where the name does not match O(key_pattern). C(row) and C(column) are those of
      the tile in its image as they were measured, counted from 0 in the north-west; null without O(mosaic_by).
    - C(shape) is rows and columns, C(block) the height and width of a tile, C(overviews) by how much each is smaller.
  returned: success
  type: list
  elements: dict
  sample:
    - path: DW_Zim_Mode_2015_2016-0000000000-0000065536.tif
      key: dw/zim/summer/2015_2016/mode/DW_Zim_Mode_2015_2016-0000000000-0000065536.tif
      size: 59976124
      crs: EPSG:32736
      transform: [10.0, 0.0, 755360.0, 0.0, -10.0, 8270000.0]
      bounds: [755360.0, 7614640.0, 1410720.0, 8270000.0]
      shape: [65536, 65536]
      dtype: uint8
      bands: 1
      nodata: 255
      block: [512, 512]
      compression: deflate
      overviews: [2, 4, 8, 16, 32, 64, 128]
      row: 0
      column: 1
"""

from ansible.module_utils.objectstore.data.overlap import compare_folders
from ansible.module_utils.objectstore.data.raster import RasterRules
from ansible.module_utils.objectstore.data.rasterset import ARGUMENTS as SET
from ansible.module_utils.objectstore.data.rasterset import RASTERS_LIMIT, SetRules, check_rasters, set_faults
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import FOLDER
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION
from ansible.module_utils.objectstore.values.selection import Selection


def main() -> None:
    arguments = {
        **FOLDER,
        **SELECTION,
        **SET,
        "overviews": {"type": "bool", "default": True},
        "crs": {"type": "bool", "default": True},
        "dtype": {"type": "str"},
        "compare_with": {"type": "path"},
        "digest_cache": {"type": "path"},
        "on_difference": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "ignore"},
        "rasters_limit": {"type": "int", "default": RASTERS_LIMIT},
        "on_problem": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "ignore"},
        "on_missing": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "fail"},
    }
    with Runner(arguments, connects=False) as run:
        params = run.params
        together = SetRules.from_params(params)
        report = check_rasters(
            params["path"],
            Selection.from_params(params),
            RasterRules(overviews=params["overviews"], crs=params["crs"], dtype=params["dtype"]),
            together,
            recurse=params["recurse"],
        )
        returns = report.as_dict(params["rasters_limit"])
        faults = set_faults(params["path"], report, together)
        if params["compare_with"]:
            overlap = compare_folders(
                params["path"],
                params["compare_with"],
                Selection.from_params(params),
                recurse=params["recurse"],
                digest_cache=params["digest_cache"],
            )
            returns["compared"] = overlap.as_dict()
            other = overlap.fault(params["path"])
            faults.update({"on_difference": other} if other else {})
        if report.reason:
            run.warn(f"where {report.files} files lie was not looked at: {report.reason}.")
        failing = [str(fault) for option, fault in faults.items() if params[option] == "fail"]
        for option, fault in faults.items():
            if params[option] == "warn":
                run.warn(str(fault))
        if failing:
            run.fail(" ".join(failing), **returns)
        run.exit(changed=False, **returns)


if __name__ == "__main__":
    main()
