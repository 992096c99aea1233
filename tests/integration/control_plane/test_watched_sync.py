"""A sync that somebody watches over ssh: progress lines with loops and delegation, and an end with Ctrl-C.

The proxy holds each upload back until the workstation has printed how far it is, so nothing here depends on speed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.locks import write_private
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.playbooks import ansible_environment
from tests.support.process import ProcessId, identify, process_folders
from tests.support.proxy import Proxy
from tests.support.sshd import NAME, SshHost, host_python_version, running_sshd

PROGRESS = re.compile(r"^(?P<host>\S+): (?P<done>\d+) of (?P<files>\d+) files, ")
LONGEST = 60.0

#: Of the host's user: a shell makes several words of it where it is not quoted.
ASYNC_DIR = "jobs & it's others/async"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """A host with two folders, and with the library that the module needs."""
    wheels = tmp_path_factory.mktemp("libraries") / "lib"
    options = ["--quiet", "--only-binary", ":all:", "--require-hashes", "--python-version", host_python_version()]
    requirements = ["-r", str(REPO / "requirements" / "runtime.txt")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "--target", wheels, *requirements], check=True)
    with running_sshd() as running:
        shutil.copytree(wheels, running.home / "lib")
        (running.home / "tmp").mkdir()
        for folder in ("one", "two"):
            (running.home / folder).mkdir()
            for number in range(3):
                (running.home / folder / f"{number}.bin").write_bytes(os.urandom(200_000))
        running.give(running.home)
        yield running


class Watched:
    """``ansible-playbook`` under way, its lines as they come."""

    def __init__(self, playbook: Path, inventory: Path, *, workdir: Path, environment: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.shown = threading.Event()
        self.process = subprocess.Popen(
            [Path(sys.executable).parent / "ansible-playbook", "-i", inventory, playbook],
            cwd=REPO,
            env={**ansible_environment(workdir), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a terminal sends Ctrl-C to a whole group
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))
                if PROGRESS.match(line):
                    self.shown.set()

    def until_shown(self) -> None:
        """Wait for a progress line that is printed from now on."""
        self.shown.clear()
        self.shown.wait(LONGEST)

    def end(self) -> int:
        """Its exit status."""
        status = self.process.wait(2 * LONGEST)
        self._reader.join(LONGEST)
        return status

    @property
    def progress(self) -> list[tuple[str, int]]:
        """Host and number of files of each progress line."""
        return [(found["host"], int(found["files"])) for found in map(PROGRESS.match, self.lines) if found]


@pytest.fixture
def watch(host: SshHost, proxy: Proxy, bucket: str, tmp_path: Path) -> Iterator[Any]:
    """Start a play of one task on the host; every run is ended by the test or here."""
    started: list[Watched] = []

    def start(task: dict[str, Any], *, hosts: str = NAME, progress: bool | str = True) -> Watched:
        server = proxy.server
        sync = {
            "bucket": bucket,
            "endpoint": server.endpoint,
            "access_key": server.access_key,
            "secret_key": "{{ secret }}",
            "workers": 1,
            "digest_cache": "",
            **task.pop("minio_sync"),
        }
        play = {
            "hosts": hosts,
            "gather_facts": False,
            # a module that is killed leaves its unpacked self where temporary files are
            "environment": {"PYTHONPATH": str(host.home / "lib"), "TMPDIR": str(host.home / "tmp")},
            "tasks": [{"name": "Sync", "minio_sync": sync, **task}],
        }
        variables = {"secret": server.secret_key, "minio_sync_progress": progress}
        write_private(
            tmp_path / "hosts.yml", yaml.safe_dump({"all": {"hosts": {NAME: {}, "elsewhere": {}}, "vars": variables}})
        )
        (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
        running = Watched(
            tmp_path / "play.yml",
            tmp_path / "hosts.yml",
            workdir=tmp_path / "ansible",
            environment={
                "ANSIBLE_SSH_ARGS": f"-F {host.config} -o ControlMaster=auto -o ControlPersist=15s",
                "ANSIBLE_SSH_CONTROL_PATH_DIR": str(host.client / "cp"),
                "ANSIBLE_SSH_USETTY": "0",
                "ANSIBLE_REMOTE_TEMP": "~/.ansible/tmp",
                "ANSIBLE_ASYNC_DIR": f"~/{ASYNC_DIR}",
            },
        )
        started.append(running)
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
        running.end()


@pytest.mark.parametrize(
    ("task", "hosts", "prefixes"),
    [
        ({"minio_sync": {"src": "~/one", "prefix": "p"}}, NAME, ["p"]),
        ({"minio_sync": {"src": "~/{{ item }}", "prefix": "{{ item }}"}, "loop": ["one", "two"]}, NAME, ["one", "two"]),
        ({"minio_sync": {"src": "~/one", "prefix": "p"}, "delegate_to": NAME}, "elsewhere", ["p"]),
    ],
    ids=["plain", "loop", "delegated"],
)
def test_it_is_seen_while_it_works(
    watch: Any, proxy: Proxy, mc: Mc, bucket: str, host: SshHost, task: dict[str, Any], hosts: str, prefixes: list[str]
) -> None:
    running: list[Watched] = []

    def hold() -> None:
        running[0].until_shown()

    for prefix in prefixes:
        proxy.call(hold, method="PUT", path=f"/{prefix}/0")
    running.append(watch(dict(task), hosts=hosts))
    assert running[0].end() == 0, "\n".join(running[0].lines)
    assert set(running[0].progress) == {(hosts, 3)}
    assert len(running[0].progress) >= len(prefixes)
    assert len(mc.keys(bucket)) == 3 * len(prefixes)
    assert host.run(f"ls -A {shlex.quote(ASYNC_DIR)}").split() == []


def test_it_is_quiet_where_nobody_sits_before_a_terminal(watch: Any, mc: Mc, bucket: str) -> None:
    running = watch({"minio_sync": {"src": "~/one", "prefix": "p"}}, progress="auto")
    assert running.end() == 0, "\n".join(running.lines)
    assert running.progress == []
    assert len(mc.keys(bucket)) == 3


@pytest.mark.parametrize("progress", [True, False], ids=["watched", "quiet"])
def test_ctrl_c_ends_the_work_on_the_host_too(
    watch: Any, proxy: Proxy, mc: Mc, bucket: str, host: SshHost, progress: bool
) -> None:
    running: list[Watched] = []
    arrived, over = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        over.wait(2 * LONGEST)

    proxy.call(hold, method="PUT")
    running.append(watch({"minio_sync": {"src": "~/one", "prefix": "p"}}, progress=progress))
    try:
        assert arrived.wait(LONGEST), "\n".join(running[0].lines)
        working = modules_of(host)
        assert working
        os.killpg(running[0].process.pid, signal.SIGINT)
        assert running[0].end() != 0
        until = time.monotonic() + LONGEST
        while any(process.is_running() for process in working) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(process.is_running() for process in working)
    finally:
        over.set()
    assert len(mc.keys(bucket)) <= 1  # the server may still have got the one that was under way
    proxy.clear()
    again = watch({"minio_sync": {"src": "~/one", "prefix": "p"}})
    assert again.end() == 0, "\n".join(again.lines)
    assert len(mc.keys(bucket)) == 3


def modules_of(host: SshHost) -> list[ProcessId]:
    """What runs with the environment of the play, as the module does."""
    found = []
    for folder in process_folders():
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(host.home / "lib").encode() in environment and (process := identify(int(folder.name))):
            found.append(process)
    return found
