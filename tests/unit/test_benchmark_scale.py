"""What one more object costs, from runs over more and more of them."""

from __future__ import annotations

from tests.benchmark.measure import Sample
from tests.benchmark.results import Result, Row
from tests.benchmark.scale import growth


def measured(files: int, seconds: float, megabytes: int) -> Result:
    sample = Sample(seconds, seconds, 0.0, 0.0, megabytes * 10**6)
    return Result(f"noop-{files}", "", files, {"engine": Row("our engine", [sample])}, (0.0, 0.0))


def test_the_slope_is_between_the_first_and_the_last() -> None:
    headings, rows = growth([measured(10_000, 1.0, 40), measured(100_000, 3.0, 41), measured(1_010_000, 21.0, 60)])
    assert headings == ["nothing to do", "10,000", "100,000", "1,010,000", "an object more"]
    assert rows == [["our engine", "1.00 s, 40 MB", "3.00 s, 41 MB", "21.00 s, 60 MB", "20 µs, 20 B"]]
