"""What the support code asks of the machine: patience, room, registries, programs, and nothing outside the clone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support import environment, golang, programs
from tests.support.command import run_command
from tests.support.errors import SupportError
from tests.support.paths import CACHE, REPO
from tests.support.patience import run_patiently
from tests.support.process import identify, spawn
from tests.support.space import need_space
from tests.support.state import Server, save_state
from tests.support.watchdog import INTERVAL as WATCH_INTERVAL
from tests.support.watchdog import watch_folder

LONGEST = 30.0


def test_a_long_run_says_that_it_goes_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    ends_when_told = (
        "import sys, pathlib, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\nprint('ü')"
    )
    threading.Timer(0.2, stop.touch).start()
    done = run_patiently([sys.executable, "-c", ends_when_told, stop], doing="building", interval=0.02)
    assert (done.returncode, done.stdout) == (0, "ü\n")
    assert capsys.readouterr().out.startswith("building, 0 s so far\n")


def test_an_interrupted_run_leaves_no_process_and_no_traceback(tmp_path: Path) -> None:
    # a program that ignores what the terminal sends is ended, too
    body = f"""
import sys
from tests.support.command import run_command
from tests.support.patience import run_patiently
inner = "import os, pathlib, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); " \\
    "pathlib.Path({str(tmp_path / "pid")!r} + '.new').write_text(str(os.getpid())); " \\
    "os.rename({str(tmp_path / "pid")!r} + '.new', {str(tmp_path / "pid")!r}); time.sleep(60)"
sys.exit(run_command("work", lambda: run_patiently([sys.executable, "-c", inner], doing="x").returncode))
"""
    with subprocess.Popen(
        [sys.executable, "-c", body], cwd=REPO, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as outer:
        until = time.monotonic() + LONGEST
        while not (tmp_path / "pid").exists() and time.monotonic() < until:
            time.sleep(0.02)
        inner = identify(int((tmp_path / "pid").read_text()))
        os.killpg(outer.pid, signal.SIGINT)
        _, said = outer.communicate(timeout=LONGEST)
    assert outer.returncode == 130
    assert said == "\nwork: interrupted; run it again to go on\n"
    assert inner is not None
    assert not inner.is_running()


@pytest.mark.parametrize(
    ("error", "said"), [(SupportError("a: b"), "a: b\n"), (PermissionError(13, "Permission denied", "f"), "work: ")]
)
def test_what_goes_wrong_is_a_line(error: Exception, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise error

    assert run_command("work", work) == 1
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_too_little_room_is_said_before(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    need_space(tmp_path / "to" / "be" / "made", free // 2, purpose="x", advice="y")
    with pytest.raises(SupportError, match=r"^x: building takes about .* free for .*; make room, or set MINIO_BIN$"):
        need_space(tmp_path / "to", free * 2, purpose="x: building", advice="set MINIO_BIN")


def test_a_set_of_requirements_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo.txt").write_text("a==1 \\\n")
    (tmp_path / ".installed-demo").write_text("a==1 \\\n")
    monkeypatch.setattr(environment, "run_patiently", None)  # not called
    environment.complete_environment(tmp_path, tmp_path / "demo.txt")


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("WARNING: Retrying … NewConnectionError('<…>: Failed')\nERROR: No matching distribution found for a==1", 1),
        ("WARNING: x\nERROR: No matching distribution found for a==1", 2),
        ("ERROR: Hash mismatch\nERROR: second", 3),
        ("something else", 2),
    ],
)
def test_why_pip_failed_is_short(said: str, lines: int) -> None:
    text = environment.reason(said, Path("demo.txt"))
    assert len(text.splitlines()) == lines
    assert ("no registry of Python packages answers" in text) == (lines == 1)


def test_every_set_of_requirements_has_its_room() -> None:
    made = {path.stem for path in (REPO / "requirements").glob("*.txt")}
    assert set(environment.SPACE) == made - {"runtime", "isal", "raster", "rclone"}  # these are for managed hosts


def test_missing_programs_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "SCRIPTS", tmp_path / "scripts")
    monkeypatch.setattr(programs, "ROOT", tmp_path)
    monkeypatch.setattr(programs, "CACHE", tmp_path)
    monkeypatch.setattr(programs, "_ADMINISTRATION", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SupportError) as caught:
        programs.need_programs()
    text = str(caught.value)
    assert all(name in text for name in programs.PROGRAMS)
    assert text.endswith("apt-get install chromium etcd-server kubernetes-client openssh-client openssh-server")
    assert len(text.splitlines()) == 2


def test_an_unpacked_program_finds_its_libraries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = tmp_path / "a root"
    monkeypatch.setattr(programs, "SCRIPTS", root / "scripts")
    monkeypatch.setattr(programs, "ROOT", root)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/lib").mkdir()
    (root / "usr/lib/libx.so.1").touch()
    ssh = root / "usr/bin/ssh"
    ssh.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH $1"\n')
    ssh.chmod(0o755)
    programs._write_scripts()
    done = subprocess.run([root / "scripts/ssh", "a  b"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{root}/usr/lib a  b\n"
    monkeypatch.setenv("PATH", "")
    assert programs.find_program("ssh") in (root / "scripts/ssh", *(Path(d) / "ssh" for d in programs._ADMINISTRATION))


def test_a_build_writes_to_the_clone_only() -> None:
    settings = golang.go_settings({"HOME": "/home/x", "GOPROXY": "p"})
    folders = {name: Path(settings[name]) for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOTMPDIR")}
    assert [name for name, folder in folders.items() if not folder.is_relative_to(CACHE)] == []
    assert settings["GOPROXY"] == "p"
    assert golang.go_settings({"GOCACHE": "/mine"})["GOCACHE"] == "/mine"


def test_a_server_ends_with_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    server = spawn(["/bin/sleep", "60"], environment={}, log=tmp_path / "log", die_with_parent=True)
    assert server is not None
    save_state(folder, Server("http://127.0.0.1:1", "key", "secret", process=server))
    watchdog = watch_folder(server, folder)
    assert watchdog is not None
    time.sleep(2 * WATCH_INTERVAL)  # it looked, and let it be
    assert server.is_running()
    shutil.rmtree(folder)
    folder.mkdir()  # one of the same name, even with the same inode, is another
    until = time.monotonic() + LONGEST
    while (server.is_running() or watchdog.is_running()) and time.monotonic() < until:
        time.sleep(0.05)
    try:
        assert not server.is_running()
        assert not watchdog.is_running()
    finally:
        server.stop()
        watchdog.stop()
