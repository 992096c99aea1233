"""What runs the molecule scenarios: which ones, what they are given, and how predictions are compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import molecule_run, ran
from tests.support.containers import daemon
from tests.support.containers.supplies import pins_for
from tests.support.errors import SupportError
from tests.support.predictions import broken_predictions, runs_in


def write_run(folder: Path, number: int, tasks: list[dict[str, Any]], *, check: bool) -> None:
    lines = [
        {"play": "p", "role": "r", "action": "a", "host": "h", "status": "ok", "result": {"changed": False}, **task}
        for task in tasks
    ]
    lines.append({"stats": {}, "check": check})
    (folder / f"{number}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


CHANGES = {"changed": True, "diff": {"before": "", "after": "key"}}


def test_a_prediction_that_comes_true(tmp_path: Path) -> None:
    tasks = [{"task": "one", "result": CHANGES}, {"task": "two"}]
    (tmp_path / "0.jsonl").write_text("")  # a run that broke off
    write_run(tmp_path, 1, [{"task": "x", "play": "prepare"}], check=False)
    write_run(tmp_path, 2, [*tasks, {"task": "Remove the temporary environment"}], check=True)
    write_run(tmp_path, 3, tasks, check=False)
    write_run(tmp_path, 4, [{"task": "one"}, {"task": "two"}], check=False)  # idempotence
    assert broken_predictions(runs_in(tmp_path)) == []


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ([{"task": "one"}], "h: r: one (1): changed foretold True, done False"),
        ([{"task": "one", "status": "skipped", "result": CHANGES}], "status foretold 'ok', done 'skipped'"),
        ([{"task": "one", "result": {**CHANGES, "diff": {"after": "other"}}}], "diff foretold"),
        ([{"task": "one", "result": {**CHANGES, "uploaded": 3}}], "uploaded foretold None, done 3"),
        ([{"task": "one", "result": CHANGES}, {"task": "one"}], "foretold nothing, done h: r: one (2)"),
        ([], "foretold h: r: one (1), done nothing"),
    ],
)
def test_a_prediction_that_is_broken(tmp_path: Path, done: list[dict[str, Any]], said: str) -> None:
    write_run(tmp_path, 1, [{"task": "one", "result": CHANGES}, {"task": "Write the report"}], check=True)
    write_run(tmp_path, 2, [*done, {"task": "Write the report"}], check=False)
    assert said in "\n".join(broken_predictions(runs_in(tmp_path)))


def test_hosts_answer_in_any_order(tmp_path: Path) -> None:
    one, two = {"task": "t", "host": "one", "result": CHANGES}, {"task": "t", "host": "two"}
    write_run(tmp_path, 1, [one, two], check=True)
    write_run(tmp_path, 2, [two, one], check=False)
    assert broken_predictions(runs_in(tmp_path)) == []


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    write_run(tmp_path, 1, [{"task": "one"}], check=True)
    with pytest.raises(AssertionError, match="no run follows"):
        broken_predictions(runs_in(tmp_path))


def test_which_scenarios_run() -> None:
    known = molecule_run.known_scenarios()
    assert molecule_run.chosen_scenarios([], everything=True) == known
    assert set(molecule_run.chosen_scenarios([], everything=False)) == set(molecule_run.USUAL) <= set(known)
    assert molecule_run.chosen_scenarios(["access"], everything=False) == ["access"]
    with pytest.raises(SupportError, match=r"no scenario nothing .*delegated"):
        molecule_run.chosen_scenarios(["nothing"], everything=False)


def test_each_scenario_has_addresses_of_its_own() -> None:
    assert len(molecule_run.known_scenarios()) <= len(molecule_run._NETWORKS)


@pytest.mark.parametrize("scenario", [n for n in molecule_run.known_scenarios() if n != molecule_run.DELEGATED])
def test_each_scenario_looks_with_another_client(scenario: str) -> None:
    plays = yaml.safe_load((molecule_run.SCENARIOS / scenario / "verify.yml").read_text())
    assert [play["environment"] for play in plays if play["hosts"] == "store"] == ["{{ mc_environment }}"]
    used = {key for play in plays for task in play["tasks"] for key in task if "." in key or key.startswith("minio_")}
    assert used <= {
        f"ansible.builtin.{name}" for name in ("assert", "command", "include_tasks", "raw", "set_fact", "shell")
    }


@pytest.mark.parametrize("in_ci", [True, False])
def test_a_machine_without_containers_is_told_loudly(
    in_ci: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def run_one(scenario: str, *others: Any) -> molecule_run.Outcome:
        ran.append(scenario)
        return molecule_run.Outcome(scenario, "", 1.0)

    monkeypatch.setattr(molecule_run.ran, "note", lambda *_: None)
    for name, instead in {
        "why_not": lambda: "it needs root",
        "LOGS": tmp_path,
        "make_sample_data": lambda *_: True,
        "start_server": lambda *_: None,
        "stop_server": lambda *_: None,
        "save_state": lambda *_: None,
        "_run_one": run_one,
    }.items():
        monkeypatch.setattr(molecule_run, name, instead)
    monkeypatch.delenv("CI", raising=False)
    if in_ci:
        monkeypatch.setenv("CI", "true")
    assert molecule_run.run(["default", "delegated"], "test") == in_ci
    assert ran == ([] if in_ci else ["delegated"])
    assert "no containers on this machine: it needs root\nnot run: default" in capsys.readouterr().err


def test_containers_need_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon.os, "geteuid", lambda: 1000)
    assert "root" in daemon.why_not()


def test_pins_are_those_of_the_hosts_python() -> None:
    pinned = (
        "# by hand\n"
        "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
        "a==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:3\n"
        "b==1 \\\n    --hash=sha256:4\n"
    )
    assert pins_for("3.11", pinned) == (
        "a==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb==1 \\\n    --hash=sha256:4\n"
    )
    assert pins_for("3.13", pinned) == "a==2 \\\n    --hash=sha256:3\nb==1 \\\n    --hash=sha256:4\n"


def test_the_last_line_says_what_ran(tmp_path: Path) -> None:
    ran.note("unit", ran.counts({"passed": 12, "failed": 0, "skipped": 1}), tmp_path)
    ran.note("molecule", "1 passed (not run: hosts)", tmp_path)
    said = ran.line(tmp_path)
    assert "unit: 12 passed, 1 skipped; integration: NOT RUN; molecule: 1 passed (not run: hosts)." in said
