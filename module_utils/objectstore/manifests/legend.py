"""What pixel values stand for: names and colours of classes, and which objects have them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional

from ..values.errors import InvalidInputError

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class LegendClass(NamedTuple):
    """A class; ``color`` is ``#rrggbb``."""

    value: int
    name: str
    color: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour's three parts, 0 to 255."""
        return int(self.color[1:3], 16), int(self.color[3:5], 16), int(self.color[5:7], 16)


@dataclass(frozen=True)
class Legend:
    """Classes by their values. ``applies_to`` is group -> its values whose objects have classes; empty for all."""

    classes: tuple[LegendClass, ...]
    applies_to: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_param(cls, given: Optional[Mapping[str, Any]], group_names: tuple[str, ...]) -> Optional[Legend]:
        """The legend of a module's parameter.

        :raises InvalidInputError: for a class that is none, or a group that the pattern does not have
        """
        if not given:
            return None
        classes = tuple(
            LegendClass(row["value"], row["name"], row["color"])
            for row in sorted(given["classes"], key=lambda row: int(row["value"]))
        )
        if len({row.value for row in classes}) != len(classes):
            raise InvalidInputError("use legend", "two classes have the same value")
        for row in classes:
            if not _COLOUR.fullmatch(row.color):
                raise InvalidInputError("use legend", f"{row.color!r} is no colour", "Write it like #419bdf.")
        applies_to = given.get("applies_to") or {}
        for group, values in applies_to.items():
            if group not in group_names or not isinstance(values, (list, tuple)):
                raise InvalidInputError(
                    "use legend", f"applies_to has {group!r}", "Write {group of key_pattern: [value, …]}."
                )
        return cls(classes, {group: tuple(map(str, values)) for group, values in applies_to.items()})

    def covers(self, groups: Mapping[str, str]) -> bool:
        """Whether an object of these groups has the classes."""
        return all(groups.get(group) in values for group, values in self.applies_to.items())

    def as_dict(self) -> dict[str, Any]:
        """The form of the index."""
        return {
            "applies_to": {group: list(values) for group, values in self.applies_to.items()},
            "classes": [row._asdict() for row in self.classes],
        }
