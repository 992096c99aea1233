"""The whole playbook on a store: a dry run, a real one, and one more that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.locks import write_private
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.sample_data import SampleOptions, make_sample_data
from tests.support.state import Server, save_state


class Whole(NamedTuple):
    """How it went: each criterion of the acceptance with its status and evidence, and what is not as it should be."""

    criteria: list[Mapping[str, Any]]
    problems: list[str]


#: Then the roles work with the credentials of the run.
WITHOUT_IDENTITIES: Mapping[str, Any] = {
    "acceptance_identities": False,
    "baselines_identity": "",
    "datasets_identity": "",
}


def run_whole(server: Server, folder: Path, *, venv: Path, identities: bool = True) -> Whole:
    """Run ``site.yml`` three times with sample data; everything is kept in ``folder``.

    :param venv: the modules' Python, which takes longest to make, for several stores
    Where identities are given, each gets the key that the server has.

    :param identities: whether the role access takes part, which takes a store that has identities
    """
    state = folder / "state"
    save_state(state, server)
    if not (state / "data").exists():
        make_sample_data(state / "data", SampleOptions(cog_size=20 * 1024))
    if server.variables.get("access_backend") == "given":
        for identity in server.variables["access_identities"]:
            lines = (f"{name}={value}\n" for name, value in server.environment.items())
            write_private(state / "secrets" / f"{identity['name']}.env", "".join(lines))
    problems: list[str] = []

    def run(*, check: bool) -> PlaybookResult:
        return run_playbook(
            "playbooks/site.yml",
            workdir=folder / "ansible",
            extra_vars={
                "control_plane_home": str(folder / "home"),
                "control_plane_venv": str(venv),
                **server.variables,
                **({} if identities else WITHOUT_IDENTITIES),
            },
            check=check,
            args=() if identities else ("--skip-tags", "access"),
            environment={"GEOCROP_DEMO_STATE": str(state)},
        )

    planned, done, again = run(check=True), run(check=False), run(check=False)
    for name, result in (("dry run", planned), ("real run", done), ("run after it", again)):
        problems += [f"{name}: {task.task}: {task.result.get('msg')}" for task in result.failed]
    problems += [f"run after it: {task.task} changed something" for task in again.changed]
    judged = [task for task in again.tasks if task.task.endswith("Judge what was seen")]
    criteria = judged[0].result["ansible_facts"]["acceptance_criteria"] if judged else []
    return Whole(criteria, problems)
