"""The structure of a TIFF: its directories, read from a file that may be cut short, damaged or hostile.

TIFF 6.0 and BigTIFF, both byte orders. What is read is bounded: a directory is looked at once, counts are
compared with the size of the file before anything of that size is read, and no array is held whole.
GDAL's ghost area is described in its documentation of the COG driver ("Header ghost area").
"""

from __future__ import annotations

import os
import re
import struct
import sys
from array import array
from dataclasses import dataclass, field
from typing import Iterator, Mapping, NamedTuple, Optional

#: First bytes of a TIFF or BigTIFF, little or big endian (TIFF 6.0, section 2; the BigTIFF design).
_HEADS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}

#: Bytes read at once from the start: a COG has its directories there.
_WINDOW = 64 * 1024
#: Directories of one file, entries of one directory, blocks of one image: more has no real file that was seen.
_MAX_DIRECTORIES, _MAX_ENTRIES, _MAX_BLOCKS = 1024, 4096, 1 << 24
#: Entries of an array that are held at once.
_SLICE = 64 * 1024

#: Numbers of tags that are used here (TIFF 6.0; 330: TIFF Technical Note 1).
_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION = 254, 256, 257, 258, 259
_STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_COUNTS, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _SUBDIRECTORIES = 322, 323, 324, 325, 330
_USED = frozenset(
    [
        *(_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_COUNTS, _PLANAR),
        *(_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _SUBDIRECTORIES),
    ]
)

#: Whole numbers by the type of their entry: how array and struct call them. 13 and 18 are offsets of directories.
_WHOLE = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q", 6: "b", 8: "h", 9: "i", 17: "q"}
_SIGNED = frozenset("bhiq")

_GHOST = re.compile(rb"GDAL_STRUCTURAL_METADATA_SIZE=(\d{6}) bytes\n")
#: Bits of NewSubfileType (TIFF 6.0, section 8).
_REDUCED, _MASK = 1, 4


class DamagedError(Exception):
    """The file is no TIFF, or is cut short or damaged; the text follows its path."""


class Numbers(NamedTuple):
    """Where an array of whole numbers lies: its type as ``array`` calls it, how many, and its first byte."""

    code: str
    length: int
    offset: int


@dataclass(frozen=True)
class Image:
    """One directory. ``block`` is the width and height of a tile or strip in pixels.

    ``planes`` is 1 where the bands are mixed, else the number of bands. ``blocks`` is how many it must
    have in all planes; ``sizes`` is ``None`` where the file does not tell them.
    """

    offset: int
    width: int
    height: int
    block: tuple[int, int]
    tiled: bool
    bands: int
    planes: int
    compression: int
    bits: int
    blocks: int
    offsets: Numbers
    sizes: Optional[Numbers]
    subfile: int = 0

    @property
    def is_mask(self) -> bool:
        """Whether it says which pixels of another image count."""
        return bool(self.subfile & _MASK)

    @property
    def is_reduced(self) -> bool:
        """Whether it is an overview, or the mask of one."""
        return bool(self.subfile & _REDUCED)


@dataclass(frozen=True)
class Structure:
    """What the directories of a file say.

    ``images`` are in the order of the file's chain, the first one being the main image; ``inner`` those that only
    other directories name (SubIFDs, in which some writers have the overviews). ``ghost`` is what GDAL promises in its
    ghost area, empty without one, and ``ghost_end`` the first even byte behind it, or behind the header.
    """

    reader: Reader = field(repr=False)
    ghost: Mapping[str, str]
    ghost_end: int
    images: tuple[Image, ...]
    inner: tuple[Image, ...]

    @property
    def overviews(self) -> tuple[Image, ...]:
        """Those of the main image, as GDAL sees them."""
        return tuple(i for i in (*self.images[1:], *self.inner) if i.is_reduced and not i.is_mask)

    @property
    def masks(self) -> tuple[Image, ...]:
        """Masks of the main image and of its overviews."""
        return tuple(i for i in (*self.images[1:], *self.inner) if i.is_mask)


