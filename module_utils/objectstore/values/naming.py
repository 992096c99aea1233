"""Names: from a file's path to its object key, from a key to its named groups, and which names are expected."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from itertools import product
from string import Formatter
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional

from .errors import InvalidInputError

#: Fields that a template has besides the pattern's named groups: the relative path, its folder, its last component.
PATH_FIELDS = ("path", "dir", "filename")

#: Options of the modules that make keys.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "key_pattern": {"type": "str", "no_log": False},
    "key_template": {"type": "str", "no_log": False},
}

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\s_-]+")


def _joined(separator: str) -> Callable[[str], str]:
    return lambda text: separator.join(word for word in _WORD_STARTS.split(text) if word).lower()


#: What may follow the colon in ``{type:snake}``: HighestConf becomes highest_conf, highest-conf and so on.
CONVERSIONS: Mapping[str, Callable[[str], str]] = {
    "snake": _joined("_"),
    "kebab": _joined("-"),
    "lower": str.lower,
    "upper": str.upper,
}


class _Part(NamedTuple):
    literal: str
    field: Optional[str]
    conversion: str


@dataclass(frozen=True)
class KeyNaming:
    """How files and keys are named.

    ``pattern`` is a regular expression that must match in full: the last component of a name where the
    pattern holds no ``/``, else the whole name. ``template`` makes a key of its named groups and of
    ``PATH_FIELDS``, as in ``{season}/{type:snake}/{filename}``. Without a template a key is the relative
    path itself; ``{dir}/`` is left out for a file at the top.

    :raises InvalidInputError: at construction, for a pattern or a template that can never work
    """

    pattern: Optional[str] = None
    template: Optional[str] = None

    def __post_init__(self) -> None:
        regex = _compile(self.pattern) if self.pattern is not None else None
        object.__setattr__(self, "_regex", regex)
        object.__setattr__(self, "_parts", _parse(self.template, regex) if self.template is not None else None)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The pattern's named groups, in the order in which it has them."""
        regex: Optional[re.Pattern[str]] = self._regex  # type: ignore[attr-defined]
        return tuple(regex.groupindex) if regex is not None else ()

    def groups(self, name: str) -> Optional[dict[str, str]]:
        """The named groups of a key or relative path, in the pattern's order; ``None`` where it does not match.

        A group that took no part in the match is the empty string.
        """
        regex: Optional[re.Pattern[str]] = self._regex  # type: ignore[attr-defined]
        if regex is None:
            return {}
        match = regex.fullmatch(name if "/" in regex.pattern else name.rsplit("/", 1)[-1])
        return match.groupdict(default="") if match else None

    def key_for(self, relative: str) -> Optional[str]:
        """The key of a file by its path relative to the source (with ``/``); ``None`` where the pattern does not match.

        :raises InvalidInputError: when the template makes something of it that is no usable key
        """
        groups = self.groups(relative)
        parts: Optional[tuple[_Part, ...]] = self._parts  # type: ignore[attr-defined]
        if groups is None or parts is None:
            return relative if groups is not None else None
        folder, _, filename = relative.rpartition("/")
        key = _render(parts, {**groups, "path": relative, "dir": folder, "filename": filename})
        if any(component in ("", ".", "..") for component in key.split("/")):
            raise InvalidInputError(
                f"make a key of {relative!r} by the template {self.template!r}",
                f"{key!r} has a component that is empty, '.' or '..'",
                "Change the pattern so that the groups cannot be empty.",
            )
        return key


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of sets that later versions may read in another way
            return re.compile(pattern)
    except re.error as error:
        where = f" at position {error.pos}" if error.pos is not None else ""
        raise InvalidInputError(
            f"use the key_pattern {pattern!r}", f"it is no regular expression: {error.msg}{where}"
        ) from error


def _parse(template: str, regex: Optional[re.Pattern[str]]) -> tuple[_Part, ...]:
    attempted = f"use the key_template {template!r}"
    try:
        parsed = [(text, name, spec, mark) for text, name, spec, mark in Formatter().parse(template)]
    except ValueError as error:
        raise InvalidInputError(attempted, str(error), "Write {group} or {group:conversion}.") from error
    known = (*(regex.groupindex if regex is not None else ()), *PATH_FIELDS)
    for _, name, spec, mark in parsed:
        if name is None:
            continue
        if name not in known:
            raise InvalidInputError(
                attempted,
                f"{name!r} is no named group of the pattern" if regex else f"there is no pattern that names {name!r}",
                f"It can use {', '.join(known)}.",
            )
        if mark or (spec and spec not in CONVERSIONS):
            raise InvalidInputError(
                attempted, f"{spec or mark!r} is no conversion", f"It can use {', '.join(CONVERSIONS)}."
            )
    return tuple(_Part(text, name, spec or "") for text, name, spec, _ in parsed)


def _render(parts: Iterable[_Part], values: Mapping[str, str]) -> str:
    key = ""
    dropped = False
    for part in parts:
        literal = part.literal[1:] if dropped and part.literal.startswith("/") else part.literal
        value = values[part.field] if part.field is not None else ""
        key += literal + (CONVERSIONS[part.conversion](value) if part.conversion else value)
        dropped = part.field == "dir" and not value
    return key


class Coverage(NamedTuple):
    """What an expected matrix lacks, and what lies outside of it: combinations of groups, sorted."""

    missing: tuple[dict[str, str], ...]
    unexpected: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Expected:
    """Every combination of the values of each group, as in ``{"season": [...], "type": [...], "tile": [...]}``."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_param(cls, expect: Mapping[str, Any], group_names: Iterable[str]) -> Expected:
        """The matrix of a module's ``expect``.

        :raises InvalidInputError: for a group that the pattern does not have, or one without a list of values
        """
        known = tuple(group_names)
        for group, values in expect.items():
            if group not in known:
                raise InvalidInputError(
                    "use expect",
                    f"{group!r} is no named group of key_pattern",
                    f"It has {', '.join(known) or 'none'}.",
                )
            if not isinstance(values, (list, tuple)) or not values:
                raise InvalidInputError("use expect", f"{group!r} has no list of values", "Write {group: [value, …]}.")
        return cls({group: tuple(str(value) for value in values) for group, values in expect.items()})

    @property
    def count(self) -> int:
        """How many combinations there are."""
        count = 1
        for values in self.values.values():
            count *= len(set(values))
        return count

    def coverage(self, seen: Iterable[Mapping[str, str]]) -> Coverage:
        """Compare with the groups of the names that were seen; groups that are not in the matrix do not count."""
        names = tuple(self.values)
        wanted = set(product(*self.values.values()))
        found = {tuple(groups[name] for name in names) for groups in seen}
        return Coverage(
            missing=tuple(dict(zip(names, row)) for row in sorted(wanted - found)),
            unexpected=tuple(dict(zip(names, row)) for row in sorted(found - wanted)),
        )
