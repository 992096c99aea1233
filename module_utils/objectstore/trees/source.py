"""A source folder as a sync sees it: the files that are meant, under the keys that they get, sorted."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Iterator, Optional

from ..values.errors import InvalidInputError
from ..values.model import LocalFile, SourceFault
from ..values.naming import KeyNaming
from ..values.selection import Selection
from .localfs import walk


@dataclass(frozen=True)
class Shard:
    """One of ``count`` shares of all keys. The hash is CRC-32 of the key, the same on every host and in every run."""

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.index < self.count:
            raise InvalidInputError(
                f"use shard {self.index} of {self.count}", "there is no such shard", "index counts from 0 to count - 1."
            )

    def holds(self, key: str) -> bool:
        """Whether ``key`` is in this share."""
        return self.count == 1 or zlib.crc32(key.encode("utf-8", "surrogateescape")) % self.count == self.index


@dataclass
class Source:
    """The files below ``folder``, mapped to keys below ``prefix``.

    While ``entries()`` is consumed, ``faults`` collects what cannot be read and ``unmatched`` the relative
    paths that the naming has no key for. ``entries()`` are those of all shards: who takes them asks ``shard``.
    """

    folder: str
    prefix: str = ""
    selection: Selection = field(default_factory=Selection)
    naming: KeyNaming = field(default_factory=lambda: KeyNaming(None, None))
    unmatched_action: str = "fail"
    shard: Shard = field(default_factory=Shard)
    recurse: bool = True
    faults: list[SourceFault] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    _left_out: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        """The folder, for people."""
        return self.folder

    def entries(self) -> Iterator[LocalFile]:
        """The files, sorted by key.

        A naming can change the order, so its keys are sorted in memory; plain trees are streamed.

        :raises InvalidInputError: when two files get the same key
        """
        files = self._mapped()
        if self.naming.template is not None:
            files = iter(sorted(files))
        last: Optional[LocalFile] = None
        for file in files:
            if last is not None and file.key == last.key:
                raise InvalidInputError(
                    f"map files to keys below {self.prefix or '/'}",
                    f"{last.path} and {file.path} both get the key {file.key}",
                    "Make key_template tell them apart, for example with {filename}.",
                )
            last = file
            yield file

    def _mapped(self) -> Iterator[LocalFile]:
        for found in walk(self.folder, recurse=self.recurse):
            if isinstance(found, SourceFault):
                self._fault(found)
            elif self.selection.selects(found.key):
                key = self._key(found.key)
                if key is not None:
                    yield found._replace(key=self.prefix + key)
            elif self.naming.template is not None:
                self._leave_out(found.key)

    def _fault(self, fault: SourceFault) -> None:
        meant = not self.selection.excludes(fault.prefix.rstrip("/"))
        if fault.prefix.endswith("/"):
            meant = meant and not self.selection.excludes(fault.prefix)
        elif fault.prefix:
            meant = self.selection.selects(fault.prefix) and not self._skips(fault.prefix)
        if meant:
            self.faults.append(fault)

    def _skips(self, relative: str) -> bool:
        return self.unmatched_action == "skip" and self.naming.groups(relative) is None

    def _leave_out(self, relative: str) -> None:
        """Remember the key that a file would have had: its path was excluded, and a template hides the path."""
        with suppress(InvalidInputError):
            key = self.naming.key_for(relative)
            if key is not None:
                self._left_out.add(self.prefix + key)

    def _key(self, relative: str) -> Optional[str]:
        key = self.naming.key_for(relative)
        if key is None:
            if self.unmatched_action == "keep":
                return relative
            self.unmatched.append(relative)
        return key

    def removable(self, key: str) -> bool:
        """Whether an object that has no file here is this source's to remove: a key that it could have made.

        Not so for excluded and unmatched names, for what lies in subfolders where these are not meant, and for
        keys that end in ``/``, by which consoles mark folders.
        """
        relative = key[len(self.prefix) :]
        return (
            not key.endswith("/")
            and (self.recurse or self.naming.template is not None or "/" not in relative)
            and key not in self._left_out
            and self.selection.selects(relative)
            and (self.naming.pattern is None or self.naming.groups(relative) is not None)
        )
