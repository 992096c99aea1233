"""Which tiles of an image overlap, of any number of them."""

from __future__ import annotations

from itertools import combinations

from ansible.module_utils.objectstore.data.mosaic import Cell, overlapping
from hypothesis import given, settings
from hypothesis import strategies as st

SIDES = st.integers(min_value=1, max_value=6)
PLACES = st.integers(min_value=0, max_value=12)
CELLS = st.lists(
    st.builds(lambda x, y, w, h: Cell(0, 0, x, y, x + w, y + h), PLACES, PLACES, SIDES, SIDES), max_size=12
)


def overlap(one: Cell, other: Cell) -> bool:
    return (
        min(one.right, other.right) > max(one.left, other.left)
        and min(one.bottom, other.bottom) > max(one.top, other.top)
    )  # fmt: skip


@settings(derandomize=True, deadline=None)
@given(CELLS)
def test_every_cell_that_overlaps_is_named_and_no_other(cells: list[Cell]) -> None:
    found = list(overlapping(cells))
    true = {pair for pair in combinations(range(len(cells)), 2) if overlap(cells[pair[0]], cells[pair[1]])}
    assert set(found) <= true
    assert len(found) == len(set(found))
    assert {number for pair in found for number in pair} == {number for pair in true for number in pair}


def test_of_many_thousand_tiles_the_last_is_compared_too() -> None:
    side = 100
    grid = [Cell(0, 0, x, y, x + 10, y + 10) for x in range(0, side * 10, 10) for y in range(0, side * 10, 10)]
    assert list(overlapping(grid)) == []
    over = Cell(0, 0, side * 10 - 5, side * 10 - 5, side * 10 + 5, side * 10 + 5)
    assert list(overlapping([*grid, over])) == [(len(grid) - 1, len(grid))]
