"""A source as a sync sees it: the files or objects that are meant, under the keys that they get, sorted."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, Iterator, Optional

from ..values.errors import InvalidInputError
from ..values.model import SourceFault
from ..values.naming import KeyNaming
from ..values.selection import Selection
from .verbs import Item, Listing


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
class Source(Generic[Item]):
    """What ``listing`` has, mapped to keys of the target below ``prefix``.

    While ``entries()`` is consumed, ``faults`` collects what cannot be read, ``unmatched`` the names that the naming
    has no key for, and ``left_out`` what the sync itself writes; ``seen`` counts all that is listed and ``selected``
    what the globs mean. ``entries()`` are those of all shards: who takes them asks ``shard``.
    """

    listing: Listing[Item]
    prefix: str = ""
    selection: Selection = field(default_factory=Selection)
    naming: KeyNaming = field(default_factory=lambda: KeyNaming(None, None))
    unmatched_action: str = "fail"
    shard: Shard = field(default_factory=Shard)
    recurse: bool = True
    faults: list[SourceFault] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    seen: int = 0
    selected: int = 0
    left_out: list[str] = field(default_factory=list)
    _left_out: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        """The end's name, for people."""
        return self.listing.where

    def entries(self) -> Iterator[Item]:
        """The files or objects, sorted by key.

        A naming can change the order, so its keys are sorted in memory; plain trees are streamed.

        :raises InvalidInputError: when two get the same key
        """
        items = self._mapped()
        if self.naming.template is not None:
            items = iter(sorted(items))
        last: Optional[Item] = None
        for item in items:
            if last is not None and item.key == last.key:
                raise InvalidInputError(
                    f"map {self.listing.thing}s to keys below {self.prefix or '/'}",
                    f"{self.listing.shown(last)} and {self.listing.shown(item)} both get the key {item.key}",
                    "Remove one, exclude its folder, or have key_template keep the folder with {dir}.",
                )
            last = item
            yield item

    def shown(self, item: Item) -> str:
        """The item's own name, for people."""
        return self.listing.shown(item)

    def problem(self, item: Item) -> str:
        """Why its content cannot be taken; empty where nothing is known to be in the way."""
        return self.listing.problem(item)

    def _mapped(self) -> Iterator[Item]:
        for found in self.listing.names(recurse=self.recurse):
            if isinstance(found, SourceFault):
                self._fault(found)
                continue
            self.seen += 1
            if self.listing.is_own(found):
                self.left_out.append(self.listing.shown(found))
                self._left_out.add(self.prefix + found.key)
            elif self.selection.selects(found.key):
                self.selected += 1
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

    def concerns(self, key: str) -> bool:
        """Whether an entry of the target that is not here counts as extraneous.

        Not so for excluded names, for what lies in subfolders where these are not meant, and for keys that end in
        ``/``, by which consoles mark folders.
        """
        relative = key[len(self.prefix) :]
        return (
            not key.endswith("/")
            and (self.recurse or self.naming.template is not None or "/" not in relative)
            and key not in self._left_out
            and self.selection.selects(relative)
        )

    def removable(self, key: str) -> bool:
        """Whether an extraneous entry is this source's to remove: a key that it could have made."""
        return self.concerns(key) and (
            self.naming.pattern is None or self.naming.groups(key[len(self.prefix) :]) is not None
        )

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of the source, once it was read whole."""
        said = []
        if self.left_out:
            said.append(f"{', '.join(self.left_out)}: written by the sync itself, and left out")
        if not self.seen:
            said.append(f"{self.where} holds no {self.listing.thing}")
        elif not self.selected:
            said.append(
                f"none of the {self.seen} {self.listing.thing}s in {self.where} is meant by"
                f" include {list(self.selection.include)}"
                f" and exclude {list(self.selection.exclude)}"
            )
        return tuple(said)
