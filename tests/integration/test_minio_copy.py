"""minio_copy against real servers: in one store and between two, in parts, encrypted, broken off and taken up."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees import retrying

from tests.integration.conftest import RunModule
from tests.integration.engine import connection, copy, sync
from tests.support.in_process import run_here
from tests.support.mc import Mc
from tests.support.proxy import Proxy, running_proxy
from tests.support.state import Server
from tests.support.syncing import actions, plant

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@pytest.fixture(scope="module")
def large() -> bytes:
    return os.urandom(11 * MIB + 7)


class Ends(NamedTuple):
    """A bucket with objects below ``p/``, the store that copies go to, its other client and a bucket there."""

    source: Server
    bucket: str
    target: Server
    mc: Mc
    dest: str
    content: Mapping[str, bytes]

    def copy(self, *, check: bool = False, **params: Any) -> Any:
        return copy(self.source, self.target, check=check, bucket=self.bucket, dest_bucket=self.dest, **params)

    def there(self, prefix: str = "q") -> dict[str, bytes]:
        return {key: self.mc.cat(f"{self.dest}/{key}") for key in self.mc.keys(self.dest, prefix)}

    @property
    def wanted(self) -> dict[str, bytes]:
        return {f"q/{name}": content for name, content in self.content.items()}


@pytest.fixture(params=["in one store", "between two"])
def ends(
    request: pytest.FixtureRequest, minio: Server, mc: Mc, bucket: str, large: bytes, tmp_path: Path
) -> Iterator[Ends]:
    content = {"large": large, "a+b %41/é": b"1", "empty": b"", **{f"f{number}": b"%d" % number for number in range(9)}}
    sync(minio, plant(tmp_path / "src", content), bucket, part_size="5MiB", metadata={"owner": "é me"})
    if request.param == "in one store":
        yield Ends(minio, bucket, minio, mc, bucket, content)
        return
    tls: Server = request.getfixturevalue("tls_minio")
    other, name = Mc.connect(tls, tmp_path / "mc"), f"test-{secrets.token_hex(6)}"
    other.make_bucket(name)
    yield Ends(minio, bucket, tls, other, name, content)
    other.remove_bucket(name)


def told(report: Any) -> Any:
    objects = [
        {name: value for name, value in entry.items() if name not in ("seconds", "etag")}
        for entry in report.returns["objects"]
    ]
    counts = {name: value for name, value in report.returns.items() if name not in ("seconds", "objects")}
    return objects, counts, report.changed, report.diff, report.failure, report.warnings


def test_the_cycle(ends: Ends, mc: Mc) -> None:
    ends.mc.put(f"{ends.dest}/q/extra", b"x")
    ends.mc.put(f"{ends.dest}/q-2/other", b"of another prefix")
    ends.mc.put(f"{ends.dest}/q/f1", b"another content")
    options = {"delete": True, "delete_limit": "50%"}
    before = ends.there("")
    dry = ends.copy(check=True, **options)
    assert ends.there("") == before
    real = ends.copy(**options)
    assert told(dry) == told(real)
    assert (real.failure, ends.there()) == ("", ends.wanted)
    assert (real.returns["copied"], real.returns["deleted"]) == (len(ends.content), 1)
    assert actions(real)["q/f1"] == ("replace", "size differs")
    for name in ends.content:  # ETag, content type and metadata are those of the source
        here, there = mc.stat(f"{ends.bucket}/p/{name}"), ends.mc.stat(f"{ends.dest}/q/{name}")
        assert {key: here[key] for key in ("etag", "metadata")} == {key: there[key] for key in ("etag", "metadata")}
    again = ends.copy(**options)
    assert (again.changed, again.returns["unchanged"]) == (False, len(ends.content))
    mc.put(f"{ends.bucket}/p/f2", b"9")
    assert actions(ends.copy(**options)) == {"q/f2": ("replace", "content differs")}


def test_copies_that_others_made_in_parts_of_other_sizes_are_known_by_their_content(ends: Ends, large: bytes) -> None:
    ends.mc.put(f"{ends.dest}/q/large", large, part_mib=7)
    assert actions(ends.copy())["q/large"] == ("adopt", "same content, found by reading the file")
    ends.mc.put(f"{ends.dest}/q/large", large[:-1] + b"x", part_mib=7)
    assert actions(ends.copy()) == {"q/large": ("replace", "content differs")}
    assert ends.there() == ends.wanted


def test_encrypted_ends(minio: Server, mc: Mc, bucket: str, tmp_path: Path, large: bytes) -> None:
    hidden = f"{bucket}-kms"
    mc.make_bucket(hidden)
    mc.run("encrypt", "set", "sse-kms", "test-key", f"t/{hidden}")
    sync(minio, plant(tmp_path / "src", {"large": large, "small": b"1"}), bucket, part_size="5MiB")
    across = replace(minio, endpoint=minio.endpoint.replace("127.0.0.1", "localhost"))
    try:
        for target in (minio, across):  # by the server, and as if it were another one
            for source, dest, prefix in ((bucket, hidden, "k"), (hidden, bucket, "back")):
                options = {"bucket": source, "dest_bucket": dest, "prefix": "p" if source == bucket else "k"}
                first = copy(minio, target, **options, dest_prefix=f"{prefix}", existing="replace")
                assert first.failure == ""
                assert mc.cat(f"{dest}/{prefix}/large") == large
                idle = copy(minio, target, **options, dest_prefix=prefix)
                assert (idle.changed, idle.returns["unchanged"]) == (False, 2), (source, target.endpoint)
            mc.run("rm", "--recursive", "--force", f"t/{hidden}/k", f"t/{bucket}/back")
    finally:
        mc.remove_bucket(hidden)


def test_what_breaks_is_tried_again_and_what_a_run_left_is_used(ends: Ends, proxy: Proxy, large: bytes) -> None:
    """Behind one proxy before the source and one before the target."""
    with running_proxy(ends.target) as before_target:
        within = ends.source is ends.target
        source = before_target.server if within else proxy.server
        broken = ends._replace(source=source, target=before_target.server)
        before_target.drop(method="PUT", path="partNumber=3", times=99)
        failed = broken.copy(workers=1)
        (failure,) = failed.returns["failures"]
        assert failure.startswith(f"q/large: Could not {'copy' if within else 'upload part 3 of'} ")
        assert ends.there() == {key: content for key, content in ends.wanted.items() if key != "q/large"}
        before_target.clear()
        before_target.drop(method="PUT", path="partNumber=3")
        proxy.clear()
        if not within:
            proxy.reset(after=1000, method="GET", path="/large$", download=True)
        assert broken.copy().failure == ""
        assert ends.there() == ends.wanted
        assert before_target.count("PUT", "partNumber=[12]") == 0  # of the parts that arrived none goes again
        assert ends.mc.run("ls", "--incomplete", "--recursive", f"t/{ends.dest}") == []


def test_a_busy_server_is_waited_for(ends: Ends) -> None:
    with running_proxy(ends.target) as busy:
        within = ends.source is ends.target
        asked = ends._replace(target=busy.server, **({"source": busy.server} if within else {}))
        busy.slow_down(times=2, method="PUT", path="/q/f")
        busy.slow_down(times=2, method="PUT", path="partNumber=")
        assert asked.copy(workers=2).failure == ""
        assert ends.there() == ends.wanted


def test_parts_of_other_content_never_become_an_object(ends: Ends, large: bytes) -> None:
    store = Store(connection(ends.target))
    upload = store.start_upload(ends.dest, "q/large", content_type="x/y", metadata={}, checked=False)
    session = store._session
    session._upload_part(ends.dest, "q/large", bytes(5 * MIB), {}, upload, 1)
    assert ends.copy().failure == ""
    assert ends.there() == ends.wanted


def test_an_object_that_is_replaced_while_it_is_copied(ends: Ends, proxy: Proxy, mc: Mc, large: bytes) -> None:
    other = os.urandom(len(large))
    within = ends.source is ends.target
    meddled = ends._replace(source=proxy.server, **({"target": proxy.server} if within else {}))
    proxy.call(
        lambda: mc.put(f"{ends.bucket}/p/large", other, part_mib=5),
        method="PUT" if within else "GET",
        path="partNumber=2" if within else "/large$",
    )
    assert meddled.copy(workers=1).failure == ""
    assert ends.there() == {**ends.wanted, "q/large": other}


def test_the_module(run_module: RunModule, minio: Server, tls_minio: Server, bucket: str, tmp_path: Path) -> None:
    sync(minio, plant(tmp_path / "src", {"a": b"1"}), bucket)
    store, name = Store(connection(tls_minio)), f"test-{secrets.token_hex(6)}"
    other = {f"dest_{key}": value for key, value in tls_minio.module_options.items() if key != "ca_cert"}
    ends = {"bucket": bucket, "prefix": "p", "dest_bucket": name, "dest_prefix": "q"}
    params = {**minio.module_options, **ends, **other, "dest_ca_cert": tls_minio.ca_cert}
    missing = run_here("minio_copy", params, check=True)
    assert f"Could not copy to bucket {name}: there is no such bucket. Create it with minio_bucket" in missing["msg"]
    assumed = run_module("minio_copy", {**params, "assume_bucket": True}, check=True, diff=True)
    assert (assumed["copied"], assumed["diff"]["after"]) == (1, "q/a  1 B  (copy: new)\n")
    store.create_bucket(name, region=None, object_lock=False)
    try:
        done = run_here("minio_copy", params)
        assert (done["failed"], done["copied"], done["bytes_copied"]) == (False, 1, 1)
    finally:
        list(store.remove_objects(name, ["q/a"]))
        store.remove_bucket(name)
    inside = run_here(
        "minio_copy",
        {**minio.module_options, "bucket": bucket, "prefix": "p", "dest_bucket": bucket, "dest_prefix": "p/q"},
    )
    assert "one lies in the other. Choose another dest_prefix." in inside["msg"]
    whole = run_here("minio_copy", {**minio.module_options, "bucket": bucket, "dest_bucket": "other", "delete": True})
    assert "an empty dest_prefix would cover the whole bucket" in whole["msg"]
    half = run_here(
        "minio_copy", {**minio.module_options, "bucket": bucket, "dest_bucket": "other", "dest_access_key": "me"}
    )
    assert "dest_access_key is given without dest_endpoint" in half["msg"]
