"""Stream a training set, row by row, with an identity that may list and read.

    python examples/trainer.py geocrop-datasets zimbabwe_full/v1/

MINIO_ENDPOINT, MINIO_ACCESS_KEY and MINIO_SECRET_KEY say where and who. Nothing is kept on disk, and memory does not
grow with the rows. Each file is read as it was listed (If-Match); one that is replaced meanwhile is refused.
"""

import csv
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from minio import Minio


def rows(bucket: str, prefix: str) -> Iterator[dict[str, str]]:
    """Every row of every batch, with its columns by name."""
    scheme, _, host = os.environ["MINIO_ENDPOINT"].rpartition("://")
    access, secret = os.environ["MINIO_ACCESS_KEY"], os.environ["MINIO_SECRET_KEY"]
    client: Any = Minio(host, access, secret, secure=scheme == "https")
    for found in client.list_objects(bucket, prefix):
        if found.object_name.endswith(".csv"):
            pin = {"If-Match": f'"{found.etag}"'}
            with client.get_object(bucket, found.object_name, request_headers=pin) as answer:
                answer.auto_close = False  # the last line is read after the last byte has come
                yield from csv.DictReader(io.TextIOWrapper(answer, encoding="utf-8", newline=""))


if __name__ == "__main__":
    classes = Counter(row["class"] for row in rows(*sys.argv[1:3]))
    print(json.dumps({"rows": classes.total(), "classes": classes}))
