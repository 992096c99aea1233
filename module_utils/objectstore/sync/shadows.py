"""Objects that hide others: MinIO stores ``a/b`` beside an object ``a``, but its listings show ``a`` alone (measured).

A look at the very key tells. So what lies below an object is looked at, instead of being taken as missing and sent
again by every run.
"""

from __future__ import annotations

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
            if item.remote is not None:
                above.append(item.key)
                yield item
                continue
            shadow = next((key for key in above if item.key.startswith(f"{key}/")), None)
            yield item if shadow is None else self._looked_at(item, shadow)

    def _looked_at(self, item: Pair, shadow: str) -> Pair:
        self.hidden[item.key] = shadow
        try:
            return item._replace(remote=self.look(item.key))
        except AccessDeniedError as error:
            self.refused[item.key] = f"its object cannot be looked at: {error.reason}"
            return item
