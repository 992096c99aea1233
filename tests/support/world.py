"""A world of one's own to break things in: processes, mounts and a network that end with whoever made them.

``run_inside("tests.faults", arguments)`` runs a module there. What it starts, mounts and links is not seen from outside
and is gone when it ends, or is killed: the kernel ends all processes of the world with its first one. Temporary files
are in memory, and gone as well.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path
from typing import Self

from .errors import SupportError
from .paths import REPO
from .process import ProcessId, spawn
from .programs import need_programs, program

#: Says that a process is in such a world.
INSIDE = "GEOCROP_WORLD"

#: Addresses for documentation (RFC 5737), which nobody else can have.
ADDRESSES = IPv4Network("192.0.2.0/24")

_NAMESPACES = ("--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
_BRIDGE = "hosts"
#: Folders that every machine has and hardly any uses: one of them is where the world has its temporary files.
_UNUSED = ("/mnt", "/srv", "/media")
_FIRST = 'mount -t tmpfs -o mode=1777 tmpfs "$TMPDIR" && "$IP" link set lo up && exec "$@"'
_PR_SET_PDEATHSIG = 1


def why_not() -> str:
    """What the machine lacks for a world, or an empty text."""
    if os.geteuid() != 0:
        return "it needs root, to make namespaces"
    lost = [name for name in ("unshare", "nsenter") if shutil.which(name) is None]
    if lost:
        return f"it needs {', '.join(lost)}, of Debian's util-linux"
    try:
        need_programs(["ip"])
    except SupportError as error:
        return str(error)
    return ""


def run_inside(module: str, arguments: Sequence[str]) -> int:
    """Run ``python -m module`` in a world of its own; its exit status."""
    lacking = why_not()
    if lacking:
        raise SupportError(f"{module}: no namespaces on this machine: {lacking}")
    command = ["unshare", *_NAMESPACES, "sh", "-c", _FIRST, "sh", sys.executable, "-m", module, *arguments]
    folder = next(path for path in _UNUSED if Path(path).is_dir() and not REPO.is_relative_to(path))
    environment = {**os.environ, INSIDE: "1", "TMPDIR": folder, "IP": str(program("ip"))}
    return subprocess.run(command, cwd=REPO, env=environment, check=False, preexec_fn=_end_with_parent).returncode


def is_inside() -> bool:
    """Whether this process is in such a world already."""
    return os.environ.get(INSIDE) == "1"


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(frozen=True)
class Host:
    """A network namespace with an address, on one bridge with all others. It is there as long as ``holder`` runs."""

    name: str
    address: str
    holder: ProcessId

    @property
    def _enter(self) -> tuple[str, str]:
        return "nsenter", f"--net=/proc/{self.holder.pid}/ns/net"

    def spawn(self, command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path) -> ProcessId:
        """Start a program here; it ends with the world at the latest."""
        process = spawn([*self._enter, *command], environment=environment, log=log, die_with_parent=True)
        if process is None:
            raise SupportError(f"{command[0]} ended at once; its output is in {log}")
        return process

    def command(self, *command: str | Path) -> list[str | Path]:
        """``command``, to be run here."""
        return [*self._enter, *command]

    def cut_off(self) -> None:
        """Take its link down: nobody reaches it, and it reaches nobody."""
        _ip("link", "set", self.name, "down")

    def link_again(self) -> None:
        """Take its link up."""
        _ip("link", "set", self.name, "up")


class Network:
    """The bridge of a world, and the hosts at it. The world's own end of the bridge has the last address."""

    def __init__(self) -> None:
        if not is_inside():
            raise SupportError("a bridge is made in a world of its own only; see run_inside")
        self._hosts: list[Host] = []
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{self.address}/{ADDRESSES.prefixlen}", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Take it down, with all hosts."""
        for host in self._hosts:
            # the kernel removes the link of a namespace that ended some time later, and the next network needs its name
            with suppress(SupportError):
                _ip("link", "delete", host.name)
            host.holder.stop()
        _ip("link", "delete", _BRIDGE)

    @cached_property
    def address(self) -> str:
        """The world's own."""
        return str(ADDRESSES.broadcast_address - 1)

    def host(self, name: str) -> Host:
        """Another host; ``name`` has 15 letters at most, as a link's."""
        address = str(ADDRESSES.network_address + len(self._hosts) + 1)
        holder = spawn(["unshare", "--net", "sleep", "infinity"], environment=os.environ, log=Path(os.devnull),
                       die_with_parent=True)  # fmt: skip
        if holder is None:
            raise SupportError(f"{name}: no namespace could be made")
        host = Host(name, address, holder)
        _wait_for_namespace(holder)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
        _ip("link", "set", name, "master", _BRIDGE, "up")
        for step in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{address}/{ADDRESSES.prefixlen}", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _run(host.command(program("ip"), *step))
        self._hosts.append(host)
        return host

    @property
    def sent(self) -> int:
        """Bytes that the world's own end has sent to the hosts, with all headers."""
        # proc(5): after the colon, eight numbers of what was received, then those of what was sent
        lines = Path("/proc/self/net/dev").read_text().splitlines()
        (numbers,) = (line.partition(":")[2] for line in lines if line.partition(":")[0].strip() == _BRIDGE)
        return int(numbers.split()[8])


def _wait_for_namespace(holder: ProcessId) -> None:
    ours, until = Path("/proc/self/ns/net").readlink(), time.monotonic() + 5
    while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours:
        if time.monotonic() > until:
            raise SupportError("no network namespace could be made")
        time.sleep(0.005)


def _ip(*arguments: str) -> None:
    _run([program("ip"), *arguments])


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SupportError(f"{' '.join(str(word) for word in command)}: {done.stderr.strip()}")
