"""What a scenario's runs gave, as it is kept in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.support.paths import CACHE

from .measure import Sample

FOLDER = CACHE / "bench"

#: The tables of ``truth``.
TRUTH = FOLDER / "truth.json"


@dataclass(frozen=True)
class Row:
    """A contender's runs. ``found`` counts the runs that brought the changed file over; None where none was changed."""

    label: str
    samples: Sequence[Sample]
    found: int | None = None

    @property
    def seconds(self) -> float:
        """The median."""
        return median(sample.seconds for sample in self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """Fastest and slowest run, in seconds."""
        return min(s.seconds for s in self.samples), max(s.seconds for s in self.samples)

    @property
    def wall(self) -> float:
        """The median with the process's start, in seconds."""
        return median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> tuple[float, float]:
        """Medians of CPU seconds: the client's, the server's."""
        return median(s.cpu for s in self.samples), median(s.server_cpu for s in self.samples)

    @property
    def memory(self) -> float:
        """The median peak in MB (10^6 bytes)."""
        return median(s.rss for s in self.samples) / 1e6


@dataclass(frozen=True)
class Result:
    """A scenario's table. ``load`` holds the load averages over a minute before and after it."""

    scenario: str
    title: str
    files: int
    rows: Mapping[str, Row]
    load: tuple[float, float]
    versions: Mapping[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Keep it as ``<folder>/<scenario>.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.scenario}.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


def results_folder(*, quick: bool) -> Path:
    """Where results are; those of a quick run are kept apart and never documented."""
    return FOLDER / ("results-quick" if quick else "results")


def load_result(folder: Path, scenario: str) -> Result | None:
    """The last result of a scenario; None where it was never run."""
    path = folder / f"{scenario}.json"
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    rows = {
        name: Row(row["label"], [Sample(**sample) for sample in row["samples"]], row["found"])
        for name, row in known.pop("rows").items()
    }
    return Result(**{**known, "load": tuple(known["load"])}, rows=rows)


def load_results(*, quick: bool) -> dict[str, Result]:
    """Every scenario's last result, by name, in the order in which they run."""
    folder = results_folder(quick=quick)
    found = {path.stem: load_result(folder, path.stem) for path in sorted(folder.glob("*.json"))}
    return {name: result for name, result in found.items() if result is not None}
