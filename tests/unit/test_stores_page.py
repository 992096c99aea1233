"""The page of stores is written by a run of minutes, not by make test: what it is about must not have moved since."""

from __future__ import annotations

from tests.stores.behaviours import BEHAVIOURS, LACKS
from tests.stores.page import STORES
from tests.support.paths import REPO
from tests.support.store_notes import NOTES
from tests.support.stores import STORES as STARTED

PAGE = (REPO / "docs" / "compatibility.md").read_text(encoding="utf-8")


def test_the_page_has_each_behaviour_and_store() -> None:
    assert [behaviour.promise for behaviour in BEHAVIOURS.values() if f"| {behaviour.promise} |" not in PAGE] == []
    assert [note for notes in NOTES.values() for note in notes if note not in PAGE] == []
    assert set(STORES) == set(NOTES) == set(STARTED)


def test_the_page_is_of_these_versions() -> None:
    assert [f"{name} {version}" for name, version, _ in STORES.values() if f" {name} {version} |" not in PAGE] == []


def test_what_is_lacking_is_said() -> None:
    assert [why for why in LACKS.values() if f"no: {why}" not in PAGE] == []
