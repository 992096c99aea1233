"""The figures that are aimed at, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .results import Result


class Verdict(NamedTuple):
    """A figure beside its target. ``figure`` is text, with its unit."""

    scenario: str
    aim: str
    figure: str
    reached: bool


class _Ratio(NamedTuple):
    scenario: str
    above: str
    below: str
    limit: float
    most: bool
    aim: str


_RATIOS = (
    _Ratio("cold-large", "engine", "floor", 1.10, True, "engine at most 1.10 x the no-cost client"),
    _Ratio("cold-large", "engine", "best", 1.0, True, "engine ahead of every peer"),
    _Ratio("cold-large", "s3_sync", "playbook", 1.8, False, "playbook at least 1.8 x faster than s3_sync"),
    _Ratio("cold-small", "mc", "engine", 2.0, False, "engine at least 2 x faster than mc"),
    _Ratio("cold-small", "rclone", "engine", 2.0, False, "engine at least 2 x faster than rclone"),
    _Ratio("cold-small", "s3_sync", "playbook", 6.0, False, "playbook at least 6 x faster than s3_sync"),
    _Ratio("noop-small", "engine", "mc", 1.0, True, "engine no slower than mc"),
    _Ratio("noop-small", "s3_sync", "playbook", 4.0, False, "playbook at least 4 x faster than s3_sync"),
    _Ratio("fetch-large", "engine", "floor", 1.10, True, "engine at most 1.10 x the no-cost client"),
    _Ratio("fetch-large", "engine", "best", 1.0, True, "engine ahead of every peer"),
    _Ratio("fetch-small", "best", "engine", 1.5, False, "engine at least 1.5 x faster than the best peer"),
    _Ratio("fetch-noop-small", "engine", "mc", 1.0, True, "engine no slower than mc"),
    _Ratio("noop-many", "engine", "mc", 1.0, True, "engine no slower than mc"),
    *(
        _Ratio(f"far-{name}-{round_trip}", "engine", "best", 1.0, True, "engine ahead of every peer")
        for name in ("cold-large", "cold-small", "noop-small", "fetch-large", "fetch-small", "copy-small")
        for round_trip in (20, 100)
    ),
    *(
        _Ratio(f"far-changed-small-{round_trip}", "engine", "best", 1.0, True, "engine ahead of who found the change")
        for round_trip in (20, 100)
    ),
    *(
        _Ratio(f"far-{name}-{round_trip}", "engine", "mc", 0.8, True, "engine at most 0.8 x mc")
        for name in ("noop-small", "fetch-noop-small")
        for round_trip in (20, 100)
    ),
)
_OURS = ("floor", "engine", "engine-without-isal", "playbook")

#: Peak memory of the engine with 200,000 objects, in MB.
MOST_MEMORY = 150.0


def verdicts(results: Mapping[str, Result]) -> Iterator[Verdict]:
    """Every target whose scenario was run, those of the plain scenarios over TLS too."""
    for target in _RATIOS:
        for suffix in ("", "-tls"):
            result = results.get(target.scenario + suffix)
            figure = _ratio(result, target) if result else None
            if result and figure is not None:
                reached = figure <= target.limit if target.most else figure >= target.limit
                yield Verdict(result.scenario, target.aim, f"{figure:.2f} x", reached)
    for check in (_memory, _linear, _found):
        yield from check(results)


def _ratio(result: Result, target: _Ratio) -> float | None:
    seconds = {name: row.seconds for name, row in result.rows.items() if row.found in (None, len(row.samples))}
    seconds["best"] = min((value for name, value in seconds.items() if name not in _OURS), default=0.0)
    if target.above not in seconds or not seconds.get(target.below):
        return None
    return seconds[target.above] / seconds[target.below]


def _memory(results: Mapping[str, Result]) -> Iterator[Verdict]:
    if "noop-many" in results:
        memory = results["noop-many"].rows["engine"].memory
        yield Verdict(
            "noop-many", f"engine's peak memory under {MOST_MEMORY:.0f} MB", f"{memory:.0f} MB", memory < MOST_MEMORY
        )


def _linear(results: Mapping[str, Result]) -> Iterator[Verdict]:
    small, many = results.get("noop-small"), results.get("noop-many")
    if small and many:
        costs = [result.rows["engine"].seconds / result.files for result in (small, many)]
        growth = costs[1] / costs[0]
        yield Verdict("noop-many", "linear: time an object no higher than with 5,000", f"{growth:.2f} x", growth <= 1.1)


def _found(results: Mapping[str, Result]) -> Iterator[Verdict]:
    changed, noop = results.get("changed-small"), results.get("noop-small")
    if changed:
        row = changed.rows["engine"]
        runs = len(row.samples)
        yield Verdict("changed-small", "found each time", f"{row.found} of {runs}", row.found == runs)
        if noop:
            ratio = row.seconds / noop.rows["engine"].seconds
            yield Verdict("changed-small", "in the time of nothing to do", f"{ratio:.2f} x", ratio <= 1.15)
