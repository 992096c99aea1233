"""Paths as users write them: ``~`` is the user's home, if there is one."""

from __future__ import annotations

import os

from ..values.errors import SourceError


def absolute(path: str) -> str:
    """The path from the root.

    :raises SourceError: for ``~`` where the user has no home: it would become a folder of that name
    """
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        home = expanded.split("/", maxsplit=1)[0]
        raise SourceError(f"use the path {path}", f"there is no home folder for {home} here", "Give the whole path.")
    return os.path.abspath(expanded)
