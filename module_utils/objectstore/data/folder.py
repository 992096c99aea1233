"""The files of a folder that are looked at, and what is said of those that are not as they should be."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional, Sequence

from ..trees.localfs import check_source, walk
from ..values.errors import SourceError
from ..values.model import LocalFile
from ..values.selection import Selection


class Problem(NamedTuple):
    """What is wrong with a file, in words that follow its path."""

    path: str
    problem: str

    def as_dict(self) -> dict[str, str]:
        """The problem as a module returns it."""
        return {"path": self.path, "problem": self.problem}


def find_files(
    folder: str, selection: Selection, *, recurse: bool = True, left_out: Optional[list[str]] = None
) -> tuple[list[LocalFile], list[Problem]]:
    """The selected files below ``folder``, sorted by name, and what cannot be looked at.

    ``left_out`` takes the names, relative to the folder, of files that are not included and not excluded either.

    :raises SourceError: when the folder cannot be listed, or holds no such file
    """
    files: list[LocalFile] = []
    problems: list[Problem] = []
    for found in walk(check_source(folder), recurse=recurse):
        if not isinstance(found, LocalFile):
            if found.prefix.endswith("/") or selection.selects(found.prefix):
                problems.append(Problem(found.path, found.reason))
        elif selection.selects(found.key):
            files.append(found)
        elif left_out is not None and not selection.excludes(found.key):
            left_out.append(found.key)
    if not files and not problems:
        meant = " ".join(selection.include) or "any name"
        raise SourceError(f"look at the files of {folder}", f"it has no file that matches {meant}", "Check the folder.")
    return files, problems


def problem_report(folder: str, problems: Sequence[Problem], *, shown: int = 5) -> Optional[SourceError]:
    """The problems as an error, ``None`` where there is none; long lists are cut short."""
    if not problems:
        return None
    named = "; ".join(f"{os.path.basename(path)}: {problem}" for path, problem in problems[:shown])
    more = f"; and {len(problems) - shown} more" if len(problems) > shown else ""
    return SourceError(f"accept the files of {folder}", f"{named}{more}", "Repair or exclude them.")
