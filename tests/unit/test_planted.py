"""The planted mistakes still fit the code, and name tests that there are. Whether they are caught: make planted."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.planted.__main__ import COMMANDS
from tests.planted.patches import Planted, apply, planted
from tests.support.paths import REPO

MISTAKES = planted()

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patches")


def test_there_are_enough() -> None:
    assert len(MISTAKES) >= 30


@needs_git
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_it_applies(mistake: Planted) -> None:
    assert apply(mistake.patch, REPO, only_try=True) == ""


@needs_git
def test_a_patch_that_does_not_apply_is_told(tmp_path: Path) -> None:
    assert "No such file" in apply(MISTAKES[0].patch, tmp_path, only_try=True)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_what_catches_it_is_there(mistake: Planted) -> None:
    for name in mistake.caught_by:
        if name not in COMMANDS:
            file, _, function = name.partition("::")
            assert re.search(rf"^def {function}\(", (REPO / file).read_text(), re.MULTILINE), name
