"""Each behaviour of the table on each store, and what a store lacks, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.objectstore.s3 import listing

from tests.stores.behaviours import BEHAVIOURS, Store
from tests.support.state import Server

pytestmark = pytest.mark.parametrize("other", ["moto", "seaweedfs", "versitygw"], indirect=True, scope="session")


@pytest.mark.parametrize("name", ["removal", "force-versions"])
def test_a_behaviour_holds_over_many_pages(
    other: Server, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    BEHAVIOURS[name].holds(Store(other, tmp_path))


@pytest.mark.parametrize("name", list(BEHAVIOURS))
def test_a_behaviour_holds(other: Server, tmp_path: Path, name: str) -> None:
    BEHAVIOURS[name].holds(Store(other, tmp_path))
