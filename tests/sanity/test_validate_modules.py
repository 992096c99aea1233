"""ansible-test's validate-modules has nothing against the modules: documentation, argument spec and returns agree."""

from __future__ import annotations

from pathlib import Path

from tests.sanity.collection import complaints, make_collection
from tests.support.paths import LIBRARY

#: What is not asked of this project, by the validator's own codes.
NOT_OURS = {
    "missing-gplv3-license": "the project's licence is Apache-2.0",
}


def test_nothing_is_said_against_a_module(tmp_path: Path) -> None:
    found = complaints(make_collection(tmp_path))
    assert [one for one in found if one.code not in NOT_OURS] == []
    # the licence is missed in each, so each was looked at
    assert {one.module for one in found} == {path.name for path in LIBRARY.glob("*.py")}


def test_a_default_that_is_documented_otherwise_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "minio_ping.py"
    wrong.write_text((LIBRARY / "minio_ping.py").read_text().replace("    default: warn\n", "    default: allow\n"))
    found = complaints(make_collection(tmp_path / "collection", [wrong]))
    assert "doc-default-does-not-match-spec" in {one.code for one in found}
