"""A source folder as a sync sees it: the files that are meant, under the keys that they get, sorted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Iterator, Optional

from .errors import InvalidInputError
from .localfs import walk
from .model import LocalFile, SourceFault
from .naming import KeyNaming
from .selection import Selection


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

    While ``files()`` is consumed, ``faults`` collects what cannot be read and ``unmatched`` the relative
    paths that the naming has no key for.
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

    def files(self) -> Iterator[LocalFile]:
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
            if self.shard.holds(file.key):
                yield file

    def _mapped(self) -> Iterator[LocalFile]:
        for found in walk(self.folder, recurse=self.recurse):
            if isinstance(found, SourceFault):
                self._fault(found)
            elif self.selection.selects(found.key):
                key = self._key(found.key)
                if key is not None:
                    yield found._replace(key=self.prefix + key)

    def _fault(self, fault: SourceFault) -> None:
        meant = not self.selection.excludes(fault.prefix.rstrip("/"))
        if fault.prefix.endswith("/"):
            meant = meant and not self.selection.excludes(fault.prefix)
        elif fault.prefix:
            meant = self.selection.selects(fault.prefix)
        if meant:
            self.faults.append(fault)

    def _key(self, relative: str) -> Optional[str]:
        key = self.naming.key_for(relative)
        if key is None:
            if self.unmatched_action == "keep":
                return relative
            self.unmatched.append(relative)
        return key

    def removable(self, key: str) -> bool:
        """Whether an object that has no file here is this source's to remove: not excluded, named as it names."""
        relative = key[len(self.prefix) :]
        return (
            self.selection.selects(relative)
            and self.shard.holds(key)
            and (self.naming.pattern is None or self.naming.groups(relative) is not None)
        )
