"""A sync as wanted: what the module's parameters ask for."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Iterable, Mapping, Optional

from ..files.places import absolute
from ..trees.localfs import OwnFiles
from ..trees.sending import SendOptions
from ..trees.source import Shard
from ..values.bucket_names import check_bucket_name
from ..values.errors import InvalidInputError
from ..values.model import ObjectToRead
from ..values.naming import KeyNaming
from ..values.selection import Selection
from .decisions import SyncRules

#: Requests at a time that may be asked for.
MOST_WORKERS = 64


@dataclass(frozen=True)
class Recording:
    """What is told of a sync, and where: the log, the capped list that a module returns, the progress."""

    log: Optional[str]
    log_unchanged: bool
    objects_limit: int
    progress_file: Optional[str]


#: What stands after the name of a file in the names of those that are written beside it.
_BESIDE = ("", ".new", ".watched", "-journal", "-wal", "-shm")


#: Options of every module that syncs.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "recurse": {"type": "bool", "default": True},
    "unmatched": {"type": "str", "choices": ["fail", "skip", "keep"], "default": "fail"},
    "compare": {"type": "str", "choices": ["content", "size"], "default": "content"},
    "existing": {"type": "str", "choices": ["replace", "keep", "fail"], "default": "replace"},
    "delete": {"type": "bool", "default": False},
    "delete_limit": {"type": "str", "default": "25%"},
    "workers": {"type": "int", "default": 16},
    "shard": {
        "type": "dict",
        "options": {"index": {"type": "int", "required": True}, "count": {"type": "int", "required": True}},
    },
    "log": {"type": "path"},
    "log_unchanged": {"type": "bool", "default": False},
    "objects_limit": {"type": "int", "default": 1000},
    "progress_file": {"type": "path"},
}

#: The option of those that read local files.
DIGEST_CACHE: Mapping[str, Mapping[str, Any]] = {
    "digest_cache": {"type": "path", "default": "~/.cache/geocrop-storage/digests.sqlite3"},
}


@dataclass(frozen=True)
class SyncSpec:
    """What every sync is told, whatever its direction: ``bucket`` and ``prefix``, which is empty or ends in ``/``."""

    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    rules: SyncRules
    shard: Shard
    recording: Recording
    workers: int
    retries: int
    recurse: bool
    unmatched: str
    compare: str
    digest_cache: str

    @property
    def own_files(self) -> OwnFiles:
        """All files that a sync writes on its host."""
        written = filter(None, [self.recording.log, self.recording.progress_file, self.digest_cache])
        return OwnFiles(os.path.realpath(path) + end for path in written for end in _BESIDE)

    @property
    def named(self) -> Mapping[str, str]:
        """What the log says of the ends."""
        return {"bucket": self.bucket, "prefix": self.prefix}


@dataclass(frozen=True)
class UploadSpec(SyncSpec):
    """A sync of the folder ``src`` to the bucket."""

    src: str
    options: SendOptions
    assume_bucket: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> UploadSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for what can never be right, such as a removal over a whole bucket
        """
        shared = _shared(params)
        if params["delete"] and not shared["prefix"]:
            raise InvalidInputError(
                f"remove extraneous objects from {params['bucket']}",
                "an empty prefix would cover the whole bucket",
                "Set prefix.",
            )
        return cls(
            **shared,
            src=params["src"],
            options=SendOptions.from_params(params),
            assume_bucket=params["assume_bucket"],
        )


