"""All stores, for tests: each a real server on free ports of the loopback interface, which ends with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from moto.server import ThreadedMotoServer

from . import ceph, s3proxy
from .daemons import start_garage, start_seaweedfs, start_versitygw
from .s3proxy import start_s3proxy
from .server import ServerOptions, start_server, stop_server
from .state import Server


@contextmanager
def minio(folder: Path) -> Iterator[Server]:
    """The store that the others are compared with."""
    yield from _until_the_end(start_server(folder, ServerOptions(die_with_parent=True)))


@contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """Moto, in this process, with nothing in a folder. It checks no credentials, and does not look at Content-MD5."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield Server(f"http://{host}:{port}", "access", "secretsecret", store="moto")
    finally:
        server.stop()


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """SeaweedFS, of a wheel."""
    yield from _until_the_end(start_seaweedfs(folder, die_with_parent=True))


@contextmanager
def versitygw(folder: Path) -> Iterator[Server]:
    """Versitygw, which is built from source."""
    yield from _until_the_end(start_versitygw(folder, die_with_parent=True))


@contextmanager
def garage(folder: Path) -> Iterator[Server]:
    """Garage, where somebody built it."""
    yield from _until_the_end(start_garage(folder, die_with_parent=True))


@contextmanager
def s3proxy_over_a_folder(folder: Path) -> Iterator[Server]:
    """S3Proxy, fetched where it is not here."""
    yield from _until_the_end(start_s3proxy(folder, die_with_parent=True))


#: How each store is run, by its name.
STORES: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "ceph": ceph.running_ceph,
    "garage": garage,
    "minio": minio,
    "moto": moto,
    "s3proxy": s3proxy_over_a_folder,
    "seaweedfs": seaweedfs,
    "versitygw": versitygw,
}


#: Those that a machine need not be able to have: they are built from source, or of Debian's packages.
OPTIONAL = frozenset({"ceph", "garage", "s3proxy", "versitygw"})


#: Where `make stores` fetches a store from that takes minutes, and whether it is here already.
_FETCHED: dict[str, tuple[str, Callable[[], bool]]] = {
    "ceph": ("Debian", ceph.is_had),
    "s3proxy": ("Maven's central repository", s3proxy.is_had),
}


def too_much(name: str) -> str:
    """Why ``make test`` leaves a store out: what takes minutes to fetch is fetched by ``make stores`` alone."""
    place, is_had = _FETCHED.get(name, ("", bool))
    return f"`make stores` fetches it from {place}" if place and not is_had() else ""


def _until_the_end(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        stop_server(server)
