"""minio_sync against a real server: its cycle, what others uploaded, encryption, versions, shards, odd names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.s3 import listing
from ansible.module_utils.objectstore.servers.store import Store
from minio.sse import SseCustomerKey

from tests.benchmark import peers
from tests.benchmark.contenders import PREFIX, Contender, Task
from tests.benchmark.peers import AWS, RCLONE, S5CMD
from tests.integration.conftest import RunModule
from tests.integration.engine import connection, sdk, sync, tree
from tests.support.mc import Mc
from tests.support.proxy import Proxy
from tests.support.state import Server
from tests.support.syncing import actions, plant, rewrite_keeping_times

MIB = 1024 * 1024


@pytest.fixture
def src(tmp_path: Path) -> Path:
    return plant(tmp_path / "src", {"a.csv": b"1", "b/c.tif": os.urandom(MIB), "b/d.tif": b"333", "empty": b""})


def contents(mc: Mc, bucket: str, prefix: str = "p") -> dict[str, bytes]:
    return {key: mc.cat(f"{bucket}/{key}") for key in mc.keys(bucket, prefix)}


def told(result: dict[str, Any]) -> dict[str, Any]:
    """What check mode and a real run must say alike: everything but times and the ETags of what is sent."""
    objects = []
    for entry in result["objects"]:
        left_out = ("seconds", "etag") if entry["action"] in ("upload", "replace") else ("seconds",)
        objects.append({name: value for name, value in entry.items() if name not in left_out})
    rest = {name: value for name, value in result.items() if name not in ("seconds", "objects", "invocation")}
    return {**rest, "objects": objects}


def test_the_cycle(run_module: RunModule, proxy: Proxy, mc: Mc, bucket: str, src: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    params = {
        "src": src, "bucket": bucket, "prefix": "p", "delete": True, "digest_cache": tmp_path / "cache", "log": log,
        "log_unchanged": True,
    }  # fmt: skip

    def step(change: Callable[[], object] | None) -> dict[str, Any]:
        if change is not None:
            change()
        before = mc.objects(bucket)
        proxy.clear()
        dry = run_module("minio_sync", params, check=True, diff=True, server=proxy.server)
        assert proxy.writes == []
        assert mc.objects(bucket) == before
        proxy.clear()
        real = run_module("minio_sync", params, diff=True, server=proxy.server)
        assert told(dry) == told(real)
        assert not real["failed"], real
        assert bool(proxy.writes) is real["changed"] is dry["changed"]
        assert contents(mc, bucket) == tree(src)
        return real

    def modify() -> None:
        rewrite_keeping_times(src / "b/d.tif", b"XXX")
        (src / "a.csv").write_bytes(b"longer")
        (src / "new").write_bytes(b"new")

    created = step(None)
    assert (created["uploaded"], created["bytes_uploaded"]) == (4, MIB + 4)
    assert created["diff"]["before"] == ""
    assert "p/b/c.tif  1.0 MiB  (upload: new)\n" in created["diff"]["after"]
    assert not step(None)["changed"]
    modified = step(modify)
    changes = {entry["key"]: entry["action"] for entry in modified["objects"]}
    assert changes["p/a.csv"] == changes["p/b/d.tif"] == "replace"
    assert (changes["p/new"], modified["uploaded"]) == ("upload", 3)
    assert not step(None)["changed"]
    deleted = step((src / "a.csv").unlink)
    assert (deleted["deleted"], deleted["uploaded"]) == (1, 0)
    assert deleted["diff"]["before"] == "p/a.csv\n"
    assert not step(None)["changed"]
    events = [json.loads(line) for line in log.read_text().splitlines()]
    summaries = [event for event in events if event["event"] == "summary"]
    assert len(summaries) == 12
    assert events[-1] == summaries[-1]
    assert [bool(event.get("check")) for event in summaries] == [True, False] * 6
    assert {event["key"] for event in events if event.get("action") == "delete"} == {"p/a.csv"}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of 52 MiB and a bit, in parts of any usual size."""
    path = tmp_path_factory.mktemp("large") / "f.tif"
    path.write_bytes(os.urandom(MIB) * 52 + b"and a bit")
    return path.parent


