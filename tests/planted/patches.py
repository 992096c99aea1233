"""What a patch says of itself, and whether it still fits the work tree."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.errors import SupportError

FOLDER = Path(__file__).parent
_CAUGHT_BY = "Caught by: "


@dataclass(frozen=True)
class Planted:
    """One mistake: the patch that makes it, what is wrong then, and which tests must fail by name."""

    patch: Path
    mistake: str
    caught_by: Sequence[str]

    @property
    def name(self) -> str:
        """The patch's own."""
        return self.patch.stem


def planted() -> list[Planted]:
    """All of them, by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.patch"))]


def _read(path: Path) -> Planted:
    """The text above the patch; ``git apply`` passes over it."""
    head = path.read_text().partition("\n--- ")[0].splitlines()
    caught_by = [line.removeprefix(_CAUGHT_BY) for line in head if line.startswith(_CAUGHT_BY)]
    if not head or not caught_by:
        raise SupportError(f"planted: {path} does not say what is wrong, and what must catch it")
    return Planted(path, head[0], caught_by)


def apply(patch: Path, folder: Path, *, undo: bool = False, only_try: bool = False) -> str:
    """Apply a patch to a folder that need not be a work tree of git; why it does not fit, or an empty text."""
    done = subprocess.run(
        ["git", "apply", *["--reverse"] * undo, *["--check"] * only_try, patch],
        cwd=folder,
        # a folder within another work tree is that folder all the same
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""
