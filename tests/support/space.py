"""Look whether there is room before something large is made: a full disk in the middle says it badly."""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import SupportError

GB = 1_000_000_000


def need_space(folder: Path, needed: float, *, purpose: str, advice: str) -> None:
    """SupportError where the disk of ``folder`` (made or not) has fewer than ``needed`` bytes free."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise SupportError(
            f"{purpose} takes about {_size(needed)}, and {_size(free)} are free for {folder}; make room, or {advice}"
        )


def _size(number: float) -> str:
    return f"{number / GB:.1f} GB" if number >= GB else f"{number / 1_000_000:.0f} MB"
