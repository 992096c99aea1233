"""What a fault happens to: files, a bucket, syncs of the one to the other, and what is looked at afterwards."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.client import Client
from tests.support.mc import Mc
from tests.support.state import Server

MIB = 1 << 20

#: Parts of large files, and uploads at a time: what can be on its way at an instant.
PART, WORKERS = 5 * MIB, 4

#: Small files that travel together, files that travel alone, and one that travels in parts: size, and how many.
SIZES = ((20 * 1024, 40), (3 * MIB // 2, 8), (16 * MIB + 7, 1))

#: How many syncs a fault may take to be mended; more is an endless one.
MOST_RUNS = 6


@dataclass
class Tally:
    """What came of a fault, over all tries. ``runs`` and ``sent_again`` are of the worst try; None was not counted."""

    tries: int = 0
    survived: int = 0
    runs: int = 0
    sent_again: int | None = 0
    compared: int = 0
    lost: int = 0
    stray: int = 0
    seconds: float = 0.0
    said: set[str] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost and nothing is left."""
        return self.survived == self.tries and self.lost == self.stray == 0


class Scene:
    """One source folder, and a bucket for each try."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        files = {
            f"{size // 1024}k/{number:03}": self.chance.randbytes(size)
            for size, count in SIZES
            for number in range(count)
        }
        self.src = folder / "src"
        for name, content in files.items():
            (self.src / name).parent.mkdir(parents=True, exist_ok=True)
            (self.src / name).write_bytes(content)
        self.files = {f"p/{name}": content for name, content in files.items()}
        self.tally = Tally()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(content) for content in self.files.values())

    def params(self, server: Server, bucket: str, **others: Any) -> dict[str, Any]:
        """Those of a sync that gives up early, so that what breaks is seen and not waited for."""
        return {
            **server.module_options,
            "src": str(self.src),
            "bucket": bucket,
            "prefix": "p",
            "digest_cache": "",
            "part_size": f"{PART // MIB}MiB",
            "workers": WORKERS,
            "retries": 2,
            "timeout": 20,
            **others,
        }

    def new_bucket(self, mc: Mc) -> str:
        """An empty bucket for the next try."""
        self.tally.tries += 1
        bucket = f"try-{self.tally.tries}"
        mc.make_bucket(bucket, "--ignore-existing")  # where its answer was lost, mc asks again
        return bucket

    def until_done(self, start: Callable[[], Client], first: Client | None = None) -> int:
        """Run syncs until one succeeds; how many it took, ``first`` included. Their errors are kept."""
        for run in range(1, MOST_RUNS + 1):
            result = (first if run == 1 and first else start()).result()
            if not result["failed"]:
                return run
            self.tally.said.add(str(result["msg"]))
        raise AssertionError(f"not done after {MOST_RUNS} runs: {result['msg']}")

    def look(self, mc: Mc, bucket: str, *, runs: int, sent_again: int) -> None:
        """Compare each object with its file, bit by bit, and look for uploads that nobody completed."""
        copy = self.folder / "copy"
        mc.run("mirror", f"t/{bucket}", str(copy))
        found = {str(path.relative_to(copy)): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
        shutil.rmtree(copy)
        wrong = [key for key in {*self.files, *found} if found.get(key) != self.files.get(key)]
        # without a byte: what a MinIO that was killed while it completed an upload leaves, and removes after a day
        stray = [one for one in mc.run("ls", "--incomplete", "--recursive", f"t/{bucket}") if one["size"]]
        tally = self.tally
        tally.compared += len(self.files)
        tally.lost += len(wrong)
        tally.stray += len(stray)
        tally.survived += not (wrong or stray)
        tally.runs = max(tally.runs, runs)
        tally.sent_again = max(tally.sent_again or 0, sent_again)
        mc.remove_bucket(bucket)


def wait_for(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Return as soon as it holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.002)
