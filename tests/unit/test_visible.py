"""What others chose is shown so that it steers no terminal."""

from __future__ import annotations

import pytest
from ansible.module_utils.objectstore.values.errors import ObjectStoreError
from ansible.module_utils.objectstore.values.visible import visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Übersicht 日本.tif", "Übersicht 日本.tif"),
        ("a\nb", r"a\nb"),
        ("\x1b[31mred\x1b]0;owned\x07", r"\x1b[31mred\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_is_not_printable_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    told = str(ObjectStoreError(f"read {text}", f"{text} is not there", f"Look for {text}"))
    assert told == f"Could not read {shown}: {shown} is not there. Look for {shown}"


def test_a_diff_keeps_its_lines() -> None:
    diff = [{"before": "", "after": {"k\x1b": "one\n\ttwo\x1b\n"}, "number": 3}]
    assert visible_lines(diff) == [{"before": "", "after": {r"k\x1b": "one\n\ttwo\\x1b\n"}, "number": 3}]
