"""Run the molecule scenarios: ``python -m tests.support.molecule_run [--all] [scenario…]``.

Scenarios with containers run two at a time, on a docker daemon of our own and images made here. Where the
machine cannot have them, that is said, and ``delegated`` alone runs: this host and an embedded MinIO. In CI
(the variable ``CI`` is set) it is a failure.

Each scenario has a folder of its own for all that Ansible keeps, and the results of its tasks there: what
the dry run foretold is compared with what the run after it did.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from . import ran
from .command import run_command
from .containers import supplies
from .containers.daemon import running_docker, why_not
from .containers.images import make_images
from .errors import SupportError
from .paths import CACHE, REPO
from .playbooks import ansible_environment
from .predictions import broken_predictions, runs_in
from .sample_data import SampleOptions, make_sample_data
from .server import ServerOptions, start_server, stop_server
from .state import save_state, server_from_environment

SCENARIOS = REPO / "tests" / "molecule"
LOGS = CACHE / "molecule" / "logs"
#: For machines without docker.
DELEGATED = "delegated"
#: What ``make test`` runs where there are containers; ``--all`` runs the others, too.
USUAL = ("default", "upgrade", "hosts", "rootless")

_COG_SIZE = 20 * 1024
_AT_A_TIME = 2
#: Seconds that a scenario may take, and between two lines on the screen.
_LONGEST, _INTERVAL = 1200.0, 10.0
#: Addresses for documentation (RFC 5737): those of the containers, which nobody else can have.
_NETWORKS = list(IPv4Network("192.0.2.0/24").subnets(new_prefix=28))


@dataclass(frozen=True)
class Outcome:
    """How a scenario ended; ``wrong`` is empty where all is well."""

    scenario: str
    wrong: str
    seconds: float

    def say(self) -> None:
        """One line, and all that molecule said where something is wrong."""
        if self.wrong:
            print(_log(self.scenario).read_text(errors="replace"))
        print(f"molecule: {self.scenario}: {self.wrong or 'passed'}, {self.seconds:.0f} s", flush=True)


def known_scenarios() -> list[str]:
    """The folders with a ``molecule.yml``."""
    return sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))


def chosen_scenarios(names: Sequence[str], *, everything: bool) -> list[str]:
    """Those that are named, else the usual ones or all."""
    known = known_scenarios()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SupportError(f"molecule: no scenario {', '.join(unknown)} in {SCENARIOS}; there are: {', '.join(known)}")
    return list(names) or [name for name in known if everything or name in USUAL]


def run(scenarios: Sequence[str], command: str) -> int:
    """0 where every scenario passed."""
    contained = [name for name in scenarios if name != DELEGATED]
    lacking = why_not() if contained else ""
    if lacking:
        _say_loudly(f"molecule: no containers on this machine: {lacking}", f"not run: {', '.join(contained)}")
        if os.environ.get("CI"):
            return 1
        contained = []
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="geocrop-molecule-") as temporary:
        work = Path(temporary)
        make_sample_data(work / "data", SampleOptions(cog_size=_COG_SIZE, partial=True))
        outcomes = []
        if contained:
            outcomes += _in_containers(contained, command, work)
        if DELEGATED in scenarios or lacking:
            with _embedded(work) as environment:
                outcomes.append(_run_one(DELEGATED, command, work, environment))
                outcomes[-1].say()
    failed = [one.scenario for one in outcomes if one.wrong]
    left_out = [name for name in known_scenarios() if name not in {one.scenario for one in outcomes}]
    numbers = ran.counts({"passed": len(outcomes) - len(failed), "failed": len(failed)})
    ran.note("molecule", f"{numbers} (not run: {', '.join(left_out) or 'none'})")
    print(f"molecule: {len(outcomes) - len(failed)} passed, {len(failed)} failed", flush=True)
    return 1 if failed else 0


def _in_containers(scenarios: Sequence[str], command: str, work: Path) -> list[Outcome]:
    """Two at a time; each has a network, containers and credentials of its own."""
    started = time.monotonic()
    with running_docker() as docker:
        shared = {
            **docker.environment,
            # the connection to a container starts docker's client
            "PATH": os.pathsep.join([ansible_environment(work)["PATH"], str(docker.client.parent)]),
            "ANSIBLE_COLLECTIONS_PATH": str(supplies.collections()),
            "GEOCROP_WHEELS": str(supplies.wheels()),
            "GEOCROP_DATA": str(work / "data"),
        }
        make_images(docker)
        print(f"molecule: daemon and images are there, {time.monotonic() - started:.0f} s", flush=True)

        def one(numbered: tuple[int, str]) -> Outcome:
            number, scenario = numbered
            network = _NETWORKS[number]
            outcome = _run_one(
                scenario,
                command,
                work,
                {
                    **shared,
                    **_settings(scenario),
                    "GEOCROP_SCENARIO": scenario,
                    "GEOCROP_SUBNET": str(network),
                    "GEOCROP_STORE_ADDRESS": str(network.broadcast_address - 1),
                    "GEOCROP_STORE_USER": f"root{secrets.token_hex(4)}",
                    "GEOCROP_STORE_PASSWORD": secrets.token_urlsafe(18),
                },
            )
            outcome.say()
            return outcome

        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            return list(pool.map(one, enumerate(scenarios)))


def _settings(scenario: str) -> dict[str, str]:
    """The variables of a scenario's own ``settings.env``, a NAME=value each line."""
    file = SCENARIOS / scenario / "settings.env"
    lines = file.read_text().splitlines() if file.exists() else []
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@contextlib.contextmanager
def _embedded(work: Path) -> Iterator[dict[str, str]]:
    """An embedded MinIO, and the variable by which ``inventory/demo`` finds it."""
    state = work / "state"
    state.mkdir()
    (state / "data").symlink_to(work / "data")
    server = server_from_environment() or start_server(state, ServerOptions(die_with_parent=True))
    try:
        save_state(state, server)
        yield {"GEOCROP_DEMO_STATE": str(state)}
    finally:
        stop_server(server)


