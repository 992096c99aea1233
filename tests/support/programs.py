"""The programs that tests need and that are no Python package: ``python -m tests.support.programs``.

What is not on PATH is unpacked from Debian's packages below ``.cache/debian``, without root, without a
service that an installation would start, and without a trace outside the clone. What cannot be had is
named, all at once, before anything runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .command import run_command
from .errors import SupportError
from .locks import file_lock
from .paths import CACHE
from .patience import run_patiently

ROOT = CACHE / "debian"
#: a script for each program that was unpacked: it finds the libraries that were unpacked with it
SCRIPTS = ROOT / "scripts"

#: program -> its Debian package
PROGRAMS = {
    "chromium": "chromium",
    "etcd": "etcd-server",
    "kubectl": "kubernetes-client",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
}

#: The same of programs that faults need: namespaces, and another clock.
FAULT_PROGRAMS = {"ip": "iproute2", "faketime": "faketime"}

#: The same of programs that containers need. Debian 12 has ``docker`` in docker.io, too.
CONTAINER_PROGRAMS = {
    "debootstrap": "debootstrap",
    "dockerd": "docker.io",
    "docker": "docker-cli",
}

#: The same of a Ceph.
CEPH_PROGRAMS = {
    "ceph": "ceph-common",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "monmaptool": "ceph-base",
    "radosgw": "radosgw",
    "radosgw-admin": "radosgw",
}
_PACKAGES = PROGRAMS | FAULT_PROGRAMS | CONTAINER_PROGRAMS | CEPH_PROGRAMS

_ADMINISTRATION = ("/usr/local/sbin", "/usr/sbin", "/sbin")
#: a browser's program in bin/ is a script that starts the one of the machine
_UNPACKED = ("usr/lib/chromium", "usr/bin", "usr/sbin", "bin", "sbin")


def program(name: str) -> Path:
    """The program on PATH (``sbin`` included), else the unpacked one."""
    return find_program(name) or need_programs([name])[0]


def find_program(name: str) -> Path | None:
    """As ``program``, without fetching anything."""
    found = shutil.which(name, path=search_path())
    return Path(found).resolve() if found else None


def search_path() -> str:
    """PATH, then where administrators' programs are, then what was unpacked."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *_ADMINISTRATION, str(SCRIPTS)])


def unpacked_root() -> Path | None:
    """The folder that packages were unpacked to, or None where none was needed."""
    return ROOT if SCRIPTS.is_dir() else None


def library_path() -> dict[str, str]:
    """The environment in which an unpacked program finds the libraries that were unpacked with it."""
    folders = sorted({str(path.parent) for path in ROOT.glob("**/*.so*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {}


def unpacked_environment() -> dict[str, str]:
    """As ``library_path``, with the unpacked programs on PATH: for one that starts others of its package."""
    folders = [str(ROOT / folder) for folder in _UNPACKED[1:] if (ROOT / folder).is_dir()]
    return {**library_path(), "PATH": os.pathsep.join([search_path(), *folders])}


def need_programs(names: Sequence[str] = tuple(PROGRAMS)) -> list[Path]:
    """Where each of them is; SupportError names all that are not to be had."""
    with file_lock(CACHE / "debian.lock", waiting="programs: waiting for another process that fetches them"):
        missing = [name for name in names if find_program(name) is None]
        problem = _fetch(sorted({_PACKAGES[name] for name in missing})) if missing else ""
    lost = [name for name in missing if find_program(name) is None]
    if lost:
        packages = " ".join(sorted({_PACKAGES[name] for name in lost}))
        raise SupportError(
            f"tests need programs that are not here: {', '.join(lost)}; {problem or 'the packages lack them'}.\n"
            f"Install them; on Debian and Ubuntu: apt-get install {packages}"
        )
    return [found for name in names if (found := find_program(name))]


def _fetch(packages: Sequence[str]) -> str:
    """Unpack packages with all that they need and the machine lacks; returns why that was not possible."""
    print(f"programs: fetching Debian's {', '.join(packages)} into {ROOT}", flush=True)
    folder = CACHE / "debian-packages"
    try:
        for kind in ("lists", "archives"):
            (folder / kind / "partial").mkdir(parents=True, exist_ok=True)
        for command in (["update"], ["--yes", "--no-install-recommends", "--download-only", "install", *packages]):
            done = run_patiently(
                ["apt-get", *_apt_options(folder), *command],
                doing="programs: apt-get is at work",
                environment={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
            if done.returncode:
                errors = [line for line in done.stdout.splitlines() if line.startswith("E: ")]
                return f"apt-get {command[0]} said {(errors or ['nothing'])[0].removeprefix('E: ')!r}"
        for archive in sorted((folder / "archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", archive, ROOT], check=True, capture_output=True)
    except FileNotFoundError:
        return "and there is no apt-get that could fetch them"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _write_scripts()
    return ""


def _apt_options(folder: Path) -> list[str]:
    """Lists and packages below ``folder``; the machine's own are read only, which needs no lock and no root."""
    options = {
        "Dir::State::lists": f"{folder}/lists/",
        "Dir::Cache::archives": f"{folder}/archives/",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "root",
    }
    return ["-qq", *(f"-o{name}={value}" for name, value in options.items())]


def _write_scripts() -> None:
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in library_path().items())
    for name in _PACKAGES:
        found = next((ROOT / folder / name for folder in _UNPACKED if (ROOT / folder / name).is_file()), None)
        if found is not None:
            script = SCRIPTS / name
            script.write_text(f'#!/bin/sh\n{settings} exec {shlex.quote(str(found))} "$@"\n')
            script.chmod(0o755)


def main() -> int:
    """Print where each program is."""

    def work() -> int:
        for name, path in zip(PROGRAMS, need_programs(), strict=True):
            print(f"{name}: {path}", flush=True)
        return 0

    return run_command("programs", work)


if __name__ == "__main__":
    sys.exit(main())
