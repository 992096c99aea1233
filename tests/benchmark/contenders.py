"""Who takes part, and how each is asked for the same thing: a folder into a bucket below ``data/``, or back, or on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from tests.support.state import Server

from .measure import Job

#: Below what everything is written: tools that remove need a prefix, and one of them must not get a whole bucket.
PREFIX = "data"


class Way(Enum):
    """From where to where."""

    UPLOAD = "the folder into the bucket"
    FETCH = "the bucket into the folder"
    COPY = "the bucket into another one of the same store"


@dataclass(frozen=True)
class Task:
    """What a contender is to do. ``dest_bucket`` is where copies go.

    ``home`` is a folder of its own, which keeps its caches and settings between runs into the same bucket.
    ``remove`` asks for the removal of what the source does not have; ``exclude`` is a glob that both sides leave alone.
    """

    folder: Path
    bucket: str
    server: Server
    home: Path
    remove: bool = False
    exclude: str = ""
    dest_bucket: str = ""

    def ends(self, way: Way, there: str, folder: str = "") -> tuple[str, str]:
        """Source and target, where ``there`` is how a tool writes the prefix of the bucket ``{}``."""
        here, bucket = folder or str(self.folder), there.format(self.bucket)
        return {
            Way.UPLOAD: (here, bucket),
            Way.FETCH: (bucket, here),
            Way.COPY: (bucket, there.format(self.dest_bucket)),
        }[way]


class Contender(NamedTuple):
    """``tells`` says that the program prints its own time and memory as JSON."""

    name: str
    label: str
    job: Callable[..., Job]
    tells: bool = False


def base_environment(task: Task) -> dict[str, str]:
    """What every process gets: nothing of the caller's but PATH, so that no setting of a user's decides."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(task.home), "LC_ALL": "C.UTF-8"}
