"""A Debian root by debootstrap."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .errors import SupportError
from .patience import last_lines, run_patiently
from .programs import need_programs, search_path, unpacked_root

#: Names another archive than Debian's own.
MIRROR = "DEBIAN_MIRROR"


def debootstrap(release: str, folder: Path, packages: Sequence[str], *, name: str) -> None:
    """Install a minimal ``release`` with ``packages`` into ``folder``, which must not exist; root is needed.

    ``name`` is who says that it takes its time. SupportError has debootstrap's last lines.
    """
    (program,) = need_programs(["debootstrap"])
    mirror = [os.environ[MIRROR]] if os.environ.get(MIRROR) else []
    command: list[str | Path] = [program, "--variant=minbase", f"--include={','.join(packages)}", release, folder]
    done = run_patiently(
        [*command, *mirror],
        doing=f"{name}: debootstrap {release}",
        environment={**os.environ, "PATH": search_path(), **_scripts()},
    )
    if done.returncode:
        raise SupportError(f"{name}: debootstrap could not make {release}\n{last_lines(done.stdout)}")


def _scripts() -> dict[str, str]:
    """Where an unpacked debootstrap has its own scripts."""
    root = unpacked_root()
    folder = root / "usr/share/debootstrap" if root else None
    return {"DEBOOTSTRAP_DIR": str(folder)} if folder and folder.is_dir() else {}
