"""``python -m tests.benchmark.truth``: what we and the peers make of the same trouble, judged by the target afterwards.

Every cell is a first run by the contender, something that happens, and a second one by the same contender. One table
has the first upload by one tool and the sync by another. Contenders run without root's right to read
everything, so that what is unreadable is unreadable. It takes some minutes and is independent of the machine's load.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.support.errors import SupportError
from tests.support.state import Server

from .bench import Filled, Place, work_folder
from .contenders import PREFIX, Contender, Task, Way
from .document import write_document
from .measure import Finished, Job, run
from .ours import COPYING_PLAYBOOK, FETCHING_PLAYBOOK, PLAYBOOK
from .peers import AWS, MC, RCLONE, RCLONE_CHECKSUM, S3_SYNC, S5CMD, turned
from .report import as_text
from .results import TRUTH, load_results
from .truth_cases import (
    CONTENT,
    COPY_CONTENT,
    COPY_FAULTS,
    FAULTS,
    FETCH_CONTENT,
    FETCH_FAULTS,
    FILES,
    Case,
    Scene,
    listing,
    write_tree,
)

_CONTENDERS = (PLAYBOOK, MC, S5CMD, RCLONE, RCLONE_CHECKSUM, AWS, S3_SYNC)

#: Those that go the other ways, too; community.aws.s3_sync only uploads.
_PEERS = (MC, S5CMD, RCLONE, RCLONE_CHECKSUM, AWS)
_FETCHING = (FETCHING_PLAYBOOK, *(turned(peer, Way.FETCH) for peer in _PEERS))
_COPYING = (COPYING_PLAYBOOK, *(turned(peer, Way.COPY) for peer in _PEERS))

#: Large enough that every tool but rclone sends it in parts.
_LARGE = {"large.bin": bytes(range(256)) * (60 << 12)}

#: Times of objects are told in seconds.
_APART = 1.2


@dataclass(frozen=True)
class Table:
    """A table as it is printed. ``rows`` start with their names."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Truth:
    """Runs cases on one server."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def table(self, title: str, cases: Sequence[Case], contenders: Sequence[Contender], way: Way = Way.UPLOAD) -> Table:
        """A row for each case, a column for each contender."""
        rows = []
        for case in cases:
            print(f"truth: {case.name} …", flush=True)
            rows.append([case.name, *self._row(case, contenders, way)])
        return Table(title, [contender.label for contender in contenders], rows)

    def _row(self, case: Case, contenders: Sequence[Contender], way: Way) -> list[str]:
        scenes = [(contender, *self._first(contender, way)) for contender in contenders]
        time.sleep(_APART)
        return [self._second(contender, case, scene, home) for contender, scene, home in scenes]

    def _first(self, contender: Contender, way: Way) -> tuple[Scene, Path]:
        filled = self._place.fresh(f"truth-{contender.name}")
        folder = filled.home / "source"
        write_tree(folder)
        scene = Scene(folder, filled.bucket, self._place.mc, {}, way)
        if way is not Way.UPLOAD:
            self._place.mc.run("mirror", str(folder), f"t/{filled.bucket}/{PREFIX}")
            other = self._place.fresh(f"truth-{contender.name}").bucket if way is Way.COPY else ""
            scene = replace(scene, folder=filled.home / "dest", dest_bucket=other)
            time.sleep(_APART)  # what is fetched is older than what is written
        self._run(contender, self._task(scene, filled.home)).expect_ok(contender.label)
        scene = replace(scene, before=scene.there())
        if set(scene.before) != set(FILES):
            raise SupportError(f"{contender.label} wrote {sorted(scene.before)}")
        return scene, filled.home

    def _second(self, contender: Contender, case: Case, scene: Scene, home: Path) -> str:
        case.happen(scene)
        task = replace(self._task(scene, home), remove=case.remove, exclude=case.exclude)
        if case.deny:
            task = replace(task, server=self._less(case.deny, scene.bucket, home))
        finished = self._run(contender, task)
        return case.judge(scene, scene.there(), finished.rc)

    def _less(self, deny: tuple[str, str], bucket: str, home: Path) -> Server:
        """The server for an identity that may do everything but one thing."""
        action, resource = deny
        user, secret = f"less-{bucket}", secrets.token_hex(16)
        statements = [
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]},
            {"Effect": "Deny", "Action": [action], "Resource": [resource.format(bucket)]},
        ]
        document = home / "less.json"
        document.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
        self._place.mc.run("admin", "policy", "create", "t", user, str(document))
        self._place.mc.run("admin", "user", "add", "t", user, secret)
        self._place.mc.run("admin", "policy", "attach", "t", user, "--user", user)
        return replace(self._place.server, access_key=user, secret_key=secret)

    def adoption(self, contenders: Sequence[Contender]) -> Table:
        """What each makes of what another one uploaded: how many objects it writes again, none of which it needs to."""
        rows = []
        for uploader in contenders:
            print(f"truth: uploaded by {uploader.label} …", flush=True)
            rows.append([f"uploaded by {uploader.label}", *self._adopted(uploader, contenders)])
        columns = [contender.label for contender in contenders]
        return Table("A sync of what somebody else uploaded: objects written again", columns, rows)

    def _adopted(self, uploader: Contender, contenders: Sequence[Contender]) -> list[str]:
        files = FILES | _LARGE
        prepared = []
        for contender in contenders:
            filled = self._place.fresh(f"adopted-by-{contender.name}")
            folder = filled.home / "source"
            write_tree(folder, files=files)
            other = Filled(filled.bucket, filled.home / "uploader")
            other.home.mkdir()
            self._run(uploader, Task(folder, filled.bucket, self._place.server, other.home)).expect_ok(uploader.label)
            prepared.append((contender, Task(folder, filled.bucket, self._place.server, filled.home)))
        time.sleep(_APART)
        return [self._written_again(contender, task) for contender, task in prepared]

    def _written_again(self, contender: Contender, task: Task) -> str:
        before = listing(self._place.mc, task.bucket)
        finished = self._run(contender, task)
        after = listing(self._place.mc, task.bucket)
        written = sum(after.get(key) != entry for key, entry in before.items())
        self._place.mc.remove_bucket(task.bucket)
        return f"{written} of {len(before)}{f', rc {finished.rc}' if finished.rc else ''}"

    def _task(self, scene: Scene, home: Path) -> Task:
        return Task(scene.folder, scene.bucket, self._place.server, home, dest_bucket=scene.dest_bucket)

    def _run(self, contender: Contender, task: Task) -> Finished:
        return run(_unprivileged(contender.job(task)), scratch=task.home)


def _unprivileged(job: Job) -> Job:
    """The job without the capabilities by which root reads what its owner may not."""
    if os.geteuid():
        return job
    return replace(job, command=["setpriv", "--bounding-set=-dac_override,-dac_read_search", *job.command])


def main(arguments: list[str] | None = None) -> int:
    argparse.ArgumentParser(prog="python -m tests.benchmark.truth", description=__doc__).parse_args(arguments)
    folder = work_folder()
    place = Place(folder / "http", tls=False)
    try:
        truth = Truth(place)
        tables = [
            truth.table("A second sync, after…", CONTENT, _CONTENDERS),
            truth.table("Removal on, and the source has a fault", FAULTS, _CONTENDERS),
            truth.adoption(_CONTENDERS),
            truth.table("A second fetch into the folder, after…", FETCH_CONTENT, _FETCHING, Way.FETCH),
            truth.table("A fetch with removal on, and the bucket has a fault", FETCH_FAULTS, _FETCHING, Way.FETCH),
            truth.table("A second copy into the other bucket, after…", COPY_CONTENT, _COPYING, Way.COPY),
            truth.table("A copy with removal on, and the bucket has a fault", COPY_FAULTS, _COPYING, Way.COPY),
        ]
    except SupportError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        place.close()
    TRUTH.write_text(json.dumps([asdict(table) for table in tables], indent=1) + "\n")
    for table in tables:
        print(f"\n{table.title}\n{as_text(['', *table.columns], table.rows)}")
    for path in write_document(load_results(quick=False)):
        print(f"truth: wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
