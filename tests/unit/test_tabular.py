"""Facts of CSV files, and claims about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.data.tabular import TableFacts, false_claims, read_tables, table_faults
from ansible.module_utils.objectstore.values.errors import InvalidInputError, SourceError
from ansible.module_utils.objectstore.values.selection import Selection

ALL = Selection()


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, newline="")
    return folder


def facts_of(folder: Path, column: str | None = "class") -> TableFacts:
    return read_tables(str(folder), ALL, class_column=column)


@pytest.mark.parametrize(
    "text",
    [
        "id,class,ndvi\n1,water,0.1\n2,bare,0.2\n3,water,0.3\n",
        "id,class,ndvi\r\n1,water,0.1\r\n2,bare,0.2\r\n3,water,0.3\r\n",
        "id,class,ndvi\n1,water,0.1\n2,bare,0.2\n\n3,water,0.3",
        '"id","class","ndvi"\n1,"water",0.1\n"2\n",bare,0.2\n3,water,"0,3"\n',
        "\ufeffid,class,ndvi\n1,water,0.1\n2,bare,0.2\n3,water,0.3\n",
    ],
    ids=["plain", "crlf", "blank line, no last newline", "quoted", "byte order mark"],
)
def test_rows_columns_and_classes(tmp_path: Path, text: str) -> None:
    facts = facts_of(write(tmp_path, a=text))
    assert (facts.rows, facts.columns, facts.problems) == (3, ("id", "class", "ndvi"), ())
    assert facts.classes == {"water": 2, "bare": 1}


@pytest.mark.parametrize(("header", "row"), [("class,x,y", "w,1,2"), ("x,class,y", "1,w,2"), ("x,y,class", "1,2,w")])
def test_the_class_column_may_stand_anywhere(tmp_path: Path, header: str, row: str) -> None:
    assert facts_of(write(tmp_path, a=f"{header}\n{row}\n")).classes == {"w": 1}


def test_a_single_column(tmp_path: Path) -> None:
    assert facts_of(write(tmp_path, a="class\nw\nw\n")).classes == {"w": 2}


def test_files_add_up(tmp_path: Path) -> None:
    facts = facts_of(write(tmp_path, a="x,class\n1,w\n", b="x,class\n2,w\n3,b\n"))
    assert (facts.files, facts.rows, facts.classes) == (2, 3, {"w": 2, "b": 1})
    assert facts.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("x,class\n", "a header and no row"),
        ("x,class\n1,w\n2\n", "line 3 does not have 2 fields"),
        ('x,class\n1,"w"\n2\n', "line 3 does not have 2 fields"),
        ("x,label\n1,w\n", "its columns are not those of a.csv"),
    ],
)
def test_problems_name_the_file(tmp_path: Path, text: str, said: str) -> None:
    facts = facts_of(write(tmp_path, a="x,class\n1,w\n", b=text))
    assert [problem.path for problem in facts.problems] == [str(tmp_path / "b.csv")]
    assert said in facts.problems[0].problem
    assert "b.csv" in str(table_faults(str(tmp_path), facts, [])["on_problem"])


def test_a_file_that_is_not_utf8_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,class\n1,\xff\n")
    assert "not UTF-8" in facts_of(tmp_path).problems[0].problem


@pytest.mark.parametrize("name", ["nothing", "a.csv"])
def test_a_folder_without_a_matching_file_is_an_error(tmp_path: Path, name: str) -> None:
    write(tmp_path, a="x\n1\n")
    with pytest.raises(SourceError):
        read_tables(str(tmp_path / name), ALL, class_column=None)
    with pytest.raises(SourceError, match=r"no file that matches \*\.tif"):
        read_tables(str(tmp_path), Selection(("*.tif",)), class_column=None)


FACTS = TableFacts(23, 1, 24999, ("id", "ndvi_peak", "class"), {"water": 20000, "bare": 4999}, ())


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"batches": 23, "total_samples": 24999, "features": ["ndvi_peak"], "classes": ["bare", "water"]}, []),
        ({"version": "v1", "spatial_extent": "Zimbabwe"}, []),
        ({"total_samples": "25000"}, ["total_samples: 25000 claimed, 24999 found"]),
        (
            {"batches": 22, "total_samples": 1},
            ["batches: 22 claimed, 23 found", "total_samples: 1 claimed, 24999 found"],
        ),
        ({"features": ["ndvi_peak", "evi_peak"]}, ["features: evi_peak claimed, no such column among id, ndvi_peak"]),
        ({"classes": ["water", "forest"]}, ["classes: 2 (forest in no row) claimed, 2 (bare not claimed) found"]),
    ],
)
def test_a_false_claim_names_what_is_claimed_and_what_is_found(claims: dict[str, Any], said: list[str]) -> None:
    wrong = [str(claim) for claim in false_claims(claims, FACTS)]
    assert len(wrong) == len(said)
    assert all(text.startswith(start) for text, start in zip(wrong, said, strict=True)), wrong


@pytest.mark.parametrize("claims", [{"batches": "many"}, {"classes": "water"}])
def test_a_claim_that_cannot_be_checked_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="Could not check the claim"):
        false_claims(claims, FACTS)
