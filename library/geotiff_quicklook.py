#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: geotiff_quicklook
short_description: Make small pictures of the GeoTIFFs of a folder, from their overviews
description:
  - Reads the first band of each file on the managed host with C(rasterio), from the smallest overview that is large
    enough, and returns a PNG of it and where it lies.
  - Where C(rasterio) cannot be imported, there are no pictures, and RV(reason) says so.
options:
  key_pattern:
    description:
      - Regular expression that the last component of a file's path (with a C(/) in it, the whole path below O(path))
        must match to be shown; its named groups are returned.
    type: str
  newest:
    description:
      - Name of a group of O(key_pattern). Only the files with its greatest value are shown.
    type: str
  side:
    description:
      - Pixels along a picture's longer side, at most 512.
    type: int
    default: 160
  legend:
    description:
      - C(classes) says which value is shown in which C(color), as V(#419bdf). C(applies_to) names, group by group, the
        values of O(key_pattern) for which it holds.
      - Without it, and for other files, values are shown from light (the lowest of all these files) to dark.
    type: dict
extends_documentation_fragment:
  - minio.folder
  - minio.selection
  - minio.reads_only
requirements:
  - rasterio (Python library, on the managed host; without it no pictures are made)
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: geotiff_info
"""

EXAMPLES = r"""
- name: Look at the newest season
  geotiff_quicklook:
    path: ~/geocrop/data/dw_cogs
    include: ["*.tif"]
    key_pattern: DW_Zim_(?P<type>[A-Za-z]+)_(?P<season>\d{4}_\d{4})-(?P<tile>\d{10}-\d{10})\.tif
    newest: season
    legend:
      applies_to:
        type: [HighestConf, Mode]
      classes:
        - {value: 0, name: water, color: "#419bdf"}
        - {value: 1, name: trees, color: "#397d49"}
"""

RETURN = r"""
newest:
  description: The greatest value of O(newest); empty where none is asked for.
  returned: success
  type: str
  sample: "2025_2026"
tiles:
  description:
    - The pictures. C(bounds) are west, south, east and north in the units of C(crs), C(classes) the number of the
      picture's pixels with each value, and C(png) the picture in base64; pixels without data are transparent.
  returned: success
  type: list
  elements: dict
  sample:
    - name: DW_Zim_Mode_2025_2026-0000000000-0000000000.tif
      groups: {type: Mode, season: "2025_2026", tile: 0000000000-0000000000}
      bounds: [25.2, -19.05, 29.15, -15.6]
      crs: EPSG:4326
      geographic: true
      classes: {"0": 512, "1": 5632}
      png: iVBORw0KGgo=
low:
  description: Value that the lightest colour stands for; null where all files have classes.
  returned: success
  type: float
  sample: 0.0
high:
  description: Value that the darkest colour stands for; null where all files have classes.
  returned: success
  type: float
  sample: 100.0
problems:
  description: Files that are not shown, and why.
  returned: success
  type: list
  elements: dict
  sample: [{path: /home/ops/geocrop/data/dw_cogs/a.tif, problem: it has no place on the map}]
reason:
  description: Why there are no pictures; empty otherwise.
  returned: success
  type: str
  sample: the Python library rasterio cannot be used here (No module named 'rasterio')
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.quicklook import ARGUMENTS, work


def main() -> None:
    with Runner(ARGUMENTS, connects=False) as run:
        run.do(work)


if __name__ == "__main__":
    main()
