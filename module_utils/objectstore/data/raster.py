"""GeoTIFFs on the host: are they Cloud Optimized, judged by their headers without reading a pixel."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any, Iterator, NamedTuple, Optional, Sequence

from ..files.opened import stream, why_not
from ..trees.localfs import check_source, walk
from ..values.errors import InvalidInputError, SourceError
from ..values.model import LocalFile
from ..values.selection import Selection

#: First bytes of a TIFF or BigTIFF, little or big endian (TIFF 6.0, section 2; the BigTIFF design).
MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

#: GDAL's settings here: no look at neighbouring files, so that only overviews inside the file count.
_ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}


class Problem(NamedTuple):
    """What is wrong with a file, in words that follow its path."""

    path: str
    problem: str

    def as_dict(self) -> dict[str, str]:
        """The problem as a module returns it."""
        return {"path": self.path, "problem": self.problem}


@dataclass(frozen=True)
class RasterRules:
    """What a file must have. ``dtype`` as in ``uint8``; ``None`` takes any."""

    overviews: bool = True
    crs: bool = True
    dtype: Optional[str] = None


class RasterReport(NamedTuple):
    """What was found. ``bytes`` is the size of all files; ``reason`` says why only the first bytes were looked at."""

    files: int
    bytes: int
    reason: str
    problems: tuple[Problem, ...]
    crs: tuple[str, ...]
    dtypes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The result of a module."""
        return {
            "files": self.files,
            "bytes": self.bytes,
            "checked": not self.reason,
            "reason": self.reason,
            "problems": [problem.as_dict() for problem in self.problems],
            "crs": list(self.crs),
            "dtypes": list(self.dtypes),
        }


def find_files(folder: str, selection: Selection, *, recurse: bool = True) -> tuple[list[LocalFile], list[Problem]]:
    """The selected files below ``folder``, sorted by name, and what cannot be looked at.

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
    if not files and not problems:
        meant = " ".join(selection.include) or "any name"
        raise SourceError(f"look at the files of {folder}", f"it has no file that matches {meant}", "Check the folder.")
    return files, problems


def check_rasters(folder: str, selection: Selection, rules: RasterRules, *, recurse: bool = True) -> RasterReport:
    """Look at every selected file of a folder.

    :raises SourceError: when there is nothing to look at
    """
    if rules.dtype is not None and not rules.dtype.isidentifier():
        raise InvalidInputError(f"use the dtype {rules.dtype!r}", "it is no data type", "Write it like uint8.")
    files, unreadable = find_files(folder, selection, recurse=recurse)
    facts, reason = _open_all(files)
    problems = list(unreadable)
    for file, fact in zip(files, facts):
        problems += [Problem(file.path, text) for text in _judge(file, fact, rules, opened=not reason)]
    return RasterReport(
        files=len(files),
        bytes=sum(file.size for file in files),
        reason=reason,
        problems=tuple(problems),
        crs=tuple(sorted({fact.crs for fact in facts if fact.crs})),
        dtypes=tuple(sorted({fact.dtype for fact in facts if fact.dtype})),
    )


class _Fact(NamedTuple):
    """What a header says. ``end`` is the offset behind the last stored block, in bytes."""

    error: str = ""
    tiled: bool = False
    overviews: Sequence[int] = ()
    crs: str = ""
    dtype: str = ""
    end: int = 0


def _open_all(files: Sequence[LocalFile]) -> tuple[list[_Fact], str]:
    try:
        import rasterio  # noqa: PLC0415  # optional on a managed host
    except ImportError as error:
        return [_first_bytes(file) for file in files], f"the Python library rasterio cannot be used here ({error})"
    with rasterio.Env(**_ENVIRONMENT), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file without georeference is a finding here, not a warning
        return [_opened(rasterio, file) for file in files], ""


def _first_bytes(file: LocalFile) -> _Fact:
    try:
        with stream(file) as content:
            return _Fact("" if content.read(4) in MAGIC else "it is not a TIFF")
    except SourceError as error:
        return _Fact(error.reason)
    except OSError as error:
        return _Fact(why_not(error))


def _opened(rasterio: Any, file: LocalFile) -> _Fact:
    seen = _first_bytes(file)
    if seen.error:
        return seen
    try:
        with rasterio.open(file.path, driver="GTiff") as dataset:
            width, height = dataset.width, dataset.height
            block_height, block_width = dataset.block_shapes[0]
            levels = [(width, height), *((-(-width // n), -(-height // n)) for n in dataset.overviews(1))]
            return _Fact(
                tiled=bool(dataset.profile.get("tiled")) or (block_height >= height and block_width >= width),
                overviews=dataset.overviews(1),
                crs=str(dataset.crs) if dataset.crs else "",
                dtype=str(dataset.dtypes[0]),
                end=max(_block_ends(dataset, levels, (block_width, block_height)), default=0),
            )
    except rasterio.errors.RasterioError as error:
        return _Fact(f"it cannot be opened as a GeoTIFF ({error})")


def _block_ends(dataset: Any, levels: Sequence[tuple[int, int]], block: tuple[int, int]) -> Iterator[int]:
    """Where the last block of each level ends: a file that was cut short ends before one of them.

    GDAL tells a block's place in its metadata domain ``TIFF``; a block that is not stored has none.
    """
    for level, (width, height) in enumerate(levels):
        name = f"{(width - 1) // block[0]}_{(height - 1) // block[1]}"
        where = {"ovr": level - 1} if level else {}
        offset = dataset.get_tag_item(f"BLOCK_OFFSET_{name}", "TIFF", bidx=1, **where)
        size = dataset.get_tag_item(f"BLOCK_SIZE_{name}", "TIFF", bidx=1, **where)
        if offset and size:
            yield int(offset) + int(size)


def _judge(file: LocalFile, fact: _Fact, rules: RasterRules, *, opened: bool) -> list[str]:
    if fact.error or not opened:
        return [fact.error] if fact.error else []
    problems = []
    if not os.path.basename(file.path).lower().endswith((".tif", ".tiff")):
        problems.append("its name does not end in .tif")
    if fact.end > file.size:
        problems.append(f"it is cut short: its last block ends at byte {fact.end}, the file at {file.size}")
    if not fact.tiled:
        problems.append("it is stored in strips, not in tiles")
    if rules.overviews and not fact.overviews:
        problems.append("it has no overviews")
    if rules.crs and not fact.crs:
        problems.append("it has no coordinate reference system")
    if rules.dtype is not None and fact.dtype != rules.dtype:
        problems.append(f"its data type is {fact.dtype}, not {rules.dtype}")
    return problems


def problem_report(folder: str, problems: Sequence[Problem], *, shown: int = 5) -> Optional[SourceError]:
    """The problems as an error, ``None`` where there is none; long lists are cut short."""
    if not problems:
        return None
    named = "; ".join(f"{os.path.basename(path)}: {problem}" for path, problem in problems[:shown])
    more = f"; and {len(problems) - shown} more" if len(problems) > shown else ""
    return SourceError(f"accept the files of {folder}", f"{named}{more}", "Repair or exclude them.")
