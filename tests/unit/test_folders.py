"""Folders of a user's own: what is made, what is taken from others, and what stays."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.host.folders import keep_folder, plan_folder
from ansible.module_utils.objectstore.values.errors import SourceError
from ansible.module_utils.objectstore.values.steps import Step, Stores


def step(check_mode: bool = False, **params: Any) -> Step:
    return Step(params, check_mode=check_mode, stores=Stores())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("now", "then"),
    [(0o755, "0750"), (0o777, "0750"), (0o770, "0750"), (0o750, None), (0o700, None), (0o500, "0700")],
)
def test_a_stricter_mode_stays(now: int, then: str | None) -> None:
    actions = plan_folder("/somewhere", now).actions
    assert [action.after for action in actions] == ([] if then is None else [then])


def test_a_folder_is_made_with_those_above_it_and_found_done(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert keep_folder(step(check_mode=True, path=str(path))).changed
    assert not (tmp_path / "a").exists()
    assert keep_folder(step(path=str(path))).changed
    assert [mode(path), mode(path.parent)] == [0o750, 0o750]
    assert not keep_folder(step(path=str(path))).changed
    path.chmod(0o777)
    assert keep_folder(step(path=str(path))).changed
    assert mode(path) == 0o750


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="it is a file"):
        keep_folder(step(path=str(tmp_path / "file")))
    with pytest.raises(SourceError, match="Not a directory"):
        keep_folder(step(path=str(tmp_path / "file" / "below")))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_dry_run_knows_of_a_place_that_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SourceError, match="read-only"):
        keep_folder(step(check_mode=True, path=str(tmp_path / "a")))
