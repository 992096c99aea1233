"""Which files are meant, under which keys, and which objects a source may remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.files.spool import _IN_MEMORY, Spool
from ansible.module_utils.objectstore.trees.localfs import NONE, FolderListing
from ansible.module_utils.objectstore.trees.source import Shard, Source
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.model import LocalFile
from ansible.module_utils.objectstore.values.naming import KeyNaming
from ansible.module_utils.objectstore.values.selection import Selection

from tests.support.syncing import plant

PATTERN = r"(?P<type>[A-Z][a-z]+)_(?P<year>\d{4})\.tif"
TEMPLATE = "{year}/{type:lower}/{filename}"


def source(folder: Path, *, naming: KeyNaming | None = None, **options: Any) -> Source[LocalFile]:
    listing = FolderListing(str(folder), options.pop("own", NONE))
    return Source(listing, "p/", naming=naming or KeyNaming(), **options)


def keys(made: Source[LocalFile]) -> list[str]:
    return [file.key for file in made.entries()]


def test_keys_of_a_template_are_sorted_and_below_the_prefix(tmp_path: Path) -> None:
    plant(tmp_path, {"Mode_2016.tif": b"", "x/Mode_2015.tif": b"", "Agree_2016.tif": b""})
    assert keys(source(tmp_path, naming=KeyNaming(PATTERN, TEMPLATE))) == [
        "p/2015/mode/Mode_2015.tif",
        "p/2016/agree/Agree_2016.tif",
        "p/2016/mode/Mode_2016.tif",
    ]


@pytest.mark.parametrize(
    ("unmatched", "found", "left"),
    [("fail", ["p/Mode_2015.tif"], ["note.txt"]), ("skip", ["p/Mode_2015.tif"], ["note.txt"]), ("keep", None, [])],
)
def test_unmatched_names(tmp_path: Path, unmatched: str, found: list[str] | None, left: list[str]) -> None:
    plant(tmp_path, {"Mode_2015.tif": b"", "note.txt": b""})
    made = source(tmp_path, naming=KeyNaming(PATTERN), unmatched_action=unmatched)
    assert keys(made) == (found or ["p/Mode_2015.tif", "p/note.txt"])
    assert made.unmatched == left


def test_two_files_with_one_key_are_named(tmp_path: Path) -> None:
    plant(tmp_path, {"a/Mode_2015.tif": b"", "b/Mode_2015.tif": b""})
    with pytest.raises(InvalidInputError, match=r"a/Mode_2015.tif and .*b/Mode_2015.tif both get the key p/2015"):
        keys(source(tmp_path, naming=KeyNaming(PATTERN, TEMPLATE)))


@pytest.mark.parametrize(
    ("options", "key", "removable"),
    [
        ({}, "p/a", True),
        ({}, "p/a/b", True),
        ({}, "p/folder/", False),
        ({}, "p/", False),
        ({"recurse": False}, "p/a", True),
        ({"recurse": False}, "p/a/b", False),
        ({"selection": Selection(exclude=("*.tmp",))}, "p/a.tmp", False),
        ({"selection": Selection(exclude=("*.tmp",))}, "p/a.tif", True),
        ({"selection": Selection(include=("*.tif",))}, "p/a.tmp", False),
        ({"selection": Selection(exclude=("raw/",))}, "p/raw/x", False),
        ({"selection": Selection(exclude=("raw/",))}, "p/raw2/x", True),
        ({"naming": KeyNaming(PATTERN)}, "p/Mode_2015.tif", True),
        ({"naming": KeyNaming(PATTERN)}, "p/x/Mode_2015.tif", True),
        ({"naming": KeyNaming(PATTERN)}, "p/README", False),
        ({"naming": KeyNaming(PATTERN, TEMPLATE), "recurse": False}, "p/2015/mode/Mode_2015.tif", True),
        ({"naming": KeyNaming(PATTERN, TEMPLATE)}, "p/2015/mode/README", False),
    ],
)
def test_removable(tmp_path: Path, options: dict[str, Any], key: str, *, removable: bool) -> None:
    assert source(tmp_path, **options).removable(key) is removable


def test_the_key_of_an_excluded_file_is_not_removable_where_a_template_hides_its_path(tmp_path: Path) -> None:
    plant(tmp_path, {"raw/Mode_2015.tif": b"", "Mode_2016.tif": b"", "raw/other": b""})
    made = source(tmp_path, naming=KeyNaming(PATTERN, TEMPLATE), selection=Selection(exclude=("raw/",)))
    assert keys(made) == ["p/2016/mode/Mode_2016.tif"]
    assert not made.removable("p/2015/mode/Mode_2015.tif")
    assert made.removable("p/2014/mode/Mode_2014.tif")


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ({}, ["gone.tif", "gone.tmp", "loop/"]),
        ({"selection": Selection(include=("*.tif",))}, ["gone.tif", "loop/"]),
        ({"selection": Selection(exclude=("*.tmp", "loop"))}, ["gone.tif"]),
        ({"selection": Selection(exclude=("loop/",))}, ["gone.tif", "gone.tmp"]),
        ({"selection": Selection(exclude=("gone*",))}, ["loop/"]),
        ({"recurse": False}, ["gone.tif", "gone.tmp"]),
        ({"naming": KeyNaming(PATTERN), "unmatched_action": "skip"}, ["loop/"]),
        ({"naming": KeyNaming(PATTERN), "unmatched_action": "keep"}, ["gone.tif", "gone.tmp", "loop/"]),
    ],
)
def test_faults_count_where_they_are_meant(tmp_path: Path, options: dict[str, Any], faults: list[str]) -> None:
    for name in ("gone.tif", "gone.tmp"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    made = source(tmp_path, **options)
    assert keys(made) == []
    assert [fault.prefix for fault in made.faults] == faults


def test_shards_share_all_keys_evenly() -> None:
    names = [f"2015_2016/mode/DW_{number}.tif" for number in range(1000)] + ["\u00e9", "a/b"]
    for count in (1, 2, 3, 7):
        shares = [{name for name in names if Shard(index, count).holds(name)} for index in range(count)]
        assert sum(map(len, shares)) == len(names)
        assert set().union(*shares) == set(names)
        assert min(map(len, shares)) > 0.7 * len(names) / count
    assert Shard(1, 2).holds("a/b") is Shard(1, 2).holds("a/b")


@pytest.mark.parametrize(("index", "count"), [(0, 0), (1, 1), (-1, 2), (2, 2)])
def test_a_shard_that_is_none_is_refused(index: int, count: int) -> None:
    with pytest.raises(InvalidInputError, match=f"use shard {index} of {count}"):
        Shard(index, count)


def test_a_spool_gives_back_what_it_got_as_often_as_asked() -> None:
    spool: Spool[tuple[int, str]] = Spool()
    for number in range(1000):
        spool.append((number, "x" * (_IN_MEMORY // 500)))
    assert len(spool) == 1000
    assert [item[0] for item in spool] == list(range(1000))
    assert sum(1 for _ in spool) == 1000
