"""A folder as the target of a sync: what can be in it, what is beside it, and content that is taken up again."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.files import digests
from ansible.module_utils.objectstore.sync import history
from ansible.module_utils.objectstore.sync.history import read_history
from ansible.module_utils.objectstore.trees import folder, folding, places
from ansible.module_utils.objectstore.trees.folding import folds_names
from ansible.module_utils.objectstore.trees.places import Places, name_problem
from ansible.module_utils.objectstore.values.errors import InvalidInputError, RefusedError, SourceError

from tests.support.harmed import Harmed
from tests.support.memory_store import KMS, MemoryStore
from tests.support.syncing import BUCKET, WHOLE, actions, fetch, plant, rewrite_keeping_times, tree, whole_store


@pytest.fixture
def store() -> MemoryStore:
    return whole_store()


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "dest"


# --- names and places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a", ""),
        ("a/b c/é\n", ""),
        ("x" * 255, ""),
        ("é" * 128, "256 bytes"),
        ("/a", "begins with '/'"),
        ("a/", "empty, '.' or '..'"),
        ("", "empty"),
        ("a/../b", "'..'"),
        ("..", "'..'"),
        ("a\0", "NUL"),
        ("\ud800", "UTF-8"),
        ("a/" * 2100 + "a", "longer than 4095"),
    ],
)
def test_names_that_no_file_can_have(name: str, said: str) -> None:
    problem = name_problem(name, "/dest")
    assert (said in problem) if said else not problem


def test_what_is_in_the_way_is_named_and_the_rest_is_fetched(store: MemoryStore, dest: Path, tmp_path: Path) -> None:
    plant(dest, {"a/inside": b"x", "c": b"a file"})
    outside = plant(tmp_path / "outside", {"kept": b"kept"})
    (dest / "b").symlink_to(outside / "kept")
    os.mkfifo(dest / "e")
    for key in ("p/link/kept", "p/link/new"):
        store.put(BUCKET, key, b"over")
    (dest / "link").symlink_to(outside)
    for check in (True, False):
        report = fetch(store, dest, check=check)
        assert report.returns["failures"] == [
            f"{BUCKET}/p/a: a folder is in its place",
            f"{BUCKET}/p/b: of what is in its place, it is a symbolic link",
            f"{BUCKET}/p/c/d: {dest}/c is in the way: it is a file",
            f"{BUCKET}/p/e: of what is in its place, it is not a regular file",
            f"{BUCKET}/p/link/kept: {dest}/link is in the way: it is a symbolic link",
            f"{BUCKET}/p/link/new: {dest}/link is in the way: it is a symbolic link",
        ]
        assert tree(outside) == {"kept": b"kept"}
    left = [f"{dest}/b (it is a symbolic link)", f"{dest}/e (it is not a regular file)"]
    assert report.warnings == (f"Left alone: {', '.join(left)}, {dest}/link (it is a symbolic link)",)


def test_a_link_that_comes_between_plan_and_write_leads_nowhere(
    store: MemoryStore, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = plant(tmp_path / "outside", {"d": b"kept"})
    plant(dest, {"c/other": b"x"})
    begun = store.fetch_object
    first = threading.Lock()

    def meddle(*arguments: Any, **options: Any) -> None:
        if first.acquire(blocking=False):
            (dest / "c").rename(tmp_path / "moved")
            (dest / "c").symlink_to(outside)
            (dest / "b").symlink_to(outside / "d")
        begun(*arguments, **options)

    monkeypatch.setattr(store, "fetch_object", meddle)
    report = fetch(store, dest, workers=1)
    of_link, of_folder = report.returns["failures"]
    assert of_link.endswith("of what is in its place, it is a symbolic link.")
    assert f"{dest}/c/d could not be written (Not a directory)." in of_folder
    assert tree(outside) == {"d": b"kept"}


def test_the_folder_itself_may_be_a_link_and_is_made_where_it_is_missing(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert fetch(store, tmp_path / "link").failure == ""
    assert fetch(store, tmp_path / "far/down").failure == ""
    assert tree(tmp_path / "real") == tree(tmp_path / "far/down") == WHOLE


@pytest.mark.parametrize(("make", "said"), [("file", "it is not a folder"), ("link", "dangling symbolic link")])
def test_a_dest_that_is_no_folder(store: MemoryStore, dest: Path, make: str, said: str) -> None:
    dest.write_bytes(b"") if make == "file" else dest.symlink_to("nowhere")
    for check in (True, False):
        with pytest.raises(SourceError, match=said):
            fetch(store, dest, check=check)


def test_a_and_what_is_below_a(store: MemoryStore, dest: Path) -> None:
    store.put(BUCKET, "p/a/b", b"below")
    report = fetch(store, dest)
    assert report.returns["failures"] == [
        f"{BUCKET}/p/a/b: a is an object, too, and would be a file where this needs a folder"
    ]
    assert tree(dest) == WHOLE


# --- names that a file system takes for the same -----------------------------------------------------------------


def test_names_that_differ_in_case_or_accents_where_the_file_system_folds_them(
    dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore({BUCKET: {}})
    for name in ("A/x", "README", "Readme", "a/y", "e\u0301", "\u00e9"):
        store.put(BUCKET, f"p/{name}", b"")
    assert fetch(store, dest, check=True).failure == ""  # this file system does not
    monkeypatch.setattr(folder, "folds_names", lambda _folder: True)
    for check in (True, False):
        report = fetch(store, dest, check=check)
        assert [failure.split("/p/", 1)[1] for failure in report.returns["failures"]] == [
            "Readme: README is the same name on this file system",
            "a/y: A is the same name on this file system",
            "\u00e9: e\u0301 is the same name on this file system",
        ]
    assert sorted(tree(dest)) == ["A/x", "README", "e\u0301"]


def test_a_name_that_is_there_in_another_spelling(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(dest, {"Read.me": b"mine"})
    os.link(dest / "Read.me", dest / "READ.ME")  # what such a file system finds by either name
    monkeypatch.setattr(places.os, "listdir", lambda _folder: ["Read.me"])
    assert Places(str(dest)).other_spelling("READ.ME") == "Read.me"
    assert Places(str(dest)).other_spelling("Read.me") == ""
    assert Places(str(dest)).other_spelling("new") == ""


def test_whether_a_file_system_folds_names_is_seen_by_looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folds_names(str(tmp_path / "not/there")) is False
    plant(tmp_path, {"Read.me": b""})
    os.link(tmp_path / "Read.me", tmp_path / "rEAD.ME")
    assert folds_names(str(tmp_path)) is True
    monkeypatch.setattr(folding, "_names", lambda _folder: iter(()))
    monkeypatch.setattr(folding, "_kind_of", lambda _folder: "vfat")
    assert folds_names(str(tmp_path)) is True
    monkeypatch.undo()
    assert folding._kind_of("/proc") == "proc"


def test_times_modes_and_owners(store: MemoryStore, dest: Path) -> None:
    plant(dest, {"b": b"old"})
    (dest / "b").chmod(0o640)
    if os.geteuid() == 0:
        os.chown(dest / "b", 12345, 54321)
    former = os.umask(0o027)
    try:
        assert fetch(store, dest).failure == ""
    finally:
        os.umask(former)
    seen = {name: (dest / name).stat() for name in ("a", "b", "c")}
    assert [oct(seen[name].st_mode & 0o7777) for name in seen] == ["0o640", "0o640", "0o750"]
    assert seen["a"].st_mtime == seen["b"].st_mtime == 1.5e9  # when the object was written
    if os.geteuid() == 0:
        assert (seen["b"].st_uid, seen["b"].st_gid, seen["a"].st_uid) == (12345, 54321, 0)


# --- guards ------------------------------------------------------------------------------------------------------


def test_what_was_changed_here_is_seen_whatever_its_time_says(
    store: MemoryStore, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = str(tmp_path / "cache")
    fetch(store, dest, digest_cache=cache)
    idle = fetch(store, dest, digest_cache=cache)
    assert (idle.changed, idle.returns["unchanged"]) == (False, 4)  # known by what was written, no file was read
    rewrite_keeping_times(dest / "b", b"XX")
    os.utime(dest / "a")
    monkeypatch.setattr(digests, "RACY_NS", 0)
    assert actions(fetch(store, dest, digest_cache=cache)) == {
        "a": ("adopt", "same content, found by reading the file"),
        "b": ("replace", "content differs"),
    }
    store.put(BUCKET, "p/c/d", b"444")
    assert actions(fetch(store, dest, digest_cache=cache)) == {"c/d": ("replace", "content differs")}


def test_removal_takes_what_has_no_object_and_the_folders_that_are_empty_without_it(
    store: MemoryStore, dest: Path
) -> None:
    plant(dest, {**WHOLE, "x/y/z": b"", "x/kept.tmp": b"", "old/deep/f": b""})
    (dest / "empty").mkdir()
    (dest / "link").symlink_to("nowhere")
    report = fetch(store, dest, delete=True, delete_limit="2", exclude=["*.tmp"])
    assert (report.returns["deleted"], report.failure) == (2, "")
    assert tree(dest) == {**WHOLE, "x/kept.tmp": b""}
    assert sorted(path.name for path in dest.iterdir()) == ["a", "b", "c", "e", "empty", "link", "x"]
    assert report.diff["before"] == "old/deep/f\nx/y/z\n"


def test_removal_is_refused_where_it_looks_like_an_accident(store: MemoryStore, dest: Path) -> None:
    files = plant(dest, {**WHOLE, "x": b"", "y": b""})
    with pytest.raises(RefusedError, match=r"remove 2 of 6 files from .*delete_limit 25% allows 1"):
        fetch(store, dest, delete=True)
    with pytest.raises(RefusedError, match=r"remove 6 of 6 files .*no matching object.*Check bucket, prefix"):
        fetch(store, dest, delete=True, delete_limit="100%", prefix="typing-error")
    for folder_of_much in (Path.home(), Path.home().parent, "/"):
        with pytest.raises(InvalidInputError, match="the whole home folder"):
            fetch(store, folder_of_much, delete=True, check=True)
    assert len(tree(files)) == 6


def test_removal_waits_where_an_object_failed(store: MemoryStore, dest: Path) -> None:
    plant(dest, {**WHOLE, "b": b"changed", "x": b""})
    report = fetch(Harmed(store, lambda _content: b"23", 99), dest, delete=True)
    assert report.returns["failures"][1:] == ["x: removal withheld: a fetch failed"]
    store.put(BUCKET, "p/../evil", b"")
    planned = fetch(store, dest, delete=True)
    assert planned.returns["failures"] == [f"{BUCKET}/p/../evil: it has a component that is empty, '.' or '..'"]
    assert actions(planned)["x"] == ("keep", "removal withheld: the source was not read whole")
    assert "x" in tree(dest)


def test_what_the_task_itself_writes_is_no_part_of_the_folder(store: MemoryStore, dest: Path) -> None:
    store.put(BUCKET, "p/log", b"mine")
    options = {"log": str(dest / "log"), "digest_cache": str(dest / "cache"), "delete": True}
    dest.mkdir()
    report = fetch(store, dest, **options)
    assert report.returns["failures"] == [f"{BUCKET}/p/log: the task itself writes a file of this name"]
    assert sorted(tree(dest)) == sorted([*WHOLE, "log", "cache"])
    told = read_history(str(dest / "log"))
    assert told.change is not None
    assert (told.change["fetched"], told.change["dest"], told.change["bytes_fetched"]) == (4, str(dest), 6)
    assert "bytes_uploaded" in history._TOLD


def test_objects_whose_etag_says_nothing(dest: Path, tmp_path: Path) -> None:
    store, cache = MemoryStore({BUCKET: {}}), str(tmp_path / "cache")
    store.put(BUCKET, "p/kms", b"1", encryption=KMS)
    assert fetch(store, dest, digest_cache=cache).returns["fetched"] == 1
    assert fetch(store, dest, digest_cache=cache).returns["unchanged"] == 1
    assert fetch(store, dest).returns["unverifiable"] == 1
