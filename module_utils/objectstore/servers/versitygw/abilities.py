"""What a versitygw can do, and how it is known."""

from __future__ import annotations

import re

from ...values.abilities import Abilities
from ...values.limits import component_problem
from ..greeting import Greeting

#: What XML 1.0 has no form for: its listings, which are never encoded, show another character instead (measured).
_NOT_LISTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def key_problem(key: str) -> str:
    """Why this key cannot be kept; ``""`` where it can."""
    if found := _NOT_LISTED.search(key):
        return f"it has the character {found.group()!r}, which the listings of versitygw show as another"
    return component_problem(key, "versitygw")


ABILITIES = Abilities(
    lists_in_order=True,
    key_problem=key_problem,
    identities="versitygw",
    tells_readers_apart=True,
)


def recognised(answer: Greeting) -> bool:
    """Whether the server is a versitygw: it says so."""
    return "versitygw" in answer.server
