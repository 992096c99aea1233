"""A Garage of three nodes, each with a copy of all, in network namespaces of their own, in a world (``world.py``)."""

from __future__ import annotations

import os
import secrets
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .cluster import PATIENCE, Cluster, Node, running
from .daemons import GARAGE_SETTINGS, ask_garage, garage_program, set_up_garage
from .health import wait_ready
from .locks import write_private
from .state import Server
from .world import Host, Network

NODES = 3
API, ADMIN, RPC = 3900, 3903, 3901


@contextmanager
def running_garages(network: Network, folder: Path) -> Iterator[Cluster]:
    """A healthy Garage at the network, for the time of the block. Its region is that of most clients."""
    token, secret = secrets.token_urlsafe(24), secrets.token_hex(32)
    access_key, secret_key = f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    nodes = [_node(network.host(f"node{number}"), folder, token, secret) for number in range(1, NODES + 1)]

    def admin(node: Node) -> Server:
        variables = {"access_admin_endpoint": f"http://{node.host.address}:{ADMIN}", "access_admin_token": token}
        return Server(node.endpoint, access_key, secret_key, store="garage", variables=variables)

    def healthy(node: Node) -> bool:
        """Whether it is in touch with all that run."""
        try:
            health = ask_garage(admin(node), "GetClusterHealth")
        except (urllib.error.URLError, OSError):
            return False
        return bool(health["connectedNodes"] == sum(other.process is not None for other in nodes))

    with running(nodes):
        for node in nodes:
            wait_ready(admin(node).variables["access_admin_endpoint"], seconds=PATIENCE)
        told = [ask_garage(admin(node), "GetNodeInfo?node=self")["success"] for node in nodes[1:]]
        peers = [f"{next(iter(one))}@{node.host.address}:{RPC}" for one, node in zip(told, nodes[1:], strict=True)]
        ask_garage(admin(nodes[0]), "ConnectClusterNodes", peers)
        cluster = Cluster(nodes, access_key, secret_key, healthy)
        cluster.wait_healthy()
        set_up_garage(admin(nodes[0]))
        cluster.wait_healthy()
        yield cluster


def _node(host: Host, folder: Path, token: str, secret: str) -> Node:
    own = folder / host.name
    for name in ("garage-meta", "garage-data"):
        (own / name).mkdir(parents=True)
    settings = own / "garage.toml"
    ports = {"address": host.address, "api": API, "admin": ADMIN, "rpc": RPC}
    words = {"folder": own, "copies": NODES, "region": "us-east-1", "secret": secret, **ports}
    write_private(settings, GARAGE_SETTINGS.format(**words))
    environment = {**os.environ, "HOME": str(own), "GARAGE_ADMIN_TOKEN": token, "RUST_LOG": "garage=warn"}
    return Node(host, own, [garage_program(), "--config", settings, "server"], environment, port=API)
