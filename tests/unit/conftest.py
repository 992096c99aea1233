"""Unit tests talk to no server: a request to one is a mistake, and fails."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A MINIO_ENDPOINT of the person who runs the tests must not decide what they see."""
    for name in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "SESSION_TOKEN", "CA_CERT"):
        monkeypatch.delenv(f"MINIO_{name}", raising=False)
