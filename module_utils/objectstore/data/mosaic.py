"""Tiles that make one image: where each lies, read from its georeference, and whether they cover a rectangle."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from heapq import heappop, heappush
from typing import Iterator, Mapping, NamedTuple, Optional, Sequence

from .folder import Problem
from .raster import Raster

#: How far from the pixel grid of the others a tile may lie, in pixels: what writers round.
_TOLERANCE = 0.05


class Tile(NamedTuple):
    """A raster and what its name says of its place: the numbers of a split export, row first; ``None`` if nothing."""

    raster: Raster
    named: Optional[tuple[int, int]] = None


class Cell(NamedTuple):
    """Where a tile lies: row and column counted from the north-west, and its pixels in those of the whole image."""

    row: int
    column: int
    left: int
    top: int
    right: int
    bottom: int


class Mosaic(NamedTuple):
    """The places of the tiles that could be placed, by their paths below the folder, and what is wrong with them.

    ``swapped`` are the paths of tiles whose names have the column where the row belongs.
    """

    cells: Mapping[str, Cell]
    problems: tuple[Problem, ...]
    swapped: tuple[str, ...] = ()


class _Flat(NamedTuple):
    """A tile whose rows run from west to east, north first: its north-west corner, and the sides of a pixel."""

    raster: Raster
    named: Optional[tuple[int, int]]
    west: float
    north: float
    across: float
    down: float

    @property
    def key(self) -> str:
        return self.raster.file.key

    def problem(self, text: str) -> Problem:
        return Problem(self.raster.file.path, text)


def lay_out(tiles: Sequence[Tile], *, what: str, whole: bool) -> Mosaic:
    """Place the tiles of one image. ``what`` names it in messages; ``whole``: no tile is known to be missing."""
    problems: list[Problem] = []
    flat: list[_Flat] = []
    for raster, named in tiles:
        transform = raster.place.transform if raster.place else None
        if transform is None:
            continue
        across, turned, west, tilted, down, north = transform
        if turned or tilted or across <= 0 or down >= 0:
            problems.append(Problem(raster.file.path, "its rows do not run from west to east, north first"))
        else:
            flat.append(_Flat(raster, named, west, north, across, -down))
    if not flat:
        return Mosaic({}, tuple(problems))
    cells, off = _cells(flat)
    problems += [*off, *_overlaps(flat, cells)]
    if whole and not problems:
        problems += _gaps(flat, cells, what)
    return Mosaic(cells, tuple(problems)) if problems else _compare_names(flat, cells)


def _compare_names(flat: Sequence[_Flat], cells: Mapping[str, Cell]) -> Mosaic:
    """What the names say of the places, against where the tiles lie."""
    named = {tile.key: tile.named for tile in flat if tile.named}
    ranks = _ranks(named)
    wrong = [tile for tile in flat if tile.key in named and ranks[tile.key] != cells[tile.key][:2]]
    turned = _ranks({key: (column, row) for key, (row, column) in named.items()})
    if wrong and all(turned[tile.key] == cells[tile.key][:2] for tile in wrong):
        return Mosaic(cells, (), tuple(tile.raster.file.path for tile in wrong))
    return Mosaic(cells, tuple(tile.problem(_contradiction(ranks[tile.key], cells[tile.key])) for tile in wrong))


def tile_numbers(value: str) -> Optional[tuple[int, int]]:
    """The two numbers of a name as ``0000000000-0000065536``: the first row and the first column of the tile."""
    numbers = re.findall(r"\d+", value)
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else None


def _cells(flat: Sequence[_Flat]) -> tuple[dict[str, Cell], list[Problem]]:
    """Each tile in pixels of the first one, from the north-west corner of all."""
    first = flat[0]
    west, north = min(tile.west for tile in flat), max(tile.north for tile in flat)
    boxes: dict[str, tuple[int, int, int, int]] = {}
    problems = []
    for tile in flat:
        x, y = (tile.west - west) / first.across, (north - tile.north) / first.down
        off = max(abs(x - round(x)), abs(y - round(y)))
        if off > _TOLERANCE:
            problems.append(tile.problem(f"it lies {off:.2f} pixels off the grid of {first.key}"))
        right = round(x) + round(tile.raster.width * tile.across / first.across)
        bottom = round(y) + round(tile.raster.height * tile.down / first.down)
        boxes[tile.key] = (round(x), round(y), right, bottom)
    lefts = sorted({box[0] for box in boxes.values()})
    tops = sorted({box[1] for box in boxes.values()})
    return {key: Cell(tops.index(box[1]), lefts.index(box[0]), *box) for key, box in boxes.items()}, problems


def _overlaps(flat: Sequence[_Flat], cells: Mapping[str, Cell]) -> Iterator[Problem]:
    """Each tile that lies over another is named, with one that it lies over."""
    for first, second in sorted(overlapping([cells[tile.key] for tile in flat])):
        one, other = cells[flat[first].key], cells[flat[second].key]
        wide = min(one.right, other.right) - max(one.left, other.left)
        high = min(one.bottom, other.bottom) - max(one.top, other.top)
        yield flat[second].problem(f"it lies over {flat[first].key} by {wide} x {high} pixels")


def overlapping(cells: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """Pairs of cells that overlap, by their positions: each that overlaps is in one, and no pair says nothing new.

    A line sweeps from west to east; a cell meets those that it crosses then, which are sorted by their tops, and
    looks at those only that may reach its rows. Of cells of one size it looks at two or three, whatever their number.
    """
    tallest = max((cell.bottom - cell.top for cell in cells), default=0)
    crossed: list[tuple[int, int]] = []
    ends: list[tuple[int, int, int]] = []
    named: set[int] = set()
    for number in sorted(range(len(cells)), key=lambda one: cells[one].left):
        cell = cells[number]
        while ends and ends[0][0] <= cell.left:
            _, top, gone = heappop(ends)
            del crossed[bisect_left(crossed, (top, gone))]
        low, high = bisect_left(crossed, (cell.top - tallest, -1)), bisect_left(crossed, (cell.bottom, -1))
        for _, other in crossed[low:high]:
            if cells[other].bottom > cell.top and not {other, number} <= named:
                named |= {other, number}
                yield min(other, number), max(other, number)
        insort(crossed, (cell.top, number))
        heappush(ends, (cell.right, cell.top, number))


def _gaps(flat: Sequence[_Flat], cells: Mapping[str, Cell], what: str) -> Iterator[Problem]:
    """One problem where the tiles, which do not overlap, leave a part of their common rectangle empty."""
    boxes = list(cells.values())
    wide, high = max(box.right for box in boxes), max(box.bottom for box in boxes)
    if wide * high <= sum((box.right - box.left) * (box.bottom - box.top) for box in boxes):
        return
    taken = {(box.row, box.column) for box in boxes}
    rows, columns = max(box.row for box in boxes) + 1, max(box.column for box in boxes) + 1
    free = next(((row, column) for row in range(rows) for column in range(columns) if (row, column) not in taken), None)
    where = f"there is none in row {free[0]}, column {free[1]}" if free else "they do not touch"
    yield flat[0].problem(
        f"the {len(flat)} tiles of {what} do not cover their rectangle of {wide} x {high} pixels: {where}"
    )


def _ranks(named: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Row and column by the numbers of the names, counted among those that are there."""
    rows, columns = sorted({row for row, _ in named.values()}), sorted({column for _, column in named.values()})
    return {key: (rows.index(row), columns.index(column)) for key, (row, column) in named.items()}


def _contradiction(said: tuple[int, int], cell: Cell) -> str:
    return f"its name says row {said[0]}, column {said[1]}, but it lies in row {cell.row}, column {cell.column}"
