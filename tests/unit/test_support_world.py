"""The world that tests break things in: what it needs, and that nothing is linked outside of one."""

from __future__ import annotations

import pytest

from tests.support import world
from tests.support.errors import SupportError


def test_no_bridge_is_made_on_the_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(world.INSIDE, raising=False)
    with pytest.raises(SupportError, match="in a world of its own only"):
        world.Network()


def test_what_is_missing_is_said_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.os, "geteuid", lambda: 1000)
    with pytest.raises(SupportError, match=r"^tests\.x: no namespaces on this machine: it needs root"):
        world.run_inside("tests.x", [])
