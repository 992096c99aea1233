"""Our engine alone, our module in a whole playbook, and the client that costs nothing."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from docs.generate import module_documents
from tests.support.paths import REPO

from .contenders import PREFIX, Contender, Task, base_environment
from .measure import Job
from .peers import playbook, program


@cache
def documented_defaults(module: str = "minio_sync") -> dict[str, Any]:
    """Every option of a module with its default, read from its documentation."""
    options = module_documents([module])[module]["doc"]["options"]
    return {name: option.get("default") for name, option in options.items()}


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


def _engine(task: Task, *without: str) -> Job:
    engine = REPO / "tests/benchmark/programs/engine.py"
    given = documented_defaults() | options(task)
    return Job([program("python"), engine, *without], environment(task), json.dumps(given))


def _engine_without_isal(task: Task) -> Job:
    return _engine(task, "isal")


def _playbook(task: Task) -> Job:
    return playbook(task, {"minio_sync": options(task)}, environment(task))


def _back(task: Task) -> dict[str, Any]:
    """The options of a fetch."""
    return {**options(task), "dest": str(task.folder), "src": None}


def _fetching_playbook(task: Task) -> Job:
    return playbook(task, {"minio_fetch": _given(_back(task))}, environment(task))


def _on(task: Task) -> dict[str, Any]:
    """The options of a copy, which reads no file and keeps no digests."""
    where = {"dest_bucket": task.dest_bucket, "dest_prefix": PREFIX}
    return {**options(task), **where, "src": None, "digest_cache": None}


def _copying_playbook(task: Task) -> Job:
    return playbook(task, {"minio_copy": _given(_on(task))}, environment(task))


def _given(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value is not None}


def _fetching_engine(task: Task) -> Job:
    given = documented_defaults("minio_fetch") | _given(_back(task))
    return Job([program("python"), REPO / "tests/benchmark/programs/engine.py"], environment(task), json.dumps(given))


def _copying_engine(task: Task) -> Job:
    given = documented_defaults("minio_copy") | _given(_on(task))
    return Job([program("python"), REPO / "tests/benchmark/programs/engine.py"], environment(task), json.dumps(given))


def _fetching_floor(task: Task) -> Job:
    return _floor(task, "floor_fetch.py")


def _floor(task: Task, name: str = "floor.py") -> Job:
    command = [program("python"), REPO / "tests/benchmark/programs" / name]
    given = {"folder": str(task.folder), "bucket": task.bucket, "prefix": PREFIX, "workers": 4}
    return Job(command, environment(task), json.dumps(given))


ENGINE = Contender("engine", "our engine", _engine, tells=True)
ENGINE_WITHOUT_ISAL = Contender("engine-without-isal", "our engine without isal", _engine_without_isal, tells=True)
PLAYBOOK = Contender("playbook", "minio_sync (playbook)", _playbook)
FLOOR = Contender("floor", "no-cost client", _floor, tells=True)
FETCHING_PLAYBOOK = Contender("playbook", "minio_fetch (playbook)", _fetching_playbook)
COPYING_PLAYBOOK = Contender("playbook", "minio_copy (playbook)", _copying_playbook)
FETCHING_ENGINE = Contender("engine", "our engine", _fetching_engine, tells=True)
COPYING_ENGINE = Contender("engine", "our engine", _copying_engine, tells=True)
FETCHING_FLOOR = Contender("floor", "no-cost client", _fetching_floor, tells=True)
