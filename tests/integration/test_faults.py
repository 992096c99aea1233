"""Some faults of ``make faults``, with a try each, on a cluster of four nodes and on one server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.__main__ import QUICK
from tests.integration.conftest import NOT_TESTED
from tests.support.paths import REPO
from tests.support.world import why_not


def test_nothing_is_lost_when_things_break(tmp_path: Path) -> None:
    if lacking := why_not():
        pytest.skip(f"{NOT_TESTED} faults: {lacking}")
    counted = tmp_path / "counted.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--quick", "--json", str(counted)],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tallies = json.loads(counted.read_text())
    assert set(tallies) == set(QUICK)
    for name, tally in tallies.items():
        assert (tally["survived"], tally["lost"], tally["stray"]) == (tally["tries"], 0, 0), name
        assert tally["compared"] > 0
    assert any("was passed over" in text for text in tallies["node-down"]["said"])
