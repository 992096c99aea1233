"""Several endpoints of one store: one that is down is passed over, and said; one that goes down in the middle, too."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.errors import UnreachableError
from ansible.module_utils.objectstore.values.model import Connection

from tests.integration.conftest import RunModule
from tests.integration.engine import connection, sync, tree
from tests.support.mc import Mc
from tests.support.ports import free_ports
from tests.support.proxy import Proxy, running_proxy
from tests.support.state import Server
from tests.support.syncing import plant


@pytest.fixture
def dead() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@pytest.fixture
def doors(minio: Server) -> Iterator[list[Proxy]]:
    """Two ways to the one server, which look like two nodes."""
    with running_proxy(minio) as first, running_proxy(minio) as second:
        yield [first, second]


def several(doors: list[Proxy], **settings: Any) -> Connection:
    return connection(doors[0].server, others=tuple(door.endpoint for door in doors[1:]), **settings)


@pytest.mark.parametrize("form", [list, ",".join], ids=["list", "commas"])
def test_one_that_is_down_is_passed_over_and_said(
    run_module: RunModule, minio: Server, dead: str, form: type[list[str]]
) -> None:
    result = run_module("minio_ping", {"endpoint": form([dead, minio.endpoint]), "timeout": 5})
    assert result["endpoint"] == minio.endpoint
    said = f"{dead} refuses connections: it was passed over, and {minio.endpoint} is used."
    assert str(result["warnings"]).count(said) == 1


def test_where_none_answers_each_is_named(run_module: RunModule, dead: str) -> None:
    other = f"http://127.0.0.1:{free_ports(1)[0]}"
    result = run_module("minio_ping", {"endpoint": [dead, other]})
    assert result["failed"]
    assert f"reach any of 2 endpoints: {dead} refuses connections; {other} refuses connections." in result["msg"]


def test_a_busy_one_is_passed_over(doors: list[Proxy], bucket: str) -> None:
    doors[0].slow_down(path="^/[?]?$", method="GET")
    store = Store(several(doors))
    assert store.connection.endpoint == doors[1].endpoint
    assert store.warnings == [
        f"{doors[0].endpoint} answers HTTP 503: it was passed over, and {doors[1].endpoint} is used."
    ]


def test_a_sync_goes_on_by_the_next_where_one_goes_down(
    doors: list[Proxy], mc: Mc, bucket: str, tmp_path: Path
) -> None:
    src = plant(tmp_path / "src", {f"f{number}": os.urandom(300 * 1024) for number in range(10)})
    first, second = doors
    first.call(lambda: threading.Thread(target=first.vanish).start(), method="PUT", path="/f4")
    store = Store(several(doors, retries=3))
    report = sync(store, src, bucket)
    assert report.failure == ""
    assert {key: mc.cat(f"{bucket}/{key}") for key in mc.keys(bucket)} == tree(src)
    assert first.endpoint not in store.connection.endpoint
    assert f"{first.endpoint} stopped answering: {second.endpoint} was used instead." in store.warnings
    assert second.count("PUT") >= 1


def test_what_the_sdk_asks_goes_on_by_the_next(doors: list[Proxy], bucket: str) -> None:
    first, second = doors
    store = AdministeredStore(several(doors))
    assert store.bucket_exists(bucket)
    first.vanish()
    assert store.bucket_exists(bucket)
    assert store.connection.endpoint == second.endpoint
    second.vanish()
    with pytest.raises(UnreachableError, match="refuses connections"):
        Store(several(doors, retries=1)).bucket_exists(bucket)


def test_the_silence_of_all_is_waited_for_once(doors: list[Proxy], bucket: str, tmp_path: Path) -> None:
    src = plant(tmp_path / "src", {"f": os.urandom(300 * 1024)})
    for door in doors:
        door.delay(6, times=99, method="PUT")
    report = sync(Store(several(doors, retries=5, timeout=3.0)), src, bucket, retries=5)
    assert "no answer within 3 s" in report.failure
    assert [door.count("PUT") for door in doors] == [1, 1]
