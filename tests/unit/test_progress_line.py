"""What a watched sync shows on the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.plugin_utils.watched import progress_line

MIB = 1 << 20
NOTHING = {"compared": 0, "bytes_compared": 0, "files": 0, "files_done": 0, "failed": 0, "bytes": 0, "bytes_done": 0}


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"compared": 25, "bytes_compared": 1536 * MIB, "seconds": 9.0}, "25 files compared, 1.5 GiB"),
        ({"files": 132, "bytes": 60 * MIB, "seconds": 0.0}, "0 of 132 files, 0 B of 60.0 MiB"),
        (
            {"files": 4, "files_done": 1, "bytes": 100 * MIB, "bytes_done": 20 * MIB, "seconds": 2.0},
            "1 of 4 files, 20.0 MiB of 100.0 MiB, 10.0 MiB/s, 0:08 left",
        ),
        ({"files": 2, "files_done": 2, "failed": 1, "seconds": 1.0}, "2 of 2 files, 0 B of 0 B, 1 failed"),
    ],
)
def test_a_line_says_how_far_it_is(state: dict[str, Any], line: str) -> None:
    assert progress_line({**NOTHING, **state}) == line