class Reader:
    """Bytes and numbers of an open file; nothing beyond its end is ever asked for."""

    def __init__(self, fd: int, size: int) -> None:
        self.size = size
        self._fd = fd
        self._window = os.pread(fd, _WINDOW, 0)
        self.order, self.big = "<", False

    def take(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset``.

        :raises DamagedError: when the file ends before
        """
        if offset + length > self.size:
            raise DamagedError(
                f"it is cut short: what its header names ends at byte {offset + length}, the file at {self.size}"
            )
        if offset + length <= len(self._window):
            return self._window[offset : offset + length]
        found = os.pread(self._fd, length, offset)
        if len(found) < length:
            raise DamagedError("it became shorter while it was read")
        return found

    def unpack(self, codes: str, offset: int) -> tuple[int, ...]:
        """Whole numbers in the byte order of the file."""
        form = struct.Struct(self.order + codes)
        return form.unpack(self.take(offset, form.size))

    def slices(self, numbers: Numbers, count: int) -> Iterator[array[int]]:
        """The first ``count`` of an array, some thousand at a time."""
        width = struct.calcsize("=" + numbers.code)
        for start in range(0, count, _SLICE):
            some = array(numbers.code)
            some.frombytes(self.take(numbers.offset + start * width, min(_SLICE, count - start) * width))
            if (self.order == "<") != (sys.byteorder == "little"):
                some.byteswap()
            if numbers.code in _SIGNED and min(some) < 0:
                raise DamagedError("it is damaged: an offset or a size in it is negative")
            yield some


def read_structure(fd: int, size: int) -> Structure:
    """The directories of the file of ``size`` bytes that is open as ``fd``.

    :raises DamagedError: for a file that is none, is cut short within them, or says what cannot be
    """
    if not size:
        raise DamagedError("it is empty (0 bytes)")
    reader = Reader(fd, size)
    if reader.take(0, min(size, 4)) not in _HEADS:
        raise DamagedError("it is not a TIFF")
    reader.order, reader.big = _HEADS[reader.take(0, 4)]
    if reader.big and reader.unpack("HH", 4) != (8, 0):
        raise DamagedError("it is damaged: its BigTIFF header has offsets that are not of 8 bytes")
    first = reader.unpack("Q", 8)[0] if reader.big else reader.unpack("I", 4)[0]
    ghost, ghost_end = _read_ghost(reader)
    images, inner = _read_images(reader, first)
    if not images:
        raise DamagedError("it is damaged: it has no image")
    return Structure(reader, ghost, ghost_end, images, inner)


def _read_ghost(reader: Reader) -> tuple[Mapping[str, str], int]:
    start = 16 if reader.big else 8
    room = max(0, min(43, reader.size - start))
    found = _GHOST.match(reader.take(start, room))
    if not found:
        return {}, start
    length = min(int(found[1]), reader.size - start - found.end())
    text = reader.take(start + found.end(), length).decode("latin-1")
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    end = start + found.end() + int(found[1])
    return {name.strip(): value.strip() for name, value in pairs}, end + end % 2


def _read_images(reader: Reader, first: int) -> tuple[tuple[Image, ...], tuple[Image, ...]]:
    """The images of the chain, and those of the directories that only other directories name (their chains, too)."""
    images: list[Image] = []
    inner: list[Image] = []
    seen: set[int] = set()
    waiting = [first]
    found = images
    while waiting:
        following = waiting.pop(0)
        while following:
            if following in seen and found is inner:
                break
            if following in seen:
                raise DamagedError(f"it is damaged: its directories go in a circle at byte {following}")
            if len(seen) >= _MAX_DIRECTORIES:
                raise DamagedError(f"it has more than {_MAX_DIRECTORIES} directories")
            seen.add(following)
            offset = following
            entries, following = _read_directory(reader, offset)
            # what another directory names may be something else than an image, as Exif is
            if found is images or _WIDTH in entries:
                found.append(_image_of(reader, offset, entries))
            waiting += _all(reader, entries.get(_SUBDIRECTORIES), _MAX_DIRECTORIES)
        found = inner
    return tuple(images), tuple(inner)


def _read_directory(reader: Reader, offset: int) -> tuple[dict[int, Numbers], int]:
    """The entries that are used, and where the next directory is (0: nowhere)."""
    head, entry, inline = ("Q", "HHQ", 8) if reader.big else ("H", "HHI", 4)
    start = offset + struct.calcsize("=" + head)
    width = struct.calcsize("=" + entry) + inline
    (count,) = reader.unpack(head, offset)
    if not 0 < count <= _MAX_ENTRIES:
        raise DamagedError(f"it is damaged: its directory at byte {offset} has {count} entries")
    reader.take(start, count * width)
    entries: dict[int, Numbers] = {}
    for place in range(start, start + count * width, width):
        tag, kind, length = reader.unpack(entry, place)
        if tag in _USED and kind in _WHOLE and length:
            where = place + width - inline
            code = _WHOLE[kind]
            if length * struct.calcsize("=" + code) > inline:
                (where,) = reader.unpack("Q" if reader.big else "I", where)
            entries.setdefault(tag, Numbers(code, length, where))
    (following,) = reader.unpack("Q" if reader.big else "I", start + count * width)
    return entries, following


def _all(reader: Reader, numbers: Optional[Numbers], most: int) -> list[int]:
    if numbers is None:
        return []
    return [value for some in reader.slices(numbers, min(numbers.length, most)) for value in some]


def _image_of(reader: Reader, offset: int, entries: Mapping[int, Numbers]) -> Image:
    def one(tag: int, otherwise: Optional[int] = None) -> int:
        values = _all(reader, entries.get(tag), 1)
        if not values and otherwise is None:
            raise DamagedError(f"it is damaged: its directory at byte {offset} has no entry {tag}")
        return values[0] if values else otherwise or 0

    width, height = one(_WIDTH), one(_HEIGHT)
    tiled = _TILE_OFFSETS in entries or _TILE_WIDTH in entries
    block = (one(_TILE_WIDTH), one(_TILE_HEIGHT)) if tiled else (width, min(one(_ROWS, height), height))
    bands = one(_SAMPLES, 1)
    if not all((width, height, *block, bands)):
        raise DamagedError(f"it is damaged: its image at byte {offset} has a side of 0")
    planes = bands if one(_PLANAR, 1) == 2 else 1
    blocks = -(-width // block[0]) * -(-height // block[1]) * planes
    if blocks > _MAX_BLOCKS:
        raise DamagedError(f"it says that it has {blocks} blocks, more than {_MAX_BLOCKS}")
    offsets = entries.get(_TILE_OFFSETS if tiled else _STRIP_OFFSETS) or entries.get(_STRIP_OFFSETS)
    sizes = entries.get(_TILE_COUNTS if tiled else _STRIP_COUNTS) or entries.get(_STRIP_COUNTS)
    if offsets is None or offsets.length < blocks or (sizes and sizes.length < blocks):
        found = min(numbers.length for numbers in (offsets, sizes) if numbers) if offsets else 0
        raise DamagedError(f"it is damaged: it names {found} of the {blocks} blocks of its image at byte {offset}")
    return Image(
        offset=offset,
        width=width,
        height=height,
        block=block,
        tiled=tiled,
        bands=bands,
        planes=planes,
        compression=one(_COMPRESSION, 1),
        bits=one(_BITS, 1),
        blocks=blocks,
        offsets=offsets,
        sizes=sizes,
        subfile=one(_SUBFILE, 0),
    )
