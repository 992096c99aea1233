"""Run scenarios: contenders in turn against one server, into buckets that are fresh, or filled and left alone."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tests.support.delay import delaying_proxy
from tests.support.errors import SupportError
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.server import DATA, ServerOptions, start_server, stop_server
from tests.support.state import Server

from .contenders import PREFIX, Contender, Task
from .measure import Job, Sample, run, wait_idle
from .ours import ENGINE, environment
from .peers import program
from .results import FOLDER, Result, Row
from .scenarios import Kind, Scenario
from .versions import versions

#: The scanner reads every object now and then, which has nothing to do with what is measured.
SETTINGS = {"MINIO_SCANNER_SPEED": "slowest"}

#: Bytes a second of the line to a server that is far away: 100 Mbit/s.
RATE = 100e6 / 8

#: A file that changed less than two seconds ago is not remembered by a cache that is careful. Seconds.
SETTLED = 2.1

#: Objects above this size are removed after each run, or the disk would fill up. Bytes.
REMOVED_ABOVE = 1 << 20


def work_folder() -> Path:
    """A folder of this process's own, not made yet; what killed runs left is removed."""
    for left in FOLDER.glob("work-*"):
        if not Path(f"/proc/{left.name.removeprefix('work-')}").exists():
            discard(left)
    return FOLDER / f"work-{os.getpid()}"


def discard(folder: Path) -> None:
    """Remove a folder that may hold a million files, which takes minutes, while nobody waits for it."""
    doomed = Path(tempfile.mkdtemp(dir=FOLDER, prefix="discarded-"))
    folder.rename(doomed / folder.name)
    subprocess.Popen(
        ["nice", "-n", "19", "rm", "-rf", *FOLDER.glob("discarded-*")],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ).returncode = 0  # it outlives this process


class Filled(NamedTuple):
    """A bucket that a contender filled, and the contender's own folder."""

    bucket: str
    home: Path


class Place:
    """A server with its data, and what the contenders keep; all of it goes with ``close``."""

    def __init__(self, folder: Path, *, tls: bool) -> None:
        self.folder = folder
        (folder / "server").mkdir(parents=True)
        self.server = start_server(
            folder / "server", ServerOptions(environment=SETTINGS, tls=tls, die_with_parent=True)
        )
        self.mc = Mc.connect(self.server, folder / "mc")
        self.filled: dict[tuple[str, str], Filled] = {}
        self.numbers = itertools.count(1)

    def fresh(self, name: str) -> Filled:
        """A new bucket and a new folder."""
        bucket = f"{name.replace('_', '-')}-{next(self.numbers)}"
        home = self.folder / "homes" / bucket
        home.mkdir(parents=True)
        self.mc.make_bucket(bucket)
        return Filled(bucket, home)

    def remove(self, filled: Filled) -> None:
        """Remove a bucket, and give back the memory that caches its objects.

        MinIO moves what is removed into a folder that it empties after minutes. Until then each run writes into
        memory that nobody has used yet, which a virtual machine gets from its host at the price of a second for a GB.
        """
        self.mc.remove_bucket(filled.bucket)
        trash = self.folder / "server" / DATA / ".minio.sys" / "tmp" / ".trash"
        subprocess.run(["rm", "-rf", *trash.iterdir()], check=True)

    @contextmanager
    def reached(self, round_trip: int) -> Iterator[Server]:
        """The server, from as far away as ``round_trip`` ms."""
        if not round_trip:
            yield self.server
            return
        port = int(self.server.endpoint.rpartition(":")[2])
        with delaying_proxy(port, seconds=round_trip / 2000, rate=RATE) as far:
            yield replace(self.server, endpoint=f"http://127.0.0.1:{far}")

    def settle(self, *, flush: bool) -> None:
        """Return when the server is idle and, with ``flush``, what was written is on disk; in bounded time."""
        if flush:
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(["sync", "--file-system", self.folder], timeout=30, check=False)
        wait_idle(self.server.process)

    def close(self) -> None:
        """Stop the server and remove its data."""
        stop_server(self.server)
        discard(self.folder)
        with suppress(OSError):  # another place of the same run is still there
            self.folder.parent.rmdir()


