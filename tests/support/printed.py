"""The commands that the pages print, as a reader would type them, and where a test types them in."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .paths import REPO

PAGES = sorted([*(page for page in REPO.glob("*.md") if page.name != "CHANGELOG.md"), *(REPO / "docs").glob("*.md")])

#: A folder that looks like the clone after ``make demo``, and a workstation with a host and a cluster.
DEMO = "tests/integration/test_printed_commands.py"
CLUSTER = "tests/integration/control_plane/test_site_over_ssh.py"


class Place(NamedTuple):
    """Commands of a page that start so, and the test that types them in; where none does, why."""

    page: str
    start: str
    test: str
    why_not: str = ""


PLACES = (
    Place("README.md", "ansible control_plane -m minio_sync ", DEMO),
    Place("README.md", "make runtime && source ", CLUSTER),
    Place("README.md", "export ", CLUSTER),
    Place("README.md", "ansible-playbook ", CLUSTER),
    Place("docs/data-back.md", "", DEMO),
    Place("docs/data.md", "python examples/", DEMO),
    Place("docs/data.md", "ansible", CLUSTER),
    Place("docs/data.md", "export AWS_", "", "its values are anybody's"),
    Place("docs/data.md", "gdalinfo ", "", "GDAL's own; test_published.py opens such a path by its library"),
    Place("docs/moving.md", "", "", "a second store, for minutes; test_move.py plays move.yml"),
    Place(
        "docs/releases.md",
        "",
        "",
        "minutes; test_minio_rollback.py does the same",
    ),
    Place("docs/runbook.md", "", CLUSTER),
)

_TO_TYPE = re.compile(r"^```(console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(make [^`\n]+)`")
#: A command after the prompt, with the lines that it goes on in.
_PROMPTED = re.compile(r"^\$ (.+(?:\n {2,}.+)*)", re.MULTILINE)


def typed(page: str) -> list[str]:
    """The commands of a page's blocks: after the prompt, or each line of a block that is a script."""
    found: list[str] = []
    for language, block in _TO_TYPE.findall(page):
        found += _PROMPTED.findall(block) if language == "console" else block.splitlines()
    return found


def makes(page: str) -> list[str]:
    """The ``make`` commands of a page, those within its sentences and tables, too."""
    return [command for command in [*typed(page), *_INLINE.findall(page)] if command.startswith("make ")]


def places_of(name: str, command: str) -> list[Place]:
    """Where a command of a page is typed in."""
    return [place for place in PLACES if place.page == name and command.startswith(place.start)]


def typed_by(test: str, name: str) -> list[str]:
    """The commands of a page that a test types in; AssertionError where the page has none for it."""
    commands = typed((REPO / name).read_text())
    found = [command for command in commands if any(place.test == test for place in places_of(name, command))]
    assert found, f"{name} prints nothing for {test}"
    return found


def type_in(commands: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> str:
    """Type commands into one shell in ``folder``; what they said, and an AssertionError at the first that fails."""
    script = "\n".join(f"printf '%s\\n' {shlex.quote('$ ' + command)}\n{command}" for command in commands)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
