"""Two folders that may hold the same files: which names are in both, and whether their content is the same."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from ..files.digests import OPAQUE, DigestCache
from ..values.errors import SourceError
from ..values.model import LocalFile
from ..values.selection import Selection
from .alike import same_content
from .folder import find_files


class Overlap(NamedTuple):
    """The files of a folder beside those of another, by their names relative to each.

    ``only_here`` and ``only_there`` are how many the other one does not have.
    """

    other: str
    same: int
    different: tuple[str, ...]
    only_here: int
    only_there: int

    def as_dict(self) -> dict[str, Any]:
        """The comparison as a module returns it."""
        return {
            "folder": self.other,
            "same": self.same,
            "different": list(self.different),
            "only_here": self.only_here,
            "only_there": self.only_there,
        }

    def fault(self, folder: str, *, shown: int = 5) -> Optional[SourceError]:
        """The files of another content as an error; ``None`` where there is none."""
        if not self.different:
            return None
        more = f" and {len(self.different) - shown} more" if len(self.different) > shown else ""
        named = f"{', '.join(self.different[:shown])}{more}"
        return SourceError(
            f"take the files of {folder} for those of {self.other}",
            f"{len(self.different)} of the same name have another content: {named}",
            "Find out which of them are right.",
        )


def compare_folders(
    folder: str, other: str, selection: Selection, *, recurse: bool = True, digest_cache: Optional[str] = None
) -> Overlap:
    """Compare the selected files of both by content. What a digest cache knows of two files is not read again.

    :raises SourceError: when one of them cannot be listed or holds no such file, or a file cannot be read
    """
    here, there = (_files(one, selection, recurse=recurse) for one in (folder, other))
    both = sorted(here.keys() & there.keys())
    cache = DigestCache(digest_cache, writable=False)
    try:
        different = tuple(name for name in both if not _same(here[name], there[name], cache))
    finally:
        cache.close()
    return Overlap(other, len(both) - len(different), different, len(here) - len(both), len(there) - len(both))


def _files(folder: str, selection: Selection, *, recurse: bool) -> dict[str, LocalFile]:
    return {file.key: file for file in find_files(folder, selection, recurse=recurse)[0]}


def _same(one: LocalFile, other: LocalFile, cache: DigestCache) -> bool:
    if one.size != other.size:
        return False
    known, also = cache.known(one), cache.known(other)
    layouts = (known.keys() & also.keys()) - {OPAQUE}
    if layouts:
        layout = min(layouts)
        return known[layout] == also[layout]
    return same_content(one, other)