class Bench:
    """One run of the benchmark: places as they are needed, ``runs`` rounds a scenario."""

    def __init__(self, folder: Path, *, runs: int) -> None:
        self._folder = folder
        self._runs = runs
        self._places: dict[bool, Place] = {}

    def close(self) -> None:
        """Stop the servers and remove what they stored."""
        for place in self._places.values():
            place.close()

    def measure(self, scenario: Scenario) -> Result:
        """Run every contender ``runs`` times, one after the other in each round.

        Each round starts with another, and every second goes backwards: nobody always comes after the same one.
        """
        place = self._place(tls=scenario.tls)
        folder = scenario.tree.make()
        time.sleep(SETTLED)
        load = os.getloadavg()[0]
        runner = _RUNNERS[scenario.kind](place, scenario, folder)
        runner.prepare()
        samples: dict[str, list[Sample]] = {contender.name: [] for contender in scenario.contenders}
        for turn in range(self._runs):
            runner.begin(turn)
            shift = turn % len(scenario.contenders)
            order = [*scenario.contenders[shift:], *scenario.contenders[:shift]]
            for contender in reversed(order) if turn % 2 else order:
                samples[contender.name].append(runner.once(contender))
        runner.end()
        found = runner.found
        rows = {c.name: Row(c.label, samples[c.name], found.get(c.name)) for c in scenario.contenders}
        loads = (round(load, 1), round(os.getloadavg()[0], 1))
        return Result(scenario.name, scenario.title, scenario.tree.files, rows, loads, versions())

    def _place(self, *, tls: bool) -> Place:
        if tls not in self._places:
            self._places[tls] = Place(self._folder / ("tls" if tls else "http"), tls=tls)
        return self._places[tls]


class Cold:
    """Each run goes into a bucket of its own."""

    def __init__(self, place: Place, scenario: Scenario, folder: Path) -> None:
        self.place = place
        self.scenario = scenario
        self.folder = folder
        self.found: dict[str, int] = {}
        self.flush = scenario.tree.size > REMOVED_ABOVE

    def uploaded(self) -> Filled:
        """A bucket with the tree, as our engine uploads it."""
        filled = self.place.fresh("uploaded")
        Cold(self.place, self.scenario, self.folder).run(ENGINE, filled)
        return filled

    def prepare(self) -> None:
        """Nothing to prepare."""

    def begin(self, turn: int) -> None:
        """Nothing changes between rounds."""

    def once(self, contender: Contender) -> Sample:
        """One run into a fresh bucket; the next one begins when the server is idle again."""
        filled = self.place.fresh(contender.name)
        sample = self.run(contender, filled)
        stored = len(self.place.mc.keys(filled.bucket, PREFIX))
        if stored != self.scenario.tree.files:
            raise SupportError(f"{contender.label} stored {stored} of {self.scenario.tree.files} objects")
        self.place.filled[self.scenario.tree.name, contender.name] = filled
        if self.scenario.tree.size > REMOVED_ABOVE:
            self.place.remove(filled)
        return sample

    def task(self, filled: Filled, server: Server) -> Task:
        """From the folder into a given bucket."""
        return Task(self.folder, filled.bucket, server, filled.home)

    def run(self, contender: Contender, filled: Filled) -> Sample:
        """One run of the task."""
        self.place.settle(flush=self.flush)
        with self.place.reached(self.scenario.round_trip) as server:
            job = contender.job(self.task(filled, server))
            finished = run(job, server=server.process, scratch=filled.home).expect_ok(contender.label)
        if not contender.tells:
            return finished.sample
        told = finished.told()
        return replace(finished.sample, seconds=told["seconds"], rss=told["rss"] or finished.sample.rss)

    def end(self) -> None:
        """Nothing to look at."""


class Noop(Cold):
    """Each contender finds what it uploaded itself, or, of an archived tree, what all find."""

    def prepare(self) -> None:
        """Fill what is not filled yet, by a run that does not count; and see that there is nothing to do."""
        if self.scenario.archived:
            self._fill_from_archives()
        for contender in self.scenario.contenders:
            if (self.scenario.tree.name, contender.name) not in self.place.filled:
                super().once(contender)
        self._before = self._listings()

    def once(self, contender: Contender) -> Sample:
        """One run over the bucket as it is."""
        return self.run(contender, self.place.filled[self.scenario.tree.name, contender.name])

    def end(self) -> None:
        """A contender that wrote something had something to do: its figure would be of another scenario."""
        for bucket, listing in self._listings().items():
            if listing != self._before[bucket]:
                raise SupportError(f"{self.scenario.name}: something was written to {bucket}")

    def _listings(self) -> dict[str, list[tuple[str, str]]]:
        keys = [self.place.filled[self.scenario.tree.name, c.name].bucket for c in self.scenario.contenders]
        return {
            bucket: [(key, entry["lastModified"]) for key, entry in self.place.mc.objects(bucket, PREFIX).items()]
            for bucket in sorted(set(keys))
        }

    def _fill_from_archives(self) -> None:
        filled = self.place.fresh("archived")
        task = Task(self.folder, filled.bucket, self.place.server, filled.home)
        given = {"folder": str(self.folder), "bucket": filled.bucket, "prefix": PREFIX}
        command = [program("python"), REPO / "tests/benchmark/programs/fill.py"]
        run(Job(command, environment(task), json.dumps(given)), scratch=filled.home).expect_ok("filling from archives")
        for contender in self.scenario.contenders:
            own = Filled(filled.bucket, filled.home / contender.name)
            own.home.mkdir()
            self.place.filled[self.scenario.tree.name, contender.name] = own
            self.run(contender, own)


