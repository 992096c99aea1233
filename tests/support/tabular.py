"""Folders of CSV files, and what is found in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from ansible.module_utils.objectstore.data.tabular import TableFacts, TableSpec, read_tables
from ansible.module_utils.objectstore.values.selection import Selection

CLAIMS: dict[str, Any] = {"features": ["ndvi", "evi"], "classes": ["water", "bare"]}
#: A row that is right.
ROW = "1,0.5,1,water"
GOOD = b"id,ndvi,evi,class\n1,0.5,-0.25,water\n2,1e-05,3,bare\n3,.5,+1.,water\n"


def facts_of(
    folder: Path,
    files: dict[str, bytes],
    claims: Optional[dict[str, Any]] = None,
    *,
    column: Optional[str] = "class",
    on_problem: str = "fail",
    pattern: Optional[str] = r"(\d+)\.[^.]+",
) -> TableFacts:
    """What is found in a folder with these files."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return read_tables(
        TableSpec(
            folder=str(folder),
            selection=Selection(),
            class_column=column,
            description=CLAIMS if claims is None else claims,
            batch_pattern=pattern,
            on_problem=on_problem,
        )
    )


def problems_of(facts: TableFacts) -> list[str]:
    return [f"{Path(path).name}: {problem}" for path, problem in facts.problems]


def table(*rows: str, header: str = "id,ndvi,evi,class", end: str = "\n") -> bytes:
    return end.join([header, *rows, ""]).encode()
