"""What can happen between two runs, and how the target afterwards is judged."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from tests.support.mc import Mc

from .contenders import PREFIX, Way

#: Relative path -> content, the source of every case: small, so that a run takes what its start takes.
FILES = {
    f"{folder}/{number:02d}.txt": f"{folder} {number}\n".encode() * 40
    for folder, number in (
        *(("first", n) for n in range(4)),
        *(("locked", n) for n in range(4)),
        *(("plain", n) for n in range(4)),
    )
}

_TOUCHED, _LINKED, _LOCKED = "plain/02.txt", "plain/03.txt", "locked"


class Entry(NamedTuple):
    """An object, or a file: what tells one that was written from one that was there, and what it holds."""

    modified: str
    etag: str


Listing = Mapping[str, Entry]


@dataclass(frozen=True)
class Scene:
    """A contender's folder and buckets, with what the target held after its first run."""

    folder: Path
    bucket: str
    mc: Mc
    before: Listing
    way: Way = Way.UPLOAD
    dest_bucket: str = ""

    def there(self) -> Listing:
        """What the target holds."""
        if self.way is Way.FETCH:
            return _files(self.folder)
        return listing(self.mc, self.dest_bucket or self.bucket)

    def source(self, name: str) -> bytes:
        """What the source has under a name."""
        if self.way is Way.UPLOAD:
            return (self.folder / name).read_bytes()
        return self.mc.cat(f"{self.bucket}/{PREFIX}/{name}")

    def target(self, name: str) -> bytes:
        """What the target has under it."""
        if self.way is Way.FETCH:
            return (self.folder / name).read_bytes()
        return self.mc.cat(f"{self.dest_bucket or self.bucket}/{PREFIX}/{name}")


@dataclass(frozen=True)
class Case:
    """A row. ``happen`` is what happens between the runs, ``judge`` says in a few words what became of it.

    ``deny`` is what the identity of the second run may not do: an action, and a resource in which ``{}`` is the bucket.
    """

    name: str
    happen: Callable[[Scene], None]
    judge: Callable[[Scene, Listing, int], str]
    remove: bool = False
    exclude: str = ""
    deny: tuple[str, str] | None = None


def write_tree(folder: Path, *, files: Mapping[str, bytes] = FILES) -> None:
    """The source, an hour old."""
    past = time.time() - 3600
    for relative, content in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (past, past))


def listing(mc: Mc, bucket: str) -> Listing:
    """The objects below the prefix."""
    found = mc.objects(bucket, PREFIX)
    return {key.removeprefix(f"{PREFIX}/"): Entry(entry["lastModified"], entry["etag"]) for key, entry in found.items()}


def _files(folder: Path) -> Listing:
    """The files of a folder, but for those that a tool keeps to itself."""
    found = {}
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.is_file():
            status = path.stat()
            written = f"{status.st_ino} {status.st_mtime_ns}"
            found[path.relative_to(folder).as_posix()] = Entry(written, hashlib.md5(path.read_bytes()).hexdigest())
    return found


def _changed_in_place(scene: Scene) -> None:
    path = scene.folder / _TOUCHED
    status = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _restored(scene: Scene) -> None:
    path = scene.folder / _TOUCHED
    status = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, (status.st_atime, status.st_mtime - 86400))


def _overwritten(scene: Scene) -> None:
    """By one PUT, so that the ETag is an MD5."""
    other = scene.folder.with_name("other.txt")
    other.write_bytes(FILES[_TOUCHED].swapcase())
    scene.mc.copy(other, f"{scene.bucket}/{PREFIX}/{_TOUCHED}")


def _overwritten_in_parts(scene: Scene) -> None:
    """As a stream, which mc sends as an upload in parts: the ETag is no MD5 of the content."""
    scene.mc.put(f"{scene.bucket}/{PREFIX}/{_TOUCHED}", FILES[_TOUCHED].swapcase())


def _touched(scene: Scene) -> None:
    (scene.folder / _TOUCHED).touch()


def _emptied(scene: Scene) -> None:
    for child in scene.folder.iterdir():
        shutil.rmtree(child)


def _missing(scene: Scene) -> None:
    shutil.rmtree(scene.folder)


def _one_removed(scene: Scene) -> None:
    (scene.folder / _TOUCHED).unlink()


def _folder_locked(scene: Scene) -> None:
    (scene.folder / _LOCKED).chmod(0)


def _file_locked(scene: Scene) -> None:
    (scene.folder / _TOUCHED).chmod(0)


def _dangling(scene: Scene) -> None:
    path = scene.folder / _LINKED
    path.unlink()
    path.symlink_to(scene.folder.parent / "nowhere")


def _excluded_key(scene: Scene) -> None:
    scene.mc.put(f"{scene.bucket}/{PREFIX}/first/run.log", b"written by somebody else\n")


def _found(scene: Scene, after: Listing, rc: int) -> str:
    """Whether the target holds what the source holds."""
    same = scene.target(_TOUCHED) == scene.source(_TOUCHED)
    return f"ok{_status(rc)}" if same else f"missed{_status(rc)}"


def _unsent(scene: Scene, after: Listing, rc: int) -> str:
    """Whether what is there is still what was written first."""
    sent = after[_TOUCHED].modified != scene.before[_TOUCHED].modified
    return f"written again{_status(rc)}" if sent else f"ok{_status(rc)}"


