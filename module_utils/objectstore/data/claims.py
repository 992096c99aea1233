"""Whether what a description says of a training set is true of its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, NamedTuple, Optional

from ..values.errors import InvalidInputError


class Claim(NamedTuple):
    """A statement about the data that is false; both values are in words."""

    name: str
    claimed: str
    found: str

    def __str__(self) -> str:
        return f"{self.name}: {self.claimed} claimed, {self.found} found"

    def as_dict(self) -> dict[str, str]:
        """The claim as a module returns it."""
        return {"name": self.name, "claimed": self.claimed, "found": self.found}


@dataclass(frozen=True)
class Claims:
    """What a description says that can be checked; the rest of it is no claim about the files."""

    batches: Optional[int] = None
    total_samples: Optional[int] = None
    features: Optional[tuple[str, ...]] = None
    classes: Optional[tuple[str, ...]] = None

    @classmethod
    def from_param(cls, description: Mapping[str, Any]) -> Claims:
        """The claims of a description.

        :raises InvalidInputError: for a claim that is no number or no list
        """
        return cls(
            batches=_number(description, "batches"),
            total_samples=_number(description, "total_samples"),
            features=_texts(description, "features"),
            classes=_texts(description, "classes"),
        )


@dataclass(frozen=True)
class Evidence:
    """What claims are compared with.

    ``None`` where it cannot be said: ``rows`` and ``classes`` when not every file could be read, ``columns`` when none
    could. ``misnumbered`` says in words which batches are not there once; ``strange`` where a class was seen first.
    """

    batches: int
    misnumbered: tuple[str, ...]
    rows: Optional[int]
    columns: Optional[tuple[str, ...]]
    classes: Optional[Mapping[str, int]]
    whole: bool
    strange: Mapping[str, str]


def false_claims(claims: Claims, seen: Evidence) -> list[Claim]:
    """The claims that are not true; none about what cannot be said."""
    wrong = []
    if claims.batches is not None and (claims.batches != seen.batches or seen.misnumbered):
        details = f" ({'; '.join(seen.misnumbered)})" if seen.misnumbered else ""
        wrong.append(Claim("batches", str(claims.batches), f"{seen.batches}{details}"))
    if claims.total_samples is not None and seen.rows not in (None, claims.total_samples):
        wrong.append(Claim("total_samples", str(claims.total_samples), str(seen.rows)))
    if claims.features is not None and seen.columns is not None:
        lacking = [feature for feature in claims.features if feature not in seen.columns]
        if lacking:
            wrong.append(Claim("features", listed(lacking), f"no such column among {listed(seen.columns)}"))
    if claims.classes is not None and seen.columns is not None:
        wrong += _false_classes(claims.classes, seen)
    return wrong


def _false_classes(classes: Iterable[str], seen: Evidence) -> list[Claim]:
    claimed = set(classes)
    if seen.classes is None:
        return [Claim("classes", listed(sorted(claimed)), "no class column")] if seen.whole else []
    found = set(seen.classes)
    only_claimed = sorted(claimed - found) if seen.whole else []
    only_found = [_first_seen(name, seen.strange.get(name, "")) for name in sorted(found - claimed)]
    if not only_claimed and not only_found:
        return []
    return [
        Claim(
            "classes",
            f"{len(claimed)} ({listed(only_claimed)} in no row)" if only_claimed else str(len(claimed)),
            f"{len(found)} ({listed(only_found)} not claimed)" if only_found else str(len(found)),
        )
    ]


def _first_seen(name: str, where: str) -> str:
    shown = name if name == name.strip() else repr(name)
    return f"{shown} in {where}" if where else shown


def _number(description: Mapping[str, Any], name: str) -> Optional[int]:
    value = description.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidInputError(f"check the claim {name}", f"{value!r} is no number") from None


def _texts(description: Mapping[str, Any], name: str) -> Optional[tuple[str, ...]]:
    value = description.get(name)
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise InvalidInputError(f"check the claim {name}", f"{value!r} is no list")
    return tuple(str(item) for item in value)


def listed(names: Iterable[str], *, shown: int = 12) -> str:
    """The first names, and how many more there are."""
    known = list(names)
    return ", ".join(known[:shown]) + (f" and {len(known) - shown} more" if len(known) > shown else "")
