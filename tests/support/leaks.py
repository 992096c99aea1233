"""Look for secrets where none may be: in files, in text, and in the process list while something runs."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .process import process_folders

_LARGEST = 64 * 1024 * 1024


def forms(canaries: Iterable[str]) -> list[bytes]:
    """The secrets as they could stand somewhere: as they are, and in base64."""
    plain = [canary.encode() for canary in canaries]
    return plain + [base64.b64encode(one).rstrip(b"=") for one in plain]


def leaks_in_text(canaries: Iterable[str], text: str) -> list[str]:
    """The lines that hold a secret."""
    wanted = forms(canaries)
    return [line[:300] for line in text.splitlines() if any(one in line.encode() for one in wanted)]


def leaks_in_files(canaries: Iterable[str], roots: Iterable[Path], *, allowed: Sequence[str] = ()) -> list[str]:
    """The files that hold a secret, less those whose path ends as one of ``allowed``."""
    wanted, found = forms(canaries), []
    for root in roots:
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_symlink() or not path.is_file() or str(path).endswith(tuple(allowed)):
                continue
            try:
                content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
            except OSError:  # gone, or not for this user
                continue
            if any(one in content for one in wanted):
                found.append(str(path))
    return found


@contextmanager
def watched_processes(canaries: Iterable[str]) -> Iterator[list[str]]:
    """The command lines, of all users, that held a secret while the block ran."""
    wanted, seen, over = forms(canaries), set[str](), threading.Event()

    def watch() -> None:
        while not over.is_set():
            for folder in process_folders():
                try:
                    content = (folder / "cmdline").read_bytes()
                except OSError:
                    continue
                if any(one in content for one in wanted):
                    seen.add(content.replace(b"\0", b" ").decode(errors="replace")[:500])
            time.sleep(0.02)

    found: list[str] = []
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join(timeout=5)
        found += sorted(seen)
