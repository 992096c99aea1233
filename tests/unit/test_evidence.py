"""The criteria of acceptance: what counts as met, and what the evidence says."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from plugins.filter.evidence import acceptance_criteria, acceptance_failure, acceptance_table, human_size

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
        "where": "sets/v1/",
        "counted": {"keys": ["1", "2"], "bytes": 100},
        "batches": 2,
        "metadata": {"actions": []},
        "spot_checked": READ,
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
        "2 of 2 (2 seasons) below maps/dw/, 4 KiB; 1 read back, each with the SHA-256 of its file"
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
            "1 of 2 (2 seasons) below maps/dw/, 4 KiB; missing: 2016",
        ),
        ("baselines.spot_checked", {"msg": "a.tif is not what"}, 2, "a.tif is not what"),
        ("datasets.counted.keys", ["1"], 3, "1 of 2 batches"),
        ("datasets.counted.keys", [], 3, "0 of 2 batches"),
        ("datasets.metadata", {"actions": [{}]}, 3, "metadata.json is missing or says something else"),
        ("datasets.metadata", NO_BUCKET, 3, "there is no such bucket"),
        ("datasets.spot_checked", {"msg": "1 is not what"}, 3, "1 is not what"),
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
    assert acceptance_criteria(changed(path, value), dry_run=True)[row]["status"] == "not yet"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("baselines.counted.unexpected", ["x"], "; 1 more that are not expected"),
        ("baselines.expect", {}, "2 of 2 below"),
        ("baselines.spot_checked", {"skipped": True}, "none was read back"),
        ("datasets.metadata", {"skipped": True}, "2 of 2 batches"),
        ("datasets.batches", 0, "2 of 2 batches"),
        ("worker.own_credentials", False, "with the credentials of this run"),
    ],
)
def test_what_is_met_all_the_same(path: str, value: object, said: str) -> None:
    criteria = acceptance_criteria(changed(path, value))
    assert [row["status"] for row in criteria] == ["met"] * 8
    assert said in " ".join(row["evidence"] for row in criteria)


def test_the_table_is_aligned_and_long_evidence_goes_on_below_itself() -> None:
    long = " ".join(["evidence"] * 20)
    rows = [
        {"criterion": "A", "status": "met", "evidence": "short"},
        {"criterion": "Long name", "status": "NOT MET", "evidence": long},
    ]
    lines = acceptance_table(rows).splitlines()
    assert lines[0] == "A          met      short"
    assert {line.index("evidence") for line in lines[1:]} == {lines[0].index("short")}
    assert " ".join(line.strip() for line in lines).count("evidence") == 20


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (7916748800, "7.373 GiB")])
def test_sizes(size: int, text: str) -> None:
    assert human_size(size) == text
