"""Releases that come back, against a real MinIO: foretold, done, broken off and taken up, and what cannot come back."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees import retrying

from tests.integration.conftest import RunModule
from tests.integration.engine import connection, sync
from tests.support.counters import write_counts
from tests.support.in_process import run_here
from tests.support.mc import Mc
from tests.support.proxy import Proxy
from tests.support.state import Server
from tests.support.syncing import plant

MIB = 1024 * 1024
RELEASES, INDEX, KEYS = "releases/p/", "manifests/index.json", "manifests/keys.txt"
PUBLISHED = {
    "prefix": "p",
    "key_pattern": r"p/(?P<file>.+)",
    "object": KEYS,
    "index_object": INDEX,
    "releases_prefix": RELEASES,
}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


class Shelf(NamedTuple):
    """A bucket whose objects below ``p/`` are released one after the other."""

    minio: Server
    mc: Mc
    bucket: str
    folder: Path

    def release(self, content: Mapping[str, bytes], name: str) -> str:
        """Upload exactly this and publish it; returns the key of the record."""
        src = plant(self.folder / name, content)
        sync(self.minio, src, self.bucket, part_size="5MiB", delete=True, delete_limit="100%", metadata={"by": "é"})
        return str(self.publish()["release"])

    def publish(self, **options: Any) -> dict[str, Any]:
        done = run_here("minio_manifest", {**self.minio.module_options, "bucket": self.bucket, **PUBLISHED, **options})
        assert not done["failed"], done["msg"]
        return done

    def options(self, release: str, server: Server | None = None, **options: Any) -> dict[str, Any]:
        places = {"bucket": self.bucket, "release": release, "releases_prefix": RELEASES, "index_object": INDEX}
        return {**(server or self.minio).module_options, **places, "retries": 1, **options}

    def roll_back(self, release: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_here("minio_rollback", self.options(release, **options), check=check)

    def there(self) -> dict[str, tuple[bytes, str]]:
        """Key -> content and ETag."""
        listed = self.mc.objects(self.bucket, "p")
        return {key: (self.mc.cat(f"{self.bucket}/{key}"), entry["etag"]) for key, entry in listed.items()}

    def index(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.mc.cat(f"{self.bucket}/{INDEX}"))
        return document

    def everything(self) -> list[Any]:
        return self.mc.run("ls", "--versions", "--recursive", f"t/{self.bucket}")


LARGE = os.urandom(11 * MIB + 7)
OLD = {"large": LARGE, "a+b %41/é": b"1", "empty": b"", "gone": b"will be removed", "same": b"as it was"}
NEW = {**OLD, "large": LARGE[::-1], "a+b %41/é": b"2", "added": b"not there before"}
del NEW["gone"]


@pytest.fixture
def shelf(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> Shelf:
    mc.run("version", "enable", f"t/{bucket}")
    return Shelf(minio, mc, bucket, tmp_path)


def test_the_cycle(shelf: Shelf, run_module: RunModule, proxy: Proxy) -> None:
    """There and back: each foretold, done and done again, by modules in processes of their own."""
    first = shelf.release(OLD, "old")
    were = shelf.there()
    second = shelf.release(NEW, "new")
    are = shelf.there()
    back = {"delete": True, "delete_limit": "50%"}
    for wanted, release, content in (("previous", first, were), ("latest", second, are), (first, first, were)):
        before, counted = shelf.everything(), write_counts(shelf.minio)
        dry = run_module("minio_rollback", shelf.options(wanted, proxy.server, **back), check=True, diff=True)
        assert (shelf.everything(), proxy.writes) == (before, [])
        assert write_counts(shelf.minio) == counted
        foretold = run_here(
            "minio_manifest",
            shelf.options(release, **PUBLISHED, planned=dry["objects"]),
            check=True,
        )
        real = run_module("minio_rollback", shelf.options(wanted, **back), diff=True)
        assert told(dry) == told(real)
        assert (real["failed"], real["release"], real["deleted"]) == (False, release, 1)
        assert shelf.there() == content, "bytes and ETags, in as many parts"
        assert shelf.index()["release"] != release, "readers go on with the index of before until it is written"
        published = shelf.publish(release=release)
        assert (foretold["changed"], foretold["keys"], foretold["release"]) == (True, published["keys"], release)
        assert [one["subject"] for one in foretold["actions"]] == [one["subject"] for one in published["actions"]]
        assert shelf.index()["release"] == release
        assert pinned(shelf) == {key: etag for key, (_, etag) in content.items()}
        for check in (True, False):
            again = shelf.roll_back(release, check=check, **back)
            assert (again["failed"], again["changed"], again["unchanged"]) == (False, False, len(content))
        assert not shelf.publish(release=release)["changed"]
        assert not shelf.publish()["changed"], "what is there has its release"
    assert shelf.mc.stat(f"{shelf.bucket}/p/large")["metadata"]["X-Amz-Meta-By"], "metadata came along"


def told(result: Mapping[str, Any]) -> dict[str, Any]:
    """What both runs must say alike."""
    objects = [{k: v for k, v in one.items() if k not in ("etag", "seconds")} for one in result["objects"]]
    kept = {name: value for name, value in result.items() if name not in ("seconds", "objects", "invocation")}
    return {**kept, "objects": objects}


def pinned(shelf: Shelf) -> dict[str, str]:
    """Key -> ETag, of the index, each of a version that has it."""
    found = {}
    store = Store(connection(shelf.minio))
    for leaf in shelf.index()["objects"].values():
        seen = store.stat_object(shelf.bucket, leaf["key"], version=leaf["version_id"])
        assert seen is not None
        assert (seen.etag, seen.size) == (leaf["etag"], leaf["size"])
        found[leaf["key"]] = leaf["etag"]
    return found


def test_what_is_beyond_the_release_stays_unless_its_removal_is_asked_for(shelf: Shelf) -> None:
    first = shelf.release(OLD, "old")
    shelf.release(NEW, "new")
    kept = shelf.roll_back(first)
    assert (kept["failed"], kept["extraneous"], kept["deleted"]) == (False, 1, 0)
    shelf.publish(release=first)
    assert "p/added" in shelf.there()
    assert "p/added" not in shelf.mc.cat(f"{shelf.bucket}/{KEYS}").decode().split("\n"), "the release is whole, alone"
    assert not shelf.roll_back(first)["changed"]
    refused = shelf.roll_back(first, delete=True, delete_limit="0")
    assert "delete_limit 0 allows 0" in refused["msg"]
    shelf.mc.put(f"{shelf.bucket}/p/notes.txt", b"nobody's")
    removed = shelf.roll_back(first, delete=True, exclude=["notes.txt"])
    assert (removed["failed"], removed["deleted"]) == (False, 1)
    assert set(shelf.there()) == {f"p/{name}" for name in (*OLD, "notes.txt")}


def test_a_run_that_breaks_off_is_taken_up_and_the_index_waits(shelf: Shelf, proxy: Proxy) -> None:
    first = shelf.release(OLD, "old")
    were = shelf.there()
    second = shelf.release(NEW, "new")
    proxy.drop(method="PUT", path="partNumber=3", times=99)
    broken = run_here("minio_rollback", shelf.options("previous", proxy.server, delete=True, workers=1))
    assert broken["failed"]
    assert broken["failures"][0].startswith("p/large: ")
    assert shelf.index()["release"] == second
    half = run_here(
        "minio_manifest", {**shelf.minio.module_options, "bucket": shelf.bucket, **PUBLISHED, "release": first}
    )
    assert "Bring them back by minio_rollback" in half["msg"], "what is half back is not published"
    proxy.clear()
    done = run_here("minio_rollback", shelf.options("previous", proxy.server, delete=True))
    assert (done["failed"], done["release"]) == (False, first), "previous means the same until the index is written"
    assert proxy.count("PUT", "partNumber=[12]") == 0, "parts that were copied are used"
    assert shelf.there() == were
    shelf.publish(release=first)
    assert shelf.index()["release"] == first


def test_objects_of_which_no_version_is_left_are_all_named_and_nothing_is_touched(shelf: Shelf) -> None:
    first = shelf.release(OLD, "old")
    versions = {leaf["key"]: leaf["version_id"] for leaf in shelf.index()["objects"].values()}
    shelf.release(NEW, "new")
    for key in ("p/gone", "p/a+b %41/é"):
        shelf.mc.run("rm", "--version-id", versions[key], f"t/{shelf.bucket}/{key}")
    before = shelf.everything()
    for check in (True, False):
        refused = shelf.roll_back(first, check=check)
        assert (
            "of 2 of its objects the bucket keeps no version with that content: p/a+b %41/é, p/gone" in refused["msg"]
        )
        assert shelf.everything() == before
    shelf.mc.copy(shelf.folder / "old" / "gone", f"{shelf.bucket}/p/gone")
    rest = shelf.roll_back(first, exclude=["a+b*"])
    assert (rest["failed"], rest["restored"], rest["unchanged"]) == (False, 1, 3), "the content is there again"


def test_a_bucket_without_versions_and_one_that_stopped_to_keep_them(
    minio: Server, mc: Mc, bucket: str, tmp_path: Path
) -> None:
    plain = Shelf(minio, mc, bucket, tmp_path)
    first = plain.release({"a": b"1", "b": b"2"}, "one")
    plain.release({"a": b"3", "b": b"2"}, "two")
    before = plain.everything()
    refused = plain.roll_back(first)
    assert "of 1 of its objects the bucket keeps no version with that content: p/a." in refused["msg"]
    assert plain.everything() == before
    mc.run("version", "enable", f"t/{bucket}")
    second = plain.index()["release"]
    plain.release({"a": b"4", "b": b"2"}, "three")
    mc.run("version", "suspend", f"t/{bucket}")
    back = plain.roll_back(second)
    assert (back["failed"], mc.cat(f"{bucket}/p/a")) == (False, b"3"), "written before there were versions"
    assert "Versioning of bucket" in str(back["warnings"])


def test_locked_objects_get_a_newer_version(minio: Server, mc: Mc, bucket_name: str, tmp_path: Path) -> None:
    mc.make_bucket(bucket_name, "--with-lock")
    mc.run("retention", "set", "--default", "GOVERNANCE", "1d", f"t/{bucket_name}")
    locked = Shelf(minio, mc, bucket_name, tmp_path)
    first = locked.release({"a": b"1", "b": b"2"}, "one")
    locked.release({"a": b"3", "c": b"4"}, "two")
    done = locked.roll_back(first, delete=True, delete_limit="50%")
    assert (done["failed"], {key: content for key, (content, _) in locked.there().items()}) == (
        False,
        {"p/a": b"1", "p/b": b"2"},
    )


@pytest.fixture
def hidden(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> Iterator[Shelf]:
    name = f"{bucket}-kms"
    mc.make_bucket(name, "--with-versioning")
    mc.run("encrypt", "set", "sse-kms", "test-key", f"t/{name}")
    yield Shelf(minio, mc, name, tmp_path)
    mc.remove_bucket(name)


def test_encryption_that_hides_content(hidden: Shelf) -> None:
    first = hidden.release(OLD, "old")
    hidden.release(NEW, "new")
    done = hidden.roll_back(first, delete=True, delete_limit="50%")
    assert not done["failed"], done["msg"]
    assert {key: content for key, (content, _) in hidden.there().items()} == {f"p/{k}": v for k, v in OLD.items()}
    again = hidden.roll_back(first, delete=True)
    assert (again["failed"], again["changed"]) == (False, False)


def test_a_reader_with_the_index_never_has_a_mixture(shelf: Shelf) -> None:
    """A writer replaces all objects all the time, back and forth; a reader has one set or the other, each time."""
    names = [f"f{number}" for number in range(5)]
    sets = [dict.fromkeys(names, secrets.token_bytes(40)) for _ in range(2)]
    releases = [shelf.release(content, f"set{number}") for number, content in enumerate(sets)]
    over, problems, seen = Event(), [], set()

    def read() -> None:
        store = Store(connection(shelf.minio))
        while not over.is_set():
            index = json.loads(store.read_object(shelf.bucket, INDEX) or b"")
            session = store._session
            contents = {
                session.request("read", "GET", shelf.bucket, one["key"], query={"versionId": one["version_id"]}).data
                for one in index["objects"].values()
            }
            wanted = sets[releases.index(index["release"])][names[0]]
            if contents != {wanted}:
                problems.append((index["release"], contents))
            seen.add(index["release"])

    reader = Thread(target=read)
    reader.start()
    try:
        for turn in range(12):
            release = releases[turn % 2]
            assert not shelf.roll_back(release)["failed"]
            shelf.publish(release=release)
    finally:
        over.set()
        reader.join()
    assert (problems, seen) == ([], set(releases))


def test_releases_that_are_none(shelf: Shelf) -> None:
    first = shelf.release(OLD, "old")
    assert "there is no such one below releases/p/" in shelf.roll_back("previous")["msg"]
    assert not shelf.roll_back(first.rsplit("/")[-1][:8])["changed"], "a beginning is enough"
    shelf.mc.put(f"{shelf.bucket}/{RELEASES}20990101T000000Z-00000000.json", b"{")
    assert "it has not what a record has" in shelf.roll_back("2099")["msg"]
    shelf.mc.put(f"{shelf.bucket}/{INDEX}", b"{")
    assert "Write it again by minio_manifest" in shelf.roll_back("previous")["msg"]
    nowhere = run_here("minio_rollback", shelf.options("previous", bucket=f"{shelf.bucket}-none"))
    assert "there is no such bucket" in nowhere["msg"]


def test_old_releases_go_with_the_versions_that_only_they_named(shelf: Shelf, run_module: RunModule) -> None:
    """The newest and the current one stay, and whatever they need."""
    sets = [{"a": b"1", "same": b"s"}, {"a": b"2", "same": b"s"}, {"a": b"3", "same": b"s"}]
    names = [shelf.release(content, f"set{number}") for number, content in enumerate(sets)]
    assert not shelf.roll_back(names[0])["failed"]
    shelf.publish(release=names[0])
    versions = {leaf["key"]: leaf["version_id"] for leaf in shelf.index()["objects"].values()}
    where = {"bucket": shelf.bucket, "releases_prefix": RELEASES, "index_object": INDEX}
    options: dict[str, Any] = {**shelf.minio.module_options, **where, "keep": 1, "versions": True}
    before = shelf.everything()
    dry = run_module("minio_release_prune", options, check=True, diff=True)
    assert shelf.everything() == before
    real = run_module("minio_release_prune", options, diff=True)
    assert {**dry, "invocation": 0} == {**real, "invocation": 0}
    assert (real["removed"], real["kept"], real["versions_removed"]) == ([names[1]], [names[0], names[2]], 1)
    assert [action["subject"].partition("?")[0] for action in real["actions"]] == ["p/a", names[1]]
    left = {
        entry["versionId"] for entry in shelf.everything() if entry["key"] == "p/a" and not entry.get("isDeleteMarker")
    }
    assert versions["p/a"] in left
    assert len(left) == 3, "1, 3, and 1 again"
    assert not run_here("minio_release_prune", options)["changed"]
    assert not shelf.roll_back(names[2])["failed"]
    assert {key: content for key, (content, _) in shelf.there().items()} == {"p/a": b"3", "p/same": b"s"}
    assert "Keep at least one" in run_here("minio_release_prune", {**options, "keep": 0})["msg"]


def test_a_locked_version_keeps_its_record(minio: Server, mc: Mc, bucket_name: str, tmp_path: Path) -> None:
    mc.make_bucket(bucket_name, "--with-lock")
    locked = Shelf(minio, mc, bucket_name, tmp_path)
    names = [locked.release({"a": content}, content.decode()) for content in (b"1", b"2", b"3")]
    first = json.loads(mc.cat(f"{bucket_name}/{names[0]}"))["objects"][0]["version_id"]
    mc.run("legalhold", "set", "--version-id", first, f"t/{bucket_name}/p/a")
    where = {"bucket": bucket_name, "releases_prefix": RELEASES, "index_object": INDEX}
    refused = run_here("minio_release_prune", {**minio.module_options, **where, "keep": 1, "versions": True})
    assert "The records of releases stay." in refused["msg"]
    assert mc.keys(bucket_name, RELEASES) == names
    mc.run("legalhold", "clear", "--version-id", first, f"t/{bucket_name}/p/a")
