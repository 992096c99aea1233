"""Our engine alone, our module in a whole playbook, and the client that costs nothing."""

from __future__ import annotations

import ast
import json
from functools import cache
from typing import Any

import yaml

from tests.support.paths import LIBRARY, REPO

from .contenders import PREFIX, Contender, Task, base_environment
from .measure import Job
from .peers import playbook, program


@cache
def documented_defaults() -> dict[str, Any]:
    """Every option of ``minio_sync`` with its default, read from the module's documentation."""
    module = ast.parse((LIBRARY / "minio_sync.py").read_text())
    texts = [
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "DOCUMENTATION"
    ]
    options = yaml.safe_load(texts[0])["options"]
    return {name: option.get("default") for name, option in options.items()} | {"retries": 5}


def options(task: Task) -> dict[str, Any]:
    """What a user would write."""
    chosen: dict[str, Any] = {
        "src": str(task.folder),
        "bucket": task.bucket,
        "prefix": PREFIX,
        "digest_cache": str(task.home / "digests.sqlite3"),
        "delete": task.remove,
    }
    if task.exclude:
        chosen["exclude"] = [task.exclude]
    if task.server.ca_cert:
        chosen["ca_cert"] = task.server.ca_cert
    return chosen


def environment(task: Task) -> dict[str, str]:
    """The connection, for the module and for the programs."""
    own = base_environment(task) | task.server.environment
    return own | ({"MINIO_CA_CERT": task.server.ca_cert} if task.server.ca_cert else {})


def _engine(task: Task) -> Job:
    command = [program("python"), REPO / "tests/benchmark/programs/engine.py"]
    return Job(command, environment(task), json.dumps(documented_defaults() | options(task)))


def _playbook(task: Task) -> Job:
    return playbook(task, {"minio_sync": options(task)}, environment(task))


def _floor(task: Task) -> Job:
    command = [program("python"), REPO / "tests/benchmark/programs/floor.py"]
    given = {"folder": str(task.folder), "bucket": task.bucket, "prefix": PREFIX, "workers": 4}
    return Job(command, environment(task), json.dumps(given))


ENGINE = Contender("engine", "our engine", _engine, tells=True)
PLAYBOOK = Contender("playbook", "minio_sync (playbook)", _playbook)
FLOOR = Contender("floor", "no-cost client", _floor, tells=True)
