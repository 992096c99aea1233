"""Passes over local data, without a server: how fast it is read and judged, beside what others take to read it."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from tests.support.baselines import baselines, write_baseline
from tests.support.paths import CACHE, REPO
from tests.support.training import CLASSES, FEATURES, batch_name

from .measure import Job, Sample, run
from .peers import program
from .results import Result, Row
from .trees import FOLDER, touch_pages
from .versions import versions

_PROGRAMS = REPO / "tests" / "benchmark" / "programs"

#: Where rio-cogeo is, which the corpus is judged by, too.
CORPUS_VENV = Path(os.environ.get("CORPUS_VENV") or CACHE / "corpus-venv")


@dataclass(frozen=True)
class Tables:
    """``files`` CSV files of ``rows`` rows each: an id, a place, the features, 23 more measures, and a class."""

    files: int
    rows: int

    @property
    def counted(self) -> int:
        """What a contender must find."""
        return self.files * self.rows

    @property
    def text(self) -> str:
        """As a heading says it."""
        return f"{self.files} CSV files, {self.files * self.rows:,} rows"

    def make(self) -> Path:
        """The folder, made where it is missing; its files are in the page cache then."""
        folder = FOLDER / f"tables-{self.files}-{self.rows}"
        done = folder.with_suffix(".json")
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, self.files + 1):
                with (folder / batch_name(number)).open("w", encoding="utf-8", newline="") as stream:
                    stream.writelines(self._lines(number))
            done.write_text("{}")
        for path in folder.iterdir():
            touch_pages(path)
        return folder

    def _lines(self, batch: int) -> Iterator[str]:
        source = random.Random(batch)
        # as many different rows as keep a reader from guessing; all of them would take a minute to make
        pool = [_row(source) for _ in range(min(self.rows, 5_000))]
        measures = ",".join(f"measure_{number}" for number in range(23))
        yield f"sample_id,longitude,latitude,{','.join(FEATURES)},{measures},class\n"
        for number in range(self.rows):
            yield f"{batch * self.rows + number},{source.choice(pool)}"


def _row(source: random.Random) -> str:
    place = f"{source.uniform(25, 33):.5f},{source.uniform(-22, -16):.5f}"
    features = ",".join(f"{source.uniform(-0.2, 0.95):.4f}" for _ in FEATURES)
    measures = ",".join(f"{source.random():.4f}" for _ in range(23))
    return f"{place},{features},{measures},{source.choice(list(CLASSES))}\n"


@dataclass(frozen=True)
class Rasters:
    """``files`` Cloud Optimized GeoTIFFs of about ``size`` bytes each, as the sample data has them."""

    files: int
    size: int

    @property
    def text(self) -> str:
        """As a heading says it."""
        return f"{self.files} COGs of {self.size // 1024:,} KiB"

    @property
    def counted(self) -> int:
        """What a contender must find."""
        return self.files

    def make(self) -> Path:
        """The folder, made where it is missing; its files are in the page cache then."""
        folder = FOLDER / f"rasters-{self.files}-{self.size}"
        done = folder.with_suffix(".json")
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            for baseline in islice(baselines(), self.files):
                write_baseline(folder, baseline, seed=1, size=self.size)
            done.write_text("{}")
        for path in folder.iterdir():
            touch_pages(path)
        return folder


@dataclass(frozen=True)
class Pass:
    """One table. ``contenders`` are name and label; the first is ours. ``program`` measures one of them."""

    name: str
    data: Tables | Rasters
    program: str
    contenders: Sequence[tuple[str, str]]

    @property
    def title(self) -> str:
        """The heading."""
        return f"{self.data.text}, read and judged"


PASSES = (
    Pass(
        "read-csv",
        Tables(files=23, rows=45_000),
        "tables.py",
        (
            ("engine", "our engine: all checks and SHA-256"),
            ("pandas", "pandas: read and count classes"),
            ("polars", "polars: read and count classes"),
        ),
    ),
    Pass(
        "judge-cogs",
        Rasters(files=132, size=1024 * 1024),
        "rasters.py",
        (
            ("engine", "our engine: layout, blocks and place"),
            ("rio-cogeo", "rio-cogeo: cog_validate"),
        ),
    ),
)


def quick_pass(wanted: Pass) -> Pass:
    """The same with little data, to see that everything works; its figures say nothing."""
    small = Tables(files=3, rows=500) if isinstance(wanted.data, Tables) else Rasters(files=3, size=20 * 1024)
    return replace(wanted, data=small)


def measure_pass(wanted: Pass, *, runs: int) -> Result:
    """Run every contender ``runs`` times in turn; a contender that counts other rows fails the run."""
    folder = wanted.data.make()
    load = os.getloadavg()[0]
    samples: dict[str, list[Sample]] = {name: [] for name, _ in wanted.contenders}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(runs):
            shift = turn % len(wanted.contenders)
            for name, label in (*wanted.contenders[shift:], *wanted.contenders[:shift]):
                samples[name].append(_once(wanted, name, label, folder=folder, at=Path(scratch)))
    loads = (round(load, 1), round(os.getloadavg()[0], 1))
    rows = {name: Row(label, samples[name]) for name, label in wanted.contenders}
    return Result(wanted.name, wanted.title, wanted.data.files, rows, loads, versions())


def _once(wanted: Pass, name: str, label: str, *, folder: Path, at: Path) -> Sample:
    rows = wanted.data.counted
    environment = {"PATH": os.defpath, "HOME": str(at), "LC_ALL": "C.UTF-8"}
    description = {"features": FEATURES, "classes": [*CLASSES], "total_samples": rows}
    given = {"folder": str(folder), "rows": rows, "description": description}
    job = Job([_python(wanted, name), _PROGRAMS / wanted.program, name], environment, json.dumps(given))
    finished = run(job, scratch=at).expect_ok(label)
    told = finished.told()
    return replace(finished.sample, seconds=told["seconds"], cpu=told["cpu"], rss=told["rss"])


def _python(wanted: Pass, name: str) -> Path:
    """The Python that has what a contender needs; our own reads GeoTIFFs with the rasterio of the tests."""
    if isinstance(wanted.data, Rasters):
        return Path(sys.executable) if name == "engine" else CORPUS_VENV / "bin" / "python"
    return program("python")
