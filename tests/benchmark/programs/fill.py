"""Put many small files into a bucket at once, as tar archives that MinIO unpacks (``x-minio-extract``).

The archive's times become the objects' times, so they are the time of the upload, as with any other upload.
"""

from __future__ import annotations

import io
import json
import os
import sys
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import SnowballObject

_BATCH = 10_000


def main() -> int:
    given = json.load(sys.stdin)
    folder = Path(given["folder"])
    url = urlsplit(os.environ["MINIO_ENDPOINT"])
    client = Minio(
        url.netloc,
        access_key=os.environ["MINIO_ACCESS_KEY"],
        secret_key=os.environ["MINIO_SECRET_KEY"],
        secure=False,
        region="us-east-1",
    )
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    while batch := [_object(given["prefix"], folder, path) for path in islice(files, _BATCH)]:
        client.upload_snowball_objects(given["bucket"], batch)
    return 0


def _object(prefix: str, folder: Path, path: Path) -> SnowballObject:
    content = path.read_bytes()
    return SnowballObject(f"{prefix}/{path.relative_to(folder)}", data=io.BytesIO(content), length=len(content))


if __name__ == "__main__":
    sys.exit(main())