def _run_one(scenario: str, command: str, work: Path, environment: Mapping[str, str]) -> Outcome:
    started = time.monotonic()
    folder, results = work / scenario, work / scenario / "results"
    for made in (folder / "home", results):
        made.mkdir(parents=True)
    settings = {
        **ansible_environment(folder),
        "GEOCROP_RESULTS_FOLDER": str(results),
        "MOLECULE_GLOB": "tests/molecule/*/molecule.yml",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder / "molecule"),
        "MOLECULE_PROJECT_DIRECTORY": str(REPO),
        "NO_COLOR": "1",
        **environment,
    }
    base = [] if scenario == DELEGATED else ["--base-config", str(SCENARIOS / "base.yml")]
    program = str(Path(sys.executable).parent / "molecule")
    wrong = _patiently([program, *base, command, "--scenario-name", scenario], settings, scenario)
    if not wrong and command == "test":
        wrong = _compare(results, scenario)
    return Outcome(scenario, wrong, time.monotonic() - started)


def _patiently(command: Sequence[str], environment: Mapping[str, str], scenario: str) -> str:
    """Why the scenario failed, or an empty text; its output is in its log."""
    started = time.monotonic()
    with (
        _log(scenario).open("wb") as log,
        subprocess.Popen(
            command, cwd=REPO, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        while (seconds := time.monotonic() - started) < _LONGEST:
            try:
                status = process.wait(timeout=_INTERVAL)
            except subprocess.TimeoutExpired:
                print(f"molecule: {scenario}, {seconds + _INTERVAL:.0f} s so far", flush=True)
            else:
                return f"failed with {status}" if status else ""
        process.kill()
    return f"did not end within {_LONGEST:.0f} s"


def _compare(results: Path, scenario: str) -> str:
    """Which predictions of the dry run were broken."""
    try:
        broken = broken_predictions(runs_in(results))
    except AssertionError as error:
        broken = [str(error)]
    with _log(scenario).open("a") as log:
        log.writelines(f"{line}\n" for line in broken)
    return f"{len(broken)} predictions of the dry run did not come true" if broken else ""


def _log(scenario: str) -> Path:
    return LOGS / f"{scenario}.log"


def _say_loudly(*lines: str) -> None:
    print("\n".join(["*" * 100, *lines, "*" * 100]), file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 where every scenario passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.molecule_run", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=f"where none is named: {', '.join(USUAL)}")
    parser.add_argument("--all", action="store_true", help="every scenario under tests/molecule/")
    parser.add_argument("--command", default="test", help="molecule's command")
    options = parser.parse_args(arguments)
    return run_command(
        "molecule", lambda: run(chosen_scenarios(options.scenarios, everything=options.all), options.command)
    )


if __name__ == "__main__":
    sys.exit(main())
