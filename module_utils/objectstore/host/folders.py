"""Folders that the host works in: of its user's own, and closed to others."""

from __future__ import annotations

import os
import stat
from typing import Iterator, Optional

from ..files.textfile import check_writable
from ..values.change import Action, Plan, Report, update
from ..values.errors import SourceError
from ..values.steps import Step

#: What a folder is made with, less the umask; and what others lose of one that is there.
NEW, TAKEN = 0o750, 0o027


def read_folder(path: str) -> Optional[int]:
    """The mode of a folder, ``None`` where there is none.

    :raises SourceError: when something else is there, or it cannot be looked at
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"use the folder {path}", error.strerror or str(error)) from error
    if not stat.S_ISDIR(status.st_mode):
        raise SourceError(f"use the folder {path}", "it is a file", "Move it away, or name another place.")
    return stat.S_IMODE(status.st_mode)


def plan_folder(path: str, mode: Optional[int]) -> Plan:
    """The actions that make the folder, or keep others out of it."""
    target = f"folder {path}"
    if mode is None:
        return Plan(target, (Action("create", "folder", None, {"path": path}),))
    return Plan(target, update("mode", f"{mode:04o}", f"{(mode | 0o700) & ~TAKEN:04o}"))


def apply_folder(path: str, plan: Plan) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done. Missing folders above are made with it.

    :raises SourceError: when it cannot be made or its mode not changed
    """
    for action in plan.actions:
        try:
            if action.subject == "folder":
                _make(path)
            else:
                os.chmod(path, int(action.after, 8))
        except OSError as error:
            raise SourceError(f"{action.verb} the folder {path}", error.strerror or str(error)) from error
        yield action


def _make(path: str) -> None:
    """As ``os.makedirs``, which gives folders above another mode than the last one."""
    above = os.path.dirname(path)
    if not os.path.isdir(above):
        _make(above)
    os.mkdir(path, NEW)


def keep_folder(step: Step) -> Report:
    """The work of a step with the option ``path``."""
    path: str = os.path.abspath(step.params["path"])
    plan = plan_folder(path, read_folder(path))
    if plan.changed:
        check_writable(path)
    return step.carried_out(plan, lambda plan: apply_folder(path, plan))
