"""Small pictures of GeoTIFFs, from their overviews: what is in them, seen at a glance and in its place on the map."""

from __future__ import annotations

import base64
import os
import re
import struct
import warnings
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional, Sequence

from ..values.errors import InvalidInputError
from ..values.model import LocalFile
from ..values.naming import KeyNaming
from ..values.selection import Selection
from .folder import Problem, find_files

#: Index of pixels without data; it is transparent.
EMPTY = 255

#: A picture's longest side, in pixels, may not be more: it is embedded in a page.
LARGEST_SIDE = 512

#: From low to high, where a file's values are no classes: light to dark, readable on both a light and a dark page.
_LOW, _HIGH = (247, 236, 190), (12, 96, 84)

#: What values are shown in that no class has.
_UNKNOWN = (120, 120, 120)

_COLOR = re.compile(r"#?([0-9a-fA-F]{6})")

Colors = Mapping[int, tuple[int, int, int]]


@dataclass(frozen=True)
class QuicklookSpec:
    """Which files are shown, and how.

    :param naming: what files must be called; the named groups are returned
    :param newest: only the files with the greatest value of this group are shown; all where empty
    :param colors: value -> colour of its class, for the files that ``classes_in`` selects by their groups
    """

    selection: Selection
    naming: KeyNaming
    newest: str
    side: int
    colors: Colors
    classes_in: Mapping[str, Sequence[str]]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> QuicklookSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a size, a pattern or a colour that is none
        """
        if not 1 <= params["side"] <= LARGEST_SIDE:
            raise InvalidInputError("make pictures", f"side is {params['side']}", f"Set it from 1 to {LARGEST_SIDE}.")
        naming, newest = KeyNaming(params["key_pattern"]), params["newest"] or ""
        if newest and newest not in naming.group_names:
            raise InvalidInputError(
                f"show the newest {newest}", "key_pattern has no group of this name", "Name one of its groups."
            )
        legend = params["legend"] or {}
        return cls(
            selection=Selection.from_params(params),
            naming=naming,
            newest=newest,
            side=params["side"],
            colors={int(entry["value"]): _rgb(str(entry["color"])) for entry in legend.get("classes") or ()},
            classes_in=legend.get("applies_to") or {},
        )

    def has_classes(self, groups: Mapping[str, str]) -> bool:
        """Whether a file's values are classes."""
        return bool(self.colors) and all(groups.get(name) in values for name, values in self.classes_in.items())


class Raw(NamedTuple):
    """A file's values, small. ``mask`` is 0 where there is no data; both are arrays of the same shape."""

    name: str
    groups: Mapping[str, str]
    bounds: tuple[float, float, float, float]
    crs: str
    geographic: bool
    values: Any
    mask: Any


