"""Faults that others cause: what they replace or remove under a run, a second run, and disks that are full."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.support.tripwire import Tripwire

from .instants import Outcome, instant, judged, mixed, place_of, staged
from .ways import SOURCE, TARGET, Fetch, Stage, Way, in_a_process, run_way

#: At which of the instants something is done to the source or the bucket.
SOME = (3, 8, 13)

#: A disk that holds the source and not the copy, and one that holds both.
SMALL, LARGE = "12m", "60m"


def source_replaced(stage: Stage, way: Way, sizes: dict[str, int], number: int) -> Outcome:
    """The large file or object gets another content of its size in the middle; one of both arrives, whole."""
    place, other = place_of(way, "replaced", number), os.urandom(len(stage.content["large"]))
    way.prepare(stage, place)
    with Tripwire(stage.server) as wire:
        # a thread of its own: the server answers it only once it is done with what the run asks for
        replacing = Thread(target=stage.replace_source, args=(way.name, other))
        wire.arm(instant(stage, sizes[way.name], number), lambda _: replacing.start())
        run_way(way, stage, wire.server, place)
        replacing.join()
        found = way.there(stage, place).get("large")
        known = (b"as it was", stage.content["large"], other)
        problem = "" if found in known else "a mixture arrived"
        problem = problem or run_way(way, stage, wire.server, place)
    there = way.there(stage, place)
    if not problem and there != {**stage.content, "large": other}:
        problem = "not what is in the source by now"
    problem = problem or "".join(way.stray(stage, place))
    stage.fill_source()
    return Outcome("source replaced", way.name, 0, problem)


def bucket_removed(stage: Stage, way: Way, sizes: dict[str, int], number: int) -> Outcome:
    """The bucket goes in the middle, and comes back: the run says so, and the next one brings all."""
    place = place_of(way, "removed", number)
    way.prepare(stage, place)
    with Tripwire(stage.server) as wire:
        wire.arm(instant(stage, sizes[way.name], number), lambda _: stage.remove_bucket(way.meddled))
        said = run_way(way, stage, wire.server, place)
    # a write that MinIO is at may bring the bucket back under its removal, without what it held
    gone = not stage.client.bucket_exists(way.meddled)
    # all of it may have been on its way already
    complete = isinstance(way, Fetch) and not said and way.there(stage, place) == stage.content
    problem = f"the run said {said!r}" if gone and "bucket" not in said and not complete else ""
    if isinstance(way, Fetch):
        problem = problem or mixed(way, stage, place)
    for bucket in (SOURCE, TARGET):
        if not stage.client.bucket_exists(bucket):
            stage.client.make_bucket(bucket)
    stage.fill_source()
    problem = problem or run_way(way, stage, stage.server, place) or judged(way, stage, place)
    return Outcome("bucket removed", way.name, 0, problem)


def two_at_once(stage: Stage, way: Way, number: int) -> Outcome:
    """Two runs to one place, neither of which may fail."""
    place = place_of(way, "two", number)
    way.prepare(stage, place)
    runs = [in_a_process(way, stage, stage.server, place) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    ended = [run.exitcode for run in runs]
    problem = "" if ended == [0, 0] else f"they ended with {ended}"
    return Outcome("two runs at once", way.name, 0, problem or judged(way, stage, place))


def _until_done(way: Way, stage: Stage, place: str) -> str:
    """Run again until the server has looked at its disk again, which it does every few seconds."""
    said = ""
    for _ in range(20):
        said = run_way(way, stage, stage.server, place, retries=0)
        if "full" not in said:
            break
        time.sleep(0.5)
    return said


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own at ``folder``; PermissionError where this user may not mount one."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        raise PermissionError("no right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def enlarge(folder: Path) -> None:
    """Make room on a small disk."""
    subprocess.run(["mount", "-o", f"remount,size={LARGE}", folder], check=True)


def disk_full(folder: Path, way: Way) -> Outcome:
    """The disk that a run writes to fills up under it; with more room the next run brings all.

    :raises PermissionError: where no small disk can be had
    """
    fetches = isinstance(way, Fetch)
    disk = folder / ("home" if fetches else "server")
    with small_disk(disk), staged(folder) as stage:
        place = place_of(way, "full", 0)
        way.prepare(stage, place)
        said = run_way(way, stage, stage.server, place, retries=0)
        problem = "" if "full" in said or "No space left" in said or "no space left" in said else f"it said {said!r}"
        problem = problem or mixed(way, stage, place)
        enlarge(disk)
        problem = problem or _until_done(way, stage, place) or judged(way, stage, place)
    return Outcome("disk full", way.name, 0, problem)
