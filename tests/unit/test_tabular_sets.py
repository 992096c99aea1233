"""Training sets as a whole: what is said of claims that do not hold, and of files that go missing meanwhile."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.data.csvfile import TableRules, read_table
from ansible.module_utils.objectstore.data.tabular import TableSpec, read_tables
from ansible.module_utils.objectstore.trees.localfs import look_at
from ansible.module_utils.objectstore.values.errors import InvalidInputError, SourceError
from ansible.module_utils.objectstore.values.model import LocalFile
from ansible.module_utils.objectstore.values.selection import Selection

from tests.support.tabular import GOOD, ROW, facts_of, problems_of, table

#: Files of a set, its claims, and all that is said of it.
SETS: dict[str, tuple[dict[str, bytes], dict[str, Any], list[str]]] = {
    "1 and 3 of 2": (
        {"b_1.csv": table(ROW), "b_3.csv": table("2" + ROW)},
        {"batches": 2},
        ["batches: 2 claimed, 2 (no 2; 3 not expected) found"],
    ),
    "one is missing": (
        {f"b_{number}.csv": table(f"{number}{ROW}") for number in (1, 2, 5)},
        {"batches": 5},
        ["batches: 5 claimed, 3 (no 3 to 4) found"],
    ),
    "one too many": (
        {f"b_{number}.csv": table(f"{number}{ROW}") for number in (1, 2, 3)},
        {"batches": 2},
        ["batches: 2 claimed, 3 (3 not expected) found"],
    ),
    "twice by number": (
        {"b_1.csv": table(ROW), "b_01.csv": table("2" + ROW)},
        {"batches": 2},
        ["batches: 2 claimed, 2 (no 2; 1 twice: b_01.csv and b_1.csv) found"],
    ),
    "one without a number": (
        {"b_1.csv": table(ROW), "b_x.csv": table("2" + ROW)},
        {"batches": 2},
        ["batches: 2 claimed, 2 (no 2; b_x.csv has no number) found"],
    ),
    "names without numbers": ({"a.csv": table(ROW), "b.csv": table("2" + ROW)}, {"batches": 2}, []),
    "a copy": (
        {"b_1.csv": table(ROW), "b_1 (1).csv": table(ROW)},
        {"batches": 1, "total_samples": 1},
        ["b_1 (1).csv: it has the same content as b_1.csv"],
    ),
    "a copy that was changed": (
        {"b_1.csv": table(ROW), "b_1 - Copy.csv": table(ROW, ROW)},
        {"batches": 1, "total_samples": 1},
        ["b_1 - Copy.csv: its name is that of a copy"],
    ),
    "copies of macOS and Nautilus": (
        {"b_1.csv": table(ROW), "b_1 copy.csv": table("3" + ROW), "b_1 (copy).csv": table("4" + ROW)},
        {"batches": 1},
        ["b_1 (copy).csv: its name is that of a copy", "b_1 copy.csv: its name is that of a copy"],
    ),
    "equal batches": (
        {"b_1.csv": table(ROW), "b_2.csv": table(ROW)},
        {"batches": 2, "total_samples": 2},
        ["b_2.csv: it has the same content as b_1.csv"],
    ),
    "a column is missing in one": (
        {"b_1.csv": table(ROW), "b_2.csv": table("1,1,bare", header="id,ndvi,class"), "b_3.csv": table("3" + ROW)},
        {"features": ["ndvi", "evi"]},
        ["b_2.csv: its columns are not those of the other files: it lacks evi"],
    ),
    "the first is the odd one": (
        {"b_1.csv": table("1,1,2,w", header="id,x,evi,class"), "b_2.csv": table(ROW), "b_3.csv": table("3" + ROW)},
        {"features": ["ndvi", "evi"]},
        ["b_1.csv: its columns are not those of the other files: it lacks ndvi and it has x besides"],
    ),
    "another order": (
        {
            "b_1.csv": table(ROW),
            "b_2.csv": table("0.5,1,1,bare", header="ndvi,id,evi,class"),
            "b_3.csv": table("3" + ROW),
        },
        {},
        ["b_2.csv: its columns are in another order than those of the other files"],
    ),
    "a feature is no column": (
        {"b_1.csv": table(ROW)},
        {"features": ["ndvi", "savi"]},
        ["features: savi claimed, no such column among id, ndvi, evi, class found"],
    ),
    "a class that is not claimed": (
        {"b_1.csv": table(ROW, "2,0.5,1,Water"), "b_2.csv": table("2,0.5,1,water ", "3,0.5,1,Water")},
        {"classes": ["water"]},
        [
            "classes: 1 claimed, 3 (Water in b_1.csv line 3, 'water ' in b_2.csv line 2 not claimed) found",
        ],
    ),
    "a class that is in no row": (
        {"b_1.csv": table(ROW)},
        {"classes": ["water", "bare"]},
        ["classes: 2 (bare in no row) claimed, 1 found"],
    ),
    "another number of rows": (
        {"b_1.csv": table(ROW)},
        {"total_samples": "2"},
        ["total_samples: 2 claimed, 1 found"],
    ),
    "what else is said": (
        {"b_1.csv": table(ROW)},
        {"version": "v1", "spatial_extent": "Zimbabwe", "batches": None},
        [],
    ),
}


@pytest.mark.parametrize(("files", "claims", "said"), SETS.values(), ids=SETS)
def test_what_is_said_of_a_set(
    tmp_path: Path, files: dict[str, bytes], claims: dict[str, Any], said: list[str]
) -> None:
    facts = facts_of(tmp_path, files, claims)
    assert problems_of(facts) + [str(claim) for claim in facts.false] == said


def test_a_set_without_its_class_column(tmp_path: Path) -> None:
    files = {"b_1.csv": table("1,0.5", header="id,ndvi"), "b_2.csv": table("2,0.5", header="id,ndvi")}
    facts = facts_of(tmp_path, files, {"classes": ["water"]})
    assert problems_of(facts) == ["b_1.csv: it has no column class", "b_2.csv: it has no column class"]
    assert facts.false == ()
    assert [str(claim) for claim in facts_of(tmp_path, {}, {"classes": ["water"]}, column=None).false] == [
        "classes: water claimed, no class column found"
    ]


def test_the_number_of_a_batch_may_stand_elsewhere(tmp_path: Path) -> None:
    files = {f"part-{number}-of-2.csv": table(f"{number}{ROW}") for number in (1, 2)}
    assert facts_of(tmp_path, files, {"batches": 2}).false != ()
    assert facts_of(tmp_path, {}, {"batches": 2}, pattern=r"part-(\d+)-of-2\.csv").false == ()
    assert facts_of(tmp_path, {}, {"batches": 2}, pattern="").false == ()
    for pattern, said in {"(": "it is no regular expression", r"\d+": "it has 0 groups"}.items():
        with pytest.raises(InvalidInputError, match=said):
            facts_of(tmp_path, {}, {"batches": 2}, pattern=pattern)


@pytest.mark.parametrize("claims", [{"batches": "many"}, {"classes": "water"}])
def test_a_claim_that_cannot_be_checked_is_refused(tmp_path: Path, claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="Could not check the claim"):
        facts_of(tmp_path, {"a.csv": GOOD}, claims)


@pytest.mark.parametrize("name", ["nothing", "a.csv"])
def test_a_folder_without_a_matching_file_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    with pytest.raises(SourceError):
        read_tables(TableSpec(str(tmp_path / name), Selection()))
    with pytest.raises(SourceError, match=r"no file that matches \*\.tif"):
        read_tables(TableSpec(str(tmp_path), Selection(("*.tif",))))


def test_what_cannot_be_read_is_the_problem_of_that_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "away.csv").symlink_to(tmp_path / "nothing")
    assert problems_of(facts_of(tmp_path, {"b_1.csv": GOOD}, {"batches": 1, "total_samples": 3})) == [
        "away.csv: it is a dangling symbolic link",
        "pipe.csv: it is not a regular file",
    ]


def test_a_file_that_changes_meanwhile_is_not_described(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD)
    before = look_at(str(path), "a.csv")
    assert isinstance(before, LocalFile)
    path.write_bytes(GOOD + GOOD)
    assert read_table(before, TableRules()).faults == ("it changed while it was read",)


def test_a_line_without_end_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.module_utils.objectstore.data.csvfile._LONGEST_LINE", 1 << 20)
    (tmp_path / "a.csv").write_bytes(b"x" * (3 << 20))
    assert problems_of(facts_of(tmp_path, {}, {})) == ["a.csv: it has a line that is longer than 1 MiB"]


def test_the_description_is_what_was_said_and_what_was_measured(tmp_path: Path) -> None:
    files = {"b_1.csv": table(ROW), "b_2.csv": table("2,0.5,1,bare", ROW)}
    said = {"version": "v1", "batches": 2, "classes": ["water", "bare"]}
    facts = facts_of(tmp_path, files, said)
    assert list(facts.description()) == ["version", "batches", "classes", "measured"]
    assert facts.description() == {
        **said,
        "measured": {
            "rows": 3,
            "bytes": sum(map(len, files.values())),
            "columns": ["id", "ndvi", "evi", "class"],
            "class_counts": {"bare": 1, "water": 2},
            "files": [
                {
                    "name": name,
                    "rows": content.count(b"\n") - 1,
                    "bytes": len(content),
                    "sha256": sha256(content).hexdigest(),
                }
                for name, content in files.items()
            ],
        },
    }
    with pytest.raises(InvalidInputError, match="its measured is written here"):
        TableSpec.from_params({"path": "x", "claims": {"measured": {}}})
