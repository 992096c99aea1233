"""Sizes, as people write and read them."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.sizes import human_size, parse_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (62_914_560, "60.0 MiB"),
        (7_916_748_800, "7.4 GiB"),
        (1024**4, "1.0 TiB"),
        (5 * 1024**5, "5120.0 TiB"),
    ],
)
def test_a_size_is_told_with_one_decimal(size: int, text: str) -> None:
    assert human_size(size) == text
    assert abs(parse_size(text) - size) <= size * 0.05


def test_what_is_no_size_is_said_so() -> None:
    with pytest.raises(InvalidInputError, match="not a number with a unit"):
        parse_size("much")
