"""Fuzz for a while: ``python -m tests.fuzz MINUTES [MODULE…]``; figures at the end, and 1 where something broke."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

import ansible.module_utils
from hypothesis import HealthCheck, given, seed, settings

from tests.support.paths import MODULE_UTILS
from tests.support.server import ServerOptions, start_server, stop_server

from .parameters import parameters_of
from .properties import TRIED, run, run_twice

#: Modules whose tasks are tried in both modes, one after the other; all others only in check mode.
WRITING = (
    "minio_access_key",
    "minio_bucket",
    "minio_group",
    "minio_iam_policy",
    "minio_object",
    "minio_policy",
    "minio_user",
)
READING = ("minio_access_check", "minio_bucket_info", "minio_manifest", "minio_presigned_check", "minio_spot_check")


def main(minutes: float, modules: tuple[str, ...]) -> int:
    """Try tasks until the time is up; returns how many things broke."""
    ansible.module_utils.__path__.append(str(MODULE_UTILS))
    warnings.simplefilter("ignore", ResourceWarning)
    for name in [name for name in os.environ if name.startswith("MINIO_")]:
        del os.environ[name]
    end, broken = time.monotonic() + 60 * minutes, 0
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder), ServerOptions(die_with_parent=True))
        try:
            while time.monotonic() < end:
                broken += _round(dict(server.module_options), modules or WRITING + READING, end)
        finally:
            stop_server(server)
    print(
        f"{sum(TRIED.values())} tasks, {broken} broke: " + ", ".join(f"{name} {TRIED[name]}" for name in sorted(TRIED))
    )
    return broken


def _round(connection: dict[str, object], modules: tuple[str, ...], end: float) -> int:
    """Some tasks of each module with a new seed; how many modules broke."""
    broken, start = 0, random.randrange(2**32)
    for module in modules:
        try:
            _try(module, connection, start=start, end=end)
        except AssertionError as error:
            broken += 1
            print(f"{module}, seed {start}: {error}\n" + "\n".join(getattr(error, "__notes__", [])), flush=True)
    return broken


def _try(module: str, connection: dict[str, object], *, start: int, end: float) -> None:
    @seed(start)
    @settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(params=parameters_of(module, connection))
    def task(params: dict[str, object]) -> None:
        if time.monotonic() >= end:
            return
        if module in WRITING:
            run_twice(module, params)
        else:
            run(module, params, check=True)

    task()


if __name__ == "__main__":
    sys.exit(bool(main(float(sys.argv[1]), tuple(sys.argv[2:]))))
