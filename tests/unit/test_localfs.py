"""The sorted walk, and what it says of paths that it cannot read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.trees.localfs import check_source, walk
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.model import LocalFile, SourceFault

from tests.support.paths import MODULE_UTILS
from tests.support.syncing import plant


def keys(folder: Path, *, recurse: bool = True) -> list[str]:
    return [found.key for found in walk(str(folder), recurse=recurse) if isinstance(found, LocalFile)]


def faults(folder: Path) -> list[tuple[str, str]]:
    return [(found.prefix, found.reason) for found in walk(str(folder)) if isinstance(found, SourceFault)]


def test_keys_come_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    names = [
        *("a.b", "a/b", "a-b", "a0", "a!x/y", "a/b.c", "a/bc/d", "a/b-c"),
        *("A", "Z/z", "_", "~", "plus+plus", "100%", "%41", "a&b", "q?x", "h#h", "with space/and space "),
        *(" lead", "tab\there", "line\nbreak", "back\\slash", "quote'\"", "<xml>&amp;", "*", "[x]"),
        *("\u00e9", "e\u0301", "\ue000", "\uffff", "\U0001f33d/\U0001f33d", "\u4e2d\u6587", "..x", "...", ".hidden"),
    ]
    plant(tmp_path, {name: name.encode() for name in names})
    assert keys(tmp_path) == sorted(names, key=str.encode)


def test_a_wide_folder_and_a_deep_one(tmp_path: Path) -> None:
    wide = [f"w/{number:x}" for number in range(3000)]
    deep = "/".join("d" * 60)
    plant(tmp_path, dict.fromkeys([*wide, deep], b""))
    assert keys(tmp_path) == sorted([*wide, deep], key=str.encode)


def test_folders_nest_deeper_than_calls_may(tmp_path: Path) -> None:
    depth = sys.getrecursionlimit() + 300
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    try:
        assert keys(tmp_path) == ["d/" * depth + "f"]
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # shutil's way of removing calls as deep


def test_names_are_utf8_whatever_the_locale_is(tmp_path: Path) -> None:
    """With ``PYTHONUTF8=0`` the system's names are ASCII to Python."""
    plant(tmp_path / "café", {"Jürgen/é.tif": b"1"})
    program = (
        "import sys, ansible.module_utils as a; a.__path__.append(sys.argv[1])\n"
        "from ansible.module_utils.objectstore.trees.localfs import check_source, walk\n"
        "from ansible.module_utils.objectstore.files.digests import md5_of\n"
        "found = walk(check_source(sys.stdin.buffer.read().decode()))\n"
        "print(ascii([(file.key, md5_of(file)[:4]) for file in found]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(MODULE_UTILS)],
        input=str(tmp_path / "café").encode(),
        env={**os.environ, "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert done.stdout.decode().strip() == r"[('J\xfcrgen/\xe9.tif', 'c4ca')]", done.stderr.decode()


def test_what_a_stat_saw(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"xyz"})
    (found,) = walk(str(tmp_path))
    status = (tmp_path / "a/b").stat()
    assert found == LocalFile(
        "a/b",
        str(tmp_path / "a/b"),
        3,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_dev,
        status.st_ino,
    )


def test_without_subfolders(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b"", "b/c": b""})
    (tmp_path / "linked").symlink_to(tmp_path / "b")
    assert keys(tmp_path, recurse=False) == ["a"]


def test_links_are_followed(tmp_path: Path) -> None:
    plant(tmp_path, {"src/a": b"1", "outside/b": b"22", "file": b"333"})
    (tmp_path / "src/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "src/again").symlink_to(tmp_path / "outside")
    (tmp_path / "src/link").symlink_to(tmp_path / "file")
    assert keys(tmp_path / "src") == ["a", "again/b", "folder/b", "link"]
    assert faults(tmp_path / "src") == []


def test_a_loop_of_links_ends_and_is_named(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b""})
    (tmp_path / "a/b/loop").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "top").symlink_to(tmp_path)
    assert keys(tmp_path) == ["a/b/c"]
    assert dict(faults(tmp_path)).keys() == {"a/b/loop/", "self", "top/"}
    assert dict(faults(tmp_path))["a/b/loop/"] == "it is a loop of symbolic links"


def test_what_is_no_file_is_a_fault(tmp_path: Path) -> None:
    plant(tmp_path, {"ok": b""})
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    assert keys(tmp_path) == ["ok"]
    assert faults(tmp_path) == [
        ("dangling", "it is a dangling symbolic link"),
        ("fifo", "it is not a regular file"),
    ]


def test_a_name_that_is_not_utf8_is_a_fault_and_can_be_printed(tmp_path: Path) -> None:
    plant(tmp_path, {"ok/x": b""})
    Path(os.fsdecode(bytes(tmp_path / "ok") + b"/\xff\xfe.tif")).write_bytes(b"")
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9")).mkdir()
    found = [item for item in walk(str(tmp_path)) if isinstance(item, SourceFault)]
    assert [(item.prefix, item.path) for item in found] == [
        ("caf\udce9/", rf"{tmp_path}/caf\xe9"),
        ("ok/\udcff\udcfe.tif", rf"{tmp_path}/ok/\xff\xfe.tif"),
    ]
    assert all("not valid UTF-8" in item.reason and item.path.isascii() for item in found)
    assert keys(tmp_path) == ["ok/x"]


@pytest.mark.parametrize(
    ("src", "said"),
    [
        ("", "src is empty"),
        ("  ", "src is empty"),
        ("{tmp}/none", "there is no such folder"),
        ("{tmp}/file", "it is not a folder"),
        ("{tmp}/file/x", "it is not a folder"),
    ],
)
def test_a_source_that_is_none_is_refused(tmp_path: Path, src: str, said: str) -> None:
    plant(tmp_path, {"file": b""})
    with pytest.raises(SourceError, match=said):
        check_source(src.format(tmp=tmp_path))


def test_a_source_may_be_a_link(tmp_path: Path) -> None:
    plant(tmp_path / "real", {"a": b""})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert keys(Path(check_source(f"{tmp_path}/link/"))) == ["a"]
