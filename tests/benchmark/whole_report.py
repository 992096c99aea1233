"""The tables of the whole playbook, with what is aimed at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median

from .profile import PROFILE_HEADINGS, TaskCost, profile_rows
from .report import as_markdown, as_text
from .results import FOLDER

KEPT = FOLDER / "whole.json"


@dataclass(frozen=True)
class Measured:
    """Runs of one thing. ``wall`` and ``cpu`` in seconds, an entry a run; over ssh, ``cpu`` is the workstation's."""

    label: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Aim:
    """A figure that is aimed at."""

    text: str
    figure: Callable[[Mapping[str, Measured]], float]
    limit: float
    unit: str = "s"
    most: bool = True


def _wall(name: str) -> Callable[[Mapping[str, Measured]], float]:
    return lambda known: median(known[name].wall)


AIMS = (
    Aim("site.yml with nothing to do, at most 12 s", _wall("idle"), 12),
    Aim("the same, at most 16 s of processor time", lambda known: median(known["idle"].cpu), 16),
    Aim("verify.yml, at most 8 s", _wall("verify"), 8),
    Aim("site.yml --check --diff on an empty store, at most 14 s", _wall("check"), 14),
    Aim("the first run of site.yml, the modules' Python there, at most 25 s", _wall("cold"), 25),
    Aim("site.yml with nothing to do, ssh with 50 ms each way, at most 30 s", _wall("ssh"), 30),
    Aim(
        "nothing to do: at most 4 x the script with mc",
        lambda known: median(known["idle"].wall) / median(known["mc-idle"].wall),
        4,
        "x",
    ),
    Aim(
        "nothing to do: at least 3 x faster than community.aws",
        lambda known: median(known["aws-idle"].wall) / median(known["idle"].wall),
        3,
        "x",
        most=False,
    ),
)


def keep(known: Mapping[str, Measured]) -> None:
    """Keep what was measured."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps({name: asdict(one) for name, one in known.items()}, indent=1) + "\n")


HEADINGS = ("", "median", "fastest - slowest", "CPU")


def _known() -> dict[str, Measured]:
    return {name: Measured(**one) for name, one in json.loads(KEPT.read_text()).items()} if KEPT.exists() else {}


def _rows(known: Mapping[str, Measured]) -> list[list[str]]:
    return [
        [
            one.label,
            f"{median(one.wall):.1f} s",
            f"{min(one.wall):.1f} - {max(one.wall):.1f}",
            f"{median(one.cpu):.1f} s",
        ]
        for one in known.values()
    ]


def _verdicts(known: Mapping[str, Measured]) -> list[list[str]]:
    rows = []
    for aim in AIMS:
        figure = aim.figure(known)
        reached = figure <= aim.limit if aim.most else figure >= aim.limit
        rows.append([aim.text, f"{figure:.1f} {aim.unit}", "reached" if reached else "missed"])
    return rows


def _profile() -> list[list[str]]:
    path = FOLDER / "whole-profile.json"
    return profile_rows([TaskCost(**task) for task in json.loads(path.read_text())]) if path.exists() else []


def whole_text() -> str:
    """The tables for a terminal."""
    known = _known()
    tables = ((HEADINGS, _rows(known)), (("target", "measured", ""), _verdicts(known)), (PROFILE_HEADINGS, _profile()))
    return "\n\n".join(as_text(*table) for table in tables)


WHOLE = "The whole playbook"

_SECTION = f"""\
## {WHOLE}

`make bench ARGS='--whole'`: 132 small COGs and 23 CSV files, as `make demo` makes them. The script with mc makes the
buckets, closes them, mirrors both folders, lists the keys into a file and an object, and looks at five objects; the
play with amazon.aws and community.aws does what these have modules for. Neither looks into the files, makes
identities, or tries what anybody may do. CPU is that of all processes but the server, and over ssh that of the
workstation.
"""


_BOUND = """\
What bounds what is left: each task that works on the host starts a Python there, which loads Ansible's own modules and
the SDK for a third of a second before our first line, and building its payload takes a quarter of a second on the
workstation; a task that starts none takes 0.03 to 0.1 s.
"""


def whole_section() -> str:
    """The section of the documentation; empty where nothing was measured."""
    known = _known()
    if not known:
        return ""
    runs = max(len(one.wall) for one in known.values())
    former = (
        " *Before* is a former state of this repository."
        if any("before" in one.label for one in known.values())
        else ""
    )
    parts = [
        f"{_SECTION}\nRounds: {runs}.{former}\n",
        as_markdown(("target", "measured", ""), _verdicts(known)),
        "",
        as_markdown(HEADINGS, _rows(known)),
        "",
        _BOUND,
        "What a run with nothing to do consists of, by task:\n",
        as_markdown(PROFILE_HEADINGS, _profile()),
        "",
    ]
    return "\n".join(parts)