class Quicklooks(NamedTuple):
    """The pictures. ``low`` and ``high`` are the values that the ends of the colour scale stand for, if it is used."""

    newest: str
    tiles: list[dict[str, Any]]
    low: Optional[float]
    high: Optional[float]
    problems: list[Problem]
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The result of a module."""
        return {**self._asdict(), "problems": [problem.as_dict() for problem in self.problems]}


def make_quicklooks(folder: str, spec: QuicklookSpec, *, recurse: bool = True) -> Quicklooks:
    """The pictures of a folder's files.

    :raises SourceError: when there is no file to look at
    """
    files, problems = find_files(folder, spec.selection, recurse=recurse)
    newest, chosen = _choose(files, spec)
    try:
        import rasterio  # noqa: PLC0415  # optional on a managed host
    except ImportError as error:
        reason = f"the Python library rasterio cannot be used here ({error})"
        return Quicklooks(newest, [], None, None, problems, reason)
    raws = []
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file without georeference is a finding here, not a warning
        for file, groups in chosen:
            try:
                raws.append(_read(rasterio, file, groups, spec.side))
            except (rasterio.errors.RasterioError, OSError) as error:
                problems.append(Problem(file.path, f"it cannot be read ({error})"))
    placed = [raw for raw in raws if raw.crs]
    problems += [Problem(raw.name, "it has no place on the map") for raw in raws if not raw.crs]
    low, high = _range([raw for raw in placed if not spec.has_classes(raw.groups)])
    return Quicklooks(newest, [_tile(raw, spec, low, high) for raw in placed], low, high, problems)


def _choose(files: Sequence[LocalFile], spec: QuicklookSpec) -> tuple[str, list[tuple[LocalFile, dict[str, str]]]]:
    matched = ((file, spec.naming.groups(file.key)) for file in files)
    named = [(file, groups) for file, groups in matched if groups is not None]
    if not spec.newest:
        return "", named
    newest = max((groups[spec.newest] for _, groups in named), default="")
    return newest, [(file, groups) for file, groups in named if groups[spec.newest] == newest]


def _read(rasterio: Any, file: LocalFile, groups: Mapping[str, str], side: int) -> Raw:
    with rasterio.open(file.path, driver="GTiff") as dataset:
        scale = max(dataset.width, dataset.height) / side
        # at most a pixel a pixel: GDAL reads the smallest overview that is large enough
        shape = tuple(max(1, round(length / max(scale, 1))) for length in (dataset.height, dataset.width))
        mapped = bool(dataset.crs) and not dataset.transform.is_identity
        return Raw(
            name=os.path.basename(file.path),
            groups=groups,
            bounds=tuple(dataset.bounds),
            crs=str(dataset.crs) if mapped else "",
            geographic=mapped and dataset.crs.is_geographic,
            values=dataset.read(1, out_shape=shape),
            mask=dataset.read_masks(1, out_shape=shape),
        )


def _range(raws: Sequence[Raw]) -> tuple[Optional[float], Optional[float]]:
    seen = [raw.values[raw.mask > 0] for raw in raws]
    seen = [values for values in seen if values.size]
    if not seen:
        return None, None
    return min(float(values.min()) for values in seen), max(float(values.max()) for values in seen)


def _tile(raw: Raw, spec: QuicklookSpec, low: Optional[float], high: Optional[float]) -> dict[str, Any]:
    classes = spec.has_classes(raw.groups)
    if classes:
        pixels = raw.values.clip(0, EMPTY - 1).astype("uint8")
        palette = [spec.colors.get(value, _UNKNOWN) for value in range(EMPTY)]
    else:
        low, high = low or 0.0, high or 0.0
        pixels = ((raw.values - low) * ((EMPTY - 1) / ((high - low) or 1))).clip(0, EMPTY - 1).astype("uint8")
        palette = [_between(value / (EMPTY - 1)) for value in range(EMPTY)]
    pixels[raw.mask == 0] = EMPTY
    height, width = pixels.shape
    content = pixels.tobytes()
    counts = Counter(content)
    counts.pop(EMPTY, None)
    return {
        "name": raw.name,
        "groups": dict(raw.groups),
        "bounds": list(raw.bounds),
        "crs": raw.crs,
        "geographic": raw.geographic,
        "classes": {str(value): counts[value] for value in sorted(counts)} if classes else {},
        "png": base64.b64encode(indexed_png(content, width, height, palette)).decode("ascii"),
    }


def _between(part: float) -> tuple[int, int, int]:
    red, green, blue = (round(low + (high - low) * part) for low, high in zip(_LOW, _HIGH))
    return red, green, blue


def indexed_png(pixels: bytes, width: int, height: int, palette: Sequence[tuple[int, int, int]]) -> bytes:
    """A PNG of one byte a pixel; the index behind the palette's last is transparent (PNG 1.2, chapters 3 and 4)."""
    rows = b"".join(b"\x00" + pixels[start : start + width] for start in range(0, width * height, width))
    colors = b"".join(bytes(color) for color in palette) + bytes(3)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", colors),
            _chunk(b"tRNS", b"\xff" * len(palette) + b"\x00"),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _rgb(text: str) -> tuple[int, int, int]:
    match = _COLOR.fullmatch(text)
    if not match:
        raise InvalidInputError(f"use the colour {text!r}", "it is none", "Write it like #419bdf.")
    red, green, blue = bytes.fromhex(match[1])
    return red, green, blue
