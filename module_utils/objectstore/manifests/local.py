"""The files that objects came from, by the keys that they have in the bucket."""

from __future__ import annotations

from typing import Iterator

from ..trees.localfs import check_source, walk
from ..values.model import LocalFile
from ..values.naming import KeyNaming
from ..values.selection import Selection


def named_files(src: str, prefix: str, selection: Selection, naming: KeyNaming) -> Iterator[tuple[str, LocalFile]]:
    """Key and file, of the selected files whose names match and that can be read.

    :raises SourceError: when the folder is missing
    """
    for found in walk(check_source(src)):
        if isinstance(found, LocalFile) and selection.selects(found.key):
            key = naming.key_for(found.key)
            if key is not None:
                yield prefix + key, found
