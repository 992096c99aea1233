"""Rules that hold for every file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.order import LONGEST
from tests.support.paths import REPO

#: a machine's own folders, which mean nothing to anybody else
MACHINE_PATH = re.compile(r"(?<![\w.}~-])/(?:" + "|".join(("work", "root", "tmp/lab", "opt/wheels")) + r")/")
REGISTRY = re.compile(
    r"^\s*(--index-url|--extra-index-url|--find-links|--trusted-host|-i\s|-f\s)|https?://", re.MULTILINE
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [REPO / name for name in listed.stdout.split("\0") if name]


def test_no_text_names_a_folder_of_one_machine() -> None:
    found = []
    for path in tracked_files():
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(REPO)}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


@pytest.mark.parametrize("path", sorted((REPO / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_requirements_are_hashed_and_name_no_registry(path: Path) -> None:
    text = path.read_text()
    assert REGISTRY.findall(text) == []
    names = re.findall(r"^[A-Za-z0-9].*$", text, re.MULTILINE)
    assert names
    assert all("==" in name and name.endswith("\\") for name in names)


def test_every_package_is_pinned_with_the_hashes_of_its_files() -> None:
    pinned = sorted((REPO / "requirements").glob("*.txt"))
    assert {path.with_suffix(".in") for path in pinned} == set((REPO / "requirements").glob("*.in"))
    for path in pinned:
        pins = re.split(r"^(?=[A-Za-z0-9])", path.read_text(), flags=re.MULTILINE)[1:]
        assert pins, path.name
        for pin in pins:
            assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", pin), pin
            assert "--hash=sha256:" in pin, pin


def test_the_files_that_come_first_are_there() -> None:
    there = {path.name for path in (REPO / "tests" / "integration").rglob("test_*.py")}
    assert set(LONGEST) - there == set()
