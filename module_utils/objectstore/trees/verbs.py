"""The verbs of an end of a sync, whichever it is: a folder, or a prefix of a bucket."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, NamedTuple, Optional, Protocol, TypeVar

Entry_co = TypeVar("Entry_co", covariant=True)
Content_contra = TypeVar("Content_contra", contravariant=True)


class Written(NamedTuple):
    """What became of a key that was written or removed.

    ``etag`` is what the content is known by, ``seconds`` how long it took; ``error`` says why it failed.
    """

    key: str
    etag: str = ""
    seconds: float = 0.0
    error: str = ""


class Readable(Protocol[Entry_co]):
    """An end to compare, and to take content from."""

    @property
    def where(self) -> str:
        """The end's name, for people."""

    def entries(self) -> Iterator[Entry_co]:
        """What is there, sorted by the bytes of the keys; memory does not grow with it."""


class Writable(Readable[Entry_co], Protocol[Entry_co, Content_contra]):
    """An end to bring in step with another. ``Content_contra`` is an entry of the other one."""

    def look(self, key: str) -> Optional[Entry_co]:
        """One entry by its key; ``None`` where there is none."""

    def write(self, items: Iterable[Content_contra], sent: Callable[[int], None]) -> Iterator[Written]:
        """Write each item whole and proved, or leave what was there; ``sent`` is told bytes that have arrived."""

    def remove(self, keys: Iterable[str]) -> Iterator[Written]:
        """Remove each; its own answer decides."""
