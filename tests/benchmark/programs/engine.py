"""One sync by the engine, timed from the inside: options as JSON on standard input, cost as JSON on standard output.

With ``dest`` among the options it is a fetch, with ``dest_bucket`` a copy within the store. The connection is in
``MINIO_*``. Python's start and the imports are not in the time; they are in the memory.
Arguments name packages to do without, as if they were not installed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import ansible.module_utils

sys.modules |= dict.fromkeys(sys.argv[1:])  # type: ignore[arg-type]  # None is what stops an import
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[3] / "module_utils"))

from ansible.module_utils.objectstore.servers.store import Store  # noqa: E402  # found by the line above
from ansible.module_utils.objectstore.sync.mirror import run_copy, run_fetch, run_upload  # noqa: E402  # as above
from ansible.module_utils.objectstore.sync.spec import CopySpec, FetchSpec, UploadSpec  # noqa: E402  # as above
from ansible.module_utils.objectstore.values.model import Connection  # noqa: E402  # as above


def peak_memory() -> int:
    """Bytes. ``getrusage`` would count the parent's pages of before ``exec`` too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> int:
    params = json.load(sys.stdin)
    connection = Connection(
        endpoint=os.environ["MINIO_ENDPOINT"],
        access_key=os.environ["MINIO_ACCESS_KEY"],
        secret_key=os.environ["MINIO_SECRET_KEY"],
        ca_cert=os.environ.get("MINIO_CA_CERT"),
    )
    started = time.perf_counter()
    store = Store(connection)
    if "dest_bucket" in params:
        report = run_copy((store, store), CopySpec.from_params(params, same_store=True), check=False)
    elif "dest" in params:
        report = run_fetch(store, FetchSpec.from_params(params), check=False)
    else:
        report = run_upload(store, UploadSpec.from_params(params), check=False)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "rss": peak_memory(), "failure": report.failure}))
    return 1 if report.failure else 0


if __name__ == "__main__":
    sys.exit(main())