class Changed(Noop):
    """Before each round one file gets other content, with its size and its time of modification as they were."""

    _path = ""
    _content = b""

    def prepare(self) -> None:
        """As where there is nothing to do."""
        super().prepare()
        self.found = {contender.name: 0 for contender in self.scenario.contenders}

    def begin(self, turn: int) -> None:
        """Change another file in each round."""
        number = turn * 997 % self.scenario.tree.files
        self._path = self.scenario.tree.path(number)
        self._content = self.scenario.tree.rewrite(number)

    def once(self, contender: Contender) -> Sample:
        """One run, judged by what the bucket holds afterwards."""
        sample = super().once(contender)
        bucket = self.place.filled[self.scenario.tree.name, contender.name].bucket
        self.found[contender.name] += self.place.mc.cat(f"{bucket}/{PREFIX}/{self._path}") == self._content
        return sample

    def end(self) -> None:
        """Buckets whose contender missed the change are no longer what the next scenario expects."""
        for contender in self.scenario.contenders:
            del self.place.filled[self.scenario.tree.name, contender.name]


class Fetch(Cold):
    """Each run fetches what our engine uploaded, all from one bucket, into a folder of its own."""

    _bucket = ""

    def prepare(self) -> None:
        """Fill the bucket."""
        self.flush = True
        self._bucket = self.uploaded().bucket

    def once(self, contender: Contender) -> Sample:
        """One run into an empty folder, which is compared with the source."""
        home = self.place.folder / "fetched" / f"{contender.name}-{next(self.place.numbers)}"
        home.mkdir(parents=True)
        sample = self.run(contender, Filled(self._bucket, home))
        self.check(contender, home / "dest")
        discard(home)
        return sample

    def task(self, filled: Filled, server: Server) -> Task:
        """Into the folder ``dest`` below the contender's own."""
        return Task(filled.home / "dest", filled.bucket, server, filled.home)

    def check(self, contender: Contender, dest: Path) -> None:
        """See that everything came, to the last byte."""
        if subprocess.run(["diff", "-rq", self.folder, dest], capture_output=True, check=False).returncode:
            raise SupportError(f"{contender.label} fetched something else than what is in the bucket")


class FetchAgain(Fetch):
    """Each contender finds what it fetched itself."""

    def prepare(self) -> None:
        """Fetch once for each, by a run that does not count."""
        super().prepare()
        self._homes: dict[str, Path] = {}
        for contender in self.scenario.contenders:
            home = self._homes[contender.name] = (
                self.place.folder / "fetched" / f"{contender.name}-again-{next(self.place.numbers)}"
            )
            home.mkdir(parents=True)
            self.run(contender, Filled(self._bucket, home))

    def once(self, contender: Contender) -> Sample:
        """One run over the folder as it is."""
        return self.run(contender, Filled(self._bucket, self._homes[contender.name]))

    def end(self) -> None:
        """What is there is still what was fetched."""
        for contender in self.scenario.contenders:
            self.check(contender, self._homes[contender.name] / "dest")


class Copy(Cold):
    """Each run copies what our engine uploaded, all from one bucket, into a bucket of its own."""

    _source: Filled

    def prepare(self) -> None:
        """Fill the bucket that is copied."""
        self._source = self.uploaded()

    def task(self, filled: Filled, server: Server) -> Task:
        """From the bucket that is filled to the fresh one."""
        return Task(self.folder, self._source.bucket, server, filled.home, dest_bucket=filled.bucket)


_RUNNERS = {
    Kind.COLD: Cold,
    Kind.NOOP: Noop,
    Kind.CHANGED: Changed,
    Kind.FETCH: Fetch,
    Kind.FETCH_AGAIN: FetchAgain,
    Kind.COPY: Copy,
}
