"""Finding programs, and never ending a process that is not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import binaries, golang
from tests.support.errors import SupportError
from tests.support.process import ProcessId, identify, spawn
from tests.support.state import Server, load_state, save_state, server_from_environment
from tests.support.versions import MC, MINIO


@pytest.fixture
def program(tmp_path: Path) -> Path:
    made = tmp_path / "bin" / "minio"
    made.parent.mkdir()
    made.write_text("#!/bin/sh\necho minio version TEST\n")
    made.chmod(0o755)
    return made


def test_the_variable_wins_over_path_and_path_over_the_cache(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = tmp_path / "cache" / "minio"
    cached.parent.mkdir()
    cached.write_text("")
    cached.chmod(0o755)
    monkeypatch.setattr(binaries, "TOOL_BIN", cached.parent)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.delenv("MINIO_BIN", raising=False)
    assert binaries.find_tool(MINIO) == cached
    monkeypatch.setenv("PATH", f"{program.parent}:{os.defpath}")
    assert binaries.find_tool(MINIO) == program
    monkeypatch.setenv("MINIO_BIN", sys.executable)
    assert binaries.find_tool(MINIO) == Path(sys.executable).resolve()
    monkeypatch.setenv("MINIO_BIN", str(tmp_path / "none"))
    with pytest.raises(SupportError, match="MINIO_BIN="):
        binaries.find_tool(MINIO)


def test_another_program_called_mc_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commander = tmp_path / "mc"
    commander.write_text("#!/bin/sh\necho GNU Midnight Commander 4.8\n")
    commander.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("MC_BIN", raising=False)
    monkeypatch.setattr(binaries, "TOOL_BIN", tmp_path / "cache")
    assert binaries.find_tool(MC) is None


@pytest.mark.parametrize(("version", "taken"), [("go1.24.0", True), ("go1.26.8", True), ("go1.19.8", False)])
def test_an_old_go_is_passed_over(version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\necho go version {version} linux/amd64\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    monkeypatch.setattr(golang, "go_from_pypi", lambda: Path("from-pypi"))
    assert golang.find_go() == (go if taken else Path("from-pypi"))


def test_a_process_is_ended_once(tmp_path: Path) -> None:
    process = spawn(["/bin/sleep", "60"], environment={}, log=tmp_path / "log", die_with_parent=True)
    assert process is not None
    assert process.is_running()
    assert process.stop()
    assert not process.is_running()
    assert not process.stop()


def test_a_recycled_pid_is_left_alone() -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        now = identify(stranger.pid)
        assert now is not None
        assert not ProcessId(pid=now.pid, started=now.started - 1).stop()
        assert stranger.poll() is None
        stranger.terminate()


def test_state_survives_and_hides_the_secret(tmp_path: Path) -> None:
    server = Server("http://127.0.0.1:1", "key", "secret", process=ProcessId(1, 2), ca_cert="ca.crt")
    save_state(tmp_path, server)
    assert load_state(tmp_path) == server
    assert "'secret'" not in repr(server)
    (tmp_path / "minio.json").write_text("{")
    with pytest.raises(SupportError, match="not JSON"):
        load_state(tmp_path)


def test_a_server_from_the_environment_needs_its_credentials() -> None:
    assert server_from_environment({}) is None
    with pytest.raises(SupportError, match="MINIO_SECRET_KEY"):
        server_from_environment({"MINIO_ENDPOINT": "host:9000", "MINIO_ACCESS_KEY": "a"})
    whole = {"MINIO_ENDPOINT": "host:9000", "MINIO_ACCESS_KEY": "a", "MINIO_SECRET_KEY": "b"}
    assert server_from_environment(whole) == Server("http://host:9000", "a", "b")
