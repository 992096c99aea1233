"""The tools that all other integration tests believe: the servers, the second client, the proxy, the runners."""

from __future__ import annotations

import os
import threading
import urllib.request
from pathlib import Path

import pytest
from minio import Minio
from minio.error import S3Error
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError

from tests.integration.conftest import RunPlaybook, StartMinio
from tests.support import embedded
from tests.support.errors import SupportError
from tests.support.mc import Mc
from tests.support.proxy import Proxy
from tests.support.server import ServerOptions, start_server
from tests.support.state import Server, load_state
from tests.support.store_notes import NOTES


def sdk(server: Server, *, retries: int = 0) -> Minio:
    host = server.endpoint.partition("://")[2]
    pool = PoolManager(retries=Retry(total=retries, backoff_factor=0.01, status_forcelist=[503]))
    return Minio(host, server.access_key, server.secret_key, secure=False, region="us-east-1", http_client=pool)


def test_mc_reads_what_the_sdk_wrote(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> None:
    source = tmp_path / "ü & b?.txt"
    source.write_bytes(b"hello")
    sdk(minio).fput_object(bucket, f"a/{source.name}", str(source), metadata={"note": "one"})
    assert mc.keys(bucket) == [f"a/{source.name}"]
    assert mc.cat(f"{bucket}/a/{source.name}") == b"hello"
    assert mc.stat(f"{bucket}/a/{source.name}")["metadata"]["X-Amz-Meta-Note"] == "one"


def test_mc_writes_multipart_objects_and_lists_below_a_prefix(mc: Mc, bucket: str) -> None:
    mc.put(f"{bucket}/p/large", b"x" * (11 * 1024 * 1024), part_mib=5)
    mc.put(f"{bucket}/p2/small", b"", metadata={"note": "two"})
    assert mc.stat(f"{bucket}/p/large")["etag"].endswith("-3")
    assert mc.keys(bucket, "p") == ["p/large"]
    assert mc.objects(bucket)["p2/small"]["size"] == 0
    with pytest.raises(SupportError, match="no-such"):
        mc.cat(f"{bucket}/no-such")


def test_a_locked_bucket_is_removed_with_all_versions(mc: Mc, bucket_name: str) -> None:
    mc.make_bucket(bucket_name, "--with-lock")
    mc.run("retention", "set", "--default", "governance", "30d", f"t/{bucket_name}")
    for content in (b"1", b"2"):
        mc.put(f"{bucket_name}/k", content)
    mc.remove_bucket(bucket_name)
    assert not mc.exists(bucket_name)


def test_the_tls_server_is_trusted_by_its_own_authority_only(tls_minio: Server, tmp_path: Path) -> None:
    assert tls_minio.endpoint.startswith("https://127.0.0.1:")
    Mc.connect(tls_minio, tmp_path / "mc").buckets()  # raises where the authority is not trusted
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{tls_minio.endpoint}/minio/health/live", timeout=5)  # noqa: S310 - https by the line above


def test_the_server_has_a_kms(minio: Server, mc: Mc, bucket: str) -> None:
    mc.run("encrypt", "set", "sse-s3", f"t/{bucket}")
    mc.put(f"{bucket}/k", b"x")
    assert mc.stat(f"{bucket}/k")["metadata"]["X-Amz-Server-Side-Encryption"] == "AES256"


def test_the_proxy_counts_and_keeps_signatures_valid(proxy: Proxy, mc: Mc, bucket: str, tmp_path: Path) -> None:
    through = sdk(proxy.server)
    source = tmp_path / "f"
    source.write_bytes(os.urandom(300_000))
    through.fput_object(bucket, "k", str(source))
    assert [(one.method, one.status, one.sent) for one in proxy.exchanges] == [("PUT", 200, 300_000)]
    assert through.get_object(bucket, "k").read() == source.read_bytes() == mc.cat(f"{bucket}/k")
    assert through.stat_object(bucket, "k").size == 300_000
    assert [one.object_name for one in through.list_objects(bucket)] == ["k"]
    assert len(proxy.writes) == 1
    assert proxy.counts[("GET", f"/{bucket}/k")] == 1
    proxy.clear()
    assert not list(through.remove_objects(bucket, iter([])))
    assert proxy.exchanges == []


def test_mc_works_through_the_proxy(proxy: Proxy, bucket: str, tmp_path: Path) -> None:
    through = Mc.connect(proxy.server, tmp_path / "mc")
    through.put(f"{bucket}/large", b"y" * (11 * 1024 * 1024), part_mib=5)
    assert through.cat(f"{bucket}/large") == b"y" * (11 * 1024 * 1024)
    assert proxy.count("PUT", "partNumber=") == 3


def test_a_busy_server_is_feigned_so_many_times(proxy: Proxy, bucket: str) -> None:
    proxy.slow_down(times=2, method="PUT")
    with pytest.raises(HTTPError):
        sdk(proxy.server, retries=1).put_object(bucket, "k", _stream(b"x"), 1)
    sdk(proxy.server).put_object(bucket, "k", _stream(b"x"), 1)
    assert [one.status for one in proxy.exchanges] == [503, 503, 200]


def test_a_reset_leaves_no_object(proxy: Proxy, mc: Mc, bucket: str) -> None:
    proxy.reset(after=100_000)
    with pytest.raises(HTTPError, match=r"(?i)reset|broken pipe|aborted"):
        sdk(proxy.server).put_object(bucket, "k", _stream(bytes(4_000_000)), 4_000_000)
    assert mc.keys(bucket) == []
    assert proxy.exchanges[0].status == 0
    assert proxy.exchanges[0].sent == 100_000


def test_a_lost_answer_leaves_the_object(proxy: Proxy, mc: Mc, bucket: str) -> None:
    proxy.drop(method="PUT", after_acting=True)
    with pytest.raises(HTTPError):
        sdk(proxy.server).put_object(bucket, "k", _stream(b"x"), 1)
    assert mc.keys(bucket) == ["k"]


def test_a_download_is_cut(proxy: Proxy, mc: Mc, bucket: str) -> None:
    mc.put(f"{bucket}/k", bytes(1_000_000))
    proxy.reset(after=1000, method="GET", path="/k", download=True)
    with pytest.raises(HTTPError):
        sdk(proxy.server).get_object(bucket, "k").read()


def test_something_happens_in_the_middle(proxy: Proxy, bucket: str) -> None:
    happened = threading.Event()
    proxy.call(happened.set, method="HEAD")
    with pytest.raises(S3Error):
        sdk(proxy.server).stat_object(bucket, "no-such")
    assert happened.is_set()


def test_up_again_and_down_again_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    state = tmp_path / "state"
    try:
        assert "running on" in embedded.up(state)
        server = load_state(state)
        assert server is not None
        assert (state / "minio.json").stat().st_mode & 0o777 == 0o600
        assert server.process is not None
        argv = Path(f"/proc/{server.process.pid}/cmdline").read_text()
        assert server.secret_key not in argv
        assert server.access_key not in argv
        assert "already running" in embedded.up(state)
        with pytest.raises(SupportError, match=r"minio runs in .*, not seaweedfs; stop it \(make demo-down STATE="):
            embedded.up(state, "seaweedfs")
        assert load_state(state) == server
        (state / "acceptance.html").write_text("the report")
        ready, said = embedded.status(state)
        assert ready
        report, running = said.splitlines()
        assert report == f"report: {state / 'acceptance.html'}"
        assert running.startswith(f"minio: {server.endpoint} goes on running (process {server.process.pid}); ")
        assert running.endswith(f"to stop it: make demo-down STATE={state}")
    finally:
        assert "stopped" in embedded.down(state)
    assert "not running" in embedded.down(state)
    assert not embedded.status(state)[0]


def test_another_store_keeps_its_data_and_says_what_is_different(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    try:
        assert "seaweedfs: running on" in embedded.up(tmp_path, "seaweedfs")
        former = load_state(tmp_path)
        assert former is not None
        sdk(former).make_bucket("kept")
        ready, said = embedded.status(tmp_path)
        assert ready
        assert all(f"  {note}" in said.splitlines() for note in NOTES["seaweedfs"])
        assert embedded.down(tmp_path).startswith("seaweedfs: stopped process ")
        assert "seaweedfs: running on" in embedded.up(tmp_path, "seaweedfs")
        server = load_state(tmp_path)
        assert server is not None
        assert server.secret_key != former.secret_key
        assert [bucket.name for bucket in sdk(server).list_buckets()] == ["kept"]
    finally:
        embedded.down(tmp_path)


def test_a_server_of_others_is_used_and_never_stopped(
    minio: Server, mc: Mc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in minio.environment.items():
        monkeypatch.setenv(name, value)
    assert "nothing was started" in embedded.up(tmp_path)
    assert "goes on running" in embedded.down(tmp_path)
    assert isinstance(mc.buckets(), list)


def test_a_binary_that_fails_shows_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "minio"
    broken.write_text("#!/bin/sh\necho the disk is on fire >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("MINIO_BIN", str(broken))
    with pytest.raises(SupportError, match="the disk is on fire"):
        start_server(tmp_path / "state", ServerOptions(die_with_parent=True))


def test_servers_stand_beside_each_other(start_minio: StartMinio, minio: Server, mc: Mc, bucket: str) -> None:
    assert start_minio().endpoint != minio.endpoint
    assert bucket in mc.buckets()


def test_a_playbook_reports_each_task(run_playbook: RunPlaybook, minio: Server, tmp_path: Path) -> None:
    play = tmp_path / "play.yml"
    play.write_text(
        """
- name: Try
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Connection comes from the state
      ansible.builtin.debug:
        msg: "{{ minio_endpoint }} {{ given }}"
    - name: A file appears
      ansible.builtin.copy: {content: x, dest: "{{ folder }}/made", mode: "0600"}
"""
    )
    variables = {"given": "by hand", "folder": tmp_path}
    first = run_playbook(play, extra_vars=variables, check=True).expect_ok()
    assert first.task("from the state").result["msg"] == f"{minio.endpoint} by hand"
    assert [task.task for task in first.changed] == ["A file appears"]
    assert not list(tmp_path.rglob("made"))
    assert run_playbook(play, extra_vars=variables).stats["localhost"]["changed"] == 1
    assert run_playbook(play, extra_vars=variables).changed == []
    assert minio.secret_key not in first.stdout


def _stream(content: bytes) -> _Bytes:
    return _Bytes(content)


class _Bytes:
    """A body that can be read once, so that no retry of the SDK hides what happened."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        part, self._content = (self._content, b"") if size < 0 else (self._content[:size], self._content[size:])
        return part
