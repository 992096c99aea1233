"""Atomic writes on the host: old or new content, never a part, never a leftover."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.files.textfile import (
    TextFile,
    check_writable,
    parse_mode,
    read_text_file,
    write_text_file,
)
from ansible.module_utils.objectstore.values.errors import InvalidInputError, SourceError


def test_written_and_read_again(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "folder" / "keys.txt")
    assert read_text_file(path) == TextFile()
    write_text_file(path, b"a\n")
    assert read_text_file(path) == TextFile(b"a\n", 0o644)
    write_text_file(path, b"b\n", mode=0o600)
    write_text_file(path, b"c\n")
    assert read_text_file(path) == TextFile(b"c\n", 0o600)
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["keys.txt"]


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write_text_file(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_disk_that_fills_up_leaves_the_former_content_and_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "keys.txt"
    path.write_text("old")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(SourceError, match=r"No space left on device .*What was there before is unchanged"):
        write_text_file(str(path), b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="is not a folder"):
        check_writable(str(tmp_path / "file" / "keys.txt"))
    check_writable(str(tmp_path / "new" / "keys.txt"))
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != str(tmp_path))
    with pytest.raises(SourceError, match=f"{tmp_path} is read-only for this user"):
        check_writable(str(tmp_path / "new" / "keys.txt"))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it is a folder"):
        read_text_file(str(tmp_path))


@pytest.mark.parametrize(("text", "mode"), [(None, None), ("0644", 0o644), ("600", 0o600), ("0o640", 0o640)])
def test_modes(text: str | None, mode: int | None) -> None:
    assert parse_mode(text) == mode


@pytest.mark.parametrize("text", ["u=rw", "0888", "64", "420 "])
def test_modes_that_are_not_octal_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not an octal mode"):
        parse_mode(text)
