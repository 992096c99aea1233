"""``python -m tests.figures.matrix [--write]``: the job with the versions that are supported, where they are to be had.

A cell is a Python and an ansible-core on the workstation, and a Python and an SDK on the host; both are virtual
environments in the clone. In each the job runs against an embedded MinIO: a dry run, the run that it foretold,
and one that changes nothing. A cell whose Python is not on this machine is said not to have been run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.command import run_command
from tests.support.paths import CACHE, REPO
from tests.support.patience import last_lines
from tests.support.playbooks import ansible_environment
from tests.support.predictions import broken_predictions, runs_in
from tests.support.sample_data import SampleOptions, make_sample_data
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.state import Server, save_state

from .page import write_part

PLAYBOOK = REPO / "tests" / "figures" / "matrix.yml"
VENVS = CACHE / "matrix"
SEASON = "2015_2016"
#: Seconds that one run of the playbook may take.
_LONGEST = 900.0


class Cell(NamedTuple):
    """Versions as pip takes them; an empty one is the newest that the registry has for this Python."""

    core: str
    workstation: str
    host: str
    sdk: str

    def __str__(self) -> str:
        core, sdk = self.core or "newest", self.sdk or "newest"
        return f"ansible-core {core}, Python {self.workstation}; host: Python {self.host}, minio {sdk}"


CELLS = (
    Cell("2.19", "3.11", "3.9", "7.2.20"),
    Cell("2.19", "3.12", "3.11", "7.2.20"),
    Cell("2.19", "3.13", "3.10", "7.2.20"),
    Cell("2.20", "3.12", "3.9", "7.2.20"),
    Cell("2.20", "3.13", "3.12", "7.2.20"),
    Cell("", "3.13", "3.13", ""),
    Cell("", "3.14", "3.14", ""),
)


def interpreter(version: str) -> Path | None:
    """A Python of this version: one of pyenv's, or on PATH, where pyenv has names of versions that are switched off."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    found = shutil.which(f"python{version}")
    return kept[-1] if kept else Path(found) if found else None


def environment(version: str, package: str) -> tuple[Path | None, str]:
    """The Python of a virtual environment with the package, and why there is none."""
    base = interpreter(version)
    if base is None:
        return None, f"no Python {version} on this machine"
    folder = VENVS / f"{version}-{package}".replace("~=", "-").replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        make: list[str | Path] = [base, "-m", "venv", "--clear", folder]
        install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", package]
        for command in (make, install):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                return None, last_lines(done.stderr, 1) or f"{command[-1]} could not be installed"
        (folder / "ready").touch()
    return python, ""


def try_cell(cell: Cell, server: Server, data: Path, work: Path) -> str:
    """``passed``, or what is wrong, or why it was not run."""
    controller, why = environment(cell.workstation, f"ansible-core~={cell.core}.0" if cell.core else "ansible-core")
    host, lacking = environment(cell.host, f"minio=={cell.sdk}" if cell.sdk else "minio")
    if controller is None or host is None:
        return f"not run: {why or lacking}"
    save_state(work, server)
    (work / "data").symlink_to(data)
    (work / "geocrop" / "data").mkdir(parents=True)
    (work / "results").mkdir()
    for check in (True, False, False):
        done = _play(controller, host, work, check=check)
        if done.returncode:
            return f"failed: {last_lines(done.stdout + done.stderr, 12)}"
    runs = runs_in(work / "results")
    broken = broken_predictions(runs)
    again = [task.task for task in runs[-1].tasks if task.changed]
    if broken or again:
        return f"failed: {'; '.join(broken) or f'the second run changed {again}'}"
    return "passed"


def _play(controller: Path, host: Path, work: Path, *, check: bool) -> subprocess.CompletedProcess[str]:
    settings = {
        "ansible_python_interpreter": str(host),
        "baselines_include": [f"*_{SEASON}-*.tif"],
        "baselines_expect": {"season": [SEASON], "type": ["Agreement", "HighestConf", "Mode"]},
    }
    command: list[str | Path] = [controller.parent / "ansible-playbook", "-i", "inventory/demo", PLAYBOOK, "--diff"]
    return subprocess.run(
        [*command, *["--check"] * check, *[word for item in _words(settings) for word in ("-e", item)]],
        cwd=REPO,
        env={
            **ansible_environment(work),
            "GEOCROP_DEMO_STATE": str(work),
            "GEOCROP_RESULTS_FOLDER": str(work / "results"),
            "PATH": f"{controller.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )


def _words(settings: Mapping[str, object]) -> list[str]:
    return [str({name: value}).replace("'", '"') for name, value in settings.items()]


def table(results: Sequence[tuple[Cell, str]]) -> list[str]:
    """The cells as Markdown."""
    rows = []
    for cell, said in results:
        versions = [cell.core or "newest", cell.workstation, cell.host, cell.sdk or "newest"]
        rows.append(f"| {' | '.join(versions)} | {said.splitlines()[0]} |")
    head = "| ansible-core | Python of the workstation | Python of the host | minio | |"
    return [head, "|---|---|---|---|---|", *rows]


def main() -> int:
    """Exit status 0 where no cell failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.matrix", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into docs/testing.md")
    options = parser.parse_args()

    def work() -> int:
        results = []
        with tempfile.TemporaryDirectory(prefix="geocrop-matrix-") as temporary:
            folder = Path(temporary)
            make_sample_data(folder / "data", SampleOptions(cog_size=20 * 1024))
            for number, cell in enumerate(CELLS):
                place = folder / str(number)
                place.mkdir()
                server = start_server(place, ServerOptions(die_with_parent=True))
                try:
                    results.append((cell, try_cell(cell, server, folder / "data", place)))
                finally:
                    stop_server(server)
                print(f"matrix: {cell}: {results[-1][1]}", flush=True)
        if options.write:
            write_part("matrix", table(results))
        return 1 if any(said.startswith("failed") for _, said in results) else 0

    return run_command("matrix", work)


if __name__ == "__main__":
    sys.exit(main())
