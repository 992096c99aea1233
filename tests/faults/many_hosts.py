"""Hosts that share an upload, each in a network namespace of its own with a real sshd, to a cluster of four nodes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.scene import Tally, wait_for
from tests.support.cluster import Cluster, running_cluster
from tests.support.errors import SupportError
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.process import process_folders
from tests.support.programs import program
from tests.support.sample_data import SampleOptions, make_sample_data
from tests.support.sshd import sshd_for
from tests.support.world import Host, Network

BUCKET, PORT, MOST = "geocrop-baselines", 2222, 4

#: Bytes of a COG: 132 of them are what the hosts share.
COG = 1 << 20


@dataclass
class Fleet:
    """Hosts, the cluster that they upload to, and the folder that all of them have."""

    hosts: list[Host]
    cluster: Cluster
    mc: Mc
    folder: Path

    def upload(self, hosts: Sequence[Host], *arguments: str) -> PlaybookResult:
        """Run the role baselines on these hosts."""
        inventory = self.folder / "hosts.json"
        inventory.write_text(json.dumps({"control_plane": {"hosts": {one.name: self._vars(one) for one in hosts}}}))
        return run_playbook(
            str(self.folder / "play.yml"),
            inventory=str(inventory),
            workdir=self.folder / "ansible",
            args=arguments,
            extra_vars={
                "minio_endpoint": self.cluster.endpoints,
                "minio_access_key": self.cluster.access_key,
                "minio_secret_key": self.cluster.secret_key,
                "baselines_source": str(self.folder / "data" / "dw_cogs"),
            },
        )

    def _vars(self, host: Host) -> dict[str, Any]:
        home = self.folder / host.name
        (home / "data").mkdir(parents=True, exist_ok=True)
        return {
            "ansible_host": host.address,
            "ansible_port": PORT,
            "ansible_user": "root",
            "ansible_python_interpreter": sys.executable,
            "ansible_ssh_common_args": f"-F {self.folder / 'ssh_config'}",
            "ansible_remote_tmp": str(home / "tmp"),
            "control_plane_home": str(home),
        }

    def stored(self) -> dict[str, str]:
        """Key -> ETag of the baselines."""
        return {key: entry["etag"] for key, entry in self.mc.objects(BUCKET).items() if key.startswith("dw/")}

    def empty(self) -> None:
        """Begin anew: the bucket has nothing."""
        self.mc.remove_bucket(BUCKET)
        self.mc.make_bucket(BUCKET, "--ignore-existing")


def shared_by_hosts(folder: Path, *, tries: int, seed: int) -> Tally:
    """One, two and four hosts; two one after the other; one alone of two; and one of four that ends in the middle."""
    del tries, seed
    tally = Tally(sent_again=None, runs=2)
    with running_fleet(folder) as fleet:
        whole: dict[str, str] = {}
        for count in (1, 2, 4):
            fleet.empty()
            started = time.monotonic()
            fleet.upload(fleet.hosts[:count]).expect_ok()
            tally.said.add(f"{count} hosts: {time.monotonic() - started:.1f} s for the role baselines")
            whole = whole or fleet.stored()
            _note(tally, whole, fleet)
        fleet.empty()
        fleet.upload(fleet.hosts[:2], "--limit", fleet.hosts[1].name).expect_ok()
        _note(tally, whole, fleet)
        fleet.empty()
        _host_ends(fleet, tally)
        fleet.upload(fleet.hosts).expect_ok()
        _note(tally, whole, fleet)
    return tally


def _host_ends(fleet: Fleet, tally: Tally) -> None:
    """Of four hosts, one ends in the middle: the others' work stands, and what is missing is named."""
    lost = fleet.hosts[2]

    def end() -> None:
        wait_for(lambda: len(fleet.stored()) > 20, seconds=300)
        for process in _processes_of(lost):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    thread = threading.Thread(target=end, daemon=True)
    thread.start()
    result = fleet.upload(fleet.hosts)
    thread.join()
    tally.said.add(f"{lost.name} ended: {len(fleet.stored())} objects are there; recap {json.dumps(result.stats)}")
    tally.said |= {f"{task.host}: {task.result.get('msg', '')}" for task in result.failed}
    assert result.rc != 0, "a host ended, and nobody said so"
    _start_sshd(lost, fleet.folder)