@dataclass(frozen=True)
class FetchSpec(SyncSpec):
    """A sync of the bucket to the folder ``dest``, an absolute path."""

    dest: str

    @property
    def named(self) -> Mapping[str, str]:
        """What the log says of the ends."""
        return {**super().named, "dest": self.dest}

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> FetchSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for what can never be right, such as a removal in the whole home folder
        """
        shared = _shared(params)
        if not params["dest"].strip():
            raise InvalidInputError("fetch objects", "dest is empty", "Give the folder that the files go to.")
        dest = absolute(params["dest"])
        above = os.path.commonpath([os.path.realpath(dest), _home()]) == os.path.realpath(dest)
        if params["delete"] and above:
            raise InvalidInputError(
                f"remove extraneous files from {dest}",
                "it is, or holds, the whole home folder",
                "Give a folder of its own as dest.",
            )
        return cls(**shared, dest=dest)


@dataclass(frozen=True)
class CopySpec(SyncSpec):
    """A sync of the bucket to ``dest_bucket`` below ``dest_prefix``, which is empty or ends in ``/``."""

    dest_bucket: str
    dest_prefix: str
    assume_bucket: bool

    @property
    def named(self) -> Mapping[str, str]:
        """What the log says of the ends."""
        return {**super().named, "dest": f"{self.dest_bucket}/{self.dest_prefix}"}

    @classmethod
    def from_params(cls, params: Mapping[str, Any], *, same_store: bool) -> CopySpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for what can never be right, such as a copy into itself
        """
        shared = _shared(params)
        bucket, prefix = check_bucket_name(params["dest_bucket"]), _below(params["dest_prefix"])
        if params["delete"] and not prefix:
            raise InvalidInputError(
                f"remove extraneous objects from {bucket}",
                "an empty dest_prefix would cover the whole bucket",
                "Set dest_prefix.",
            )
        nested = prefix.startswith(shared["prefix"]) or shared["prefix"].startswith(prefix)
        if same_store and bucket == shared["bucket"] and nested:
            raise InvalidInputError(
                f"copy {bucket}/{shared['prefix']} to {bucket}/{prefix}",
                "one lies in the other",
                "Choose another dest_prefix.",
            )
        return cls(**shared, dest_bucket=bucket, dest_prefix=prefix, assume_bucket=params["assume_bucket"])


@dataclass(frozen=True)
class RestoreSpec(SyncSpec):
    """What was below the prefix once: ``objects``, sorted by key, each of a version of the same bucket."""

    objects: tuple[ObjectToRead, ...]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> RestoreSpec:
        """The spec of a module's parameters, of which there are fewer than of other syncs, before anything is read.

        :raises InvalidInputError: for what can never be right
        """
        return cls(**_shared({**_AS_THEY_ARE, **params}), objects=())

    def of(self, prefix: str, objects: tuple[ObjectToRead, ...], *, kept: Iterable[str]) -> RestoreSpec:
        """The same for what was below ``prefix``. ``kept`` are globs of what is never removed.

        :raises InvalidInputError: for a removal over a whole bucket
        """
        if self.rules.delete and not prefix:
            raise InvalidInputError(
                f"remove what is beyond a release of {self.bucket}",
                "the release is of the whole bucket",
                "Set delete to false.",
            )
        selection = Selection(self.selection.include, (*self.selection.exclude, *kept))
        return replace(self, prefix=prefix, selection=selection, objects=objects)


#: How keys come of names where they are the same, and all are meant.
_AS_THEY_ARE: Mapping[str, Any] = {
    **{name: option.get("default") for name, option in ARGUMENTS.items()},
    "prefix": "",
    "key_pattern": None,
    "key_template": None,
}


def _below(prefix: str) -> str:
    bare = prefix.strip("/")
    return f"{bare}/" if bare else ""


def _home() -> str:
    return os.path.realpath(os.path.expanduser("~"))


def _shared(params: Mapping[str, Any]) -> dict[str, Any]:
    if not 1 <= params["workers"] <= MOST_WORKERS:
        raise InvalidInputError(f"use {params['workers']} workers", f"1 to {MOST_WORKERS} are possible")
    if params["objects_limit"] < 0:
        raise InvalidInputError(f"use objects_limit {params['objects_limit']}", "it is below 0")
    return {
        "bucket": check_bucket_name(params["bucket"]),
        "prefix": _below(params["prefix"]),
        "selection": Selection.from_params(params),
        "naming": KeyNaming(params["key_pattern"], params["key_template"]),
        "rules": SyncRules(params["existing"], params["delete"], params["delete_limit"]),
        "shard": Shard(**(params["shard"] or {})),
        "recording": Recording(
            params["log"], params["log_unchanged"], params["objects_limit"], params["progress_file"]
        ),
        "workers": params["workers"],
        "retries": params["retries"],
        "recurse": params["recurse"],
        "unmatched": params["unmatched"],
        "compare": params["compare"],
        "digest_cache": params.get("digest_cache", ""),
    }
