"""What happens to the objects when the source is broken, with removal on: every row of the table is safe and named."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.values.errors import ObjectStoreError

from tests.integration.conftest import RunModule
from tests.integration.engine import sync
from tests.support.mc import Mc
from tests.support.proxy import Proxy
from tests.support.state import Server
from tests.support.syncing import actions, plant

NOBODY = 65534

FILES = {"a": b"1", "sub/b": b"22", "sub/deep/c": b"333", "z": b"4444"}


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's right to read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def src() -> Iterator[Path]:
    """Where nobody may look, too: pytest's own folders are for their owner only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield plant(folder / "src", FILES)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def synced(minio: Server, bucket: str, src: Path) -> str:
    """A bucket that has all files of ``src``, and a key that ``src`` has no file for."""
    (src / "gone").write_bytes(b"gone")
    assert sync(minio, src, bucket).failure == ""
    (src / "gone").unlink()
    return bucket


def unreadable(name: str) -> Callable[[Path], None]:
    return lambda src: (src / name).chmod(0)


def dangling(name: str) -> Callable[[Path], None]:
    def damage(src: Path) -> None:
        (src / name).unlink()
        (src / name).symlink_to(src / "nowhere")

    return damage


def looping(src: Path) -> None:
    shutil.rmtree(src / "sub/deep")
    (src / "sub/deep").symlink_to(src)


def not_utf8(src: Path) -> None:
    Path(os.fsdecode(bytes(src) + b"/caf\xe9")).write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (unreadable("sub"), "/sub: it cannot be read (Permission denied)"),
        (unreadable("sub/deep"), "/sub/deep: it cannot be read (Permission denied)"),
        (unreadable("a"), "/a: it cannot be read (Permission denied)"),
        (unreadable("sub/b"), "/sub/b: it cannot be read (Permission denied)"),
        (dangling("a"), "/a: it is a dangling symbolic link"),
        (dangling("sub/deep/c"), "/sub/deep/c: it is a dangling symbolic link"),
        (looping, "/sub/deep: it is a loop of symbolic links"),
        (not_utf8, "/caf\\xe9: its name is not valid UTF-8, which object keys must be"),
    ],
    ids=["folder", "folder below", "file", "file below", "dangling", "dangling below", "loop", "name"],
)
def test_what_cannot_be_read_keeps_everything_and_fails_at_the_end(
    proxy: Proxy, mc: Mc, synced: str, src: Path, damage: Callable[[Path], None], named: str
) -> None:
    before = mc.objects(synced)
    damage(src)
    (src / "new").write_bytes(b"new")
    with as_nobody():
        dry = sync(proxy.server, src, synced, delete=True, delete_limit="100%", check=True)
    assert proxy.writes == []
    with as_nobody():
        real = sync(proxy.server, src, synced, delete=True, delete_limit="100%")
    assert dry.returns["failures"] == real.returns["failures"]
    assert [failure.removeprefix(str(src)) for failure in real.returns["failures"]] == [named]
    assert named.split(":", maxsplit=1)[0] in real.failure
    assert actions(real)["p/gone"] == ("keep", "removal withheld: the source was not read whole")
    assert actions(dry) == actions(real)
    after = mc.objects(synced)
    assert {key: after[key] for key in before} == before  # nothing removed, nothing written again
    assert after.keys() - before.keys() == {"p/new"}  # the healthy part goes on


def test_a_file_that_is_new_and_unreadable_is_named_and_no_success(
    minio: Server, mc: Mc, synced: str, src: Path
) -> None:
    (src / "secret").write_bytes(b"x")
    (src / "secret").chmod(0)
    with as_nobody():
        report = sync(minio, src, synced)
    assert report.failure.endswith(f"{src}/secret: it cannot be read (Permission denied)")
    assert (report.returns["uploaded"], report.returns["unchanged"], report.returns["adopted"]) == (0, 0, 4)
    assert "p/secret" not in mc.keys(synced)


def test_the_whole_source_unreadable_missing_or_empty(proxy: Proxy, mc: Mc, synced: str, src: Path) -> None:
    before, moved = mc.objects(synced), src.with_name("moved")
    said = []

    def refuse(what: Path) -> None:
        with as_nobody(), pytest.raises(ObjectStoreError) as refused:
            sync(proxy.server, what, synced, delete=True, delete_limit="100%")
        said.append(str(refused.value))

    src.chmod(0)
    refuse(src)
    src.chmod(0o755)
    src.rename(moved)
    refuse(src)
    src.mkdir()
    refuse(src)
    (src / "only excluded").write_bytes(b"")
    with pytest.raises(ObjectStoreError, match="the source has no matching file"):
        sync(proxy.server, src, synced, delete=True, delete_limit="100%", exclude=["only*"])
    assert "it cannot be listed (Permission denied)" in said[0]
    assert "there is no such folder on this host. Check src" in said[1]
    assert f"remove 5 of 5 objects from {synced}/p/: the source has no matching file" in said[2]
    assert mc.objects(synced) == before
    assert proxy.writes == []


def test_excluded_keys_and_sibling_prefixes_are_never_touched(minio: Server, mc: Mc, synced: str, src: Path) -> None:
    others = ["p-v2/x", "p.x", "pp/x", "q", "p/note.tmp", "p/raw/deep/x"]
    for key in others:
        mc.put(f"{synced}/{key}", b"of others")
    report = sync(minio, src, synced, delete=True, exclude=["*.tmp", "raw/"])
    assert report.returns["deleted"] == 1
    assert sorted(mc.keys(synced)) == sorted([*others, *(f"p/{name}" for name in FILES)])


def test_the_guards_as_a_user_sees_them(run_module: RunModule, proxy: Proxy, mc: Mc, synced: str, src: Path) -> None:
    mc.put(f"{synced}/p/gone2", b"gone")
    before = mc.objects(synced)
    params = {"src": src, "bucket": synced, "delete": True, "digest_cache": ""}
    for check in (True, False):
        whole = run_module("minio_sync", params, check=check, server=proxy.server)
        assert whole["msg"] == (
            f"Could not remove extraneous objects from {synced}: "
            "an empty prefix would cover the whole bucket. Set prefix."
        )
        (src / "new").write_bytes(b"new")
        limit = run_module("minio_sync", {**params, "prefix": "p"}, check=check, server=proxy.server)
        assert limit["msg"] == (
            f"Could not remove 2 of 6 objects from {synced}/p/: delete_limit 25% allows 1. "
            "Check the source, then raise delete_limit if this is meant. Nothing was changed."
        )
        assert whole["failed"]
        assert limit["failed"]
    assert proxy.writes == []
    assert mc.objects(synced) == before