def _note(tally: Tally, wanted: dict[str, str], fleet: Fleet) -> None:
    found, stray = fleet.stored(), fleet.mc.run("ls", "--incomplete", "--recursive", f"t/{BUCKET}")
    tally.tries += 1
    tally.stray += len(stray)
    wrong = [key for key in {*wanted, *found} if wanted.get(key) != found.get(key)]
    tally.compared += len(wanted)
    tally.lost += len(wrong)
    tally.survived += not (wrong or stray)


def _processes_of(host: Host) -> list[int]:
    """What runs in its namespace, but for what holds that."""
    namespace, found = Path(f"/proc/{host.holder.pid}/ns/net").readlink(), []
    for folder in process_folders():
        with contextlib.suppress(OSError):
            if (folder / "ns" / "net").readlink() == namespace and int(folder.name) != host.holder.pid:
                found.append(int(folder.name))
    return found


@contextmanager
def running_fleet(folder: Path) -> Iterator[Fleet]:
    """A cluster and four hosts with sshd, in this world; the sample data is the same on each."""
    # sshd wants a folder of root's there, which in this world is nobody else's
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    Path("/run/sshd").mkdir(mode=0o755)
    _give_sshd_its_user(folder)
    make_sample_data(folder / "data", SampleOptions(cog_size=COG, partial=False))
    (folder / "play.yml").write_text("- hosts: control_plane\n  gather_facts: false\n  roles: [baselines]\n")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    for name in ("host", "client"):
        command = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", keys / name]
        subprocess.run(command, check=True, capture_output=True)
    (keys / "known_hosts").write_text(f"* {(keys / 'host.pub').read_text()}")
    (folder / "ssh_config").write_text(
        f"Host *\n  IdentityFile {keys / 'client'}\n  UserKnownHostsFile {keys / 'known_hosts'}\n  ControlMaster no\n"
    )
    with Network() as network, running_cluster(network, folder / "nodes") as cluster:
        hosts = [network.host(f"control{number}") for number in range(1, MOST + 1)]
        for host in hosts:
            _start_sshd(host, folder)
        yield Fleet(hosts, cluster, Mc.connect(cluster.seen_from(-1), folder / "mc"), folder)


def _listens(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, PORT)) == 0


def _give_sshd_its_user(folder: Path) -> None:
    """Its user, in an /etc of this world: a mount on the file alone goes when somebody makes a user outside."""
    own = folder / "etc"
    shutil.copytree("/etc", own, symlinks=True)
    with (own / "passwd").open("a") as users:
        users.write("sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n")
    subprocess.run(["mount", "--bind", own, "/etc"], check=True)


def _start_sshd(host: Host, folder: Path) -> None:
    own, keys = folder / f"sshd-{host.name}", folder / "keys"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    sshd, environment, settings = sshd_for(own)
    (own / "config").write_text(
        f"ListenAddress {host.address}:{PORT}\nHostKey {keys / 'host'}\n"
        f"AuthorizedKeysFile {keys / 'client.pub'}\nPermitRootLogin yes\nUsePAM no\nStrictModes no\n"
        f"PasswordAuthentication no\nPidFile none\nMaxStartups 100\n{settings}"
    )
    host.spawn([sshd, "-D", "-e", "-f", own / "config"], environment=environment, log=own / "log")
    try:
        wait_for(lambda: _listens(host.address))
    except AssertionError:
        raise SupportError(f"{host.name}: its sshd does not answer; it says:\n{(own / 'log').read_text()}") from None
