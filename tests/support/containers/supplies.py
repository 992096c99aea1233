"""What a scenario is given: the collections of molecule's docker driver, and wheels for the hosts' Pythons.

Both are in the clone, and none is seen by anything but molecule.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.environment import SPACE
from tests.support.errors import SupportError
from tests.support.locks import file_lock
from tests.support.paths import CACHE, REPO
from tests.support.patience import last_lines
from tests.support.space import need_space

REQUIREMENTS = REPO / "requirements"
#: Of the package ansible, which has them all: 2 of its 500 MB.
COLLECTIONS = ("community/docker", "community/library_inventory_filtering_v1", "ansible/posix")
#: The Pythons of the releases that scenarios run on.
PYTHONS = ("3.11", "3.13")

_SECONDS = 600.0


def collections() -> Path:
    """The folder for ANSIBLE_COLLECTIONS_PATH."""
    pinned = REQUIREMENTS / "collections.txt"

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            _pip_download(temporary, "--no-deps", "-r", pinned)
            (wheel,) = Path(temporary).glob("*.whl")
            with zipfile.ZipFile(wheel) as packed:
                prefixes = tuple(f"ansible_collections/{name}/" for name in COLLECTIONS)
                packed.extractall(folder, [name for name in packed.namelist() if name.startswith(prefixes)])

    return _kept("collections", [pinned], make)


def wheels() -> Path:
    """What a host installs without a way to a registry."""
    pinned = [REQUIREMENTS / f"{name}.txt" for name in ("raster", "isal")]

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            chosen = Path(temporary) / "chosen.txt"
            for python in PYTHONS:
                chosen.write_text("".join(pins_for(python, path.read_text()) for path in pinned))
                _pip_download(folder, "--python-version", python, "-r", chosen)

    return _kept("wheels", pinned, make)


def pins_for(python: str, pinned: str) -> str:
    """The pins that hold for a Python such as ``3.13``: pip judges their conditions by the Python that it runs on."""
    # a pin begins a line, and its hashes are indented below it
    pins = re.findall(r"^[A-Za-z0-9].*\n(?:[ \t].*\n?)*", pinned, re.MULTILINE)
    version = {"python_version": python, "python_full_version": f"{python}.0"}
    kept = []
    for pin in pins:
        first, rest = pin.split("\n", 1)
        requirement = Requirement(first.rstrip(" \\"))
        if requirement.marker is None or requirement.marker.evaluate(version):
            kept.append(f"{requirement.name}{requirement.specifier} \\\n{rest}")
    return "".join(kept)


def _kept(name: str, sources: Sequence[Path], make: Callable[[Path], None]) -> Path:
    """``.cache/molecule/<name>-<digest of what goes in>``, made where it is missing, and the former ones removed."""
    texts = [*(path.read_bytes() for path in sources), *(word.encode() for word in (*COLLECTIONS, *PYTHONS))]
    digest = hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]
    folder = CACHE / "molecule" / f"{name}-{digest}"
    with file_lock(CACHE / "molecule.lock", waiting=f"molecule: waiting for another process that fetches {name}"):
        if folder.is_dir():
            return folder
        for former in folder.parent.glob(f"{name}-*"):
            shutil.rmtree(former)
        partial = folder.with_name(f"{name}-partial")
        partial.mkdir(parents=True)
        make(partial)
        partial.rename(folder)
    return folder


def _pip_download(folder: str | Path, *arguments: str | Path) -> None:
    need_space(
        CACHE, SPACE["collections"], purpose="molecule: downloading packages", advice="run make molecule ARGS=delegated"
    )
    command: list[str | Path] = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--require-hashes", "--dest", folder, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SupportError(f"molecule: packages could not be downloaded\n{last_lines(done.stderr)}")
