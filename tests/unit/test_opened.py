"""What was listed is what is read: no pipe is waited for, and no other file is taken for the one that was meant."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.files.digests import md5_of
from ansible.module_utils.objectstore.files.opened import opened, stream
from ansible.module_utils.objectstore.s3.tls import tls_context
from ansible.module_utils.objectstore.trees.localfs import look_at
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.model import Connection, LocalFile


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


#: What takes the place of a file -> what a reader is told.
INSTEAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (os.mkfifo, "it is not a regular file"),
    "a link to /dev/null": (lambda path: path.symlink_to("/dev/null"), "it is not a regular file"),
    "a link to /dev/zero": (lambda path: path.symlink_to("/dev/zero"), "it is not a regular file"),
    "a folder": (lambda path: path.mkdir(), "it is a folder"),
    "a socket": (a_socket, "it cannot be read"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "it cannot be read (No such file or directory)"),
    "nothing": (lambda _path: None, "it cannot be read (No such file or directory)"),
    "another file": (lambda path: path.write_bytes(b"content"), "another file has taken its place"),
    "a link to another file": (lambda path: path.symlink_to(__file__), "another file has taken its place"),
}


def test_a_certificate_is_no_pipe(tmp_path: Path) -> None:
    """OpenSSL would wait for it."""
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    for given in ({"ca_cert": pipe}, {"client_cert": pipe}, {"client_cert": __file__, "client_key": pipe}):
        with pytest.raises(SourceError, match="not a regular file"):
            tls_context(Connection("https://store", "key", "secret", **given))


def listed(path: Path) -> LocalFile:
    path.write_bytes(b"content")
    found = look_at(str(path), "key")
    assert isinstance(found, LocalFile)
    return found


@pytest.fixture(params=INSTEAD)
def replaced(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[LocalFile, str]:
    """A file that was listed, and what its reader is told after something else took its place."""
    put, reason = INSTEAD[request.param]
    file = listed(tmp_path / "f")
    (tmp_path / "f").rename(tmp_path / "moved")  # so that its inode is not given to the next one
    put(tmp_path / "f")
    return file, reason


def test_what_took_its_place_is_not_read(replaced: tuple[LocalFile, str]) -> None:
    file, reason = replaced
    with pytest.raises(SourceError) as caught, opened(file, "read f"):
        pass
    assert caught.value.reason.startswith(reason)
    for read in (md5_of, lambda file: stream(file).__enter__()):
        with pytest.raises(SourceError):
            read(file)


def test_a_file_whose_content_changed_is_the_same_file(tmp_path: Path) -> None:
    file = listed(tmp_path / "f")
    (tmp_path / "f").write_bytes(b"other")
    with stream(file) as content:
        assert content.read() == b"other"


def test_no_descriptor_is_left(replaced: tuple[LocalFile, str]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(SourceError), opened(replaced[0], "read f"):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before
