"""Proof of an identity's rights, both ways: what it must do passes, and what it must not do is denied."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Protocol, Sequence

from ..values.bucket_names import check_bucket_name
from .anonymous import ALLOWED, DENIED, UNTESTED, AccessStore, Ask, try_access
from .policy import normal_prefix
from .rights import Right, allowed_verbs, parse_rights

#: Tried besides ``rights.VERBS``: changing the bucket's policy, which no identity of the platform may do.
CONFIGURE = "configure"


class IdentityAccessStore(AccessStore, Protocol):
    """What the proof takes."""

    @property
    def try_as_self(self) -> Ask:
        """Asks with the identity's own credentials."""


class Cell(NamedTuple):
    """One verb on one prefix: ``expected`` is ``allowed`` or ``denied``, and ``found`` may also be ``untested``."""

    bucket: str
    prefix: str
    verb: str
    expected: str
    found: str

    @property
    def met(self) -> bool:
        """Whether it is as it must be; what could not be tried is not."""
        return self.found == self.expected


def places_of(rights: Sequence[Right], others: Iterable[str]) -> list[tuple[str, str]]:
    """Where to try: each prefix with a right, its bucket outside of the prefix, and the other places given."""
    places = [(right.bucket, right.prefix) for right in rights]
    places += [(right.bucket, "") for right in rights]
    for other in others:
        bucket, _, prefix = other.partition("/")
        places.append((check_bucket_name(bucket), normal_prefix(prefix) if prefix else ""))
    return sorted(set(places))


def check_identity(store: IdentityAccessStore, given: Iterable[Mapping[str, Any]], others: Iterable[str]) -> list[Cell]:
    """Try each verb at each place with the identity's own credentials. Nothing is changed.

    :param given: the rights that it must have, as ``rights.parse_rights`` takes them
    :param others: further places, where it must have no right that ``given`` does not give it
    """
    rights = parse_rights(given)
    cells = []
    for bucket, prefix in places_of(rights, others):
        allowed = allowed_verbs(rights, bucket, prefix)
        found = try_access(store, bucket, prefix, ask=store.try_as_self, own_key=False)._asdict()
        found[CONFIGURE] = _try_configure(store.try_as_self, bucket)
        for verb, outcome in found.items():
            cells.append(Cell(bucket, prefix, verb, ALLOWED if verb in allowed else DENIED, outcome))
    return cells


def _try_configure(ask: Ask, bucket: str) -> str:
    """Set a policy that is no policy: whoever may set one is told so, and nothing is set."""
    answer = ask("PUT", bucket, query={"policy": ""}, body=b"{")
    if answer.refuses:
        return DENIED
    return ALLOWED if answer.code in ("MalformedPolicy", "MalformedXML", "InvalidPolicyDocument") else UNTESTED


def matrix(identity: str, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """One row a place: what was found for each verb, and whether all of it is as it must be."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in cells:
        row = rows.setdefault(
            (cell.bucket, cell.prefix), {"identity": identity, "bucket": cell.bucket, "prefix": cell.prefix}
        )
        row[cell.verb] = cell.found
        row["met"] = row.get("met", True) and cell.met
    return list(rows.values())


def unmet(cells: Iterable[Cell]) -> list[str]:
    """Each cell that is not as it must be, in words."""
    return [
        f"{cell.verb} in {cell.bucket}/{cell.prefix} is {cell.found}, not {cell.expected}"
        for cell in cells
        if not cell.met
    ]
