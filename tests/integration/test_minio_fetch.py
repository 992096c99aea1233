"""minio_fetch against a real server: its cycle, what others uploaded, broken connections, runs that are killed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees import retrying
from ansible.module_utils.objectstore.values.change import Report
from minio.datatypes import Part

from tests.integration.conftest import RunModule
from tests.integration.engine import connection, fetch, sdk, sync
from tests.support.in_process import run_here
from tests.support.mc import Mc
from tests.support.paths import LIBRARY, MODULE_UTILS, REPO
from tests.support.proxy import Proxy
from tests.support.state import Server
from tests.support.syncing import actions, plant, rewrite_keeping_times

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "dest"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file, unfinished ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def got(proxy: Proxy) -> list[tuple[str, int]]:
    """Which range of an object each GET asked for, and how many bytes came."""
    return [
        (one.headers.get("Range", ""), one.received)
        for one in proxy.exchanges
        if one.method == "GET" and not one.query
    ]  # fmt: skip


def told(report: Report) -> Any:
    """What check mode and a real run must say alike: everything but times and the ETags of what is fetched."""
    objects = []
    for entry in report.returns["objects"]:
        left_out = ("seconds", "etag") if entry["action"] in ("fetch", "replace") else ("seconds",)
        objects.append({name: value for name, value in entry.items() if name not in left_out})
    counts = {name: value for name, value in report.returns.items() if name not in ("seconds", "objects")}
    return objects, counts, report.changed, report.diff, report.failure, report.warnings


def test_the_cycle(
    minio: Server, run_module: RunModule, proxy: Proxy, mc: Mc, bucket: str, dest: Path, tmp_path: Path
) -> None:
    there = {"a.csv": b"1", "b/c.tif": os.urandom(MIB), "b/d.tif": b"333", "empty": b""}
    log = tmp_path / "log.jsonl"
    options = {"delete": True, "digest_cache": str(tmp_path / "cache"), "log": str(log), "log_unchanged": True}
    sync(minio, plant(tmp_path / "src", there), bucket)
    mc.put(f"{bucket}/p-2/other", b"of another prefix")

    def step() -> Report:
        before = tree(dest)
        dry = fetch(proxy.server, dest, bucket, check=True, **options)
        assert tree(dest) == before
        real = fetch(proxy.server, dest, bucket, **options)
        assert told(dry) == told(real)
        assert (real.failure, tree(dest), proxy.writes) == ("", there, [])
        return real

    module = run_module(
        "minio_fetch", {"dest": dest, "bucket": bucket, "prefix": "p", **options}, check=True, diff=True
    )
    created = step()
    assert (created.returns["fetched"], created.returns["bytes_fetched"], created.diff["before"]) == (4, MIB + 4, "")
    assert "b/c.tif  1.0 MiB  (fetch: new)\n" in created.diff["after"]
    assert (module["diff"], module["totals"]) == (created.diff, created.returns["totals"])
    idle = step()
    assert (idle.changed, idle.returns["unchanged"], idle.returns["adopted"]) == (False, 4, 0)
    rewrite_keeping_times(dest / "b/d.tif", b"XXX")
    there["a.csv"] = b"longer"
    mc.put(f"{bucket}/p/a.csv", b"longer")
    (dest / "extra").write_bytes(b"")
    assert {key: action for key, (action, _) in actions(step()).items()} == {
        "a.csv": "replace", "b/c.tif": "keep", "b/d.tif": "replace", "empty": "keep", "extra": "delete",
    }  # fmt: skip
    events = [json.loads(line) for line in log.read_text().splitlines()]
    summaries = [event for event in events if event["event"] == "summary"][1:]
    assert [bool(event.get("check")) for event in summaries] == [True, False] * 3
    assert (summaries[-1]["dest"], summaries[-1]["fetched"], summaries[-1]["deleted"]) == (str(dest), 2, 1)


def test_what_others_uploaded_in_their_own_parts(
    proxy: Proxy, minio: Server, mc: Mc, bucket: str, dest: Path, tmp_path: Path
) -> None:
    """By minio-py, by mc, by us in parts and in bundles, and in parts of unequal sizes."""
    content, client = os.urandom(12 * MIB + 5), sdk(minio)
    client.put_object(bucket, "p/sdk", BytesIO(content), len(content), part_size=5 * MIB)
    mc.put(f"{bucket}/p/mc", content, part_mib=7)
    ours = plant(tmp_path / "ours", {"ours/large": content, **{f"ours/{number}": b"small" for number in range(9)}})
    sync(minio, ours, bucket, part_size="5MiB")
    upload = client._create_multipart_upload(bucket, "p/unequal", {})
    cuts = [0, 6 * MIB, 11 * MIB, len(content)]
    pieces = [(number, content[cuts[number - 1] : cuts[number]]) for number in (1, 2, 3)]
    parts = [
        Part(number, client._upload_part(bucket, "p/unequal", piece, {}, upload, number)) for number, piece in pieces
    ]
    client._complete_multipart_upload(bucket, "p/unequal", upload, parts)
    wanted = {"sdk": content, "mc": content, "unequal": content, **tree(ours)}
    report = fetch(proxy.server, dest, bucket, digest_cache=str(tmp_path / "cache"))
    assert (report.failure, tree(dest)) == ("", wanted)
    assert all(span == "" for span, _ in got(proxy))
    idle = fetch(minio, dest, bucket, digest_cache=str(tmp_path / "cache"))
    assert (idle.changed, idle.returns["unchanged"]) == (False, len(wanted))
    assert fetch(minio, dest, bucket).returns["adopted"] == len(wanted)


def test_encrypted_objects(minio: Server, mc: Mc, bucket: str, dest: Path, tmp_path: Path) -> None:
    mc.run("encrypt", "set", "sse-kms", "test-key", f"t/{bucket}")
    src = plant(tmp_path / "src", {"kms": os.urandom(6 * MIB), "small": b"1"})
    sync(minio, src, bucket, part_size="5MiB")
    mc.run("encrypt", "set", "sse-s3", f"t/{bucket}")
    mc.put(f"{bucket}/p/s3", b"transparent")
    wanted = {**tree(src), "s3": b"transparent"}
    cache = str(tmp_path / "cache")
    assert (fetch(minio, dest, bucket, digest_cache=cache).failure, tree(dest)) == ("", wanted)
    assert fetch(minio, dest, bucket, digest_cache=cache).returns["unchanged"] == 3
    assert fetch(minio, dest, bucket).returns["adopted"] == 3


def test_over_tls(tls_minio: Server, dest: Path, tmp_path: Path) -> None:
    store, name = Store(connection(tls_minio)), f"test-{secrets.token_hex(6)}"
    store.create_bucket(name, region=None, object_lock=False)
    src = plant(tmp_path / "src", {"a": os.urandom(2 * MIB), "b/c": b"1"})
    sync(tls_minio, src, name)
    assert (fetch(tls_minio, dest, name).failure, tree(dest)) == ("", tree(src))
    list(store.remove_objects(name, ["p/a", "p/b/c"]))
    store.remove_bucket(name)


def test_names_flat_and_by_shards(minio: Server, mc: Mc, bucket: str, dest: Path) -> None:
    wanted = {}
    for season in ("2015_2016", "2016_2017"):
        for number in range(4):
            wanted[f"DW_{season}-{number}.tif"] = os.urandom(10)
            mc.put(f"{bucket}/p/{season}/mode/DW_{season}-{number}.tif", wanted[f"DW_{season}-{number}.tif"])
    mc.put(f"{bucket}/p/index.json", b"{}")
    options = {"key_template": "{filename}", "include": ["*.tif"]}
    shards = [{"index": index, "count": 2} for index in range(2)]
    planned = [fetch(minio, dest, bucket, check=True, shard=shard, **options) for shard in shards]
    assert sum(report.returns["fetched"] for report in planned) == 8
    for shard in shards:
        fetch(minio, dest, bucket, shard=shard, **options)
    assert tree(dest) == wanted
    assert not fetch(minio, dest, bucket, delete=True, **options).changed


# --- when things break -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return os.urandom(15 * MIB + 7)


@pytest.fixture
def full(minio: Server, bucket: str, large: bytes, tmp_path: Path) -> str:
    """A bucket with an object of 15 MiB and a bit, in three parts and a rest, and ten small ones."""
    sync(minio, plant(tmp_path / "src", whole(large)), bucket, part_size="5MiB")
    return bucket


def whole(large: bytes) -> dict[str, bytes]:
    return {"large": large, **{f"f{number}": b"%d" % number for number in range(10)}}


@pytest.mark.parametrize("after", [0, 1, 5 * MIB, 11 * MIB])
def test_a_connection_that_breaks_goes_on_where_it_broke(
    proxy: Proxy, full: str, large: bytes, dest: Path, after: int
) -> None:
    proxy.reset(after=after, method="GET", path="/large$", download=True, times=2)
    proxy.drop(method="GET", path="/f3$", times=2)
    proxy.slow_down(method="GET", path="/f4$", times=2)
    assert fetch(proxy.server, dest, full).failure == ""
    assert tree(dest) == whole(large)
    of_large = [one for one in proxy.exchanges if one.method == "GET" and one.path.endswith("/large")]
    asked = [(one.headers.get("Range"), one.headers["If-Match"]) for one in of_large]
    assert len(asked) in (2, 3)  # the second reset comes only where so much is left
    assert len({etag for _, etag in asked}) == 1
    assert all(span for span, _ in asked[1:]) or after < MIB


def test_a_connection_that_stays_broken_is_that_objects_fault(
    proxy: Proxy, full: str, large: bytes, dest: Path
) -> None:
    proxy.drop(method="GET", path="/f3$", times=99)
    report = fetch(proxy.server, dest, full)
    (failure,) = report.returns["failures"]
    assert failure.startswith(f"f3: Could not fetch {full}/p/f3: the connection broke (")
    assert tree(dest) == {name: content for name, content in whole(large).items() if name != "f3"}
    proxy.clear()
    assert fetch(proxy.server, dest, full).returns["fetched"] == 1
    assert tree(dest) == whole(large)


def test_a_bucket_that_is_removed_in_the_middle(proxy: Proxy, mc: Mc, full: str, large: bytes, dest: Path) -> None:
    plant(dest, {"extra": b"x", "f1": b"as it was"})
    proxy.call(lambda: mc.remove_bucket(full), method="GET", path="/f1$")
    report = fetch(proxy.server, dest, full, workers=1, delete=True, delete_limit="1")
    assert report.returns["fetched"] == 2
    assert report.returns["failures"][-1] == "extra: removal withheld: a fetch failed"
    assert tree(dest) == {"large": large, "f0": b"0", "f1": b"as it was", "extra": b"x"}


def test_an_object_that_is_replaced_while_it_is_read(proxy: Proxy, mc: Mc, full: str, large: bytes, dest: Path) -> None:
    other = os.urandom(len(large))
    proxy.reset(after=7 * MIB, method="GET", path="/large$", download=True)
    proxy.call(lambda: mc.put(f"{full}/p/large", other, part_mib=5), method="GET", path="/large$")
    assert fetch(proxy.server, dest, full).failure == ""
    assert tree(dest) == {**whole(large), "large": other}  # one of both, whole, and nothing of the first beside it


def start(server: Server, **params: Any) -> subprocess.Popen[str]:
    """The module in a process that can be killed."""
    arguments = {**server.module_options, "prefix": "p", "digest_cache": "", **params}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MINIO_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.module_main", str(LIBRARY / "minio_fetch.py"), str(MODULE_UTILS)],
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


def killed(proxy: Proxy, plan: Callable[[Callable[[], None]], object], **params: Any) -> None:
    """A run that is killed where ``plan`` has the proxy call what it is given."""
    running: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def end() -> None:
        started.wait(30)
        running[0].kill()
        running[0].wait(30)

    plan(end)
    running.append(start(proxy.server, **params))
    started.set()
    running[0].communicate(timeout=60)
    assert running[0].returncode == -9
    proxy.clear()


@pytest.mark.parametrize("instant", ["listing", "f5", "large", "middle"])
def test_a_run_that_is_killed_leaves_nothing_half_and_the_next_goes_on(
    proxy: Proxy, full: str, large: bytes, dest: Path, instant: str
) -> None:
    plant(dest, {"large": b"as it was"})

    def plan(end: Callable[[], None]) -> None:
        if instant == "middle":
            proxy.reset(after=14 * MIB, method="GET", path="/large$", download=True)
        path = {"listing": "list-type", "f5": "/f5$"}.get(instant, "/large$")
        proxy.call(end, method="GET", path=path)

    killed(proxy, plan, dest=dest, bucket=full, workers=1)
    left = tree(dest)
    visible = {name: content for name, content in left.items() if not name.startswith(".geocrop-")}
    assert visible.pop("large") == (large if instant == "f5" else b"as it was")  # small ones go together, last
    assert visible.items() <= whole(large).items()
    assert fetch(proxy.server, dest, full).failure == ""
    assert tree(dest) == whole(large)
    begun = [int(span.removeprefix("bytes=").rstrip("-") or 0) for span, received in got(proxy) if received > 100]
    if instant == "middle":  # what a reset lost on its way is asked for again
        assert MIB < begun[0] <= 14 * MIB
    else:
        assert begun == ([] if instant == "f5" else [0])


def test_two_fetches_at_once(minio: Server, full: str, large: bytes, dest: Path, tmp_path: Path) -> None:
    options = {"bucket": full, "dest": dest, "digest_cache": tmp_path / "cache"}
    results = [json.loads(run.communicate(timeout=60)[0]) for run in [start(minio, **options) for _ in range(2)]]
    assert [result.get("msg", "") for result in results] == ["", ""]
    assert tree(dest) == whole(large)
    after = fetch(minio, dest, full, digest_cache=str(tmp_path / "cache"))
    # what one of them replaced leaves its inode to a file of the other, of which the cache then may know nothing
    assert (after.changed, after.returns["unchanged"] + after.returns["adopted"]) == (False, 11)


def test_a_disk_that_is_full(minio: Server, full: str, large: bytes, dest: Path) -> None:
    dest.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(dest)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        report = fetch(minio, dest, full, workers=1)
        (failure,) = report.returns["failures"]
        assert f"{dest}/large could not be written (No space left on device)." in failure
        assert report.warnings[0].endswith(f"8.0 MiB are free for {dest}")
        assert tree(dest) == {name: content for name, content in whole(large).items() if name != "large"}
    finally:
        subprocess.run(["umount", str(dest)], check=True)


def test_what_is_refused(minio: Server, bucket: str, dest: Path, tmp_path: Path) -> None:
    base = {**minio.module_options, "bucket": bucket, "dest": str(dest), "digest_cache": ""}
    missing = run_here("minio_fetch", {**base, "bucket": "no-such-bucket"}, check=True)
    assert "Could not fetch from bucket no-such-bucket: there is no such bucket. Check its name." in missing["msg"]
    plant(tmp_path, {"file": b""})
    no_folder = run_here("minio_fetch", {**base, "dest": str(tmp_path / "file")})
    assert "it is not a folder" in no_folder["msg"]
    empty = run_here("minio_fetch", {**base, "prefix": "nothing/here"})
    assert (empty["failed"], empty["changed"], empty["scanned"]) == (False, False, 0)
    assert f"{bucket}/nothing/here/ holds no object" in str(empty["warnings"])


def test_a_key_that_leads_outside(minio: Server, bucket: str, dest: Path) -> None:
    """MinIO refuses ``..`` in keys, but not names that its clients cannot have as files."""
    client = sdk(minio)
    for key in ("p/ok", "p/" + "a/" * 3 + "deep", "p/.geocrop-" + "0" * 32 + ".part"):
        client.put_object(bucket, key, BytesIO(b"x"), 1)
    report = fetch(minio, dest, bucket)
    assert actions(report).keys() == {"ok", "a/a/a/deep", ".geocrop-" + "0" * 32 + ".part"}
    assert "its name is one of those that unfinished files have here" in report.failure
    assert tree(dest) == {"ok": b"x", "a/a/a/deep": b"x"}
