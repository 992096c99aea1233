"""Proof of an identity's rights, both ways: what it must do passes, and what it must not do is denied."""

from __future__ import annotations

import secrets
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Optional, Protocol, Sequence

from ..values.bucket_names import check_bucket_name
from ..values.errors import AccessDeniedError, NotFoundError, UnsupportedError
from .anonymous import ALLOWED, DENIED, UNTESTED, AccessStore, Ask, existing_key, try_access, try_read
from .policy import normal_prefix
from .probes import CONFIGURE, Probe
from .rights import Right, allowed_verbs, beyond, parse_rights


class IdentityAccessStore(AccessStore, Protocol):
    """What the proof takes."""

    @property
    def try_as_self(self) -> Ask:
        """Asks with the identity's own credentials."""

    def bucket_policy(self, bucket: str) -> Optional[dict[str, Any]]:
        """The bucket's policy document; ``None`` where there is none, ``UnsupportedError`` where there can be none."""

    def bucket_probes(self) -> Iterable[Probe]:
        """Changes of a bucket that can be tried without harm, besides its policy."""

    def object_probes(self, prefix: str) -> Iterable[Probe]:
        """What can be tried without harm with an object below ``prefix``, besides what every server lets one try."""

    def try_admin(self) -> Iterable[tuple[str, str]]:
        """Verbs of the server itself, and what was found for each."""

    def own_policy(self) -> Optional[dict[str, Any]]:
        """All policies that the server holds for the identity, as one; ``None`` where it does not say."""


class Cell(NamedTuple):
    """One verb on one prefix: ``expected`` is ``allowed`` or ``denied``, and ``found`` may also be ``untested``.

    What is about the server and not about a bucket has no ``bucket``. ``shown`` is whether something was there by which
    it could be tried: who may read shows only by an object, on a server that says no more of those that are missing.
    """

    bucket: str
    prefix: str
    verb: str
    expected: str
    found: str
    shown: bool = True

    @property
    def met(self) -> bool:
        """Whether it is as it must be; what could not be tried is not, unless there was nothing to try it with."""
        return self.found == self.expected or not self.shown


def places_of(rights: Sequence[Right], others: Iterable[str]) -> list[tuple[str, str]]:
    """Where to try: each prefix with a right, its bucket outside of the prefix, and the other places given."""
    places = [(right.bucket, right.prefix) for right in rights]
    places += [(right.bucket, "") for right in rights]
    for other in others:
        bucket, _, prefix = other.partition("/")
        places.append((check_bucket_name(bucket), normal_prefix(prefix) if prefix else ""))
    return sorted(set(places))


class Proof(NamedTuple):
    """What was tried, and what the identity's policies allow beyond its rights (``None``: the server does not say)."""

    cells: list[Cell]
    beyond: Optional[list[str]]

    @property
    def differences(self) -> list[str]:
        """All that is not as it must be, in words."""
        return unmet(self.cells) + [f"its policies also allow {extra}" for extra in self.beyond or ()]


def check_identity(store: IdentityAccessStore, given: Iterable[Mapping[str, Any]], others: Iterable[str]) -> Proof:
    """Try each verb at each place with the identity's own credentials. Nothing is changed.

    :param given: the rights that it must have, as ``rights.parse_rights`` takes them
    :param others: further places, where it must have no right that ``given`` does not give it
    """
    rights = parse_rights(given)
    places = places_of(rights, others)
    cells: list[Cell] = []
    for bucket, prefix in places:
        cells += _try_place(store, bucket, prefix, allowed_verbs(rights, bucket, prefix))
    for bucket in sorted({bucket for bucket, _ in places}):
        policies = (CONFIGURE,) if _has_policies(store, bucket) else ()
        for probe in (*policies, *store.bucket_probes()):
            cells.append(Cell(bucket, "", probe.verb, DENIED, _found(store, probe, bucket)))
    cells += [Cell("", "", verb, DENIED, found) for verb, found in store.try_admin()]
    policy = store.own_policy()
    return Proof(cells, None if policy is None else beyond(policy, rights))


def _has_policies(store: IdentityAccessStore, bucket: str) -> bool:
    """Whether anybody can set a policy: where the server has none, a request to set one means something else."""
    try:
        store.bucket_policy(bucket)
    except UnsupportedError:
        return False
    except (AccessDeniedError, NotFoundError):
        return True
    return True


def _try_place(store: IdentityAccessStore, bucket: str, prefix: str, allowed: frozenset[str]) -> Iterator[Cell]:
    found = {verb: (verb, outcome) for verb, outcome in _ask_all(store, bucket, prefix)}
    key = existing_key(store, bucket, prefix) if found["read"][1] == UNTESTED else None
    if key:
        found["read"] = ("read", try_read(store, store.try_as_self, bucket, key, key=key, listing=found["list"][1]))
    for probe in store.object_probes(prefix):
        name = f"{prefix}.access-probe-{secrets.token_hex(8)}"
        found[probe.verb] = (probe.like or "", _found(store, probe, bucket, name))
    for verb, (right, outcome) in found.items():
        shown = bool(key) or verb != "read" or outcome != UNTESTED
        yield Cell(bucket, prefix, verb, ALLOWED if right in allowed else DENIED, outcome, shown)


def _ask_all(store: IdentityAccessStore, bucket: str, prefix: str) -> Iterable[tuple[str, str]]:
    return try_access(store, bucket, prefix, ask=store.try_as_self, own_key=False)._asdict().items()


def _found(store: IdentityAccessStore, probe: Probe, bucket: str, key: Optional[str] = None) -> str:
    ask = store.try_as_self
    return probe.outcome(ask(probe.method, bucket, key, query=probe.query, headers=probe.headers, body=probe.body))


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
        f"{cell.verb} {f'in {cell.bucket}/{cell.prefix}' if cell.bucket else 'on the server'}"
        f" is {cell.found}, not {cell.expected}"
        for cell in cells
        if not cell.met
    ]
