"""The errors of each file by GDAL's validate_cloud_optimized_geotiff, its full check."""

import json
import sys

from osgeo import gdal
from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate

gdal.DontUseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        errors = validate(path, full_check=True)[1]
    except Exception as error:  # noqa: BLE001  # what it stumbles over is a judgement, too
        errors = [f"{type(error).__name__}: {error}"]
    print(json.dumps([path, errors]), flush=True)
