"""A whole sync in this process, against any store: the module's defaults, and sizes that a module would refuse."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.objectstore.sync.mirror import run_copy, run_fetch, run_upload
from ansible.module_utils.objectstore.sync.spec import CopySpec, FetchSpec, UploadSpec
from ansible.module_utils.objectstore.trees.bucket import BucketStore
from ansible.module_utils.objectstore.trees.folder import FolderStore
from ansible.module_utils.objectstore.trees.ways import CopyStore
from ansible.module_utils.objectstore.values.change import Report

from .memory_store import MemoryStore

BUCKET = "store"
PREFIX = "p"

WHOLE = {"a": b"1", "b": b"22", "c/d": b"333", "e": b""}

DEFAULTS: Mapping[str, Any] = {
    "bucket": BUCKET,
    "prefix": PREFIX,
    "include": None,
    "exclude": None,
    "recurse": True,
    "key_pattern": None,
    "key_template": None,
    "unmatched": "fail",
    "compare": "content",
    "existing": "replace",
    "delete": False,
    "delete_limit": "25%",
    "workers": 2,
    "part_size": "64MiB",
    "shard": None,
    "metadata": None,
    "content_type": None,
    "log": None,
    "log_unchanged": False,
    "objects_limit": 1000,
    "digest_cache": "",
    "progress_file": None,
    "assume_bucket": False,
    "retries": 2,
}


def mirror_spec(src: Path | str, **params: Any) -> UploadSpec:
    """The spec of these parameters; ``part_size`` as a number of bytes may be smaller than S3 allows."""
    part_size = params.pop("part_size") if isinstance(params.get("part_size"), int) else None
    spec = UploadSpec.from_params({**DEFAULTS, "src": str(src), **params})
    return replace(spec, options=replace(spec.options, part_size=part_size)) if part_size else spec


def sync(store: BucketStore, src: Path | str, *, check: bool = False, **params: Any) -> Report:
    """Plan and, unless ``check``, carry out."""
    return run_upload(store, mirror_spec(src, **params), check=check)


FETCHED: Mapping[str, Any] = {
    name: value
    for name, value in DEFAULTS.items()
    if name not in ("part_size", "metadata", "content_type", "assume_bucket")
}


def fetch(store: FolderStore, dest: Path | str, *, check: bool = False, **params: Any) -> Report:
    """Plan and, unless ``check``, carry out."""
    return run_fetch(store, FetchSpec.from_params({**FETCHED, "dest": str(dest), **params}), check=check)


def copy(stores: tuple[CopyStore, CopyStore], *, same_store: bool, check: bool = False, **params: Any) -> Report:
    """Plan and, unless ``check``, carry out."""
    options = {**FETCHED, "dest_bucket": BUCKET, "dest_prefix": "q", "assume_bucket": False, **params}
    return run_copy(stores, CopySpec.from_params(options, same_store=same_store), check=check)


def actions(report: Report) -> dict[str, tuple[str, str]]:
    """Key -> (action, reason) of what a report shows."""
    return {entry["key"]: (entry["action"], entry["reason"]) for entry in report.returns["objects"]}


def plant(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files, and the folders that they need."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def rewrite_keeping_times(path: Path, content: bytes) -> None:
    """Other content with size and mtime kept: only ctime can tell."""
    before = path.stat()
    assert len(content) == before.st_size
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def whole_store() -> MemoryStore:
    """A store with a few objects below the prefix: as a folder they are ``WHOLE``."""
    made = MemoryStore({BUCKET: {}})
    for name, content in WHOLE.items():
        made.put(BUCKET, f"{PREFIX}/{name}", content)
    return made


def tree(path: Path) -> dict[str, bytes]:
    """The files of a folder and below it, with their content."""
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}
