"""What a local file's ETag would be, and a cache that spares reading it again.

An ETag of S3 is the MD5 of the content, or ``md5(md5(part 1) + md5(part 2) …)-N`` for an object that was
uploaded in N parts (documented by the S3 API, and measured to hold for MinIO without SSE-KMS or SSE-C).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from typing import Callable, Iterator, Optional, Sequence, Union
from urllib.parse import quote

from ..values.errors import SourceError
from ..values.model import LocalFile
from .opened import of_status, opened, why_not
from .places import absolute

try:  # an extra: by the processor's own instructions, 0.01 s for a GB where the standard library takes 0.25
    from isal.isal_zlib import crc32 as crc32
except ImportError:
    from zlib import crc32 as crc32

#: ``layout`` of an ETag in the cache: one part, and an ETag that is not a digest of the content.
WHOLE, OPAQUE = 0, -1

#: A file that changed less than this before it was read may change again within the same tick of its time
#: stamps, so nothing is remembered about it. Ticks are some ms long, but whole seconds on some file
#: systems, which shows in their time stamps. Nanoseconds.
RACY_NS, RACY_COARSE_NS = 50_000_000, 2_000_000_000

_SLICE = 1024 * 1024

_COLUMNS = ["device", "inode", "size", "mtime_ns", "ctime_ns", "layout", "etag"]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS digest (
    device INTEGER, inode INTEGER, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, layout INTEGER, etag TEXT,
    PRIMARY KEY (device, inode, layout)
) WITHOUT ROWID
"""
_SELECT = (
    "SELECT layout, etag FROM digest WHERE device = ? AND inode = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?"
)
_INSERT = "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?, ?)"


def _signed(number: int) -> int:
    """Devices and inodes are unsigned numbers of 64 bits, times after 2262 have more; SQLite's integers are signed."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _identity(file: LocalFile) -> tuple[int, ...]:
    return tuple(map(_signed, (file.device, file.inode, file.size, file.mtime_ns, file.ctime_ns)))


class DigestCache:
    """ETags known to stand for the content of files, keyed by device, inode, size and both times.

    The file may be removed at any time; two runs may use it at once (SQLite locks it); where it cannot be
    opened or is damaged, the run goes on without it, and ``problem`` says so. ``writable=False`` is for dry runs,
    which leave no trace.
    """

    def __init__(self, path: Optional[str], *, writable: bool = True) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[Union[int, str], ...]] = []
        self._writable = writable
        self._path = path or ""
        self._database: Optional[sqlite3.Connection] = None
        self.problem = ""
        if path:
            with self._noting():
                self._path = absolute(path)
                self._database = _open(self._path, writable=writable)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Go on without the cache where it fails; it may be somebody's other file, so it is not removed."""
        try:
            yield
        except (sqlite3.Error, OSError, SourceError) as error:
            self.problem = f"the digest cache {self._path} is of no use ({error}), so that files are read anew"

    def known(self, file: LocalFile) -> dict[int, str]:
        """Layout (part size in bytes, ``WHOLE`` or ``OPAQUE``) -> ETag, for exactly this content."""
        if self._database is None:
            return {}
        with self._lock, self._noting():
            if not self._database.in_transaction:
                # many look-ups in one transaction take less than half the time
                self._database.execute("BEGIN")
            return dict(self._database.execute(_SELECT, _identity(file)).fetchall())
        return {}

    def release(self) -> None:
        """Let other runs write: what follows may take long."""
        if self._database is not None:
            with self._lock, suppress(sqlite3.Error):
                self._database.commit()

    def remember(self, file: LocalFile, layout: int, etag: str, *, dated: bool = False) -> None:
        """Record what ``file``'s content is known as; written at ``close``, or after some hundred others.

        ``dated``: we wrote it and set its mtime to another time than that. Whoever writes to it within the same tick
        sets the mtime, too, and so shows.
        """
        if self._database is None or not self._writable:
            return
        coarse = not file.ctime_ns % 1_000_000_000
        tick = RACY_COARSE_NS if coarse else RACY_NS
        shows = dated and abs(file.ctime_ns - file.mtime_ns) > (tick if coarse else 0)
        if not shows and time.time_ns() - file.ctime_ns < tick:  # not mtime, which anyone sets, into the future too
            return
        with self._lock:
            self._pending.append((*_identity(file), layout, etag))
            if len(self._pending) >= 500:
                self._flush()

    def close(self) -> None:
        """Write what is pending."""
        if self._database is not None:
            with self._lock:
                self._flush()
                self._database.close()
            self._database = None

    def _flush(self) -> None:
        if self._database is not None and self._pending:
            with self._noting(), self._database:
                self._database.commit()
                self._database.executemany(_INSERT, self._pending)
        self._pending.clear()


def _open(path: str, *, writable: bool) -> Optional[sqlite3.Connection]:
    """The database; ``None`` where a dry run finds none.

    :raises sqlite3.Error: when it is somebody's other file, or damaged
    """
    if not writable and not os.path.exists(path):
        return None
    if writable:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    mode = "rwc" if writable else "ro"
    database = sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=10.0, check_same_thread=False)
    try:
        if writable and not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            with database:
                database.execute(_SCHEMA)
        if [row[1] for row in database.execute("PRAGMA table_info(digest)")] != _COLUMNS:
            raise sqlite3.DatabaseError("it is another file, which is left alone")
    except sqlite3.Error:
        database.close()
        raise
    return database


def part_sizes(size: int, layout: int) -> list[int]:
    """The sizes of the parts that ``size`` bytes make in parts of ``layout`` bytes."""
    count, rest = divmod(size, layout)
    return [layout] * count + ([rest] if rest or not count else [])


def md5_of(file: LocalFile) -> str:
    """The ETag of the content as one part.

    :raises SourceError: when the file cannot be read, or changes meanwhile; so do all functions below
    """
    return _digests(file, [file.size], _md5)[0].hex()


def etag_of_parts(file: LocalFile, sizes: Sequence[int]) -> str:
    """The ETag of the content in parts of these sizes in bytes."""
    return join_etags(_digests(file, sizes, _md5))


def join_etags(parts: Sequence[bytes]) -> str:
    """The ETag of an object made of parts with these MD5 digests."""
    return f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}"


def sha256_of(file: LocalFile) -> str:
    """SHA-256 of the content, in hex: for stores whose ETag says nothing."""
    return _digests(file, [file.size], hashlib.sha256)[0].hex()


def _md5(data: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _digests(file: LocalFile, sizes: Sequence[int], algorithm: Callable[[], hashlib._Hash]) -> list[bytes]:
    attempted = f"read {file.path}"
    buffer = memoryview(bytearray(_SLICE))
    try:
        with opened(file, attempted) as fd:
            digests = [_digest_next(fd, size, algorithm(), buffer) for size in sizes]
            after = of_status(file.path, file.key, os.fstat(fd))
    except OSError as error:
        raise SourceError(attempted, why_not(error)) from error
    if after != file:
        raise SourceError(attempted, "it changed while it was read", "Run again when nothing writes to it.")
    return digests


def _digest_next(fd: int, size: int, digest: hashlib._Hash, buffer: memoryview) -> bytes:
    while size > 0:
        count = os.readv(fd, [buffer[: min(size, len(buffer))]])
        if not count:
            break  # shorter than it was: the caller sees it by its status
        digest.update(buffer[:count])
        size -= count
    return digest.digest()
