"""When things break while a sync runs: what the user sees, and that nothing is lost and no object is mixed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import minio.time as minio_time
import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees import retrying, uploads
from ansible.module_utils.objectstore.values.errors import CredentialsError
from ansible.module_utils.objectstore.values.model import FileRegion, Receipt

from tests.integration.conftest import RunModule
from tests.integration.engine import connection, sdk, sync, tree
from tests.support.mc import Mc
from tests.support.paths import LIBRARY, MODULE_UTILS, REPO
from tests.support.process import ProcessId
from tests.support.proxy import Proxy, running_proxy
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.state import Server
from tests.support.syncing import actions, plant

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """Ten files of 300 KiB, which are sent one by one."""
    return plant(tmp_path / "src", {f"f{number}": os.urandom(300 * 1024) for number in range(10)})


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A file that is sent in three parts of 5 MiB and a rest."""
    return plant(tmp_path / "parts", {"large": os.urandom(15 * MIB + 7)})


def contents(mc: Mc, bucket: str) -> dict[str, bytes]:
    return {key: mc.cat(f"{bucket}/{key}") for key in mc.keys(bucket)}


def put_bytes(proxy: Proxy) -> int:
    return sum(exchange.sent for exchange in proxy.exchanges if exchange.method == "PUT")


# --- the network and the server ----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 100_000])
def test_a_connection_that_is_reset_is_tried_again(
    proxy: Proxy, mc: Mc, bucket: str, src: Path, parts: Path, after: int
) -> None:
    proxy.reset(after=after, times=2)
    assert sync(proxy.server, src, bucket).failure == ""
    assert contents(mc, bucket) == tree(src)
    proxy.reset(after=after, times=2, path="partNumber=2")
    assert sync(proxy.server, parts, bucket, part_size="5MiB").failure == ""
    assert mc.cat(f"{bucket}/p/large") == (parts / "large").read_bytes()


def test_a_reset_that_stays_is_reported_for_its_file_alone(proxy: Proxy, mc: Mc, bucket: str, src: Path) -> None:
    proxy.reset(after=1000, times=99, path="/f3")
    report = sync(proxy.server, src, bucket)
    (failure,) = report.returns["failures"]
    assert failure.startswith(f"p/f3: Could not upload {bucket}/p/f3: the connection broke (")
    assert report.returns["uploaded"] == 9
    assert "p/f3" not in mc.keys(bucket)
    proxy.clear()
    assert sync(proxy.server, src, bucket).returns["uploaded"] == 1
    assert put_bytes(proxy) == 300 * 1024


def test_lost_answers_do_no_harm(proxy: Proxy, mc: Mc, bucket: str, src: Path, parts: Path) -> None:
    proxy.drop(method="PUT", after_acting=True, times=3)
    assert sync(proxy.server, src, bucket).failure == ""
    assert contents(mc, bucket) == tree(src)
    proxy.clear()
    proxy.drop(method="POST", path="uploadId=", after_acting=True)
    assert sync(proxy.server, parts, bucket, part_size="5MiB").failure == ""
    assert mc.cat(f"{bucket}/p/large") == (parts / "large").read_bytes()
    assert put_bytes(proxy) == 15 * MIB + 7  # known to be complete, not sent again


def test_a_busy_server_is_waited_for(proxy: Proxy, mc: Mc, bucket: str, src: Path) -> None:
    for method in ("HEAD", "GET", "PUT"):
        proxy.slow_down(times=2, method=method)
    assert sync(proxy.server, src, bucket).failure == ""
    assert contents(mc, bucket) == tree(src)
    proxy.clear()
    proxy.slow_down(times=99, method="PUT")
    (src / "f1").write_bytes(b"new")
    report = sync(proxy.server, src, bucket)
    assert "reduce your request rate (SlowDown)" in report.failure
    assert proxy.count("PUT", "/f1") == 3  # as often as retries says, and once


