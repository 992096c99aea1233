"""The programs that make figures about the tests: mutants, coverage, flaky tests, and their place in the page."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.figures import coverage, flaky, mutants, page
from tests.figures.mutations import mutants as mutants_of
from tests.support.paths import REPO

SOURCE = '''
def f(a: int = 3, *, b: bool = True) -> int:
    """A text with 1 < 2."""
    if a < 1 and not b:
        raise ValueError(f"{a + 1}")
    return a + 2
'''


def test_mutants_are_what_they_say() -> None:
    found = list(mutants_of(SOURCE))
    assert sorted((one.line, one.change) for one in found) == [
        (2, "3 becomes 4"),
        (2, "True becomes False"),
        (4, "1 becomes 2"),
        (4, "And becomes Or"),
        (4, "Lt becomes LtE"),
        (4, "not is lost"),
        (6, "2 becomes 3"),
        (6, "Add becomes Sub"),
        (6, "None is returned"),
    ]
    original = ast.unparse(ast.parse(SOURCE))
    assert all(one.source != original for one in found)
    assert len({one.source for one in found}) == len(found)


@pytest.mark.parametrize("file", sorted(mutants.TESTS))
def test_files_and_their_tests_are_there(file: str) -> None:
    assert (REPO / mutants.ENGINE / file).is_file()
    assert [name for name in mutants.TESTS[file] if not (REPO / "tests" / "unit" / name).is_file()] == []


def test_a_table_of_scores() -> None:
    survivor = next(mutants_of(SOURCE))
    lines = mutants.table([mutants.Score("a.py", 4, 9, [survivor]), mutants.Score("b.py", 6, 6, [])])
    assert lines[2:] == [
        "| `a.py` | 3 of 4 | 9 | 75 % |",
        "| `b.py` | 6 of 6 | 6 | 100 % |",
        "| all | 9 of 10 | 15 | 90 % |",
    ]


def test_a_table_of_coverage() -> None:
    def measured(lines: int, of_lines: int, branches: int, of_branches: int) -> dict[str, Any]:
        names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
        return {"summary": dict(zip(names, (lines, of_lines, branches, of_branches), strict=True))}

    files = {
        "module_utils/objectstore/sync/mirror.py": measured(8, 10, 1, 2),
        "module_utils/objectstore/runner.py": measured(10, 10, 0, 0),
        "library/minio_sync.py": measured(1, 10, 0, 0),
    }
    lines = coverage.table({"files": files}, ["tests/unit"])[4:]
    assert lines[-1].startswith("Never loaded: library/acceptance_report.py, ")
    assert lines[:-2] == [
        "| engine, beside the wings | 100.0 % of 10 | none |",
        "| engine, sync | 80.0 % of 10 | 50.0 % of 2 |",
        "| library | 10.0 % of 10 | none |",
        "| engine, all of it | 90.0 % of 20 | 50.0 % of 2 |",
        "| all | 63.3 % of 30 | 50.0 % of 2 |",
    ]


def test_flaky_is_what_fails_now_and_then() -> None:
    assert flaky.verdict({"a": 1, "b": 3}, 3) == [
        "3 runs, each in another order: 1 flaky tests, 1 broken ones.",
        "- a: failed in 1 of 3",
        "- b: broken",
    ]
    assert flaky.verdict({}, 3) == ["3 runs, each in another order: no flaky tests, no broken ones."]


def test_a_part_of_the_page_is_replaced() -> None:
    text = "a\n<!-- written by make x -->old<!-- end of make x -->\nb\n"
    once = page.replaced(text, "x", ["one", r"\1"])
    assert once == "a\n<!-- written by make x -->\n\none\n\\1\n\n<!-- end of make x -->\nb\n"
    assert page.replaced(once, "x", ["one", r"\1"]) == once
    with pytest.raises(ValueError, match="no place for y"):
        page.replaced(text, "y", [])


@pytest.mark.parametrize("part", ["coverage", "mutants", "flaky", "matrix"])
def test_the_page_has_a_place_for_each(part: str) -> None:
    page.replaced(page.PAGE.read_text(), part, [])
