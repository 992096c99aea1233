"""Whether a TIFF is laid out as a Cloud Optimized GeoTIFF, as GDAL's and rio-cogeo's validators judge it.

A reader over HTTP takes the start of the file: there are the directories, main image first, then the overviews, the
large ones first. Behind them are the blocks, those of the smallest overview first, those of the main image last.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence

from .blocks import Survey, hole, mask_beside
from .tiff import Image, Structure

#: Above this side, in pixels, an image must be in tiles and have overviews: that of GDAL's and rio-cogeo's check.
LARGE = 512


class Judgement(NamedTuple):
    """What must be otherwise, and what should; each text follows the file's path."""

    errors: tuple[str, ...]
    remarks: tuple[str, ...]


def is_large(image: Image) -> bool:
    """Whether an image is too large to be read as a whole."""
    return max(image.width, image.height) > LARGE


def judge_layout(structure: Structure, surveys: Sequence[Survey], *, overviews: bool = True) -> Judgement:
    """The layout of a file. ``overviews`` says whether a large image must have some."""
    end = max((seen.end for seen in surveys), default=0)
    size = structure.reader.size
    errors: list[str] = []
    remarks: list[str] = []
    if end > size:
        errors.append(f"it is cut short: its last block ends at byte {end}, the file at {size}")
    if is_large(structure.images[0]) and not structure.overviews:
        (errors if overviews else remarks).append("it has no overviews")
    errors += _tiles(structure)
    edited = structure.ghost.get("KNOWN_INCOMPATIBLE_EDITION") == "YES"
    if edited:
        errors.append("it was edited in place after it was made, which its ghost area says")
    misplaced = [*_sizes(structure), *_order(structure, surveys)]
    errors += misplaced
    if end <= size and not edited and not misplaced:
        errors += _promises(structure, surveys)
    return Judgement(tuple(errors), tuple(remarks))


def _tiles(structure: Structure) -> Iterator[str]:
    if is_large(structure.images[0]) and not structure.images[0].tiled:
        yield "it is stored in strips, not in tiles"
    for number, image in enumerate(structure.overviews, 1):
        if is_large(image) and not image.tiled:
            yield f"its overview {number} is stored in strips, not in tiles"


def _sizes(structure: Structure) -> Iterator[str]:
    larger = structure.images[0]
    for number, image in enumerate(structure.overviews, 1):
        if image.width > larger.width or image.height > larger.height:
            yield (
                f"its overview {number} ({image.width} x {image.height}) is larger than the image before it "
                f"({larger.width} x {larger.height})"
            )
        elif (image.width, image.height) == (larger.width, larger.height) != (1, 1):
            yield f"its overview {number} is as large as the image before it ({image.width} x {image.height})"
        larger = image


def _order(structure: Structure, surveys: Sequence[Survey]) -> Iterator[str]:
    """Where the directories and the first blocks lie."""
    first = {seen.image.offset: seen.first for seen in surveys}
    pyramid = (structure.images[0], *structure.overviews)
    places = [image.offset for image in pyramid]
    data = [first[image.offset] for image in pyramid]
    if places[0] not in (8, 16, structure.ghost_end):
        yield (
            f"its first directory is at byte {places[0]}, not {structure.ghost_end}: it was edited in place, or never "
            "laid out for reading over HTTP"
        )
    elif 0 < data[0] < max(places):
        added = "its overviews were added to a file that was there (gdaladdo)" if data[1:] else "its header is behind"
        yield f"its data begin before its last directory: {added}"
    elif places != sorted(places) or 0 < data[-1] < places[-1]:
        yield "its directories do not stand before its data in the order main image, large overview, small overview"
    elif any(0 < large < small for large, small in zip(data, data[1:])):
        yield "the data of its overviews do not lie before those of the larger images"


def _promises(structure: Structure, surveys: Sequence[Survey]) -> Iterator[str]:
    """What the ghost area says of the blocks, and whether they are there."""
    if structure.ghost.get("BLOCK_ORDER") == "ROW_MAJOR":
        unordered = [seen.image for seen in surveys if not seen.in_order and seen.image.planes == 1]
        if unordered:
            yield "its blocks do not lie row by row, as its ghost area promises"
    if structure.ghost.get("MASK_INTERLEAVED_WITH_IMAGERY") == "YES":
        for mask in structure.masks:
            shown = [i for i in structure.images if not i.is_mask and (i.width, i.height) == (mask.width, mask.height)]
            if shown and not mask_beside(structure, shown[0], mask):
                yield "the blocks of its mask do not follow those of the image, as its ghost area promises"
                break
    found = hole(structure, surveys)
    if found:
        yield found
