"""A sync as wanted: what the module's parameters ask for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from ..trees.sending import SendOptions
from ..trees.source import Shard
from ..values.bucket_names import check_bucket_name
from ..values.errors import InvalidInputError
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


@dataclass(frozen=True)
class MirrorSpec:
    """A sync of the folder ``src`` to ``bucket`` below ``prefix``, which is empty or ends in ``/``."""

    src: str
    bucket: str
    prefix: str
    selection: Selection
    naming: KeyNaming
    rules: SyncRules
    shard: Shard
    options: SendOptions
    recording: Recording
    workers: int
    recurse: bool
    unmatched: str
    compare: str
    assume_bucket: bool
    digest_cache: str

    @property
    def own_files(self) -> frozenset[str]:
        """The real paths of all files that a sync writes on its host."""
        written = filter(None, [self.recording.log, self.recording.progress_file, self.digest_cache])
        return frozenset(os.path.realpath(path) + end for path in written for end in _BESIDE)

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> MirrorSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for what can never be right, such as a removal over a whole bucket
        """
        if not 1 <= params["workers"] <= MOST_WORKERS:
            raise InvalidInputError(f"use {params['workers']} workers", f"1 to {MOST_WORKERS} are possible")
        if params["objects_limit"] < 0:
            raise InvalidInputError(f"use objects_limit {params['objects_limit']}", "it is below 0")
        return cls(
            src=params["src"],
            bucket=check_bucket_name(params["bucket"]),
            prefix=_prefix(params),
            selection=Selection.from_params(params),
            naming=KeyNaming(params["key_pattern"], params["key_template"]),
            rules=SyncRules(params["existing"], params["delete"], params["delete_limit"]),
            shard=Shard(**(params["shard"] or {})),
            options=SendOptions.from_params(params),
            recording=Recording(
                params["log"], params["log_unchanged"], params["objects_limit"], params["progress_file"]
            ),
            workers=params["workers"],
            recurse=params["recurse"],
            unmatched=params["unmatched"],
            compare=params["compare"],
            assume_bucket=params["assume_bucket"],
            digest_cache=params["digest_cache"],
        )


def _prefix(params: Mapping[str, Any]) -> str:
    prefix = params["prefix"].strip("/")
    if params["delete"] and not prefix:
        raise InvalidInputError(
            f"remove extraneous objects from {params['bucket']}",
            "an empty prefix would cover the whole bucket",
            "Set prefix.",
        )
    return f"{prefix}/" if prefix else ""
