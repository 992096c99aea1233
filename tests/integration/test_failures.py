"""Each fault in each direction: every byte is compared, and nothing that is half made stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.failures.__main__ import full_disks, instants, others
from tests.failures.instants import Outcome, staged
from tests.integration.conftest import NOT_TESTED


def wrong(outcomes: Iterator[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.problem]


def test_faults_at_twenty_instants(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        assert wrong(instants(stage)) == []


def test_what_others_do_in_the_middle(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        assert wrong(others(stage)) == []


def test_disks_that_are_full(tmp_path: Path) -> None:
    try:
        assert wrong(full_disks(tmp_path)) == []
    except PermissionError as error:
        pytest.skip(f"{NOT_TESTED} full disks: {error}")
