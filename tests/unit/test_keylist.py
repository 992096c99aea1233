"""The list of keys: any key that has no line feed comes back, and a list names no other."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.manifests.keylist import keys_of, list_of
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1), max_size=5)


@given(KEYS)
def test_keys_come_back(keys: list[str]) -> None:
    assert keys_of(list_of(keys)) == keys


@pytest.mark.parametrize("mark", ["\r", "\u0085", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r\r"])
def test_what_only_looks_like_the_end_of_a_line_is_a_part_of_the_key(mark: str) -> None:
    assert keys_of(list_of([f"a{mark}b", mark])) == [f"a{mark}b", mark]


def test_a_key_with_a_line_feed_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match="the index can name it"):
        list_of(["a", "b\nc"])
