"""A Ceph of one monitor, one OSD that keeps its data in memory, and one object gateway, of Debian's packages."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import dedent

from .errors import SupportError
from .health import wait_ready
from .ports import free_ports
from .process import ProcessId, spawn
from .programs import CEPH_PROGRAMS, find_program, need_programs, unpacked_root
from .state import Server

#: What the identities of others are made with, and what the tests ask.
CAPABILITIES = "users=*;buckets=*;user-policy=*;metadata=*"

#: Seconds until the gateway must answer, and for each command.
PATIENCE = 120.0


def is_had() -> bool:
    """Whether it is here, by the machine's packages or because it was fetched before."""
    return all(find_program(name) for name in CEPH_PROGRAMS)


@contextmanager
def running_ceph(folder: Path) -> Iterator[Server]:
    """The gateway as a store, by a user who may make others; the packages are fetched where the machine has none.

    Nothing of it is signed or encrypted between its parts, which listen on the loopback interface alone.
    """
    need_programs(list(CEPH_PROGRAMS))
    (folder / "mon").mkdir(parents=True, exist_ok=True)
    (folder / "osd").mkdir(exist_ok=True)
    monitor, former, gateway = free_ports(3)
    cluster = _Cluster(folder, monitors=f"[v2:127.0.0.1:{monitor},v1:127.0.0.1:{former}]", gateway=gateway)
    server = Server(
        f"http://127.0.0.1:{gateway}", f"root{secrets.token_hex(6)}", secrets.token_urlsafe(24), store="ceph"
    )
    with ExitStack() as ends:
        cluster.start(ends)
        user = ["user", "create", "--uid=root", "--display-name=root", f"--caps={CAPABILITIES}"]
        cluster.run("radosgw-admin", *user, f"--access-key={server.access_key}", f"--secret-key={server.secret_key}")
        wait_ready(server.endpoint, seconds=PATIENCE, is_alive=cluster.is_alive)
        yield server


class _Cluster:
    """The daemons of a folder, and commands for them."""

    def __init__(self, folder: Path, *, monitors: str, gateway: int) -> None:
        self.folder = folder
        self.id = str(uuid.uuid4())
        self.monitors = monitors
        self.processes: list[ProcessId] = []
        root = unpacked_root() or Path("/")
        self.environment = {
            **os.environ,
            "CEPH_CONF": str(folder / "ceph.conf"),
            "PYTHONPATH": str(root / "usr/lib/python3/dist-packages"),
        }
        (folder / "ceph.conf").write_text(self._settings(root, gateway))

    def start(self, ends: ExitStack) -> None:
        """Run the daemons; each ends with ``ends``, the last one first."""
        monmap, osd = self.folder / "monmap", str(uuid.uuid4())
        self.run("monmaptool", "--create", "--fsid", self.id, "--addv", "a", self.monitors, str(monmap))
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", str(monmap))
        self._daemon(ends, "ceph-mon", "-i", "a")
        number = json.loads(self.run("ceph", "osd", "new", osd, "--format=json"))["osdid"]
        self.run("ceph-osd", "-i", str(number), "--mkfs", "--osd-uuid", osd)
        self._daemon(ends, "ceph-osd", "-i", str(number))
        self._daemon(ends, "radosgw", "-n", "client.rgw")

    def is_alive(self) -> bool:
        """Whether all daemons run."""
        return all(process.is_running() for process in self.processes)

    def run(self, name: str, *arguments: str) -> str:
        """What a command says.

        :raises SupportError: where it fails, with its last words
        """
        try:
            done = subprocess.run(
                [str(find_program(name)), *arguments],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SupportError(f"ceph: {name} did not end within {PATIENCE:.0f} s") from error
        if done.returncode:
            raise SupportError(f"ceph: {name} {arguments[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
        return done.stdout

    def _daemon(self, ends: ExitStack, name: str, *arguments: str) -> None:
        command = [str(find_program(name)), *arguments, "-f"]
        log = self.folder / f"{name}.out"
        process = spawn(command, environment=self.environment, log=log, die_with_parent=True)
        if process is None:
            raise SupportError(f"ceph: {name} ended at once: {log.read_text(errors='replace')[-500:]}")
        ends.callback(process.stop)
        self.processes.append(process)

    def _settings(self, root: Path, gateway: int) -> str:
        """Nobody has credentials of the cluster: its parts neither sign nor encrypt, so all speak in mode crc."""
        libraries = next(root.glob("usr/lib/*/rados-classes"), root / "usr/lib/rados-classes").parent
        modes = "".join(
            f"ms {mon}{end} mode = crc\n" for mon in ("", "mon ") for end in ("client", "cluster", "service")
        )
        kinds = "".join(f"auth {end} required = none\n" for end in ("client", "cluster", "service"))
        return f"[global]\nfsid = {self.id}\n{kinds}{modes}" + dedent(f"""\
            mon host = {self.monitors}
            public network = 127.0.0.0/8
            mon allow pool size one = true
            mon data = {self.folder}/mon
            mon data avail crit = 1
            osd data = {self.folder}/osd
            osd objectstore = memstore
            memstore device bytes = 1073741824
            osd crush chooseleaf type = 0
            osd pool default size = 1
            osd pool default min size = 1
            osd pool default pg num = 4
            osd pool default pg autoscale mode = off
            osd class dir = {libraries}/rados-classes
            erasure code dir = {libraries}/ceph/erasure-code
            plugin dir = {libraries}/ceph
            run dir = {self.folder}
            crash dir = {self.folder}
            admin socket =
            pid file =
            log file = {self.folder}/$name.log
            rgw data = {self.folder}/rgw
            rgw frontends = beast endpoint=127.0.0.1:{gateway}
            """)
