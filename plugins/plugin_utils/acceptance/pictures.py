"""Where things lie in the pictures of the report, in units of their SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import ceil, cos, radians, sqrt
from typing import Any, NamedTuple

from .document import Document

#: Of the matrix: a tile's width and height, the space between tiles, between cells, and for the labels.
TILE_WIDTH, TILE_HEIGHT, GAP, CELL_GAP, LEFT, TOP = 33, 12, 2, 10, 78, 22

#: Width of a letter of a label.
LETTER = 7

#: Of a map: its width.
MAP_WIDTH = 320


class Box(NamedTuple):
    """A rectangle with what it stands for; ``there`` is false for a gap."""

    x: float
    y: float
    width: float
    height: float
    title: str
    there: bool = True
    image: str = ""


class Label(NamedTuple):
    """A word at a place."""

    x: float
    y: float
    text: str


class Picture(NamedTuple):
    """A picture of boxes and labels."""

    name: str
    width: float
    height: float
    boxes: list[Box]
    rows: list[Label]
    columns: list[Label]
    extent: str = ""


def matrix_picture(baselines: Document, places: Mapping[str, tuple[int, int]]) -> Picture | None:
    """Each expected file as a box; ``None`` where nothing is expected.

    A row for each value of the first group, a column for the second, and in each cell the others, as on the map where
    that is known.

    :param places: label of what is in a cell -> its row and column on the map
    """
    names, values = list(baselines["expect"]), list(baselines["expect"].values())
    if not names:
        return None
    rows, columns, inner = values[0], values[1] if values[1:] else [""], list(product(*values[2:]))
    where = _places([" ".join(parts) for parts in inner], places)
    high, wide = (1 + max(place[axis] for place in where.values()) for axis in (0, 1))
    longest = LETTER * max(len(text) for text in columns)
    cell_width, cell_height = max(wide * (TILE_WIDTH + GAP), longest) + CELL_GAP, high * (TILE_HEIGHT + GAP) + CELL_GAP
    gone = {tuple(str(row.get(name)) for name in names) for row in baselines["missing"]}
    boxes = []
    for (line, first), (column, second), parts in product(enumerate(rows), enumerate(columns), inner):
        group = (first, *([second] if values[1:] else []), *parts)
        down, right = where[" ".join(parts)]
        there = baselines["known"] and group not in gone
        x = LEFT + column * cell_width + right * (TILE_WIDTH + GAP)
        y = TOP + line * cell_height + down * (TILE_HEIGHT + GAP)
        title = f"{' '.join(group)}: {'there' if there else 'missing' if baselines['known'] else 'not known'}"
        boxes.append(Box(x, y, TILE_WIDTH, TILE_HEIGHT, title, there))
    middle = (cell_height - CELL_GAP) / 2
    return Picture(
        name=" x ".join(names),
        width=LEFT + len(columns) * cell_width,
        height=TOP + len(rows) * cell_height,
        boxes=boxes,
        rows=[Label(0, TOP + line * cell_height + middle, text) for line, text in enumerate(rows)],
        columns=[Label(LEFT + column * cell_width, TOP - 9, text) for column, text in enumerate(columns)],
    )


def _places(labels: Sequence[str], known: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    if labels and all(label in known for label in labels):
        return {label: known[label] for label in labels}
    side = ceil(sqrt(len(labels)))
    return {label: divmod(index, side) for index, label in enumerate(labels)}


def tile_places(tiles: Sequence[Document], group: str) -> dict[str, tuple[int, int]]:
    """Value of a group, such as a tile's name -> row from the north and column from the west, by the georeference."""
    found = {tile["groups"].get(group, ""): tile["bounds"] for tile in tiles}
    wests = sorted({bounds[0] for bounds in found.values()})
    norths = sorted({bounds[3] for bounds in found.values()}, reverse=True)
    return {name: (norths.index(bounds[3]), wests.index(bounds[0])) for name, bounds in found.items()}


def maps(tiles: Sequence[Document], group: str) -> list[Picture]:
    """A map for each value of a group, such as the type, of all the tiles in their places; all of one extent."""
    if not tiles:
        return []
    west, south = (min(tile["bounds"][side] for tile in tiles) for side in (0, 1))
    east, north = (max(tile["bounds"][side] for tile in tiles) for side in (2, 3))
    degrees = all(tile["geographic"] for tile in tiles)
    # a degree of longitude is as long as the cosine of the latitude makes it
    across = MAP_WIDTH / (east - west)
    down = across / (cos(radians((south + north) / 2)) if degrees else 1)
    pictures: dict[str, list[Box]] = {}
    for tile in tiles:
        left, bottom, right, top = tile["bounds"]
        box = Box(
            x=(left - west) * across,
            y=(north - top) * down,
            width=(right - left) * across,
            height=(top - bottom) * down,
            title=tile["name"],
            image=tile["png"],
        )
        pictures.setdefault(tile["groups"].get(group, ""), []).append(box)
    extent = extent_text((west, south, east, north), tiles[0]["crs"], degrees=degrees)
    height = (north - south) * down
    return [Picture(name, MAP_WIDTH, height, boxes, [], [], extent) for name, boxes in sorted(pictures.items())]


def extent_text(bounds: tuple[float, float, float, float], crs: str, *, degrees: bool) -> str:
    """``25.2° to 33.1° E, 22.5° to 15.6° S``, or the numbers and their CRS."""
    west, south, east, north = bounds
    if not degrees:
        return f"{west:.0f} to {east:.0f} E, {south:.0f} to {north:.0f} N, {crs}"
    return f"{_degrees(west, east, 'E', 'W')}, {_degrees(south, north, 'N', 'S')}"


def _degrees(low: float, high: float, positive: str, negative: str) -> str:
    if low >= 0:
        return f"{low:.1f}° to {high:.1f}° {positive}"
    if high <= 0:
        return f"{-low:.1f}° to {-high:.1f}° {negative}"
    return f"{-low:.1f}° {negative} to {high:.1f}° {positive}"


def numbered(names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """What all names have in common (``Batch_….csv``), and name -> the rest of each, in the order of their numbers."""
    start = _common(names).rstrip("0123456789")
    end = _common([name[len(start) :][::-1] for name in names])[::-1].lstrip("0123456789")
    if len(names) < 2:
        return "", {name: name for name in names}
    parts = {name: name[len(start) : len(name) - len(end)] for name in names}
    ordered = sorted(names, key=lambda name: (len(parts[name]), parts[name]) if parts[name].isdigit() else (0, ""))
    return f"{start}…{end}", {name: parts[name] for name in ordered}


def _common(names: Sequence[str]) -> str:
    shortest = min(names, key=len, default="")
    return next((shortest[:end] for end in range(len(shortest), 0, -1) if _all_start(names, shortest[:end])), "")


def _all_start(names: Sequence[str], start: str) -> bool:
    return all(name.startswith(start) for name in names)


def bars(counts: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """Name, number, and the length of its bar in per cent of the longest."""
    numbers = {name: int(number or 0) for name, number in counts.items()}
    longest = max(numbers.values(), default=0) or 1
    return [(name, number, round(100 * number / longest, 1)) for name, number in numbers.items()]
