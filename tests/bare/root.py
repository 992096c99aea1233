"""A machine that has next to nothing: a Debian root made by debootstrap, and an ordinary user in it.

Only this machine's way to the registries goes along, at run time: variables, settings of pip and apt,
certificates, name servers. Nothing of it is written into the work tree.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.errors import SupportError
from tests.support.paths import CACHE, REPO
from tests.support.patience import last_lines, run_patiently
from tests.support.space import GB, need_space

ROOTS = CACHE / "bare"
USER, UID = "ordinary", 4242
HOME = f"/home/{USER}"
#: with a space, and with what a shell would take for its own
CLONE = f"{HOME}/my work/geocrop & storage"

#: What README says that a machine needs, and certificates.
PACKAGES = ("python3", "python3-venv", "make", "git", "ca-certificates")

#: Variables that say how registries are reached; and the ready binaries, see ``Root.run``.
_PASSED = ("PIP_", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOPRIVATE", "SSL_CERT_", "REQUESTS_CA_BUNDLE")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
_CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Root:
    """The folder of the root; made by ``make_root``."""

    folder: Path

    @property
    def clone(self) -> Path:
        """The work tree in it, as seen from outside."""
        return self.folder / CLONE.lstrip("/")

    def renew_home(self) -> None:
        """A new home for the user, with a clone of HEAD, and nothing left of the last run."""
        home = self.folder / HOME.lstrip("/")
        shutil.rmtree(home, ignore_errors=True)
        self.clone.parent.mkdir(parents=True)
        command: list[str | Path] = ["git", "clone", "--quiet", "--no-hardlinks", REPO, self.clone]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SupportError(f"bare: no clone could be made\n{last_lines(done.stderr)}")
        subprocess.run(["chown", "-R", f"{UID}:{UID}", home], check=True)

    def lend(self, variable: str, program: Path) -> dict[str, str]:
        """Put a ready program where the user can run it; the variable that names it."""
        target = self.folder / "opt" / "lent" / program.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(program, target)
        target.parent.chmod(0o755)
        target.chmod(0o755)
        return {variable: f"/opt/lent/{program.name}"}

    def run(self, command: str, environment: Mapping[str, str], *, cwd: str = CLONE) -> int:
        """The exit status of a shell command of the user; its output is this process's.

        Mounts and processes are its own: what it started has ended when this returns.
        """
        inner = (
            f"mount -t proc proc {shlex.quote(str(self.folder / 'proc'))} && "
            f"mount --rbind /dev {shlex.quote(str(self.folder / 'dev'))} && "
            f"exec {shutil.which('chroot')} --userspec={UID}:{UID} {shlex.quote(str(self.folder))} "
            f"/bin/sh -c {shlex.quote(f'cd {shlex.quote(cwd)} && {command}')}"
        )
        outer = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "/bin/sh", "-c"]
        return subprocess.run(
            [*outer, inner], env={**_user_environment(), **environment}, stdin=subprocess.DEVNULL, check=False
        ).returncode


def make_root(suite: str) -> Root:
    """The root of a Debian release, kept below ``.cache/bare`` for the next time."""
    _need("debootstrap", "unshare", "chroot")
    root = Root(ROOTS / suite)
    if not (root.folder / "ready").exists():
        need_space(ROOTS, 6 * GB, purpose=f"bare: a root with {suite}", advice="name a smaller set of releases")
        shutil.rmtree(root.folder, ignore_errors=True)
        ROOTS.mkdir(parents=True, exist_ok=True)
        print(f"bare: making a root with {suite}", flush=True)
        mirror = [os.environ["BARE_MIRROR"]] if os.environ.get("BARE_MIRROR") else []
        command: list[str | Path] = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite]
        done = run_patiently([*command, root.folder, *mirror], doing=f"bare: debootstrap {suite}")
        if done.returncode:
            raise SupportError(f"bare: debootstrap could not make {suite}\n{last_lines(done.stdout)}")
        _add_user(root.folder)
        (root.folder / "ready").touch()
    _lend_the_network(root.folder)
    return root


def _need(*programs: str) -> None:
    if os.geteuid() != 0:
        raise SupportError("bare: making a root needs root; run make bare as root, or in CI")
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        raise SupportError(f"bare: {', '.join(missing)} is missing; on Debian and Ubuntu: apt-get install debootstrap")


def _add_user(folder: Path) -> None:
    done = subprocess.run(
        ["chroot", folder, "/usr/sbin/useradd", "--uid", str(UID), "--user-group", "--home-dir", HOME, USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SupportError(f"bare: no user could be made: {done.stderr.strip()}")


def _lend_the_network(folder: Path) -> None:
    """This machine's name servers, authorities and settings of apt."""
    for name in ("etc/resolv.conf", "etc/hosts", str(_CERTIFICATES)):
        source = Path("/") / name
        if source.exists():
            (folder / name).write_bytes(source.read_bytes())
    for source in Path("/etc/apt/apt.conf.d").glob("*"):
        if source.is_file() and not source.name.startswith("docker"):
            shutil.copy(source, folder / "etc/apt/apt.conf.d" / source.name)


def _user_environment() -> dict[str, str]:
    """What a user has who logged in over ssh from elsewhere: little, and a locale that is not installed here."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_PASSED) or name.lower() in _PROXIES or name in _PASSED
    }
    # a folder of this machine is not there
    kept = {name: value for name, value in kept.items() if name not in ("PIP_FIND_LINKS", "PIP_CACHE_DIR")}
    return {
        **_go_settings(),
        **kept,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": USER,
        "LANG": "en_US.UTF-8",
        "TERM": os.environ.get("TERM", "dumb"),
    }


def _go_settings() -> dict[str, str]:
    """How Go reaches its modules here, where that is kept in Go's own settings."""
    if shutil.which("go") is None:
        return {}
    names = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOPRIVATE")
    said = subprocess.run(["go", "env", *names], capture_output=True, text=True, check=False, cwd="/").stdout
    return {name: value for name, value in zip(names, said.splitlines(), strict=False) if value}


def say(text: str) -> None:
    """A line of what is under way."""
    print(f"bare: {text}", file=sys.stdout, flush=True)
