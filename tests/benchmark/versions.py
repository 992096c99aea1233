"""Which versions took part."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.support.binaries import mc_binary, minio_binary
from tests.support.versions import MC, MINIO

from .peers import program


@cache
def versions() -> Mapping[str, str]:
    """Name -> version of the server and of every contender."""
    found = {
        "MinIO": _stamp(MINIO.version),
        "mc": _stamp(MC.version),
        "rclone": _told(program("rclone"), "version"),
        "s5cmd": _told(program("s5cmd"), "version"),
        "aws-cli": _told(program("aws"), "--version"),
    }
    assert mc_binary().exists()
    assert minio_binary().exists()
    listed = subprocess.run(
        [program("python"), "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout
    installed = dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)
    return found | {
        name: installed[name]
        for name in ("ansible", "ansible-core", "boto3", "minio", "isal", "pandas", "polars")
        if name in installed
    }


def _stamp(version: str) -> str:
    """The date in a pseudo-version of a Go module."""
    match = re.search(r"-(\d{4})(\d{2})(\d{2})\d{6}-", version)
    return "-".join(match.groups()) if match else version


def _told(binary: Path, argument: str) -> str:
    done = subprocess.run([binary, argument], capture_output=True, text=True, check=False)
    match = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
    return match[0] if match else "unknown"
