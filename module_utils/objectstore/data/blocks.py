"""The blocks of an image: where they lie, and whether a block can be there, by a few bytes of some of them."""

from __future__ import annotations

from dataclasses import dataclass
from operator import add, le
from typing import Iterator, NamedTuple, Optional, Sequence

from .tiff import Image, Reader, Structure

#: How many blocks of a file are looked at, spread evenly over all of its images: in a file of 60 MB one in 120 kB.
_LOOKED_AT = 512

#: Compressions whose data never begin with two zero bytes, by their number in the file: LZW begins with its clear code,
#: JPEG, Deflate (zlib's header), Zstandard and WebP with a signature.
_NEVER_ZERO = {5: "LZW", 7: "JPEG", 8: "Deflate", 32946: "Deflate", 50000: "Zstandard", 50001: "WebP"}


class Block(NamedTuple):
    """Where a stored block lies, in bytes."""

    offset: int
    size: int


@dataclass
class Survey:
    """What the arrays of an image say of its stored blocks.

    ``first`` is the offset of the first one in reading order (0: nothing is stored), ``end`` the greatest end of all.
    ``in_order`` says whether they lie one behind the other; ``some`` of them are spread evenly.
    """

    image: Image
    stored: int = 0
    first: int = 0
    end: int = 0
    in_order: bool = True
    some: tuple[Block, ...] = ()


def survey(structure: Structure) -> list[Survey]:
    """All images of a file, in the order of its chain, then those that only other directories name.

    :raises DamagedError: when it is cut short within an array
    """
    images = [*structure.images, *structure.inner]
    step = -(-sum(image.blocks for image in images) // _LOOKED_AT)
    return [_survey_one(structure.reader, image, step) for image in images]


def _survey_one(reader: Reader, image: Image, step: int) -> Survey:
    seen = Survey(image)
    some: set[Block] = set()
    before = 0
    for named, told in _slices(reader, image):
        offsets, sizes = _stored(named, told)
        if not offsets:
            continue
        seen.stored += len(offsets)
        seen.first = seen.first or offsets[0]
        seen.end = max(max(map(add, offsets, sizes)), seen.end)  # noqa: PLW3301  # no thousands of arguments
        seen.in_order = seen.in_order and before <= offsets[0] and all(map(le, offsets, offsets[1:]))
        before = offsets[-1]
        some.update(map(Block, offsets[::step], sizes[::step]))
        last = Block(offsets[-1], sizes[-1])
    seen.some = tuple(sorted(some | {last})) if seen.stored else ()
    return seen


def _slices(reader: Reader, image: Image) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    offsets = reader.slices(image.offsets, image.blocks)
    if image.sizes is None:
        return ((some, [1] * len(some)) for some in offsets)
    return zip(offsets, reader.slices(image.sizes, image.blocks))


def _stored(offsets: Sequence[int], sizes: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Without the blocks that are not stored: GDAL writes two zeros for them, and takes one zero for the same."""
    if 0 not in offsets and 0 not in sizes:
        return offsets, sizes
    pairs = [(offset, size) for offset, size in zip(offsets, sizes) if offset and size]
    return [offset for offset, _ in pairs], [size for _, size in pairs]


def hole(structure: Structure, surveys: Sequence[Survey]) -> Optional[str]:
    """What is wrong at the first of the sampled blocks that cannot be one; ``None`` where all can.

    GDAL's ghost area may promise the size of each block as 4 bytes before it, and its last 4 bytes once more behind it.
    Without it, a block of a compression that has a signature cannot begin with zeros.
    """
    reader = structure.reader
    leads = structure.ghost.get("BLOCK_LEADER") == "SIZE_AS_UINT4"
    trails = structure.ghost.get("BLOCK_TRAILER") == "LAST_4_BYTES_REPEATED"
    for seen in surveys:
        name = _NEVER_ZERO.get(seen.image.compression)
        for offset, size in seen.some:
            start = reader.take(max(offset - 4, 0), min(8, reader.size - offset + 4))
            if name and size >= 4 and not any(start[4:8]):
                return f"it has a hole: at byte {offset} there are zeros where {name} data must begin"
            if leads and start[:4] != min(size, 0xFFFFFFFF).to_bytes(4, "little"):
                return _broken_promise(start[:4], offset, f"has other bytes before it than its size, {size}")
            if trails and size >= 4:
                end = reader.take(offset + size - 4, min(8, reader.size - offset - size + 4))
                if end[:4] != end[4:]:
                    return _broken_promise(end, offset, "does not have its last 4 bytes repeated behind it")
    return None


def _broken_promise(found: bytes, offset: int, what: str) -> str:
    if any(found):
        return f"it was written into after it was made: the block at byte {offset} {what}, as its ghost area promises"
    return f"it has a hole: there are zeros around the block at byte {offset}, which {what}"


def mask_beside(structure: Structure, image: Image, mask: Image) -> bool:
    """Whether each block of the mask follows that of the image at once, as MASK_INTERLEAVED_WITH_IMAGERY promises."""
    if image.blocks != mask.blocks:
        return False
    both = zip(_slices(structure.reader, image), _slices(structure.reader, mask))
    gap = 4 * (("BLOCK_LEADER" in structure.ghost) + ("BLOCK_TRAILER" in structure.ghost))
    return all(
        not (offset and beside) or beside == offset + size + gap
        for (offsets, sizes), (besides, _) in both
        for offset, size, beside in zip(offsets, sizes, besides)
    )
