#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: geotiff_info
short_description: Check that the GeoTIFFs of a folder are Cloud Optimized
description:
  - Looks at the directories of each file of a folder on the managed host, and at some bytes of its blocks, without
    decoding a pixel.
  - A file is as it should be when it is a GeoTIFF with a coordinate reference system and a transform, laid out as
    GDAL's and rio-cogeo's validators want it, and neither cut short nor with a hole. Where a side exceeds 512 pixels,
    it must be in tiles, and have overviews.
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
rasters:
  description:
    - Each file that could be read, in the order of their names, RV(rasters) being as long as O(rasters_limit) lets it.
    - C(path) is relative to O(path), C(size) in bytes.
    - C(crs) is C(EPSG:…) or WKT, C(transform) the six numbers a to f by which a column and a row (from the upper left
      corner) become C(x = a*column + b*row + c) and C(y = d*column + e*row + f), C(bounds) are minx, miny, maxx, maxy.
      All three are null where the file does not say them, or without C(rasterio), and so are C(dtype) and C(nodata).
    - C(shape) is rows and columns, C(block) the height and width of a tile, C(overviews) by how much each is smaller.
  returned: success
  type: list
  elements: dict
  sample:
    - path: DW_Zim_Mode_2015_2016-0000000000-0000000000.tif
      size: 59976124
      crs: EPSG:32736
      transform: [10.0, 0.0, 100000.0, 0.0, -10.0, 8270000.0]
      bounds: [100000.0, 7614640.0, 755360.0, 8270000.0]
      shape: [65536, 65536]
      dtype: uint8
      bands: 1
      nodata: 255
      block: [512, 512]
      compression: deflate
      overviews: [2, 4, 8, 16, 32, 64, 128]
"""

from ansible.module_utils.objectstore.data.folder import problem_report
from ansible.module_utils.objectstore.data.raster import RASTERS_LIMIT, RasterRules, check_rasters
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import FOLDER
from ansible.module_utils.objectstore.values.selection import ARGUMENTS as SELECTION
from ansible.module_utils.objectstore.values.selection import Selection


def main() -> None:
    arguments = {
        **FOLDER,
        **SELECTION,
        "overviews": {"type": "bool", "default": True},
        "crs": {"type": "bool", "default": True},
        "dtype": {"type": "str"},
        "rasters_limit": {"type": "int", "default": RASTERS_LIMIT},
        "on_problem": {"type": "str", "choices": ["fail", "warn", "ignore"], "default": "ignore"},
    }
    with Runner(arguments, connects=False) as run:
        params = run.params
        report = check_rasters(
            params["path"],
            Selection.from_params(params),
            RasterRules(overviews=params["overviews"], crs=params["crs"], dtype=params["dtype"]),
            recurse=params["recurse"],
        )
        returns = report.as_dict(params["rasters_limit"])
        if report.reason:
            run.warn(f"where {report.files} files lie was not looked at: {report.reason}.")
        found = problem_report(params["path"], report.problems)
        if found and params["on_problem"] == "fail":
            run.fail(str(found), **returns)
        if found and params["on_problem"] == "warn":
            run.warn(str(found))
        run.exit(changed=False, **returns)


if __name__ == "__main__":
    main()
