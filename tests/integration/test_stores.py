"""Each behaviour of the table on each store, and what a store lacks, in words."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.s3 import listing

from tests.stores.behaviours import BEHAVIOURS, LACKS, Store
from tests.support.state import Server

OTHERS = ("ceph", "moto", "seaweedfs", "versitygw")

pytestmark = pytest.mark.parametrize(
    ("name", "other"), [(name, name) for name in OTHERS], indirect=["other"], scope="session", ids=OTHERS
)


@pytest.mark.parametrize("promise", ["removal", "force-versions"])
def test_a_behaviour_holds_over_many_pages(
    name: str, other: Server, tmp_path: Path, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    BEHAVIOURS[promise].holds(Store(other, tmp_path))


@pytest.mark.parametrize("promise", list(BEHAVIOURS))
def test_a_behaviour_holds(name: str, other: Server, tmp_path: Path, promise: str) -> None:
    with pytest.raises(AssertionError) if (name, promise) in LACKS else nullcontext():
        BEHAVIOURS[promise].holds(Store(other, tmp_path))