@pytest.mark.parametrize("part_mib", [5, 8, 16, 50, 64], ids="{} MiB".format)
def test_uploads_of_others_are_adopted(
    proxy: Proxy, minio: Server, bucket: str, large: Path, tmp_path: Path, part_mib: int
) -> None:
    """The part sizes of minio-py, the aws CLI, mc, s5cmd, and of one request as rclone makes it."""
    sdk(minio).fput_object(bucket, "p/f.tif", str(large / "f.tif"), part_size=part_mib * MIB, num_parallel_uploads=2)
    report = sync(proxy.server, large, bucket, digest_cache=str(tmp_path / "cache"))
    assert actions(report) == {"p/f.tif": ("adopt", "same content, found by reading the file")}
    assert proxy.writes == []
    if (large / "f.tif").stat().st_ctime < time.time() - 2:
        again = sync(proxy.server, large, bucket, digest_cache=str(tmp_path / "cache"))
        assert (again.returns["unchanged"], again.returns["adopted"]) == (1, 0)


@pytest.mark.parametrize("how", ["cp", "mirror", "pipe"])
def test_uploads_of_mc_are_adopted(proxy: Proxy, mc: Mc, bucket: str, large: Path, how: str) -> None:
    if how == "cp":
        mc.copy(large / "f.tif", f"{bucket}/p/f.tif")
    elif how == "mirror":
        mc.run("mirror", str(large), f"t/{bucket}/p")
    else:
        mc.put(f"{bucket}/p/f.tif", (large / "f.tif").read_bytes(), part_mib=7)
    assert actions(sync(proxy.server, large, bucket)) == {
        "p/f.tif": ("adopt", "same content, found by reading the file")
    }
    assert proxy.writes == []


@pytest.mark.parametrize("tool", [RCLONE, S5CMD, AWS], ids=lambda tool: tool.name)
def test_uploads_of_other_tools_are_adopted(
    proxy: Proxy,
    minio: Server,
    bucket: str,
    large: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: Contender,
) -> None:
    """What these programs really upload, as the benchmarks run them: one request, or parts of their own size."""
    monkeypatch.setattr(peers, "VENV", Path(sys.prefix))
    job = tool.job(Task(server=minio, bucket=bucket, folder=large, home=tmp_path))
    subprocess.run([str(word) for word in job.command], env=dict(job.environment), check=True, timeout=120)
    report = sync(proxy.server, large, bucket, prefix=PREFIX)
    assert actions(report) == {f"{PREFIX}/f.tif": ("adopt", "same content, found by reading the file")}
    assert proxy.writes == []


def test_our_own_multipart_objects_are_known_and_read_back(proxy: Proxy, mc: Mc, bucket: str, large: Path) -> None:
    report = sync(proxy.server, large, bucket, part_size="5MiB", metadata={"season": "2015"})
    stat = mc.stat(f"{bucket}/p/f.tif")
    assert stat["etag"] == report.returns["objects"][0]["etag"]
    assert stat["etag"].endswith("-11")
    assert (stat["metadata"]["Content-Type"], stat["metadata"]["X-Amz-Meta-Season"]) == ("image/tiff", "2015")
    assert mc.cat(f"{bucket}/p/f.tif") == (large / "f.tif").read_bytes()
    assert sum(exchange.sent for exchange in proxy.writes if exchange.method == "PUT") == 52 * MIB + 9
    proxy.clear()
    assert sync(proxy.server, large, bucket, part_size="64MiB").returns["adopted"] == 1
    assert proxy.writes == []


def test_every_change_of_content_is_found_with_a_warm_cache(
    proxy: Proxy, mc: Mc, bucket: str, src: Path, tmp_path: Path
) -> None:
    time.sleep(2.1)  # a file that changed a moment ago is not remembered
    cache = str(tmp_path / "cache")
    sync(proxy.server, src, bucket, digest_cache=cache)
    assert sync(proxy.server, src, bucket, digest_cache=cache).returns["unchanged"] == 4
    rewrite_keeping_times(src / "b/d.tif", b"XXX")
    os.utime(src / "a.csv", (1, 1))  # only the time
    mc.put(f"{bucket}/p/b/c.tif", os.urandom(MIB))  # overwritten by others, same size
    report = sync(proxy.server, src, bucket, digest_cache=cache)
    assert actions(report) == {
        "p/a.csv": ("adopt", "same content, found by reading the file"),
        "p/b/c.tif": ("replace", "content differs"),
        "p/b/d.tif": ("replace", "content differs"),
    }
    assert contents(mc, bucket) == tree(src)
    proxy.clear()
    for name in ("missing", "cache"):
        assert not sync(proxy.server, src, bucket, digest_cache=str(tmp_path / name)).changed
    assert proxy.writes == []


