"""What is known of a server: how to reach it, and which process it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import SupportError
from .locks import write_private
from .process import ProcessId

STATE_FILE = "minio.json"


@dataclass(frozen=True)
class Server:
    """An S3 server. ``process`` is None for one that others run; ``ca_cert`` is set for TLS of our own.

    ``store`` is the name of the product, as far as we know: of one that others run, nobody asked. ``variables`` are
    what the playbook needs beside the connection.
    """

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    process: ProcessId | None = None
    ca_cert: str | None = None
    store: str = "minio"
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def module_options(self) -> dict[str, str]:
        """The connection options of the modules in ``library/``."""
        options = {"endpoint": self.endpoint, "access_key": self.access_key, "secret_key": self.secret_key}
        return options | ({"ca_cert": self.ca_cert} if self.ca_cert else {})

    @property
    def playbook_variables(self) -> dict[str, str]:
        """The connection variables of the roles."""
        return {f"minio_{name}": value for name, value in self.module_options.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the worker and the modules read."""
        return {f"MINIO_{name.upper()}": value for name, value in self.module_options.items() if name != "ca_cert"}


def server_from_environment(environment: Mapping[str, str] = os.environ) -> Server | None:
    """The server that the ``MINIO_*`` variables name, or None where ``MINIO_ENDPOINT`` is not set."""
    endpoint = environment.get("MINIO_ENDPOINT", "")
    if not endpoint:
        return None
    missing = [name for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY") if not environment.get(name)]
    if missing:
        raise SupportError(f"MINIO_ENDPOINT is set but not {' and '.join(missing)}; set them, or unset MINIO_ENDPOINT")
    if "://" not in endpoint:
        endpoint = f"http://{endpoint}"
    return Server(
        endpoint=endpoint,
        access_key=environment["MINIO_ACCESS_KEY"],
        secret_key=environment["MINIO_SECRET_KEY"],
        ca_cert=environment.get("MINIO_CA_CERT") or None,
    )


def save_state(folder: Path, server: Server) -> None:
    """Keep ``server`` in ``folder/minio.json``, mode 0600."""
    write_private(folder / STATE_FILE, json.dumps(asdict(server), indent=2) + "\n")


def load_state(folder: Path) -> Server | None:
    """The server that ``folder`` knows of, running or not; None where there is no state."""
    path = folder / STATE_FILE
    try:
        known = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except json.JSONDecodeError as error:
        raise SupportError(f"{path} is not JSON ({error}); remove it") from error
    try:
        process = known.pop("process")
        return Server(**known, process=ProcessId(**process) if process else None)
    except (AttributeError, KeyError, TypeError) as error:
        raise SupportError(f"{path} is not a server's state ({error!r}); remove it") from error


def forget_state(folder: Path) -> None:
    """Remove the state; what is gone already is fine."""
    (folder / STATE_FILE).unlink(missing_ok=True)
