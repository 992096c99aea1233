"""Keys of which one is the beginning of another: ``a`` and ``a/b``.

MinIO stores ``a/b`` beside an object ``a``, but its listings show ``a`` alone (measured). A look at the very key tells.
So what lies below an object is looked at, instead of being taken as missing and sent again by every run.

In a folder, ``a`` is a file or has something below it. Where its file system takes names for the same that differ in
case or in the form of their accents, one file would stand for both.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Callable, Iterable, Iterator, Optional

from ..values.errors import AccessDeniedError
from ..values.model import RemoteObject
from .decisions import Pair

#: The object of a key, ``None`` where there is none.
Look = Callable[[str], Optional[RemoteObject]]


@dataclass
class Shadows:
    """Completes merged listings by what they hide.

    ``hidden`` collects key -> key of the object that hides it, ``refused`` key -> why it could not be looked at.
    """

    look: Look
    hidden: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def revealed(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs, sorted by key as they came, each with the object that its key really has."""
        above: list[str] = []  # of the objects passed, those whose key the next key may begin with
        for item in pairs:
            while above and not item.key.startswith(above[-1]):
                above.pop()
            if item.target is not None:
                above.append(item.key)
                yield item
                continue
            shadow = next((key for key in above if item.key.startswith(f"{key}/")), None)
            yield item if shadow is None else self._looked_at(item, shadow)

    def _looked_at(self, item: Pair, shadow: str) -> Pair:
        self.hidden[item.key] = shadow
        try:
            return item._replace(target=self.look(item.key))
        except AccessDeniedError as error:
            self.refused[item.key] = f"its object cannot be looked at: {error.reason}"
            return item


@dataclass
class Clashes:
    """Finds keys that cannot be files of one folder together. ``folds``: the file system folds names.

    The names of folds are held in memory. What clashes with a file that is there is the target's to find.
    """

    folds: bool = False
    hidden: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _spellings: dict[str, str] = field(default_factory=dict)

    def revealed(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs as they came; what clashes with an earlier one is ``refused``."""
        above: list[str] = []
        for item in pairs:
            while above and not item.key.startswith(above[-1]):
                above.pop()
            if item.source is not None:
                file = next((key for key in above if item.key.startswith(f"{key}/")), None)
                if file is not None:
                    self.refused[item.key] = f"{file} is an object, too, and would be a file where this needs a folder"
                elif other := self._other_spelling(item.key):
                    self.refused[item.key] = f"{other} is the same name on this file system"
                above.append(item.key)
            yield item

    def _other_spelling(self, key: str) -> str:
        if not self.folds:
            return ""
        path = ""
        for component in key.split("/"):
            path = f"{path}/{component}" if path else component
            first = self._spellings.setdefault(unicodedata.normalize("NFC", path.casefold()), path)
            if first != path:
                return first
        return ""
