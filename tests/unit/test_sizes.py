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


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1024", 1024),
        ("1 kB", 1000),
        ("1KiB", 1024),
        ("1.5 T", 1_500_000_000_000),
        ("1.5tib", 1_649_267_441_664),
        ("0.001 KB", 1),
        ("0", 0),
    ],
)
def test_a_size_is_read_by_its_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_less_than_a_byte_is_not_nothing() -> None:
    with pytest.raises(InvalidInputError, match="less than one byte"):
        parse_size("0.0001 KB")
