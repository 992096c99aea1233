"""Which pinned versions fall under an advisory in OSV's format."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.figures import audit

EVENTS = [{"introduced": "2.0.0"}, {"fixed": "2.0.7"}, {"introduced": "0"}, {"fixed": "1.26.18"}]


def about(name: str, **affected: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": "PYSEC-1", "modified": "2026-01-02T03:04:05Z", "affected": [{"package": package, **affected}]}


@pytest.mark.parametrize(
    ("version", "expected"), [("1.26.17", True), ("1.26.18", False), ("2.0.6", True), ("2.0.7", False), ("3", False)]
)
def test_ranges_whose_events_come_in_any_order(version: str, expected: bool) -> None:
    affected = {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}, {"type": "ECOSYSTEM", "events": EVENTS}]}
    assert audit.is_affected(version, affected) is expected


@pytest.mark.parametrize(("version", "expected"), [("1.0", True), ("1.1", True), ("1.1.post1", False)])
def test_the_last_affected_version_is_affected(version: str, expected: bool) -> None:
    events = [{"introduced": "0"}, {"last_affected": "1.1"}, {"fixed": "no version at all"}]
    assert audit.is_affected(version, {"ranges": [{"type": "ECOSYSTEM", "events": events}]}) is expected


def test_names_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "set.txt"
    file.write_text("a.b==1 ; python_version < '3' \\\n    --hash=sha256:1\nc[extra]==2\n# d==3\n")
    pinned = audit.pins([file])
    assert pinned == {"a-b": {"1"}, "c": {"2"}}
    (tmp_path / "one.json").write_text(json.dumps(about("A_B", versions=["1"])))
    (tmp_path / "withdrawn.json").write_text(json.dumps({**about("c", versions=["2"]), "withdrawn": "2026-01-01"}))
    (tmp_path / "two.yaml").write_text("id: PYSEC-2\naffected: []\ndetails: also about a-b\n")
    found = audit.weaknesses(pinned, audit.advisories(tmp_path, pinned))
    assert list(map(str, found)) == ["a-b 1: PYSEC-1"]


@pytest.mark.parametrize(
    ("advisory", "status", "said"),
    [
        (None, 2, "no advisory about any package that is pinned"),
        (about("minio", versions=["0.0.0"]), 0, "the newest of 2026-01-02: 0 found, 0 accepted"),
        (about("minio", ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]), 1, ": 1 found"),
        ({**about("ansible", ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]), "id": "PYSEC-2020-220"},
         0, "accepted: the connection plugin"),
    ],
)  # fmt: skip
def test_what_it_says_of_this_projects_pins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    advisory: dict[str, Any] | None,
    status: int,
    said: str,
) -> None:
    if advisory:
        (tmp_path / "one.json").write_text(json.dumps(advisory))
    monkeypatch.setattr(sys, "argv", ["audit", str(tmp_path)])
    assert audit.main() == status
    assert said in capsys.readouterr().out