# --- encryption --------------------------------------------------------------------------------------------------


def test_a_bucket_whose_etags_say_nothing(proxy: Proxy, mc: Mc, bucket: str, src: Path, tmp_path: Path) -> None:
    mc.run("encrypt", "set", "sse-kms", "test-key", f"t/{bucket}")
    (src / "large").write_bytes(os.urandom(11 * MIB))
    time.sleep(2.1)  # a file that changed a moment ago is not remembered
    options = {"digest_cache": str(tmp_path / "cache"), "part_size": "5MiB"}
    assert sync(proxy.server, src, bucket, **options).failure == ""
    assert contents(mc, bucket) == tree(src)
    proxy.clear()
    assert sync(proxy.server, src, bucket, **options).returns["unchanged"] == 5
    lost = sync(proxy.server, src, bucket)
    assert (lost.returns["adopted"], lost.returns["unverifiable"]) == (5, 0)
    assert proxy.writes == []
    rewrite_keeping_times(src / "b/d.tif", b"XXX")
    mc.put(f"{bucket}/p/a.csv", b"1")  # an upload of others, which carries no digest of ours
    for _ in range(2):
        report = sync(proxy.server, src, bucket, **options)
        assert actions(report)["p/a.csv"] == ("keep", "content cannot be verified")
        assert report.returns["unverifiable"] == 1
        assert report.failure == ""
    assert mc.cat(f"{bucket}/p/b/d.tif") == b"XXX"
    assert [exchange.path for exchange in proxy.writes] == [f"/{bucket}/p/b/d.tif"]


def test_sse_s3_leaves_etags_true(minio: Server, mc: Mc, bucket: str, src: Path) -> None:
    mc.run("encrypt", "set", "sse-s3", f"t/{bucket}")
    sync(minio, src, bucket)
    report = sync(minio, src, bucket)
    assert (report.returns["adopted"], report.changed) == (4, False)


def test_an_object_with_a_customers_key_is_unverifiable(tls_minio: Server, src: Path) -> None:
    client = sdk(tls_minio)
    client.make_bucket("customer-key")
    client.fput_object("customer-key", "p/a.csv", str(src / "a.csv"), sse=SseCustomerKey(b"k" * 32))
    for _ in range(2):
        report = sync(tls_minio, src, "customer-key")
        assert actions(report)["p/a.csv"] == ("keep", "content cannot be verified")
        assert (report.returns["unverifiable"], report.failure) == (1, "")


def test_over_tls_content_is_the_same(tls_minio: Server, src: Path) -> None:
    """There the file is read into a buffer instead of being handed to the kernel."""
    client = sdk(tls_minio)
    client.make_bucket("over-tls")
    (src / "large").write_bytes(os.urandom(11 * MIB))
    assert sync(tls_minio, src, "over-tls", part_size="5MiB").failure == ""
    for key, content in tree(src).items():
        assert client.get_object("over-tls", key).read() == content
    report = sync(tls_minio, src, "over-tls", delete=True)
    assert (report.changed, report.returns["adopted"]) == (False, 5)


# --- versions, shards, names -------------------------------------------------------------------------------------


def test_on_a_versioned_bucket_nothing_is_ever_gone(minio: Server, mc: Mc, bucket: str, src: Path) -> None:
    mc.run("version", "enable", f"t/{bucket}")
    before = tree(src)
    sync(minio, src, bucket)
    (src / "a.csv").write_bytes(b"2")
    (src / "b/d.tif").unlink()
    assert sync(minio, src, bucket, delete=True).returns["deleted"] == 1
    assert contents(mc, bucket) == tree(src)
    versions = mc.run("ls", "--versions", "--recursive", f"t/{bucket}")
    old = {(entry["key"], entry["versionId"]) for entry in versions if not entry.get("isDeleteMarker")}
    for key, content in before.items():
        assert content in [mc.cat(f"{bucket}/{key}", version=version) for name, version in old if name == key]
    assert not sync(minio, src, bucket, delete=True).changed


