"""Each command of each page is typed in by a test, or is a target of make that takes what is printed with it.

``tests/support/printed.py`` says which test types which. Those of make alone take minutes (``make test``, ``make
bench``) or belong to this very run, and are looked at: the target is there, and so are its variables and options.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache

import pytest

from tests.support.paths import REPO
from tests.support.printed import PAGES, PLACES, Place, makes, places_of, typed

TEXTS = {str(page.relative_to(REPO)): page.read_text() for page in PAGES}
MAKEFILE = (REPO / "Makefile").read_text()


@pytest.mark.parametrize("page", TEXTS)
def test_each_command_has_its_place(page: str) -> None:
    lost = [command for command in typed(TEXTS[page]) if not (command.startswith("make ") or places_of(page, command))]
    assert lost == []


@pytest.mark.parametrize("place", PLACES, ids=[f"{place.page} {place.start}" for place in PLACES])
def test_each_place_has_its_commands_and_its_test(place: Place) -> None:
    page, start, test, why_not = place
    assert any(command.startswith(start) for command in typed(TEXTS[page]))
    assert why_not or f'"{page}"' in (REPO / test).read_text()


@pytest.mark.parametrize(
    ("page", "command"), sorted({(page, command) for page, text in TEXTS.items() for command in makes(text)})
)
def test_make_has_what_is_printed(page: str, command: str) -> None:
    words = shlex.split(command.partition(" && ")[0], comments=True)[1:]
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    recipes = [recipe(word) for word in words if "=" not in word]
    assert recipes
    for name in settings:
        assert re.search(rf"^{name} \?=", MAKEFILE, re.MULTILINE), f"{page}: make knows no {name}"
    for option in re.findall(r"--[a-z-]+", settings.get("ARGS", "")):
        assert all(option in options(text) for text in recipes), f"{page}: {command}"


@cache
def recipe(target: str) -> str:
    """What make would do for a target."""
    done = subprocess.run(["make", "-n", target], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def options(text: str) -> str:
    """The help of the last program that a recipe runs."""
    (*_, module) = re.findall(r"-m ((?:tests|docs|galaxy)\.\S+)", text)
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=REPO, capture_output=True, text=True, check=True
    )
    return done.stdout
