"""A prefix of a bucket as a source: its objects, as they are or as they were, by their names below the prefix."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Iterable, Iterator, Optional, Sequence

from ..store import ObjectReader
from ..values.errors import NotFoundError
from ..values.model import ObjectToRead, RemoteObject


def begun(store: ObjectReader, bucket: str, prefix: str) -> Optional[Iterator[RemoteObject]]:
    """The objects below ``prefix``, of which the first are here already; ``None`` where there is no bucket."""
    objects = store.list_objects(bucket, prefix)
    try:
        first = next(objects, None)
    except NotFoundError:
        return None
    return chain(() if first is None else (first,), objects)


@dataclass(frozen=True)
class BucketListing:
    """The ``objects`` of ``bucket`` below ``prefix``, which is empty or ends in ``/``. They are gone through once."""

    objects: Iterable[RemoteObject]
    bucket: str
    prefix: str
    thing: str = "object"

    @property
    def where(self) -> str:
        """Bucket and prefix, for people."""
        return f"{self.bucket}/{self.prefix}"

    def names(self, *, recurse: bool) -> Iterator[ObjectToRead]:
        """Every object, but for the empty ones whose keys end in ``/``, by which consoles mark folders."""
        for found in self.objects:
            name = found.key[len(self.prefix) :]
            if (found.size or not found.key.endswith("/")) and (recurse or "/" not in name):
                yield ObjectToRead(name, found.key, found.size, found.etag)

    def is_own(self, item: ObjectToRead) -> bool:  # noqa: ARG002  # what a sync writes on its host is no object
        """No."""
        return False

    def shown(self, item: ObjectToRead) -> str:
        """Bucket and key."""
        return f"{self.bucket}/{item.name}"

    def problem(self, item: ObjectToRead) -> str:  # noqa: ARG002  # only reading it would tell
        """Nothing that is known."""
        return ""


@dataclass(frozen=True)
class KeptListing:
    """What ``bucket`` held below ``prefix`` once: ``objects`` by their keys, each with the version that has it."""

    bucket: str
    prefix: str
    objects: Sequence[ObjectToRead]
    thing: str = "object"

    @property
    def where(self) -> str:
        """Bucket and prefix, for people."""
        return f"{self.bucket}/{self.prefix}"

    def names(self, *, recurse: bool) -> Iterator[ObjectToRead]:  # noqa: ARG002  # a release is had whole
        """Every object."""
        return (item._replace(key=item.name[len(self.prefix) :]) for item in self.objects)

    def is_own(self, item: ObjectToRead) -> bool:  # noqa: ARG002  # what a sync writes on its host is no object
        """No."""
        return False

    def shown(self, item: ObjectToRead) -> str:
        """Bucket and key."""
        return f"{self.bucket}/{item.name}"

    def problem(self, item: ObjectToRead) -> str:  # noqa: ARG002  # that the version is there was looked at before
        """Nothing that is known."""
        return ""
