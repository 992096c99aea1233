"""The source trees: made once, kept under ``.cache/bench/trees`` and used by every contender."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support.paths import CACHE

FOLDER = CACHE / "bench" / "trees"


@dataclass(frozen=True)
class Tree:
    """``files`` files of ``size`` bytes each, in folders of up to ``width`` files; ``sparse`` ones are zeros."""

    name: str
    files: int
    size: int
    width: int
    sparse: bool = False

    @property
    def text(self) -> str:
        """As a heading says it."""
        for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
            if self.size >= factor and self.size % factor == 0:
                return f"{self.files:,} x {self.size // factor} {unit}"
        return f"{self.files:,} x {self.size} B"

    def path(self, number: int) -> str:
        """The relative path of a file, counted from 0."""
        return f"{number // self.width:04d}/file-{number:06d}.bin"

    def make(self) -> Path:
        """The folder, made where it is missing or was made otherwise; its files are in the page cache then."""
        folder = FOLDER / self.name
        made = folder.with_suffix(".json")
        if not made.exists() or json.loads(made.read_text()) != asdict(self):
            self._write(folder)
            made.write_text(json.dumps(asdict(self)))
        if self.size > 1 << 20 and not self.sparse:
            for number in range(self.files):
                touch_pages(folder / self.path(number))
        return folder

    def _write(self, folder: Path) -> None:
        source = random.Random(self.name)
        # what compresses or repeats could be told apart by a clever server; a pattern with a number could not be slower
        block = source.randbytes(min(self.size, 1 << 20))
        past = time.time() - 3600
        for number in range(self.files):
            path = folder / self.path(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                if self.sparse:
                    file.truncate(self.size)
                else:
                    file.write(f"{number:08d}".encode() + block[8:])
                    for _ in range(1, -(-self.size // len(block))):
                        file.write(block)
            os.utime(path, (past, past))

    def rewrite(self, number: int) -> bytes:
        """Change a file's content and keep its size and its mtime; returns the new content."""
        path = FOLDER / self.name / self.path(number)
        status = path.stat()
        content = random.Random(time.time_ns()).randbytes(status.st_size)
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return content


def touch_pages(path: Path) -> None:
    """Read a file, so that it is in the page cache."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
