"""Whether a run did what the dry run before it had said, task by task."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from .playbooks import TaskResult, read_results

#: Tasks that say of themselves that they are for one of the two: a dry run's own Python, and the report of the
#: acceptance, which a dry run does not write.
OF_ONE_ONLY = frozenset(
    {
        "Tell of the temporary environment",
        "Go back to the host's own Python",
        "Remove the temporary environment",
        "Make pictures of the newest season",
        "Read what the last syncs did",
        "Write the report",
        "Say where it is",
    }
)
#: What modules count, and what they say they do.
_COMPARED = ("uploaded", "adopted", "unchanged", "deleted", "extraneous")
#: Of a document the digest is not foretold: an index names the ETags of objects that are not written yet.
_NOT_FORETOLD = ("md5", "size")
_RECORD = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}\.json$")


@dataclass(frozen=True)
class Run:
    """One run of a playbook."""

    check: bool
    tasks: list[TaskResult]


def runs_in(folder: Path) -> list[Run]:
    """The runs whose results the callback left in ``folder``, in their order; those that broke off are left out."""
    found = [read_results(file) for file in sorted(folder.glob("*.jsonl"))]
    return [Run(bool(end["check"]), tasks) for tasks, end in found if end]


def broken_predictions(runs: Iterable[Run]) -> list[str]:
    """What the first real run after a dry run of the same plays did otherwise; AssertionError without such a pair."""
    dry, real = _pair(list(runs))
    return [line for one, other in zip_longest(_by_host(dry), _by_host(real)) for line in _compare(one, other)]


def _pair(runs: list[Run]) -> tuple[Run, Run]:
    for index, dry in enumerate(runs):
        if dry.check:
            plays = {task.play for task in dry.tasks}
            after = [run for run in runs[index + 1 :] if not run.check and {task.play for task in run.tasks} == plays]
            if after:
                return dry, after[0]
    raise AssertionError("no run follows a dry run of the same plays")


def _by_host(run: Run) -> list[tuple[str, TaskResult]]:
    """Hosts answer in any order; what one did is in order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    named = []
    for task in sorted(run.tasks, key=lambda task: task.host):
        if task.task in OF_ONE_ONLY:
            continue
        seen[task.host, task.role, task.task] += 1
        named.append((f"{task.host}: {task.role}: {task.task} ({seen[task.host, task.role, task.task]})", task))
    return named


def _compare(one: tuple[str, TaskResult] | None, other: tuple[str, TaskResult] | None) -> list[str]:
    if one is None or other is None or one[0] != other[0]:
        return [f"foretold {one[0] if one else 'nothing'}, done {other[0] if other else 'nothing'}"]
    name, dry, real = one[0], _facts(one[1]), _facts(other[1])
    return [
        f"{name}: {fact} foretold {dry.get(fact)!r}, done {real.get(fact)!r}"
        for fact in sorted({*dry, *real})
        if dry.get(fact) != real.get(fact)
    ]


def _facts(task: TaskResult) -> Mapping[str, Any]:
    result = task.result
    kept = {name: result[name] for name in _COMPARED if name in result}
    facts = {"status": task.status, "changed": task.changed, "diff": result.get("diff") or None, **kept}
    return {**facts, "actions": [_foretold(action) for action in result.get("actions", [])]}


def named(subject: str) -> str:
    """What is changed; of the record of a release the name is not foretold, as it tells the time."""
    return _RECORD.sub("TIME-DIGEST.json", subject)


def _foretold(action: Mapping[str, Any]) -> Mapping[str, Any]:
    after, action = action.get("after"), {**action, "subject": named(str(action.get("subject")))}
    if not isinstance(after, Mapping):
        return action
    return {**action, "after": {name: value for name, value in after.items() if name not in _NOT_FORETOLD}}
