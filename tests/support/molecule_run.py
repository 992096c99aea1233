"""Run the molecule scenarios against a MinIO of their own: ``python -m tests.support.molecule_run [scenario…]``.

Molecule is given, in its environment, GEOCROP_DEMO_STATE (a folder with ``minio.json`` and ``data/``,
which ``inventory/demo`` reads) and all folders of Ansible below a temporary one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from .errors import SupportError
from .paths import REPO
from .playbooks import ansible_environment
from .sample_data import SampleOptions, make_sample_data
from .server import ServerOptions, start_server, stop_server
from .state import save_state, server_from_environment

SCENARIOS = REPO / "tests" / "molecule"
_COG_SIZE = 20 * 1024


def run(scenarios: list[str], command: str) -> int:
    """The exit status of molecule: 0 where every scenario passed."""
    known = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    unknown = sorted(set(scenarios) - set(known))
    if unknown or not known:
        raise SupportError(f"molecule: no scenario {', '.join(unknown) or 'at all'} in {SCENARIOS}; there are: {known}")
    with tempfile.TemporaryDirectory(prefix="geocrop-molecule-") as temporary:
        work = Path(temporary)
        for made in ("state", "home"):
            (work / made).mkdir()
        make_sample_data(work / "state" / "data", SampleOptions(cog_size=_COG_SIZE, partial=True))
        external = server_from_environment()
        server = external or start_server(work / "state", ServerOptions(die_with_parent=True))
        try:
            save_state(work / "state", server)
            for scenario in scenarios or known:
                print(f"molecule: {command} {scenario}", flush=True)
                status = _molecule(command, scenario, work)
                if status:
                    return status
        finally:
            stop_server(server)
    return 0


def _molecule(command: str, scenario: str, work: Path) -> int:
    environment = {
        **ansible_environment(work),
        "GEOCROP_DEMO_STATE": str(work / "state"),
        "MOLECULE_GLOB": "tests/molecule/*/molecule.yml",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(work / "molecule" / scenario),
        "MOLECULE_PROJECT_DIRECTORY": str(REPO),
    }
    del environment["ANSIBLE_CALLBACKS_ENABLED"]
    if not sys.stdout.isatty():
        environment["NO_COLOR"] = "1"
    program = str(Path(sys.executable).parent / "molecule")
    return subprocess.run(
        [program, command, "--scenario-name", scenario], cwd=REPO, env=environment, check=False
    ).returncode


def main(arguments: list[str] | None = None) -> int:
    """Exit status of the first scenario that failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.molecule_run", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="all under tests/molecule/ where none is named")
    parser.add_argument("--command", default="test", help="molecule's command")
    options = parser.parse_args(arguments)
    try:
        return run(options.scenarios, options.command)
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
