"""Each behaviour of the table on each store, and what a store lacks, in words."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.s3 import listing

from tests.stores.behaviours import BEHAVIOURS, LACKS, Store
from tests.support.state import Server

OTHERS = ("ceph", "moto", "s3proxy", "seaweedfs", "versitygw")

pytestmark = pytest.mark.parametrize(
    ("name", "other"), [(name, name) for name in OTHERS], indirect=["other"], scope="session", ids=OTHERS
)


@pytest.mark.parametrize("promise", ["removal", "force", "force-versions"])
def test_a_behaviour_holds_over_many_pages(
    name: str, other: Server, tmp_path: Path, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    with _lacking(name, promise):
        BEHAVIOURS[promise].holds(Store(other, tmp_path))


@pytest.mark.parametrize("promise", list(BEHAVIOURS))
def test_a_behaviour_holds(name: str, other: Server, tmp_path: Path, promise: str) -> None:
    with _lacking(name, promise):
        BEHAVIOURS[promise].holds(Store(other, tmp_path))


def _lacking(name: str, promise: str) -> AbstractContextManager[object]:
    return pytest.raises(AssertionError) if (name, promise) in LACKS else nullcontext()
