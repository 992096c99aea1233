"""Start and stop MinIO servers on the loopback interface."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .binaries import minio_binary
from .errors import SupportError
from .health import wait_ready
from .ports import free_ports
from .process import ProcessId, spawn
from .state import Server
from .tls import Authority

#: The drive of a server, in its folder.
DATA = "minio-data"

_PORT_TRIES = 5
_LOST_RACE = "address already in use"


@dataclass(frozen=True)
class ServerOptions:
    """How a server is to run.

    ``environment`` adds settings such as MINIO_KMS_SECRET_KEY. With ``tls`` it serves https with a
    certificate of a throwaway authority. ``die_with_parent`` suits tests, not a demonstration.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False
    die_with_parent: bool = False
    host: str = "127.0.0.1"
    wait_seconds: float = 30.0


def start_server(folder: Path, options: ServerOptions = ServerOptions(), *, binary: Path | None = None) -> Server:
    """Run a MinIO with its data, certificates and log under ``folder``; ready when this returns.

    Port and credentials are new each time, the data stays. Any number of servers can run, each in a
    folder of its own. SupportError tells why it does not run, with the end of its log.
    """
    binary = binary or minio_binary()
    data, certificates = folder / DATA, folder / "certs"
    for made in (data, certificates):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_cert = str(Authority.make(certificates / "ca").issue(certificates)) if options.tls else None
    access_key, secret_key = f"demo{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    environment = _environment(options, access_key, secret_key, folder)
    log = folder / "minio.log"
    for _ in range(_PORT_TRIES):
        address = f"{options.host}:{free_ports(1)[0]}"
        command: list[str | Path] = [
            binary,
            "server",
            "--quiet",
            "--address",
            address,
            "--certs-dir",
            certificates,
            data,
        ]
        process = spawn(command, environment=environment, log=log, die_with_parent=options.die_with_parent)
        endpoint = f"{'https' if options.tls else 'http'}://{address}"
        server = Server(endpoint, access_key, secret_key, process=process, ca_cert=ca_cert)
        if _becomes_ready(server, options, log=log):
            return server
    raise SupportError(f"minio: {_PORT_TRIES} free ports were taken by others before it could use them; try again")


def stop_server(server: Server) -> bool:
    """End the server's process; False where it was not running, or is not ours."""
    return server.process is not None and server.process.stop()


def _environment(options: ServerOptions, access_key: str, secret_key: str, folder: Path) -> dict[str, str]:
    """The caller's environment without its MINIO_* settings, which are meant for clients or other servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINIO_")}
    own = {
        "HOME": str(folder),  # it makes a folder of its own there
        "MINIO_ROOT_USER": access_key,
        "MINIO_ROOT_PASSWORD": secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    return kept | own | dict(options.environment)


def _becomes_ready(server: Server, options: ServerOptions, *, log: Path) -> bool:
    """False where the port was lost to another program; SupportError for any other failure."""
    process = server.process

    def is_alive() -> bool:
        return isinstance(process, ProcessId) and process.is_running()

    try:
        wait_ready(
            server.endpoint,
            ca_cert=server.ca_cert,
            region=options.environment.get("MINIO_SITE_REGION"),
            seconds=options.wait_seconds,
            is_alive=is_alive,
        )
    except SupportError as error:
        stop_server(server)
        written = log.read_text(errors="replace").strip()
        if _LOST_RACE in written.lower():
            return False
        tail = "\n".join(f"  {line}" for line in written.splitlines()[-8:]) or "  (its log is empty)"
        raise SupportError(f"minio: {error}; the end of {log}:\n{tail}") from error
    # another program may have got the port and answered in the server's place
    return is_alive()
