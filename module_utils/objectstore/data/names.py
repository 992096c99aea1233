"""The names of a set of files against the matrix that is expected: what is missing, meant, or there twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence

from ..values.errors import InvalidInputError
from ..values.model import LocalFile
from ..values.naming import Coverage, Expected, KeyNaming
from .folder import Problem

#: What browsers and copying programs put behind a name while its content is not complete.
_UNFINISHED = re.compile(r"\.(crdownload|part|partial|download|filepart|tmp|!ut|aria2)$", re.IGNORECASE)
#: What they put into a name that is there already: `` (1)``, `` - Copy``, ``_copy``, before the last dot.
_COPY = re.compile(r"(\s*\(\d+\)|\s+-\s+Copy|[ _-]copy(?:[ _-]?\d+)?)(?=\.[^.]*$)", re.IGNORECASE)


class Named(NamedTuple):
    """A file of the set: the groups of its name, and the key that it would get below the prefix."""

    file: LocalFile
    groups: Mapping[str, str]
    key: str


@dataclass(frozen=True)
class NameRules:
    """How files are named. ``expect`` is the matrix, ``season`` the group that holds two years as ``2015_2016``.

    ``unmatched`` says what becomes of a name that the pattern does not match: ``fail``, ``skip`` or ``keep``.
    """

    naming: KeyNaming = field(default_factory=KeyNaming)
    prefix: str = ""
    expect: Optional[Expected] = None
    season: Optional[str] = None
    unmatched: str = "fail"


@dataclass(frozen=True)
class NameReport:
    """The files that belong to the set, those that are looked at all the same, and what the names say."""

    named: tuple[Named, ...]
    others: tuple[LocalFile, ...]
    coverage: Coverage
    unexpected: tuple[str, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]

    @property
    def looked_at(self) -> list[LocalFile]:
        """All files whose content is of interest."""
        return sorted([*(named.file for named in self.named), *self.others])


def judge_names(folder: str, files: Sequence[LocalFile], left_out: Sequence[str], rules: NameRules) -> NameReport:
    """What the names of ``files`` say; ``left_out`` are the paths below ``folder`` that were not selected."""
    named: list[Named] = []
    others: list[LocalFile] = []
    problems: list[Problem] = []
    remarks: list[Problem] = []
    for file in files:
        groups = rules.naming.groups(file.key)
        if groups is not None:
            named.append(Named(file, groups, rules.prefix + (rules.naming.key_for(file.key) or file.key)))
        elif rules.unmatched != "skip":
            others.append(file)
    coverage = rules.expect.coverage(one.groups for one in named) if rules.expect else Coverage((), ())
    near = NearMisses(rules, [one.groups for one in named])
    if rules.unmatched == "fail":
        unknown = "its name does not match key_pattern"
        problems += [Problem(file.path, near.said_of(file.key) or unknown) for file in others]
    for path in left_out:
        said = near.said_of(path)
        if said:
            (problems if near.fills(path) else remarks).append(Problem(f"{folder}/{path}", said))
    problems += [Problem(one.file.path, text) for one in named for text in _season_faults(one, rules.season)]
    foreign = {one.file.key: (one, _foreign(one, rules.expect)) for one in named if _foreign(one, rules.expect)}
    for one, text in foreign.values():
        meant = near.meant(one.groups)
        said = f"it is not expected: {text}{f', is {meant} meant?' if meant else ''}"
        (problems if meant else remarks).append(Problem(one.file.path, said))
    problems += _twice(named)
    return NameReport(tuple(named), tuple(others), coverage, tuple(foreign), tuple(problems), tuple(remarks))


def _season_faults(one: Named, season: Optional[str]) -> Iterator[str]:
    if season is None:
        return
    years = re.findall(r"\d+", one.groups[season])
    if len(years) != 2 or int(years[1]) != int(years[0]) + 1:
        yield f"its season {one.groups[season]} is not two consecutive years"


def _foreign(one: Named, expect: Optional[Expected]) -> str:
    """The first group whose value the matrix does not have."""
    for group, values in expect.values.items() if expect else ():
        if one.groups[group] not in values:
            return f"{group} {one.groups[group]} is none of {', '.join(values[:12])}"
    return ""


def _twice(named: Iterable[Named]) -> Iterator[Problem]:
    first: dict[str, LocalFile] = {}
    for one in named:
        cell = one.key.rsplit("/", 1)[-1] if one.groups else one.key
        there = first.setdefault(cell, one.file)
        if there is not one.file:
            folder = one.file.key.rpartition("/")[0]
            yield Problem(
                one.file.path,
                f"it has the name of {there.key} and would take its place: remove one of them, "
                f"or exclude {folder + '/' if folder else there.key.rpartition('/')[0] + '/'}",
            )


class NearMisses:
    """Names that are not of the set, but almost: an ending in other letters, a copy, a download that has not ended."""

    def __init__(self, rules: NameRules, seen: Iterable[Mapping[str, str]]) -> None:
        self._naming = rules.naming
        self._expect = rules.expect
        self._seen = [dict(groups) for groups in seen]

    def said_of(self, path: str) -> str:
        """What to do about the name; empty where nothing like it is expected."""
        name = path.rsplit("/", 1)[-1]
        plain = self._plain(name)
        if plain is None:
            return ""
        if _UNFINISHED.search(name):
            return f"it is a download of {plain} that has not ended: finish it, or remove it"
        if self._there(plain):
            return f"it is beside {plain}: remove one of them"
        return f"its name should be {plain}: rename it"

    def fills(self, path: str) -> bool:
        """Whether the file that is meant is not there."""
        plain = self._plain(path.rsplit("/", 1)[-1])
        return plain is not None and not self._there(plain)

    def meant(self, groups: Mapping[str, str]) -> str:
        """The value that is expected and differs from the one of a name in capitals, spaces or hyphens alone."""
        for group, values in self._expect.values.items() if self._expect else ():
            same = [value for value in values if value != groups[group] and _bare(value) == _bare(groups[group])]
            if same and groups[group] not in values:
                return same[0]
        return ""

    def _plain(self, name: str) -> Optional[str]:
        """The name as it should be, where that is one of the set."""
        plain = _COPY.sub("", _UNFINISHED.sub("", name))
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem}.tif" if dot and ending.lower() in ("tif", "tiff") else plain
        groups = self._naming.groups(plain) if self._naming.pattern and plain != name else None
        return plain if groups else None

    def _there(self, plain: str) -> bool:
        return self._naming.groups(plain) in self._seen


def _bare(value: str) -> str:
    return re.sub(r"[\W_]+", "", value).casefold()


def said_of_missing(coverage: Coverage, expect: Expected, *, shown: int = 3) -> str:
    """The missing combinations in words; empty where there is none."""
    if not coverage.missing:
        return ""
    named = "; ".join(", ".join(f"{group} {value}" for group, value in row.items()) for row in coverage.missing[:shown])
    more = f"; and {len(coverage.missing) - shown} more" if len(coverage.missing) > shown else ""
    return f"{len(coverage.missing)} of {expect.count} expected files are missing: {named}{more}"


def check_groups(names: Iterable[Optional[str]], known: Sequence[str], option: str) -> tuple[str, ...]:
    """The names themselves.

    :raises InvalidInputError: when one is no named group of the pattern
    """
    asked = tuple(name for name in names if name)
    for name in asked:
        if name not in known:
            raise InvalidInputError(
                f"use {option}",
                f"{name!r} is no named group of key_pattern",
                f"It has {', '.join(known) or 'none'}.",
            )
    return asked
