"""A host that is reached over ssh: an sshd on 127.0.0.1 that runs as an unprivileged user, with keys of its own.

Where the tests run as root, a user is made for it, and removed afterwards; else it is the user of the tests.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import SupportError
from .ports import free_ports
from .process import ProcessId, process_folders, spawn
from .programs import library_path, program, unpacked_root

#: Where the host's shell looks for programs, after bin/ of the home.
HOST_PATH = "/usr/local/bin:/usr/bin:/bin"

#: The host's name for ssh, as the pages have it.
NAME = "control-plane.example.org"


def host_python_version() -> str:
    """Major and minor version of the Python that modules find on the host, as pip wants it."""
    python = shutil.which("python3", path=HOST_PATH) or sys.executable
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@dataclass(frozen=True)
class SshHost:
    """Where ssh leads. ``home`` is the user's home; ``client`` holds key and known hosts of the workstation."""

    user: str
    home: Path
    port: int
    client: Path
    process: ProcessId

    @property
    def config(self) -> Path:
        """An ssh configuration that knows the host as ``NAME``."""
        return self.client / "config"

    def run(self, command: str) -> str:
        """What a shell command on the host prints."""
        done = subprocess.run(
            ["ssh", "-F", self.config, NAME, command], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise SupportError(f"{command}: {done.stderr.strip()}")
        return done.stdout

    def give(self, path: Path) -> None:
        """Make a file or folder below the home the user's own."""
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self.user)
            for one in (path, *path.rglob("*")):
                os.chown(one, entry.pw_uid, entry.pw_gid)


@contextmanager
def running_sshd() -> Iterator[SshHost]:
    """The host, and nothing left of it afterwards."""
    # not below pytest's folders, which nobody else may enter
    base = Path(tempfile.mkdtemp(prefix="geocrop-ssh-"))
    base.chmod(0o755)
    home, client = base / "home", base / "client"
    home.mkdir(mode=0o755)
    client.mkdir(mode=0o700)
    user = _make_user(home) if os.geteuid() == 0 else getpass.getuser()
    try:
        process, port = _start(base, home, client, user)
        try:
            yield SshHost(user, home, port, client, process)
        finally:
            process.stop()
    finally:
        if os.geteuid() == 0:
            _remove_user(user)
        shutil.rmtree(base, ignore_errors=True)


def _make_user(home: Path) -> str:
    user = f"geocrop{secrets.token_hex(3)}"
    command = ["useradd", "--no-create-home", "--home-dir", str(home), "--shell", "/bin/sh", "--password", "*", user]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SupportError(f"sshd: no user could be made for it ({done.stderr.strip()})")
    shutil.chown(home, user, user)
    return user


def _remove_user(user: str) -> None:
    """Remove the user that was made, after what still runs as it: sessions that ssh keeps open for a while."""
    uid = pwd.getpwnam(user).pw_uid
    for folder in process_folders():
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == uid:
                os.kill(int(folder.name), signal.SIGKILL)
    subprocess.run(["userdel", "--force", user], check=True, capture_output=True)


def _start(base: Path, home: Path, client: Path, user: str) -> tuple[ProcessId, int]:
    server = base / "server"
    server.mkdir()
    for path in (server / "host_key", client / "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, capture_output=True)
    (server / "authorized_keys").write_bytes((client / "key.pub").read_bytes())
    port = free_ports(1)[0]
    host_key = (server / "host_key.pub").read_text()
    (client / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    (client / "config").write_text(
        f"Host {NAME}\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n  IdentityFile {client / 'key'}\n"
        f"  IdentitiesOnly yes\n  UserKnownHostsFile {client / 'known_hosts'}\n  StrictHostKeyChecking yes\n"
    )
    sshd, environment, settings = sshd_for(server)
    (server / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {server / 'host_key'}\n"
        f"AuthorizedKeysFile {server / 'authorized_keys'}\n"
        "UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPidFile none\n"
        f"Subsystem sftp internal-sftp\nSetEnv HOME={home} PATH={home}/bin:{HOST_PATH}\nMaxStartups 100\n{settings}"
    )
    command: list[str | Path] = [sshd, "-D", "-e", "-f", server / "sshd_config"]
    log = base / "sshd.log"
    if os.geteuid() == 0:
        shutil.chown(server, user, user)
        for path in server.rglob("*"):
            shutil.chown(path, user, user)
        drop = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--pdeathsig", "TERM"]
        command = [*drop, *command]
    process = spawn(command, environment=environment, log=log, die_with_parent=True)
    until = time.monotonic() + 10
    while process is not None and process.is_running() and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise SupportError(f"sshd: it does not answer; its log:\n{log.read_text()}")


def sshd_for(folder: Path) -> tuple[Path, dict[str, str], str]:
    """The program, its environment, and lines of its configuration.

    One that was unpacked into the work tree is copied to ``folder`` with all that it needs, since the user
    may not be allowed into the tree. From OpenSSH 9.8 on, parts of it are programs of their own.
    """
    found, root = program("sshd"), unpacked_root()
    if root is None or not (root / "usr/sbin/sshd").exists():
        return found, {"PATH": HOST_PATH}, ""
    libraries = folder / "lib"
    libraries.mkdir()
    for each in library_path().values():
        for source in each.split(os.pathsep):
            shutil.copytree(source, libraries, dirs_exist_ok=True, ignore=_all_but_libraries)
    shutil.copy(root / "usr/sbin/sshd", folder / "sshd")
    settings = ""
    for name, option in (("sshd-session", "SshdSessionPath"), ("sshd-auth", "SshdAuthPath")):
        part = root / "usr/lib/openssh" / name
        if part.exists():
            shutil.copy(part, folder / name)
            settings += f"{option} {folder / name}\n"
    return folder / "sshd", {"PATH": HOST_PATH, "LD_LIBRARY_PATH": str(libraries)}, settings


def _all_but_libraries(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if ".so" not in name]