@pytest.fixture
def reader(mc: Mc, proxy: Proxy, tmp_path: Path) -> Iterator[Server]:
    """The server, through the proxy, for a user who may read and not write."""
    user, secret = f"reader-{secrets.token_hex(4)}", secrets.token_hex(16)
    rights = [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["arn:aws:s3:::*"]}]
    (tmp_path / "policy").write_text(json.dumps({"Version": "2012-10-17", "Statement": rights}))
    mc.run("admin", "policy", "create", "t", user, str(tmp_path / "policy"))
    mc.run("admin", "user", "add", "t", user, secret)
    mc.run("admin", "policy", "attach", "t", user, "--user", user)
    yield replace(proxy.server, access_key=user, secret_key=secret)
    mc.run("admin", "user", "remove", "t", user)
    mc.run("admin", "policy", "remove", "t", user)


def test_what_is_refused_is_not_tried_again(reader: Server, proxy: Proxy, bucket: str, src: Path) -> None:
    report = sync(reader, src, bucket)
    assert report.returns["uploaded"] == 0
    assert len(report.returns["failures"]) == 10
    assert proxy.count("PUT") == 10
    assert "Access Denied. (AccessDenied)" in report.failure


def test_a_server_that_is_killed_in_the_middle_and_comes_back(tmp_path: Path, src: Path, parts: Path) -> None:
    options = ServerOptions(die_with_parent=True)
    server = start_server(tmp_path / "server", options)
    try:
        assert server.process is not None
        Mc.connect(server, tmp_path / "mc").make_bucket("killed")
        with running_proxy(server) as proxy:
            proxy.call(lambda: kill(server.process), method="PUT", path="/f4")
            report = sync(Store(connection(proxy.server, retries=1)), src, "killed", workers=1)
        assert 0 < report.returns["uploaded"] < 10
        assert report.returns["uploaded"] + len(report.returns["failures"]) == 10
        assert report.failure.startswith("6 failed in the sync to killed/p/: p/f4: Could not upload killed/p/f4: ")
        server = start_server(tmp_path / "server", options)
        other = Mc.connect(server, tmp_path / "mc")
        arrived = contents(other, "killed")
        assert {key: content for key, content in tree(src).items() if key in arrived} == arrived  # whole or not there
        with running_proxy(server) as proxy:
            again = sync(proxy.server, src, "killed")
            assert (again.failure, again.returns["adopted"]) == ("", len(arrived))
            assert put_bytes(proxy) == (10 - len(arrived)) * 300 * 1024
        assert contents(other, "killed") == tree(src)
    finally:
        stop_server(server)


def kill(process: ProcessId | None) -> None:
    assert process is not None
    os.kill(process.pid, 9)