def _kept(scene: Scene, after: Listing, rc: int) -> str:
    """What is gone though nobody removed it."""
    gone = set(scene.before) - set(after)
    if not gone:
        return f"safe, rc {rc}" if rc else "kept, rc 0"
    if gone == set(scene.before):
        return f"**all removed**, rc {rc}"
    if all(key.startswith(f"{_LOCKED}/") for key in gone) or gone in ({_TOUCHED}, {_LINKED}):
        return f"**removed**, rc {rc}"
    return f"**{len(gone)} of {len(scene.before)} removed**, rc {rc}"


def _removal(scene: Scene, after: Listing, rc: int) -> str:
    gone = set(scene.before) - set(after)
    return f"removed, rc {rc}" if gone == {_TOUCHED} else f"{len(gone)} removed, rc {rc}"


def _exclusion(scene: Scene, after: Listing, rc: int) -> str:
    return f"kept, rc {rc}" if "first/run.log" in after else f"**removed**, rc {rc}"


def _status(rc: int) -> str:
    return f", rc {rc}" if rc else ""


CONTENT = (
    Case("content changed, size and mtime kept", _changed_in_place, _found),
    Case("content changed, size kept, older mtime (a restore)", _restored, _found),
    Case("object overwritten by others, same size", _overwritten, _found),
    Case("the same, by an upload in parts", _overwritten_in_parts, _found),
    Case("only mtime changed", _touched, _unsent),
    Case("source folder emptied, removal on", _emptied, _kept, remove=True),
)

FAULTS = (
    Case("one file removed on purpose (the control)", _one_removed, _removal, remove=True),
    Case("folder missing", _missing, _kept, remove=True),
    Case("folder empty", _emptied, _kept, remove=True),
    Case("a subfolder unreadable", _folder_locked, _kept, remove=True),
    Case("an unchanged file unreadable", _file_locked, _kept, remove=True),
    Case("a file became a dangling symlink", _dangling, _kept, remove=True),
    Case("an excluded key in the bucket", _excluded_key, _exclusion, remove=True, exclude="*.log"),
)


def _edited(scene: Scene) -> None:
    path = scene.folder / _TOUCHED
    path.write_bytes(path.read_bytes().swapcase())


def _copy_overwritten(scene: Scene) -> None:
    _overwritten(replace(scene, bucket=scene.dest_bucket))


def _written_again(scene: Scene) -> None:
    same = scene.folder.with_name("same.txt")
    same.write_bytes(FILES[_TOUCHED])
    scene.mc.copy(same, f"{scene.bucket}/{PREFIX}/{_TOUCHED}")


def _object_removed(scene: Scene) -> None:
    scene.mc.run("rm", f"t/{scene.bucket}/{PREFIX}/{_TOUCHED}")


def _prefix_emptied(scene: Scene) -> None:
    scene.mc.run("rm", "--recursive", "--force", f"t/{scene.bucket}/{PREFIX}")


def _bucket_missing(scene: Scene) -> None:
    scene.mc.remove_bucket(scene.bucket)


def _nothing(scene: Scene) -> None:
    """The fault is in what the second run may do."""


def _excluded_file(scene: Scene) -> None:
    (scene.folder / "first/run.log").write_bytes(b"written by somebody else\n")


def _excluded_copy(scene: Scene) -> None:
    _excluded_key(replace(scene, bucket=scene.dest_bucket))


_NO_LISTING = ("s3:ListBucket", "arn:aws:s3:::{}")
_NO_READING = ("s3:GetObject", f"arn:aws:s3:::{{}}/{PREFIX}/{_TOUCHED}")

#: What happens to a bucket that is read, whichever way.
_READ_CONTENT = (
    Case("object overwritten by others, same size", _overwritten, _found),
    Case("the same, by an upload in parts", _overwritten_in_parts, _found),
    Case("object written again with the same content", _written_again, _unsent),
    Case("source prefix emptied, removal on", _prefix_emptied, _kept, remove=True),
)
_READ_FAULTS = (
    Case("one object removed on purpose (the control)", _object_removed, _removal, remove=True),
    Case("bucket missing", _bucket_missing, _kept, remove=True),
    Case("prefix empty", _prefix_emptied, _kept, remove=True),
    Case("the bucket may not be listed", _nothing, _kept, remove=True, deny=_NO_LISTING),
    Case("an object that changed may not be read", _overwritten, _kept, remove=True, deny=_NO_READING),
)

FETCH_CONTENT = (
    *_READ_CONTENT[:2],
    Case("file changed here, size and mtime kept", _changed_in_place, _found),
    Case("file changed here, size kept, newer mtime", _edited, _found),
    *_READ_CONTENT[2:],
)
FETCH_FAULTS = (
    *_READ_FAULTS,
    Case("an excluded file in the folder", _excluded_file, _exclusion, remove=True, exclude="*.log"),
)
COPY_CONTENT = (
    *_READ_CONTENT[:2],
    Case("copy overwritten by others, same size", _copy_overwritten, _found),
    *_READ_CONTENT[2:],
)
COPY_FAULTS = (
    *_READ_FAULTS,
    Case("an excluded key in the other bucket", _excluded_copy, _exclusion, remove=True, exclude="*.log"),
)
