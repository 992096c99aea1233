"""The page of stores is written by a run of minutes, not by make test: what it is about must not have moved since."""

from __future__ import annotations

from tests.stores.behaviours import BEHAVIOURS, LACKS
from tests.stores.page import STORES, kept, page
from tests.support.paths import REPO
from tests.support.store_notes import NOTES
from tests.support.stores import STORES as STARTED

FOUND = kept()


def test_the_page_is_of_what_was_found() -> None:
    assert (REPO / "docs" / "compatibility.md").read_text(encoding="utf-8") == page(FOUND)


def test_each_store_was_tried_in_this_version() -> None:
    assert {name: tried.version for name, tried in FOUND.items()} == {name: row[1] for name, row in STORES.items()}
    assert set(STORES) == set(NOTES) == set(STARTED)


def test_each_behaviour_was_tried_and_nothing_else_is_lacking() -> None:
    for name, tried in FOUND.items():
        assert set(tried.held) == set(BEHAVIOURS)
        assert {promise: why for promise, why in tried.held.items() if why} == {
            promise: why for (store, promise), why in LACKS.items() if store == name
        }
