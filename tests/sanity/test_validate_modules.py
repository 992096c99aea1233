"""ansible-test's validate-modules has nothing against the modules: documentation, argument spec and returns agree."""

from __future__ import annotations

from pathlib import Path

from galaxy.build import make_collection
from tests.sanity.collection import complaints
from tests.support.paths import LIBRARY


def test_nothing_is_said_against_a_module(tmp_path: Path) -> None:
    found = complaints(make_collection(tmp_path))
    assert found == []


def test_each_module_is_looked_at(tmp_path: Path) -> None:
    # a header that is missing everywhere is missed everywhere
    bare = []
    for module in LIBRARY.glob("*.py"):
        bare.append(tmp_path / module.name)
        bare[-1].write_text(module.read_text().replace("GNU General Public License", "some licence", 1))
    found = complaints(make_collection(tmp_path / "collection", bare))
    assert {one.module for one in found if one.code == "missing-gplv3-license"} == {path.name for path in bare}


def test_a_default_that_is_documented_otherwise_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "minio_ping.py"
    wrong.write_text((LIBRARY / "minio_ping.py").read_text().replace("    default: warn\n", "    default: allow\n"))
    found = complaints(make_collection(tmp_path / "collection", [wrong]))
    assert "doc-default-does-not-match-spec" in {one.code for one in found}
