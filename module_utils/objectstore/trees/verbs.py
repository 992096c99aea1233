"""The verbs of an end of a sync, whichever it is: a folder, or a prefix of a bucket."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, NamedTuple, Protocol, TypeVar, Union

from ..values.model import LocalFile, ObjectToRead, RemoteObject, SourceFault

#: What an end has under a key.
Entry = Union[LocalFile, RemoteObject, ObjectToRead]

Entry_co = TypeVar("Entry_co", covariant=True)
Content_contra = TypeVar("Content_contra", contravariant=True)

#: What can be taken from an end.
Item = TypeVar("Item", LocalFile, ObjectToRead)


class Written(NamedTuple):
    """What became of a key that was written or removed.

    ``etag`` is what the content is known by, ``seconds`` how long it took; ``error`` says why it failed.
    """

    key: str
    etag: str = ""
    seconds: float = 0.0
    error: str = ""


class Listing(Protocol[Item]):
    """An end to take content from, by names below it. ``thing`` is what it holds, for people."""

    @property
    def thing(self) -> str:
        """``file`` or ``object``."""

    @property
    def where(self) -> str:
        """The end's name, for people."""

    def names(self, *, recurse: bool) -> Iterator[Union[Item, SourceFault]]:
        """What is there, sorted by the bytes of the names, which stand where keys do; and what cannot be read."""

    def is_own(self, item: Item) -> bool:
        """Whether the sync itself writes it."""

    def shown(self, item: Item) -> str:
        """The item's own name, for people."""

    def problem(self, item: Item) -> str:
        """Why its content cannot be taken; empty where nothing is known to be in the way."""


class Readable(Protocol[Entry_co]):
    """An end to compare with."""

    @property
    def where(self) -> str:
        """The end's name, for people."""

    def entries(self) -> Iterator[Entry_co]:
        """What is there, sorted by the bytes of the keys; memory does not grow with it."""


class Writable(Readable[Entry_co], Protocol[Entry_co, Content_contra]):
    """An end to bring in step with another. ``Content_contra`` is an entry of the other one."""

    def key_problem(self, key: str) -> str:
        """Why nothing can be written under this key; empty where it can."""

    def remarks(self, *, size: int) -> tuple[str, ...]:
        """What a person should know before ``size`` bytes are written."""

    def write(self, items: Iterable[Content_contra], sent: Callable[[int], None]) -> Iterator[Written]:
        """Write each item whole and proved, or leave what was there; ``sent`` is told bytes that have arrived."""

    def remove(self, keys: Iterable[str]) -> Iterator[Written]:
        """Remove each; its own answer decides."""
