"""Another server of the S3 API: what S3 covers works, and what only MinIO has says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.integration.conftest import RunModule
from tests.support.proxy import Proxy
from tests.support.state import Server
from tests.support.syncing import plant


@pytest.fixture(scope="module")
def moto() -> Iterator[Server]:
    """Moto checks no credentials, knows no MinIO, and does not look at Content-MD5."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Server(f"http://{host}:{port}", "access", "secretsecret")
    server.stop()


@pytest.mark.parametrize(
    "options",
    [
        {"versioning": "enabled"},
        {"tags": {"a": 1}},
        {"encryption": "sse-s3"},
        {"lifecycle": [{"id": "a", "prefix": "x/", "expire_days": 3, "abort_multipart_days": 2}]},
        {"object_lock": True, "retention": {"mode": "governance", "days": 1}},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_s3_covers_works(run_module: RunModule, moto: Server, options: dict[str, Any]) -> None:
    params = {"name": f"of-{next(iter(options)).replace('_', '-')}", **options}
    runs = [run_module("minio_bucket", params, server=moto) for _ in range(2)]
    assert [run["changed"] for run in runs] == [True, False], runs
    assert not any("warnings" in run for run in runs)


def test_a_probe_that_was_written_is_gone_with_its_versions(run_module: RunModule, moto: Server) -> None:
    run_module("minio_bucket", {"name": "probed", "versioning": "enabled"}, server=moto)
    assert (
        run_module("minio_policy", {"bucket": "probed", "verify": True}, server=moto)["anonymous"]["write"] == "allowed"
    )
    (info,) = run_module("minio_bucket_info", {"name": "probed", "count": True}, server=moto)["buckets"]
    assert (info["contents"]["versions"], info["contents"]["delete_markers"]) == (0, 0)
    assert list(info["unread"]) == ["quota"]


@pytest.mark.parametrize(
    ("module", "params"),
    [
        ("minio_bucket", {"name": "quota", "quota": "1GiB"}),
        ("minio_bucket", {"name": "quota", "versioning_exclude_prefixes": ["tmp/"]}),
        ("minio_user", {"name": "worker", "user_secret": "secretsecret"}),
        ("minio_group", {"name": "readers"}),
        ("minio_iam_policy", {"name": "worker", "rights": [{"bucket": "quota", "can": ["read"]}]}),
        ("minio_access_key", {"key": "notebook", "key_secret": "secretsecret"}),
    ],
)
def test_what_only_minio_has_says_so(run_module: RunModule, moto: Server, module: str, params: dict[str, Any]) -> None:
    run_module("minio_bucket", {"name": "quota"}, server=moto)
    result = run_module(module, params, server=moto)
    assert result["failed"]
    assert "MinIO" in result["msg"]
    assert "Traceback" not in str(result)


def test_without_removals_in_batches_each_goes_by_itself(
    run_module: RunModule, proxy: Proxy, bucket: str, tmp_path: Path
) -> None:
    src = plant(tmp_path / "src", {f"{number}": b"x" for number in range(5)})
    params = {"src": str(src), "bucket": bucket, "prefix": "p"}
    run_module("minio_sync", params)
    for name in ("1", "3"):
        (src / name).unlink()
    proxy.lack(method="POST", path="delete", times=9)
    done = run_module("minio_sync", {**params, "delete": True, "delete_limit": "50%"}, server=proxy.server)
    assert done["deleted"] == 2
    removals = [seen for seen in proxy.exchanges if seen.is_write]
    assert [(seen.method, seen.status) for seen in removals] == [("POST", 501), ("DELETE", 204), ("DELETE", 204)]
    absent = {"name": bucket, "state": "absent", "force": True}
    assert run_module("minio_bucket", absent, server=proxy.server)["changed"]


def test_without_bucket_policies_private_is_proved_and_no_other_level_is_had(
    run_module: RunModule, proxy: Proxy, bucket: str
) -> None:
    proxy.lack(path="policy", times=99)
    private = run_module("minio_policy", {"bucket": bucket, "access": "private"}, server=proxy.server)
    assert not private["changed"]
    assert private["anonymous"] == dict.fromkeys(("list", "read", "write", "delete"), "denied")
    for check in (True, False):
        refused = run_module("minio_policy", {"bucket": bucket, "access": "download"}, check=check, server=proxy.server)
        assert "to download" in refused["msg"]
        assert "no bucket policies" in refused["msg"]


def test_a_sync_and_its_manifest(run_module: RunModule, moto: Server, tmp_path: Path) -> None:
    """What is sent whole, in parts and as many small files; adopted without a cache; removed; listed."""
    files = {"large.tif": os.urandom(11 << 20), **{f"small/{number:02}.csv": b"%d" % number for number in range(12)}}
    src = plant(tmp_path / "src", files)
    run_module("minio_bucket", {"name": "synced"}, server=moto)
    params = {"src": str(src), "bucket": "synced", "prefix": "p", "part_size": "5MiB", "digest_cache": ""}

    def sync(**options: Any) -> dict[str, Any]:
        planned, done = (run_module("minio_sync", {**params, **options}, check=c, server=moto) for c in (True, False))
        assert not done["failed"], done["msg"]
        assert planned["totals"] == done["totals"]
        return done

    assert sync()["uploaded"] == 13
    again = sync()
    assert (again["changed"], again["adopted"]) == (False, 13)
    (src / "small" / "03.csv").write_bytes(b"X")
    (src / "small" / "04.csv").unlink()
    assert sync()["totals"]["replace"]["objects"] == 1
    assert sync(delete=True)["deleted"] == 1
    listed = run_module("minio_manifest", {"bucket": "synced", "prefix": "p/", "object": "keys.txt"}, server=moto)
    assert listed["keys"] == sorted(f"p/{name}" for name in files if name != "small/04.csv")
    checked = run_module("minio_spot_check", {"src": str(src), "bucket": "synced", "prefix": "p/"}, server=moto)
    assert not checked["failed"], checked["msg"]
