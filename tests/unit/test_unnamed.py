"""Small files that have no name until they are whole, and what is done where that is not possible."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.trees.partfile import part_name, remove_left
from ansible.module_utils.objectstore.trees.unnamed import Unnamed, can_be_named, unnamed_part

from tests.support.syncing import WHOLE, fetch, plant, tree, whole_store

NAME = part_name("b", "k")


def refusing(function: Callable[..., Any], how: Callable[..., bool]) -> Callable[..., Any]:
    """``function``, which fails as the kernel does where ``how`` says so."""

    def refused(*args: Any, **named: Any) -> Any:
        if how(*args):
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return function(*args, **named)

    return refused


@pytest.fixture
def above(tmp_path: Path) -> int:
    return os.open(tmp_path, os.O_DIRECTORY)


def test_nobody_sees_it_before_it_is_whole_and_what_never_was_leaves_nothing(tmp_path: Path, above: int) -> None:
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"content"))
        assert list(tmp_path.iterdir()) == []
        assert isinstance(part, Unnamed)
        assert part.appear(b"done")
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"half"))
    assert tree(tmp_path) == {"done": b"content"}


def test_what_is_there_is_replaced_only_when_that_is_said(tmp_path: Path, above: int) -> None:
    plant(tmp_path, {"done": b"as it was"})
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"new"))
        assert isinstance(part, Unnamed)
        assert not part.appear(b"done")
        assert tree(tmp_path) == {"done": b"as it was"}
        part.become(b"done")
    assert tree(tmp_path) == {"done": b"new"}


def test_what_has_its_own_name_already_is_left_alone(tmp_path: Path, above: int) -> None:
    plant(tmp_path, {"done": b"as it was"})
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"new"))
        other = tmp_path / part.name.decode()
        other.write_bytes(b"another's")
        with pytest.raises(FileExistsError):
            part.become(b"done")
    assert tree(tmp_path) == {"done": b"as it was", other.name: b"another's"}


def test_a_place_that_cannot_be_taken_leaves_nothing_beside_it(tmp_path: Path, above: int) -> None:
    plant(tmp_path, {"folder/in it": b"as it was"})
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"new"))
        with pytest.raises(IsADirectoryError):
            part.become(b"folder")
    assert tree(tmp_path) == {"folder/in it": b"as it was"}


def test_it_is_locked_as_soon_as_it_has_a_name(tmp_path: Path, above: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[bool] = []
    rename = os.rename

    def looking(name: bytes, *others: Any, **named: Any) -> None:
        remove_left(above, name, older_than=time.time() + 1)
        found.append((tmp_path / name.decode()).exists())
        rename(name, *others, **named)

    monkeypatch.setattr(os, "rename", looking)
    with unnamed_part(above, NAME) as part:
        part.become(b"done")
    assert (found, list(tree(tmp_path))) == ([True], ["done"])


def test_a_file_system_that_knows_no_such_files(tmp_path: Path, above: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", refusing(os.open, lambda path, *_: path == b"."))
    assert not can_be_named(str(tmp_path), NAME)
    with unnamed_part(above, NAME) as part:
        part.write(memoryview(b"content"))
        part.become(b"done")
    assert tree(tmp_path) == {"done": b"content"}


def test_a_system_that_gives_them_no_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refusing(os.link, lambda *_: True))
    assert not can_be_named(str(tmp_path), NAME)
    assert not can_be_named(str(tmp_path / "not there"), NAME)
    assert fetch(whole_store(), tmp_path / "dest").failure == ""
    assert tree(tmp_path / "dest") == WHOLE


def test_whether_they_can_have_names_leaves_nothing(tmp_path: Path) -> None:
    assert can_be_named(str(tmp_path), NAME)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_replaced_file_keeps_its_mode_and_a_new_one_has_that_of_the_umask(tmp_path: Path, mode: int) -> None:
    dest = plant(tmp_path / "dest", {"a": b"as it was"})
    (dest / "a").chmod(mode)
    mask = os.umask(0o027)
    try:
        assert fetch(whole_store(), dest).failure == ""
    finally:
        os.umask(mask)
    assert tree(dest) == WHOLE
    assert [(dest / name).stat().st_mode & 0o777 for name in ("a", "b")] == [mode, 0o640]
