"""Programs of Debian packages, without root and without a service that an installation would start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .errors import SupportError
from .locks import file_lock
from .paths import CACHE

ROOT = CACHE / "debian"
_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def debian_program(name: str, *packages: str) -> Path:
    """The program on PATH (``sbin`` included); else the one of ``packages``, unpacked below ``.cache/debian`` once."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_FOLDERS])
    found = shutil.which(name, path=path) or _unpacked(name)
    if found is None:
        with file_lock(CACHE / "debian.lock", waiting=f"{name}: waiting for another process that fetches it"):
            found = _unpacked(name) or _fetch(name, packages)
    return Path(found).resolve()


def debian_libraries() -> dict[str, str]:
    """The environment in which an unpacked program finds the libraries that were unpacked with it."""
    folders = sorted({str(path.parent) for path in ROOT.glob("**/*.so*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {}


def _unpacked(name: str) -> str | None:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("usr/bin", "usr/sbin", "bin", "sbin"))
    return shutil.which(name, path=path)


def _fetch(name: str, packages: tuple[str, ...]) -> str:
    print(f"{name}: fetching the Debian package {packages[0]}", flush=True)
    folder = CACHE / "debian-packages"
    folder.mkdir(parents=True, exist_ok=True)
    done = _apt(["apt-get", "download", *packages], folder)
    if done.returncode and os.geteuid() == 0:
        _apt(["apt-get", "update"], folder)
        done = _apt(["apt-get", "download", *packages], folder)
    if done.returncode:
        tail = done.stderr.strip().splitlines()[-1:]
        raise SupportError(f"{name}: none on PATH, and no Debian package to be had; install {packages[0]} {tail}")
    ROOT.mkdir(parents=True, exist_ok=True)
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", archive, ROOT], check=True, capture_output=True)
    shutil.rmtree(folder)
    found = _unpacked(name)
    if found is None:
        raise SupportError(f"{name}: not in {', '.join(packages)}")
    return found


def _apt(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", "there is no apt-get")
