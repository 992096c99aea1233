"""The criteria of acceptance: what counts as met, what the evidence says, and what puts right what is not met."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from plugins.filter.evidence import acceptance_criteria
from plugins.plugin_utils.acceptance.findings import commands_of, verdict_of
from plugins.plugin_utils.acceptance.table import acceptance_failure, acceptance_table

NO_BUCKET = {"msg": "Could not use bucket b: there is no such bucket."}
READ = {"objects": [{"key": "dw/a.tif", "size": 2048, "same": True}]}
DENIED = {"list": "denied", "read": "denied", "write": "denied", "delete": "denied"}
GOOD: dict[str, Any] = {
    "buckets": [{"item": name, "actions": [], "planned": False} for name in ("models", "maps")],
    "anonymous": [{"item": name, "anonymous": DENIED} for name in ("models", "maps")],
    "baselines": {
        "where": "maps/dw/",
        "counted": {"keys": ["a", "b"], "missing": [], "unexpected": [], "bytes": 4096},
        "expect": {"season": ["2015", "2016"]},
        "spot_checked": READ,
    },
    "datasets": {
        "sets": [
            {"bucket": "sets", "prefix": "v1/", "metadata": {"batches": 2}},
            {"bucket": "sets", "prefix": "v2/"},
        ],
        "counted": [{"keys": ["1", "2"], "bytes": 100}, {"keys": ["1", "2", "3"], "bytes": 100}],
        "compared": {
            "sets": [
                {"described": True, "key": "v1/metadata.json"},
                {"described": None, "key": "v2/metadata.json"},
            ]
        },
        "spot_checked": [READ, READ],
    },
    "manifest": {"verified": {"keys": ["a", "b"]}, "places": ["keys.txt"]},
    "worker": {"read": READ, "own_credentials": True},
    "signed": {"outcome": {"signed": "allowed", "unsigned": "denied", "other_key": "denied"}, "met": True},
    "identities": [
        {
            "item": {"name": "worker"},
            "differences": [],
            "matrix": [{"bucket": "b", "list": "allowed", "read": "denied"}],
        }
    ],
}


def changed(path: str, value: object) -> dict[str, Any]:
    observed = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place: Any = observed
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[int(last) if isinstance(place, list) else last] = value
    return observed


def test_all_is_met() -> None:
    criteria = acceptance_criteria(GOOD)
    assert [row["status"] for row in criteria] == ["met"] * 8
    assert criteria[2]["evidence"] == (
        "2 of 2 (2 seasons) below maps/dw/, 4.0 KiB; 1 read back, each with the SHA-256 of its file"
    )


@pytest.mark.parametrize(
    ("path", "value", "row", "said"),
    [
        ("buckets.1", {"item": "maps", "actions": [{}], "planned": True}, 0, "missing: maps"),
        ("buckets.0", {"item": "models", **NO_BUCKET}, 0, "Could not use"),
        ("anonymous.0.anonymous", {**DENIED, "read": "allowed"}, 1, "without credentials, models: read allowed"),
        ("anonymous.1.anonymous", {**DENIED, "write": "untested"}, 1, "maps: write untested"),
        ("anonymous.0", {"item": "models", **NO_BUCKET}, 1, "there is no such bucket"),
        ("baselines.counted", NO_BUCKET, 2, "there is no such bucket"),
        (
            "baselines.counted.missing",
            [{"season": "2016"}],
            2,
            "1 of 2 (2 seasons) below maps/dw/, 4.0 KiB; missing: 2016",
        ),
        ("baselines.spot_checked", {"msg": "a.tif is not what"}, 2, "a.tif is not what"),
        ("datasets.counted.0.keys", ["1"], 3, "1 of 2 batches below sets/v1/"),
        ("datasets.counted.1.keys", [], 3, "0 of 0 batches below sets/v2/"),
        ("datasets.counted.1", NO_BUCKET, 3, "there is no such bucket"),
        ("datasets.compared.sets.0.described", False, 3, "metadata.json is missing or says something else"),
        ("datasets.compared", NO_BUCKET, 3, "there is no such bucket"),
        ("datasets.spot_checked.1", {"msg": "1 is not what"}, 3, "1 is not what"),
        ("datasets.sets", [], 3, "no training set is asked for"),
        ("manifest.verified", {"msg": "keys.txt lacks 1 key"}, 4, "keys.txt lacks 1 key"),
        ("manifest.verified", {"keys": []}, 4, "0 keys"),
        ("manifest.places", [], 4, "no place is named"),
        ("worker.read", {"msg": "Access denied."}, 5, "with its own credentials: Access denied."),
        ("signed", {"outcome": {"signed": "allowed", "expired": "allowed"}, "met": False}, 6, "expired: allowed"),
        ("signed", {"msg": "Could not read."}, 6, "Could not read."),
        ("identities.0.differences", ["worker may write b"], 7, "worker may write b"),
        ("identities.0", {"item": {"name": "worker"}, "skipped": True}, 7, "worker could not be tried"),
    ],
)
def test_what_is_not_met_says_why(path: str, value: object, row: int, said: str) -> None:
    criteria = acceptance_criteria(changed(path, value))
    assert [index for index, item in enumerate(criteria) if item["status"] != "met"] == [row]
    assert said in criteria[row]["evidence"]
    assert criteria[row]["criterion"] in acceptance_failure(criteria)
    assert "1 of 8 criteria are not met" in acceptance_failure(criteria)
    assert criteria[row]["advice"].endswith(":")
    assert criteria[row]["command"].startswith("ansible-playbook playbooks/")
    assert acceptance_criteria(changed(path, value), dry_run=True)[row]["status"] == "not yet"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("baselines.counted.unexpected", ["x"], "; 1 more that are not expected"),
        ("baselines.expect", {}, "2 of 2 below"),
        ("baselines.spot_checked", {"skipped": True}, "none was read back"),
        ("datasets.compared.sets.0.described", None, "2 of 2 batches"),
        ("datasets.sets.0.metadata", {}, "2 of 2 batches below sets/v1/, 100 B; metadata.json says what it should"),
        ("datasets.spot_checked.0", {"skipped": True}, "none was read back; 3 of 3 batches below sets/v2/"),
        ("worker.own_credentials", False, "with the credentials of this run"),
    ],
)
def test_what_is_met_all_the_same(path: str, value: object, said: str) -> None:
    criteria = acceptance_criteria(changed(path, value))
    assert [row["status"] for row in criteria] == ["met"] * 8
    assert said in " ".join(row["evidence"] for row in criteria)


GONE = {"item": "maps", "actions": [{}], "planned": True}
NONE_THERE = {"msg": "Could not read from bucket maps: there is no such bucket."}
MISSING = [{"season": "2016", "type": "Mode", "tile": tile} for tile in ("0-0", "0-1", "1-0")]


def causes(observed: dict[str, Any]) -> dict[str, str]:
    """Of the criteria that are not met: which other one explains it."""
    return {row["criterion"]: row["cause"] for row in acceptance_criteria(observed) if row["status"] != "met"}


def test_a_missing_set_is_told_once() -> None:
    observed = changed("baselines.counted.missing", MISSING)
    stale = "; ".join(f"keys.txt names 2016 Mode {row['tile']}" for row in MISSING)
    observed["manifest"]["verified"] = {"msg": stale}
    criteria = acceptance_criteria(observed, inventory=["/repo/inventory/demo"], root="/repo")
    assert causes(observed) == {
        "The DW baselines are in place": "",
        "A baseline manifest exists": "The DW baselines are in place",
    }
    shown = acceptance_table(criteria) + acceptance_failure(criteria)
    assert [shown.count(row["tile"]) for row in MISSING] == [1, 1, 1]
    assert criteria[4]["detail"] == stale
    assert commands_of(criteria) == ["ansible-playbook -i inventory/demo playbooks/baselines.yml"]
    assert verdict_of(criteria) == (
        "Not accepted: 2 of 8 criteria are not met (The DW baselines are in place; A baseline manifest exists)."
    )


def test_a_missing_bucket_explains_all_that_would_be_in_it_and_nothing_else() -> None:
    observed = changed("buckets.1", GONE)
    observed["anonymous"][1] = {"item": "maps", **NONE_THERE}
    observed["baselines"]["counted"] = observed["worker"]["read"] = observed["signed"] = NONE_THERE
    observed["manifest"]["verified"] = NONE_THERE
    row = {"bucket": "maps", "list": "untested", "met": False}
    observed["identities"][0] |= {"matrix": [row], "differences": ["list in maps/ is untested, not allowed"]}
    first, *others = causes(observed).items()
    assert first == ("The buckets exist", "")
    assert {cause for _, cause in others} == {"The buckets exist"}
    assert len(others) == 6
    assert len(commands_of(acceptance_criteria(observed))) == 1

    observed["anonymous"][0] = {"item": "models", "anonymous": {**DENIED, "read": "allowed"}}
    observed["identities"][0]["matrix"].append({"bucket": "models", "read": "allowed", "met": False})
    assert causes(observed)["They are private"] == ""
    assert causes(observed)["Identities have just their rights"] == ""


def test_where_no_baseline_is_there_nobody_can_read_one() -> None:
    observed = changed("baselines.counted", {"keys": [], "missing": MISSING, "unexpected": [], "bytes": 0})
    observed["worker"]["read"] = observed["signed"] = {"msg": "there is none"}
    found = causes(observed)
    assert found.pop("The DW baselines are in place") == ""
    assert found == dict.fromkeys(
        ("The worker can read", "Downloads take a signed URL"), "The DW baselines are in place"
    )


def test_an_identity_without_its_secret_here_can_get_a_new_one_by_name() -> None:
    observed = changed("identities.0", {"item": {"name": "worker"}, "skipped": True})
    assert acceptance_criteria(observed)[7]["command"] == (
        """ansible-playbook playbooks/access.yml -e '{"access_rotate": ["worker"]}'"""
    )


@pytest.mark.parametrize(
    ("counted", "spot_checked", "status", "said"),
    [
        ({"keys": ["a"], "bytes": 4096}, READ, "met", "; 1 files below maps/part/, 4.0 KiB; 1 read back"),
        ({"keys": [], "bytes": 0}, READ, "NOT MET", "0 files below maps/part/"),
        (NO_BUCKET, READ, "NOT MET", "there is no such bucket"),
        ({"keys": ["a"], "bytes": 1}, {"msg": "a.tif is not what"}, "NOT MET", "a.tif is not what"),
    ],
)
def test_further_sets_are_judged_where_there_are_any(
    counted: dict[str, Any], spot_checked: dict[str, Any], status: str, said: str
) -> None:
    observed = copy.deepcopy(GOOD)
    observed["baselines"] |= {
        "sets": [{"bucket": "maps", "prefix": "part/"}],
        "sets_counted": [counted],
        "sets_spot_checked": [spot_checked],
    }
    row = acceptance_criteria(observed)[2]
    assert (row["status"], said in row["evidence"]) == (status, True), row


def test_a_secret_that_others_changed_is_told_once_with_what_gives_a_new_one() -> None:
    observed = changed("identities.0", {"item": {"name": "worker"}, "msg": "No.", "secret_accepted": False})
    observed["worker"] = {"name": "worker", "read": {"msg": "The secret key is wrong."}, "own_credentials": True}
    criteria = acceptance_criteria(observed)
    assert [row["cause"] for row in criteria if row["status"] == "NOT MET"] == ["Identities have just their rights", ""]
    assert "does not accept the secret of worker that is kept" in criteria[7]["evidence"]
    assert commands_of(criteria) == ["""ansible-playbook playbooks/access.yml -e '{"access_rotate": ["worker"]}'"""]


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("/repo/inventory/demo", "inventory/demo"),
        ("/etc/ansible/my hosts", "'/etc/ansible/my hosts'"),
        ("a,b", "a,b"),
        ("/repository/x", "/repository/x"),
    ],
)
def test_commands_name_the_inventory_of_the_run(source: str, written: str) -> None:
    observed = changed("worker.read", NO_BUCKET)
    command = acceptance_criteria(observed, inventory=[source], root="/repo")[5]["command"]
    assert command == f"ansible-playbook -i {written} playbooks/access.yml"


def row_of(criterion: str, status: str, evidence: str, command: str = "") -> dict[str, str]:
    advice = "Do this:" if command else ""
    return {"criterion": criterion, "status": status, "evidence": evidence, "advice": advice, "command": command}


def test_the_table_is_aligned_and_long_evidence_goes_on_below_itself() -> None:
    long = " ".join(["evidence"] * 20)
    lines = acceptance_table([row_of("A", "met", "short"), row_of("Long name", "NOT MET", long, "a b")]).splitlines()
    assert lines[0] == "A          met      short"
    place = lines[0].index("short")
    assert {line.index("evidence") for line in lines[1:-2]} == {place}
    assert " ".join(line.strip() for line in lines).count("evidence") == 20
    assert lines[-2:] == [" " * place + "Do this:", " " * place + "  a b"]


KEY = "dw/zim/summer/2025_2026/highest_conf/DW_Zim_HighestConf_2025_2026-0000065536-0000065536.tif"


def test_keys_and_commands_stay_in_one_piece_on_a_terminal() -> None:
    evidence = f"manifests/dw_baseline_keys.txt names {KEY}, and {KEY}"
    table = acceptance_table([row_of("A", "NOT MET", evidence, f"ansible-playbook -e {KEY}")])
    assert table.count(KEY) == 3


def test_a_terminal_gets_no_control_characters() -> None:
    table = acceptance_table([row_of("A", "NOT MET", "a\x1b[2Jb\rc\nd é")])
    assert table.splitlines() == ["A  NOT MET  a\\x1b[2Jb\\rc\\nd é"]
