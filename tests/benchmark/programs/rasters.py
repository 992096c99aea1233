"""One pass over a folder of GeoTIFFs by us or by rio-cogeo, timed from the inside; see ``tables.py`` for its form."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.benchmark.measure import peak_memory  # noqa: E402  # found by the line above

Judge = Callable[[Path], int]


def _engine() -> Judge:
    import ansible.module_utils  # noqa: PLC0415  # each judge imports what it needs alone

    ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
    from ansible.module_utils.objectstore.data.raster import RasterRules  # noqa: PLC0415
    from ansible.module_utils.objectstore.data.rasterset import check_rasters  # noqa: PLC0415
    from ansible.module_utils.objectstore.values.selection import Selection  # noqa: PLC0415

    def judge(folder: Path) -> int:
        report = check_rasters(str(folder), Selection(), RasterRules())
        if report.problems or report.reason:
            raise SystemExit(f"the data is not right: {report.problems[:1]} {report.reason}")
        return report.files

    return judge


def _rio_cogeo() -> Judge:
    from rio_cogeo import cog_validate  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    def judge(folder: Path) -> int:
        return sum(cog_validate(str(path), quiet=True)[0] for path in sorted(folder.iterdir()))

    return judge


JUDGES: dict[str, Callable[[], Judge]] = {"engine": _engine, "rio-cogeo": _rio_cogeo}


def main() -> int:
    given = json.load(sys.stdin)
    judge = JUDGES[sys.argv[1]]()
    started, used = time.perf_counter(), time.process_time()
    files = judge(Path(given["folder"]))
    cost = {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - used,
        "rss": peak_memory(os.getpid()),
    }
    print(json.dumps(cost))
    return 0 if files == given["rows"] else 1


if __name__ == "__main__":
    sys.exit(main())
