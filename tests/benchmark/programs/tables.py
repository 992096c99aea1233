"""One pass over a folder of CSV files by us, by pandas or by polars, timed from the inside.

``tables.py NAME`` reads ``{"folder": …, "rows": …, "description": …}`` from standard input, and prints its cost as
JSON. Imports are not in the time. ``cpu`` is of all threads.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.benchmark.measure import peak_memory  # noqa: E402  # found by the line above

Reader = Callable[[Path, Mapping[str, Any]], int]


def _engine() -> Reader:
    import ansible.module_utils  # noqa: PLC0415  # each reader imports what it needs alone

    ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
    from ansible.module_utils.objectstore.data.tabular import TableSpec, read_tables  # noqa: PLC0415
    from ansible.module_utils.objectstore.values.selection import Selection  # noqa: PLC0415

    def read(folder: Path, description: Mapping[str, Any]) -> int:
        facts = read_tables(TableSpec(str(folder), Selection(), class_column="class", description=description))
        if facts.problems or facts.false:
            raise SystemExit(f"the data is not right: {facts.problems[:1]} {facts.false}")
        return facts.rows

    return read


def _pandas() -> Reader:
    import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    def read(folder: Path, _: Mapping[str, Any]) -> int:
        classes: Counter[str] = Counter()
        for path in sorted(folder.iterdir()):
            classes.update(pd.read_csv(path)["class"].value_counts().to_dict())
        return classes.total()

    return read


def _polars() -> Reader:
    import polars as pl  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    def read(folder: Path, _: Mapping[str, Any]) -> int:
        classes: Counter[str] = Counter()
        for path in sorted(folder.iterdir()):
            classes.update(dict(pl.read_csv(path)["class"].value_counts().iter_rows()))
        return classes.total()

    return read


READERS: dict[str, Callable[[], Reader]] = {"engine": _engine, "pandas": _pandas, "polars": _polars}


def main() -> int:
    given = json.load(sys.stdin)
    read = READERS[sys.argv[1]]()
    started, used = time.perf_counter(), time.process_time()
    rows = read(Path(given["folder"]), given["description"])
    cost = {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - used,
        "rss": peak_memory(os.getpid()),
    }
    print(json.dumps(cost))
    return 0 if rows == given["rows"] else 1


if __name__ == "__main__":
    sys.exit(main())
