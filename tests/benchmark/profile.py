"""What each task of a run cost, from the lines that the callback plugin geocrop_profile wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TaskCost:
    """A task, or Ansible's start. Seconds: ``wall``, and of processor time the ``controller``'s and the ``host``'s."""

    name: str
    action: str
    wall: float
    controller: float
    host: float

    @property
    def processor(self) -> float:
        """Both together."""
        return self.controller + self.host


def read_profile(path: Path) -> list[TaskCost]:
    """The tasks in their order. What workers used is added to their task."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    workers: dict[str, tuple[float, float]] = {}
    for line in lines:
        if "worker" in line:
            controller, host = workers.get(line["uuid"], (0.0, 0.0))
            workers[line["uuid"]] = controller + line["worker"], host + line["host"]
    return [
        TaskCost(
            name=" : ".join(filter(None, (line["role"], line["task"]))),
            action=line["action"].rpartition(".")[2],
            wall=line["wall"],
            controller=line["main"] + workers.get(line.get("uuid", ""), (0.0, 0.0))[0],
            host=workers.get(line.get("uuid", ""), (0.0, 0.0))[1],
        )
        for line in lines
        if "wall" in line
    ]


def profile_rows(tasks: Sequence[TaskCost], *, shown: int = 25) -> list[list[str]]:
    """The most expensive tasks, and what the others come to."""
    ranked = sorted(tasks, key=lambda task: -task.processor)
    rest = ranked[shown:]
    rows = [[f"{task.name}", task.action, *_figures([task])] for task in ranked[:shown]]
    if rest:
        rows.append([f"{len(rest)} others", "", *_figures(rest)])
    return [*rows, [f"all {len(tasks)}", "", *_figures(ranked)]]


PROFILE_HEADINGS = ("task", "module", "wall", "CPU controller", "CPU host")


def _figures(tasks: Sequence[TaskCost]) -> list[str]:
    return [f"{sum(getattr(task, name) for task in tasks):.2f} s" for name in ("wall", "controller", "host")]
