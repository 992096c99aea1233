#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: geotiff_info
short_description: Check that the GeoTIFFs of a folder are Cloud Optimized
description:
  - Opens each file of a folder on the managed host with C(rasterio) and looks at its header, without reading a pixel.
  - A file is as it should be when it is a GeoTIFF in tiles, with overviews and a coordinate reference system, and when
    it is not cut short.
  - Where C(rasterio) cannot be imported, only the first bytes of each file are looked at, and RV(checked) says so.
options:
  overviews:
    description:
      - Whether a file must have overviews.
    type: bool
    default: true
  crs:
    description:
      - Whether a file must have a coordinate reference system.
    type: bool
    default: true
  dtype:
    description:
      - Data type that the first band must have, as V(uint8). Any, where it is missing.
    type: str
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
  - rasterio (Python library, on the managed host; without it the check is not made)
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
  description: Whether the files were opened with C(rasterio).
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
"""

from ansible.module_utils.objectstore.data.raster import RasterRules, check_rasters, problem_report
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
        if report.reason:
            run.warn(f"{report.files} files were not checked for tiles and overviews: {report.reason}.")
        found = problem_report(params["path"], report.problems)
        if found and params["on_problem"] == "fail":
            run.fail(str(found), **report.as_dict())
        if found and params["on_problem"] == "warn":
            run.warn(str(found))
        run.exit(changed=False, **report.as_dict())


if __name__ == "__main__":
    main()
