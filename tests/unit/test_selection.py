"""Include and exclude globs: the table of docs/globs.md, and git's own answers."""

from __future__ import annotations

import re
import subprocess
from itertools import product
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.selection import Selection

from tests.support.paths import REPO

TABLE = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (yes|no) \|$", (REPO / "docs" / "globs.md").read_text(), re.MULTILINE)


def test_the_page_has_its_table() -> None:
    assert len(TABLE) >= 30


@pytest.mark.parametrize(("glob", "name", "matches"), TABLE)
def test_globs_are_as_the_page_says(glob: str, name: str, matches: str) -> None:
    assert Selection((glob,)).selects(name) is (matches == "yes")
    assert Selection((), (glob,)).selects(name) is (matches == "no")


@pytest.mark.parametrize(
    ("include", "exclude", "name", "selected"),
    [
        ((), (), "a/b.tif", True),
        (("*.tif",), ("b*",), "a/b.tif", False),
        (("*.tif", "*.csv"), (), "b.csv", True),
        (("*",), (), "line\nbreak", True),
        (("line?break",), (), "line\nbreak", True),
        ((), ("*.bad",), "\udcff.bad", False),
    ],
)
def test_both_together(include: tuple[str, ...], exclude: tuple[str, ...], name: str, *, selected: bool) -> None:
    assert Selection(include, exclude).selects(name) is selected


@pytest.mark.parametrize(
    ("params", "selected"),
    [
        ({"include": None, "exclude": None}, {"a.tif", "b.csv"}),
        ({"include": ["*.tif"], "exclude": None}, {"a.tif"}),
        ({"include": None, "exclude": ["*.tif"]}, {"b.csv"}),
    ],
)
def test_options_of_a_module(params: dict[str, list[str] | None], selected: set[str]) -> None:
    selection = Selection.from_params(params)
    assert {name for name in ("a.tif", "b.csv") if selection.selects(name)} == selected


@pytest.mark.parametrize(("glob", "name"), [("[", "["), ("a[", "a["), ("a\\\\", "a\\")])
def test_what_opens_nothing_stands_for_itself(glob: str, name: str) -> None:
    assert Selection((glob,)).selects(name)


@pytest.mark.parametrize("glob", ["", "/", "//", "[z-a]"])
def test_a_glob_that_matches_nothing_is_refused(glob: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Selection((glob,))
    assert repr(glob) in str(caught.value)


#: Components of paths, and globs made of parts that mean something.
COMPONENTS = ("a", "b", "ab", "logs", "x.tif", "a.tmp", "a+b(1)", "[z]", "a b", ".git2", "-")
GLOBS = (
    *("*.tif", "logs", "logs/", "a/*", "/a/*", "a/**", "**/*.tif", "**/a", "a/**/b", "?", "[ab]", "[!a]", "[^a]"),
    *("a*", "*b", "/logs", ".git*", "a/b/", "**", "*", "a/*/b", r"\[z\]", "[]z]", "a+b(1)", "a/**/", "**/logs/**"),
    *("a**", "[a-z]", "b/[!x]*", "**/", "**/**/b", "*/b", "a b", "logs/**/x.tif", "?/?", "[a-b]b", "*.t?f", "a**b"),
)


def test_git_gives_the_same_answers(tmp_path: Path) -> None:
    names = ["/".join(parts) for depth in (1, 2, 3) for parts in product(COMPONENTS, repeat=depth) if len(parts) > 1]
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for glob in GLOBS:
        (tmp_path / ".gitignore").write_text(f"{glob}\n")
        command = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "-z", "--stdin"]
        done = subprocess.run(command, input="\0".join(names), capture_output=True, text=True, check=False)
        theirs = set(filter(None, done.stdout.split("\0")))
        selection = Selection((), (glob,))
        assert {name for name in names if selection.excludes(name)} == theirs, glob
