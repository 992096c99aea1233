"""Whether the rasters of a set are of one kind, and whether two of them have the same content."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from ..files.opened import opened
from ..values.errors import SourceError
from ..values.model import LocalFile
from .folder import Problem
from .raster import Place, Raster

#: What of a file is compared before all of it is: pieces of this size in bytes, so many, spread evenly.
_PIECE, _PIECES = 4096, 16
_SLICE = 1024 * 1024


def _of_place(value: Callable[[Place], Any]) -> Callable[[Raster], Any]:
    return lambda raster: value(raster.place) if raster.place else None


def _pixel_size(raster: Raster) -> Any:
    transform = raster.place.transform if raster.place else None
    return " x ".join(f"{abs(number):.9g}" for number in (transform[0], transform[4])) if transform else None


#: What rasters can be asked to have in common, in words and as a value. ``None`` is compared only for nodata.
PROPERTIES: Mapping[str, tuple[str, Callable[[Raster], Any]]] = {
    "crs": ("coordinate reference system", _of_place(lambda place: place.crs or None)),
    "dtype": ("data type", _of_place(lambda place: place.dtype or None)),
    "bands": ("number of bands", lambda raster: raster.bands),
    "nodata": ("nodata value", _of_place(lambda place: "none" if place.nodata is None else place.nodata)),
    "pixel_size": ("pixel size", _pixel_size),
}


def unlike(rasters: Sequence[Raster], properties: Iterable[str]) -> Iterator[Problem]:
    """The rasters that have another value than most have."""
    for name in properties:
        words, value = PROPERTIES[name]
        known = [(raster, value(raster)) for raster in rasters]
        counted = Counter(found for _, found in known if found is not None)
        if len(counted) < 2:
            continue
        usual, often = counted.most_common(1)[0]
        for raster, found in known:
            if found not in (None, usual):
                yield Problem(raster.file.path, f"its {words} is {found}, that of {often} others {usual}")


def twins(files: Iterable[LocalFile]) -> Iterator[Problem]:
    """The files that have the same content as one before them.

    Only files of the same size are opened; those whose pieces are the same too are read whole, until they differ.
    A file that cannot be read is like no other.
    """
    by_size: dict[int, list[LocalFile]] = {}
    for file in files:
        by_size.setdefault(file.size, []).append(file)
    for size, same in by_size.items():
        by_pieces: dict[bytes, list[LocalFile]] = {}
        for file in same if size and len(same) > 1 else ():
            pieces = _pieces(file)
            there = [other for other in by_pieces.get(pieces, []) if same_content(file, other)] if pieces else []
            if there:
                yield Problem(file.path, f"it has the same content as {there[0].key}")
            else:
                by_pieces.setdefault(pieces, []).append(file)


def _pieces(file: LocalFile) -> bytes:
    step = max(1, (file.size - _PIECE) // (_PIECES - 1))
    try:
        with opened(file, f"read {file.path}") as fd:
            return b"".join(os.pread(fd, _PIECE, number * step) for number in range(_PIECES))
    except (OSError, SourceError):
        return b""


def same_content(one: LocalFile, other: LocalFile) -> bool:
    """Whether two files of the same size hold the same bytes; ``False`` for one that cannot be read."""
    if (one.device, one.inode) == (other.device, other.inode):
        return True
    try:
        with opened(one, f"read {one.path}") as first, opened(other, f"read {other.path}") as second:
            return all(
                os.pread(first, _SLICE, place) == os.pread(second, _SLICE, place)
                for place in range(0, one.size, _SLICE)
            )
    except (OSError, SourceError):
        return False