def test_a_bucket_that_is_removed_in_the_middle(proxy: Proxy, mc: Mc, bucket: str, src: Path) -> None:
    mc.put(f"{bucket}/p/gone", b"old")
    proxy.call(lambda: mc.remove_bucket(bucket), method="PUT", path="/f2")
    report = sync(proxy.server, src, bucket, workers=1, delete=True, delete_limit="1")
    assert report.returns["uploaded"] == 2
    assert f"Could not upload {bucket}/p/f2: The specified bucket does not exist (NoSuchBucket)." in report.failure
    assert report.returns["failures"][-1] == "p/gone: removal withheld: an upload failed"
    assert len(report.returns["failures"]) == 9


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong(
    minio: Server, bucket: str, src: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    now = minio_time.utcnow
    monkeypatch.setattr(minio_time, "utcnow", lambda: now() + timedelta(hours=hours))
    with pytest.raises(CredentialsError, match=r"server's time is too large.*Set this host's clock"):
        sync(minio, src, bucket)


def test_a_store_whose_disk_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    server = None
    try:
        server = start_server(disk, ServerOptions(die_with_parent=True))
        other = Mc.connect(server, tmp_path / "mc")
        other.make_bucket("full")
        src = plant(tmp_path / "src", {f"f{number:02}": os.urandom(5 * MIB) for number in range(16)})
        report = sync(Store(connection(server, retries=0)), src, "full", workers=1, delete=True, delete_limit="1")
        assert 0 < report.returns["uploaded"] < 16
        # MinIO says the one when it looks before it writes, and the other when the disk fills up under a write
        assert "The store's disks are full." in report.failure or "no space left on device" in report.failure
        arrived = contents(other, "full")
        assert len(arrived) == report.returns["uploaded"]
        assert {key: content for key, content in tree(src).items() if key in arrived} == arrived
    finally:
        if server is not None:
            stop_server(server)
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_under_the_log(run_module: RunModule, mc: Mc, bucket: str, src: Path) -> None:
    result = run_module(
        "minio_sync", {"src": src, "bucket": bucket, "prefix": "p", "log": "/dev/full", "digest_cache": ""}
    )
    assert result["failed"]
    assert "the log /dev/full could not be written (No space left on device)" in result["msg"]
    assert (result["uploaded"], contents(mc, bucket)) == (10, tree(src))


# --- the source --------------------------------------------------------------------------------------------------


class Meddled(Store):
    """A store before whose first requests of the byte path something happens to the file: after its digest."""

    def __init__(self, server: Server, *, meddle: Callable[[], object], times: int) -> None:
        super().__init__(connection(server))
        self._meddle = meddle
        self._times = times
        self._lock = threading.Lock()

    def _act(self) -> None:
        with self._lock:
            if self._times > 0:
                self._times -= 1
                self._meddle()

    def send_file(self, bucket: str, key: str, region: FileRegion, **options: Any) -> Receipt:
        self._act()
        return super().send_file(bucket, key, region, **options)

    def send_part(self, bucket: str, key: str, region: FileRegion, **options: Any) -> Receipt:
        self._act()
        return super().send_part(bucket, key, region, **options)


def rewrite(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize("change", [rewrite, halve, append], ids=lambda change: change.__name__)
@pytest.mark.parametrize("size", [100_000, 2 * MIB, 11 * MIB], ids=["in one packet", "by sendfile", "in parts"])
def test_a_file_that_changes_while_it_is_sent(
    minio: Server, mc: Mc, bucket: str, tmp_path: Path, change: Callable[[Path], None], size: int
) -> None:
    path = plant(tmp_path / "src", {"f": os.urandom(size)}) / "f"
    sdk(minio).put_object(bucket, "p/f", BytesIO(b"as it was"), 9)
    once = Meddled(minio, meddle=lambda: change(path), times=1)
    assert sync(once, path.parent, bucket, part_size="5MiB").failure == ""
    # what was appended after the digest is for the next run; a mixture of both never arrives
    assert mc.cat(f"{bucket}/p/f") in (path.read_bytes(), path.read_bytes().removesuffix(b"more"))
    before = mc.stat(f"{bucket}/p/f")["etag"]
    path.write_bytes(os.urandom(size + 1))
    always = Meddled(minio, meddle=lambda: rewrite(path), times=1000)
    report = sync(always, path.parent, bucket, part_size="5MiB", retries=1)
    assert report.failure.startswith(f"1 failed in the sync to {bucket}/p/: p/f: Could not upload ")
    assert mc.stat(f"{bucket}/p/f")["etag"] == before
    assert mc.run("ls", "--incomplete", "--recursive", f"t/{bucket}") == []


# --- interrupted, and at once ------------------------------------------------------------------------------------


def start(server: Server, **params: Any) -> subprocess.Popen[str]:
    """The module in a process that can be killed."""
    arguments = {**server.module_options, "prefix": "p", "digest_cache": "", **params}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MINIO_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.module_main", str(LIBRARY / "minio_sync.py"), str(MODULE_UTILS)],
        cwd=REPO,
        env={**environment, "PYTHONPATH": str(REPO)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(arguments, default=str))
    process.stdin.close()
    process.stdin = None
    return process


def test_a_run_that_is_killed_leaves_nothing_half_and_the_next_sends_what_is_missing(
    proxy: Proxy, mc: Mc, bucket: str, parts: Path
) -> None:
    running: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def end() -> None:
        started.wait(30)
        running[0].kill()
        running[0].wait(30)

    proxy.call(end, method="PUT", path="partNumber=3")
    running.append(start(proxy.server, src=parts, bucket=bucket, part_size="5MiB", workers=1))
    started.set()
    running[0].communicate(timeout=60)
    assert running[0].returncode == -9
    assert mc.keys(bucket) == []
    proxy.clear()
    assert sync(proxy.server, parts, bucket, part_size="5MiB").failure == ""
    assert put_bytes(proxy) == 5 * MIB + 7  # the third part and the rest
    assert mc.cat(f"{bucket}/p/large") == (parts / "large").read_bytes()
    assert mc.run("ls", "--incomplete", "--recursive", f"t/{bucket}") == []


def test_an_interrupted_upload_of_other_content_is_not_continued(
    proxy: Proxy, mc: Mc, bucket: str, parts: Path
) -> None:
    proxy.drop(method="PUT", path="partNumber=4", times=99)
    assert "the connection broke" in sync(proxy.server, parts, bucket, part_size="5MiB", retries=0).failure
    proxy.clear()
    changed = bytearray((parts / "large").read_bytes())
    changed[6 * MIB] ^= 1
    (parts / "large").write_bytes(changed)
    assert sync(proxy.server, parts, bucket, part_size="5MiB").failure == ""
    assert mc.cat(f"{bucket}/p/large") == bytes(changed)
    assert put_bytes(proxy) == 5 * MIB + 7  # the second part, which differs, and the fourth, which was missing


@pytest.mark.parametrize("name", ["large", "l\va+r %67e"])
def test_a_stale_upload_of_our_key_is_aborted_and_others_stay(
    minio: Server, mc: Mc, bucket: str, parts: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (parts / "large").rename(parts / name)
    key = f"p/{name}"
    client = sdk(minio)
    stale = client._create_multipart_upload(bucket, key, {})
    client._upload_part(bucket, key, b"x" * 6 * MIB, {}, stale, 1)
    other = client._create_multipart_upload(bucket, f"{key}-other", {})
    monkeypatch.setattr(uploads, "STALE_AFTER", timedelta(0))
    store = Store(connection(minio))
    assert sync(store, parts, bucket, part_size="5MiB").failure == ""
    assert list(store.pending_uploads(bucket, key)) == []
    assert [(upload.key, upload.upload_id) for upload in store.pending_uploads(bucket, f"{key}-other")] == [
        (f"{key}-other", other)
    ]
    assert mc.cat(f"{bucket}/{key}") == (parts / name).read_bytes()


def test_two_syncs_at_once(run_module: RunModule, mc: Mc, bucket: str, src: Path, parts: Path, tmp_path: Path) -> None:
    (parts / "large").rename(src / "large")
    params = {"src": src, "bucket": bucket, "prefix": "p", "part_size": "5MiB", "digest_cache": tmp_path / "cache",
              "log": tmp_path / "log"}  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        results = [job.result() for job in [pool.submit(run_module, "minio_sync", params) for _ in range(2)]]
    assert [result["msg"] if result["failed"] else "" for result in results] == ["", ""]
    assert contents(mc, bucket) == tree(src)
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [event["event"] for event in events].count("summary") == 2
    assert not run_module("minio_sync", params)["changed"]
    assert mc.run("ls", "--incomplete", "--recursive", f"t/{bucket}") == []


def test_a_folder_where_a_file_was(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> None:
    """MinIO stores ``a/b`` beside ``a`` and lists it only when ``a`` is gone: sent once, never lost, and said."""
    src = plant(tmp_path / "src", {"a": b"1", "c": b"3"})
    sync(minio, src, bucket)
    (src / "a").unlink()
    plant(src, {"a/b": b"2"})
    for sent in (1, 0):
        report = sync(minio, src, bucket)
        assert (report.failure, report.returns["uploaded"]) == ("", sent)
        assert "p/a/b below p/a. Remove the object above" in report.warnings[0]
        assert [mc.cat(f"{bucket}/p/{name}") for name in ("a", "a/b", "c")] == [b"1", b"2", b"3"]
    last = sync(minio, src, bucket, delete=True, delete_limit="1")
    assert (last.returns["deleted"], last.warnings) == (1, ())
    assert contents(mc, bucket) == tree(src)
    assert not sync(minio, src, bucket, delete=True).changed


def test_a_file_of_the_wrong_kind_among_others(minio: Server, mc: Mc, bucket: str, src: Path) -> None:
    (src / "f0").unlink()
    os.mkfifo(src / "f0")
    report = sync(minio, src, bucket)
    assert report.returns["failures"] == [f"{src}/f0: it is not a regular file"]
    assert len(actions(report)) == 9
    assert len(mc.keys(bucket)) == 9
