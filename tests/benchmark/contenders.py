"""Who takes part, and how each is asked for the same thing: a folder into a bucket below ``data/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.support.state import Server

from .measure import Job

#: Below what everything is written: tools that remove need a prefix, and one of them must not get a whole bucket.
PREFIX = "data"


@dataclass(frozen=True)
class Task:
    """What a contender is to do.

    ``home`` is a folder of its own, which keeps its caches and settings between runs into the same bucket.
    ``remove`` asks for the removal of what the source does not have; ``exclude`` is a glob that both sides leave alone.
    """

    folder: Path
    bucket: str
    server: Server
    home: Path
    remove: bool = False
    exclude: str = ""


class Contender(NamedTuple):
    """``tells`` says that the program prints its own time and memory as JSON."""

    name: str
    label: str
    job: Callable[[Task], Job]
    tells: bool = False


def base_environment(task: Task) -> dict[str, str]:
    """What every process gets: nothing of the caller's but PATH, so that no setting of a user's decides."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(task.home), "LC_ALL": "C.UTF-8"}
