"""The least pace of a body, by a clock of the test's own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible.module_utils.objectstore.s3 import pace
from ansible.module_utils.objectstore.s3.pace import LEAST_RATE, Pace, TooSlowError


@pytest.mark.parametrize(
    ("patience", "waits", "slow"),
    [
        (10.0, [(1.0, 1)] * 9, False),
        (10.0, [(1.0, 1)] * 10, True),
        (10.0, [(9.9, 1), (0.1, 10 * LEAST_RATE)], False),
        (10.0, [(9.9, 1), (0.1, 10 * LEAST_RATE), (5.0, 1), (5.0, 1)], True),
        (10.0, [(1.0, LEAST_RATE)] * 100, False),
        (10.0, [(9.0, 1), (9.0, 0)], False),
        (None, [(1000.0, 1)] * 5, False),
    ],
    ids=["too early to say", "a drip", "late and whole", "quick at first", "at the least", "the end", "unbounded"],
)
def test_only_what_comes_too_slowly_for_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch, patience: float | None, waits: Sequence[tuple[float, int]], slow: bool
) -> None:
    now = 0.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: now)
    bounded = Pace(patience)

    def receive_all() -> None:
        nonlocal now
        for seconds, count in waits:

            def into(_buffer: object, seconds: float = seconds, count: int = count) -> int:
                nonlocal now
                now += seconds
                return count

            bounded.receive(into, bytearray(1))
            now += 1000.0  # what is done with it takes its own time

    if slow:
        with pytest.raises(TooSlowError):
            receive_all()
    else:
        receive_all()
