"""A docker daemon of the tests' own, which leaves nothing behind.

It runs in namespaces for processes, mounts and the network that end with it. So what a killed run had
started has ended, no mount and no interface is left, and no packet filter of the machine is touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.errors import SupportError
from tests.support.locks import file_lock
from tests.support.paths import CACHE
from tests.support.patience import last_lines
from tests.support.process import ProcessId, identify, spawn
from tests.support.programs import need_programs, program, unpacked_environment

DATA = CACHE / "docker"

#: Seconds that one call of docker's client may take, and that a daemon has to answer at first.
CALL, START = 120.0, 60.0

_NAMESPACES = (
    "--net",
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
)
#: Containers reach each other, and nothing else: there is no way out of the namespace.
_NO_WAY_OUT = (
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
    "--userland-proxy=false",
    "--bridge=none",
)
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Docker:
    """A daemon that answers at ``host``, as ``DOCKER_HOST`` names it, and its client."""

    host: str
    client: Path

    @property
    def environment(self) -> dict[str, str]:
        """How programs find this daemon, and no settings of the caller's own client."""
        return {"DOCKER_HOST": self.host, "DOCKER_CONFIG": str(DATA / "client")}

    def run(self, *arguments: str | Path, seconds: float = CALL) -> str:
        """What the client printed; SupportError with its last lines where it failed."""
        done = self.call(*arguments, seconds=seconds)
        if done.returncode:
            raise SupportError(f"docker {arguments[0]}: {last_lines(done.stderr) or f'status {done.returncode}'}")
        return done.stdout

    def call(self, *arguments: str | Path, seconds: float = CALL) -> subprocess.CompletedProcess[str]:
        """The ended client, or one with the status 124 where it took longer than ``seconds``."""
        try:
            return subprocess.run(
                [self.client, *arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(arguments, 124, "", f"no answer within {seconds:.0f} s")

    def answers(self) -> bool:
        """Whether a daemon is there."""
        return self.call("version", "--format", "{{.Server.Version}}", seconds=10).returncode == 0


def why_not() -> str:
    """What the machine lacks to run containers, or an empty text; programs that can be had are fetched."""
    if os.geteuid() != 0:
        return "it needs root, to make images and to start a docker daemon"
    lost = [name for name in ("unshare", "chroot") if shutil.which(name) is None]
    if lost:
        return f"it needs {', '.join(lost)}, of Debian's util-linux and coreutils"
    try:
        need_programs(["dockerd", "debootstrap"])
        need_programs(["docker"])
    except SupportError as error:
        return str(error)
    return ""


@contextlib.contextmanager
def running_docker(given: Mapping[str, str] = os.environ) -> Iterator[Docker]:
    """The daemon that ``DOCKER_HOST`` names, else one of our own for the time of the block."""
    client = program("docker")
    if given.get("DOCKER_HOST"):
        there = Docker(given["DOCKER_HOST"], client)
        if not there.answers():
            raise SupportError(f"docker: no daemon answers at DOCKER_HOST={there.host}; correct it or unset it")
        yield there
        return
    with file_lock(CACHE / "docker.lock", waiting="docker: waiting for another run, which has the images"):
        # a socket's name has 107 bytes at most, and a clone may be anywhere
        work = Path(tempfile.mkdtemp(prefix="geocrop-docker-"))
        docker = Docker(f"unix://{work}/docker.sock", client)
        process = _start(docker, work)
        try:
            yield docker
        finally:
            _stop(docker, process, work)


def _start(docker: Docker, work: Path) -> ProcessId:
    DATA.mkdir(parents=True, exist_ok=True)
    log = DATA / "dockerd.log"
    command: list[str | Path] = ["unshare", *_NAMESPACES, program("dockerd"), "--host", docker.host]
    command += ["--data-root", DATA / "data", "--exec-root", work / "run", "--pidfile", work / "pid"]
    command += ["--cgroup-parent", f"/{work.name}", *_NO_WAY_OUT]
    # what runs in the namespaces ends with their first process, which only SIGKILL ends for certain
    process = spawn(
        command,
        environment={**os.environ, **unpacked_environment()},
        log=log,
        die_with_parent=True,
        death=signal.SIGKILL,
    )
    until = time.monotonic() + START
    while process is not None and process.is_running() and time.monotonic() < until:
        if docker.answers():
            return process
        time.sleep(0.2)
    if process is not None:
        _stop(docker, process, work)
    said = last_lines(log.read_text(errors="replace"), 8) if log.exists() else ""
    raise SupportError(f"docker: no daemon of our own came up; the end of {log}:\n{said}")


def _stop(docker: Docker, process: ProcessId, work: Path) -> None:
    """Containers first, then the daemon, then what holds the namespaces, by the ids that were kept."""
    containers = docker.call("ps", "--all", "--quiet").stdout.split()
    if containers:
        docker.call("rm", "--force", "--volumes", *containers)
    docker.call("network", "prune", "--force", seconds=20)
    for daemon in _children(process):
        daemon.stop(patience=20)
    process.stop(patience=5)
    shutil.rmtree(work, ignore_errors=True)
    _remove_groups(work.name)


def _children(process: ProcessId) -> Sequence[ProcessId]:
    try:
        text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    except OSError:
        return []
    return [child for pid in text.split() if (child := identify(int(pid))) is not None]


def _remove_groups(name: str) -> None:
    """The control groups of our containers, which outlive them empty."""
    for root in (_CGROUPS, *_CGROUPS.glob("*")):
        group = root / name
        for folder in (*sorted(group.glob("*/"), reverse=True), group):
            with contextlib.suppress(OSError):
                folder.rmdir()