def test_shards_together_do_what_one_run_does(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> None:
    src = plant(tmp_path / "many", {f"d{number % 5}/f{number}": b"%d" % number for number in range(60)})
    for key in ("p/gone1", "p/gone2", "p/gone3", "p/d1/f1"):
        mc.put(f"{bucket}/{key}", b"old")
    reports = [
        sync(minio, src, bucket, delete=True, delete_limit="3", shard={"index": index, "count": 3})
        for index in range(3)
    ]
    assert contents(mc, bucket) == tree(src)
    keys = [entry["key"] for report in reports for entry in report.returns["objects"]]
    assert len(keys) == len(set(keys)) == 63
    assert all(report.returns["uploaded"] for report in reports)
    assert not sync(minio, src, bucket, delete=True).changed


ODD = [
    *("a.b", "a/b", "a-b", "a0", "plus+plus", "100%", "%41", "%2F", "a&b", "q?x=1", "h#h", "with space/and space "),
    *(
        " lead",
        "tab\there",
        "line\nbreak",
        "return\rhere",
        "bell\a",
        "quote'\"",
        "<xml>&amp;",
        "*",
        "[x]",
        "$HOME",
        "~",
    ),
    *(
        "\u00e9",
        "e\u0301",
        "\ue000",
        "\uffff",
        "\U0001f33d/\U0001f33d",
        "\u4e2d\u6587",
        "..x",
        "...",
        ".hidden",
        "x" * 250,
    ),
    *("back\\slash", "a=b", "a,b;c:d@e", "(1)", "CON", "trailing."),
]


def test_odd_names_arrive_come_back_and_go(proxy: Proxy, minio: Server, bucket: str, tmp_path: Path) -> None:
    src = plant(tmp_path / "odd", {name: f"content of {name}".encode() for name in ODD})
    assert sync(proxy.server, src, bucket).failure == ""
    client = sdk(minio)
    assert {item.object_name for item in client.list_objects(bucket, "p/", recursive=True)} == tree(src).keys()
    for key, content in tree(src).items():
        assert client.get_object(bucket, key).read() == content
    proxy.clear()
    assert not sync(proxy.server, src, bucket, delete=True).changed
    assert proxy.writes == []
    for name in ODD[1:-1]:
        (src / name).unlink()
    assert sync(proxy.server, src, bucket, delete=True, delete_limit="100%").failure == ""
    assert {item.object_name for item in client.list_objects(bucket, "", recursive=True)} == {"p/a.b", "p/trailing."}


@pytest.mark.parametrize("first_pages", [0, 1000], ids=["by token", "by key"])
def test_a_page_may_end_at_any_key(
    minio: Server, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first_pages: int
) -> None:
    src = plant(tmp_path / "odd", dict.fromkeys(ODD, b"x"))
    assert sync(minio, src, bucket).failure == ""
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    monkeypatch.setattr(listing, "FIRST_PAGES", first_pages)
    monkeypatch.setattr(listing, "QUICK", 60.0)
    listed = [item.key for item in Store(connection(minio)).list_objects(bucket, "p/")]
    assert listed == sorted(tree(src), key=str.encode)


def test_a_removal_takes_the_very_key(minio: Server, bucket: str, tmp_path: Path) -> None:
    """In XML a carriage return reads as a line feed, so a batched removal would take the wrong object."""
    src = plant(tmp_path / "src", {"x\ny": b"stays", "x\ry": b"goes"})
    sync(minio, src, bucket)
    (src / "x\ry").unlink()
    assert sync(minio, src, bucket, delete=True, delete_limit="1").returns["deleted"] == 1
    assert [item.object_name for item in sdk(minio).list_objects(bucket, "p/")] == ["p/x\ny"]


@pytest.fixture
def large_sparse(tmp_path: Path) -> Iterator[Path]:
    """A file of so many GiB that takes no space; the number is SYNC_SPARSE_GIB, 1 where it is not set."""
    path = plant(tmp_path / "sparse", {"s": b""}) / "s"
    os.truncate(path, int(os.environ.get("SYNC_SPARSE_GIB", "1")) * 1024 * MIB)
    yield path.parent
    path.unlink()


def test_a_file_above_any_limit_of_memory_or_of_one_request(
    proxy: Proxy, minio: Server, mc: Mc, bucket: str, large_sparse: Path
) -> None:
    size = (large_sparse / "s").stat().st_size
    report = sync(minio, large_sparse, bucket)
    assert report.failure == ""
    assert report.returns["bytes_uploaded"] == size == mc.stat(f"{bucket}/p/s")["size"]
    assert sync(proxy.server, large_sparse, bucket).returns["adopted"] == 1
    assert proxy.writes == []
