"""Images for the scenarios: Debian as debootstrap makes it, and the store with our own MinIO and mc.

There is no registry that would have to be reached. An image's tag says what went into it, so one that is
there is up to date, and costs nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.binaries import mc_binary, minio_binary
from tests.support.debian import debootstrap
from tests.support.errors import SupportError
from tests.support.space import GB, need_space

from .daemon import DATA, Docker

#: What a scenario calls Debian's release -> what debootstrap calls it.
RELEASES = {"12": "bookworm", "13": "trixie"}
DEBIAN, STORE = "geocrop/debian", "geocrop/store"

#: What a control-plane host has: a Python that can make virtual environments.
PACKAGES = ("python3-venv",)
#: An ordinary user without sudo, for the scenario that is not root.
USER, UID = "operator", 4242

_IMPORT = 300.0


def make_images(docker: Docker) -> None:
    """``geocrop/debian:<release>`` and ``geocrop/store:latest``; what is missing is made, both releases at a time."""
    wanted = {release: f"{DEBIAN}:{release}-{_digest(release, *PACKAGES, USER)}" for release in RELEASES}
    missing = [release for release, image in wanted.items() if not _there(docker, image)]
    if missing:
        need_space(DATA, 3 * GB, purpose="molecule: making images", advice="run make molecule ARGS=delegated")
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda release: _import_debian(docker, release, wanted[release]), missing))
    for release, image in wanted.items():
        docker.run("tag", image, f"{DEBIAN}:{release}")
    base = wanted[min(RELEASES)]
    programs = [minio_binary(), mc_binary()]
    stamps = [f"{path.stat().st_size} {path.stat().st_mtime_ns}" for path in programs]
    store = f"{STORE}:{_digest(base, *stamps)}"
    if not _there(docker, store):
        _commit_store(docker, base, programs, store)
    docker.run("tag", store, f"{STORE}:latest")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _there(docker: Docker, image: str) -> bool:
    return docker.call("image", "inspect", image).returncode == 0


def _import_debian(docker: Docker, release: str, image: str) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"debian-{release}-", dir=DATA) as temporary:
        root = Path(temporary) / "root"
        debootstrap(RELEASES[release], root, PACKAGES, name="molecule")
        _make_small(root)
        with (root / "etc/passwd").open("a") as users:
            users.write(f"{USER}:x:{UID}:{UID}::/home/{USER}:/bin/bash\n")
        home = root / "home" / USER
        home.mkdir()
        os.chown(home, UID, UID)
        _import(docker, root, image)
    print(f"molecule: image of Debian {release} made in {time.monotonic() - started:.0f} s", flush=True)


def _make_small(root: Path) -> None:
    for folder in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"):
        shutil.rmtree(root / folder, ignore_errors=True)


def _import(docker: Docker, root: Path, image: str) -> None:
    """``tar`` into ``docker import``: no file between them."""
    environment: Mapping[str, str] = {**os.environ, **docker.environment}
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tar:
        done = subprocess.run(
            [docker.client, "import", "--change", 'CMD ["sleep", "infinity"]', "-", image],
            stdin=tar.stdout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_IMPORT,
            check=False,
        )
    if done.returncode or tar.returncode:
        raise SupportError(f"molecule: {image} could not be imported: {done.stderr.strip()}")


def _commit_store(docker: Docker, base: str, programs: Sequence[Path], image: str) -> None:
    """Both programs in one image: mc is what the scenarios look at the store with."""
    container = docker.run("create", base).strip()
    try:
        for path in programs:
            docker.run("cp", "--follow-link", path, f"{container}:/usr/local/bin/{path.name}")
        docker.run("commit", "--change", 'CMD ["minio", "server", "/srv/store"]', container, image)
    finally:
        docker.call("rm", "--force", container)
