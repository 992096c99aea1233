"""Read a window of a season's map, with only the index and an identity that may read.

    python examples/worker.py 2020_2021 Mode 29.8 -18.4 31.2 -17.2

MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY say where and who. Each tile is read only while it is what the
index pins (If-Match): otherwise the server refuses (HTTP 412), and a new index is there, or soon will be.
"""

import json
import os
import sys
from typing import Any

import numpy as np
import rasterio
from minio import Minio
from rasterio.windows import from_bounds

BUCKET = os.environ.get("GEOCROP_BASELINES", "geocrop-baselines")
INDEX = "manifests/dw_baseline_index.json"


def connect() -> Minio:
    """The client that reads the index; GDAL's /vsis3/ finds the same connection in the environment."""
    scheme, _, host = os.environ["MINIO_ENDPOINT"].rpartition("://")
    access, secret = os.environ["MINIO_ACCESS_KEY"], os.environ["MINIO_SECRET_KEY"]
    os.environ.update(
        AWS_S3_ENDPOINT=host,
        AWS_HTTPS="YES" if scheme == "https" else "NO",
        AWS_VIRTUAL_HOSTING="FALSE",
        AWS_ACCESS_KEY_ID=access,
        AWS_SECRET_ACCESS_KEY=secret,
        GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR",
    )
    return Minio(host, access, secret, secure=scheme == "https")


def read_window(season: str, kind: str, bounds: list[float]) -> Any:
    """The pixels between west, south, east, north, from as many tiles as they lie in; nodata where there is none."""
    index = json.loads(connect().get_object(BUCKET, INDEX).read())
    window = None
    for tile in index["objects"][season][kind].values():
        west, south, east, north = tile["bounds"]
        if west >= bounds[2] or east <= bounds[0] or south >= bounds[3] or north <= bounds[1]:
            continue
        pinned = rasterio.Env(GDAL_HTTP_HEADERS=f'If-Match: "{tile["etag"]}"')
        with pinned, rasterio.open(f"/vsis3/{index['bucket']}/{tile['key']}") as image:
            part = from_bounds(*bounds, image.transform).round_offsets().round_lengths()
            pixels = image.read(1, window=part, boundless=True, fill_value=tile["nodata"])
        window = pixels if window is None else np.where(window == tile["nodata"], pixels, window)
    if window is None:
        raise SystemExit(f"no tile of {season} {kind} lies in {bounds}")
    return window


if __name__ == "__main__":
    pixels = read_window(sys.argv[1], sys.argv[2], [float(part) for part in sys.argv[3:7]])
    classes = {str(value): int(count) for value, count in zip(*np.unique(pixels, return_counts=True), strict=True)}
    print(json.dumps({"shape": pixels.shape, "pixels": classes}))
