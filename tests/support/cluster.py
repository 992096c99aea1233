"""A MinIO of four nodes with erasure coding, each in a network namespace of its own, in a world (``world.py``).

With a drive a node, half of what is stored is parity: all can be read while two nodes are there, and written while
three are.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .binaries import minio_binary
from .errors import SupportError
from .process import ProcessId
from .state import Server
from .world import Host, Network

NODES = 4
PORT = 9000

#: Seconds that a cluster may take until it is healthy.
PATIENCE = 90.0


@dataclass
class Node:
    """One server: its host, its drive, and its process while it runs."""

    host: Host
    folder: Path
    command: list[str | Path]
    environment: dict[str, str]
    process: ProcessId | None = None
    port: int = PORT

    @property
    def endpoint(self) -> str:
        """Where clients reach it."""
        return f"http://{self.host.address}:{self.port}"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder.with_suffix(".log")

    def start(self) -> None:
        """Run it, with what its drive has."""
        self.process = self.host.spawn(self.command, environment=self.environment, log=self.log)

    def kill(self) -> None:
        """End it without a word to it: SIGKILL."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.stop()
            self.process = None


@dataclass
class Cluster:
    """The nodes, and the credentials of all. ``healthy`` asks a node whether all that run are in order."""

    nodes: list[Node]
    access_key: str
    secret_key: str
    healthy: Callable[[Node], bool]

    @property
    def endpoints(self) -> list[str]:
        """Those of all nodes."""
        return [node.endpoint for node in self.nodes]

    @property
    def server(self) -> Server:
        """The cluster as its first node shows it."""
        return self.seen_from(0)

    def seen_from(self, number: int) -> Server:
        """The cluster as one node shows it."""
        return Server(self.nodes[number].endpoint, self.access_key, self.secret_key)

    def wait_healthy(self) -> None:
        """Return when each node that runs is healthy."""
        until = time.monotonic() + PATIENCE
        for node in self.nodes:
            while node.process is not None and not self.healthy(node):
                if time.monotonic() > until or not node.process.is_running():
                    tail = "\n".join(f"  {line}" for line in node.log.read_text(errors="replace").splitlines()[-8:])
                    raise SupportError(f"{node.host.name} is not healthy; the end of {node.log}:\n{tail}")
                time.sleep(0.2)


def _healthy(node: Node) -> bool:
    """Whether it says that writing has its quorum."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{node.endpoint}/minio/health/cluster", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def running_cluster(network: Network, folder: Path) -> Iterator[Cluster]:
    """A healthy cluster at the network, for the time of the block; its drives are below ``folder``."""
    access_key, secret_key = f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    hosts = [network.host(f"node{number}") for number in range(1, NODES + 1)]
    drives = [folder / host.name for host in hosts]
    for drive in drives:
        drive.mkdir(parents=True)
    everyone = [f"http://{host.address}:{PORT}{drive}" for host, drive in zip(hosts, drives, strict=True)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MINIO_")},
        "HOME": str(folder),
        # all drives are of one disk, which else it does not take
        "MINIO_CI_CD": "1",
        "MINIO_ROOT_USER": access_key,
        "MINIO_ROOT_PASSWORD": secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    command: list[str | Path] = [minio_binary(), "server", "--quiet", "--certs-dir", folder / "certs", "--address"]
    nodes = [
        Node(host, drive, [*command, f"{host.address}:{PORT}", *everyone], environment)
        for host, drive in zip(hosts, drives, strict=True)
    ]
    with running(nodes):
        cluster = Cluster(nodes, access_key, secret_key, _healthy)
        cluster.wait_healthy()
        yield cluster


@contextmanager
def running(nodes: Sequence[Node]) -> Iterator[None]:
    """The nodes' processes, for the time of the block."""
    try:
        for node in nodes:
            node.start()
        yield
    finally:
        for node in nodes:
            node.kill()
