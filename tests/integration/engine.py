"""Syncs in the test's own process against a real server: as the module does them, and within reach of a test."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path
from typing import Any

from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.sync.mirror import run_upload
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.model import Connection
from minio import Minio
from urllib3 import PoolManager

from tests.support import syncing
from tests.support.state import Server
from tests.support.syncing import mirror_spec


def connection(server: Server, **options: Any) -> Connection:
    """How to reach ``server``, with few retries, so that what cannot work fails soon."""
    settings = {"retries": 2, "timeout": 20.0, "ca_cert": server.ca_cert, **options}
    return Connection(server.endpoint, server.access_key, server.secret_key, **settings)


def sync(server: Server | Store, src: Path, bucket: str, *, check: bool = False, **params: Any) -> Report:
    """Sync ``src`` to ``bucket`` below ``p/``, without a digest cache unless one is named."""
    store = server if isinstance(server, Store) else Store(connection(server))
    with warnings.catch_warnings():
        # a module's process ends with its connections; here they end with the threads that had them
        warnings.simplefilter("ignore", ResourceWarning)
        return run_upload(store, mirror_spec(src, bucket=bucket, **params), check=check)


def fetch(server: Server | Store, dest: Path, bucket: str, *, check: bool = False, **params: Any) -> Report:
    """Fetch what is below ``p/`` of ``bucket`` into ``dest``, without a digest cache unless one is named."""
    store = server if isinstance(server, Store) else Store(connection(server))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return syncing.fetch(store, dest, check=check, bucket=bucket, **params)


def copy(source: Server, target: Server, *, check: bool = False, **params: Any) -> Report:
    """Copy what is below ``p/`` of ``bucket`` to ``q/`` of ``dest_bucket``; ``target`` may be ``source``."""
    here = Store(connection(source))
    same = target is source
    stores = (here, here if same else Store(connection(target)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return syncing.copy(stores, check=check, same_store=same, **params)


def sdk(server: Server) -> Minio:
    """The library that others upload with."""
    scheme, _, host = server.endpoint.partition("://")
    trust = ssl.create_default_context(cafile=server.ca_cert) if server.ca_cert else None
    return Minio(
        host,
        server.access_key,
        server.secret_key,
        secure=scheme == "https",
        region="us-east-1",
        http_client=PoolManager(ssl_context=trust) if trust else None,
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Key below ``p/`` -> content of every file."""
    return {
        f"p/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
