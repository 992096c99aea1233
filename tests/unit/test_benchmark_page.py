"""The page of benchmarks: what is measured takes its place, and the rest stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmark import document
from tests.benchmark.measure import Sample
from tests.benchmark.results import Result, Row
from tests.benchmark.scenarios import SCENARIOS
from tests.support.paths import REPO

COLD, AGAIN = (next(one for one in SCENARIOS if one.name == name) for name in ("cold-small", "noop-small"))


def measured(name: str, title: str, seconds: float) -> Result:
    samples = [Sample(seconds, seconds, 1.0, 1.0, 10**6)]
    rows = {"engine": Row("engine", samples), "mc": Row("mc", [Sample(9.0, 9.0, 1.0, 1.0, 10**6)])}
    return Result(name, title, 5_000, rows, (0.0, 0.0), {"MinIO": "one"})


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was plotted; the page is one of the test's own, and nothing is kept from a run of this machine."""
    bars: list[Any] = []
    monkeypatch.setattr(document, "REPO", tmp_path)
    monkeypatch.setattr(document, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(document, "PLOT", tmp_path / "plot.svg")
    monkeypatch.setattr(document, "TRUTH", tmp_path / "none.json")
    monkeypatch.setattr(document, "whole_section", lambda: "")
    monkeypatch.setattr(document, "_plot", lambda sections: bars.append(list(sections)))
    return bars


def test_what_was_not_measured_stays_as_it_was(drawn: list[Any]) -> None:
    document.write_document({AGAIN.name: measured(AGAIN.name, AGAIN.title, 3.0)})
    before = document.sections_of(document.PAGE.read_text())
    document.write_document({COLD.name: measured(COLD.name, COLD.title, 6.0)})
    page = document.sections_of(document.PAGE.read_text())
    assert page[AGAIN.title] == before[AGAIN.title]
    assert list(page) == ["", "Targets", COLD.title, AGAIN.title]
    targets = {(row[0], row[1]): row[2] for row in document.table_in(page["Targets"])}
    assert targets["noop-small", "engine no slower than mc"] == "0.33 x"
    assert targets["cold-small", "engine at least 2 x faster than mc"] == "1.50 x"
    assert drawn[-1] == [COLD.title, AGAIN.title]


def test_nothing_measured_writes_nothing(drawn: list[Any]) -> None:
    assert document.write_document({}) == []
    assert not drawn


def test_the_page_of_this_repository_is_read_whole() -> None:
    text = (REPO / "docs" / "benchmarks.md").read_text()
    found = document.sections_of(text)
    assert "\n".join([f"{found.pop('')}\n", *found.values()]) == text
    for title, section in found.items():
        if title in document.TITLES:
            assert all(document._bar(row)[1] for row in document.table_in(section)), title
