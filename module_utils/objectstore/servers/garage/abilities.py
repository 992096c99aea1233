"""What a Garage can do, and how it is known."""

from __future__ import annotations

from ...values.abilities import Abilities
from ..greeting import Greeting

ABILITIES = Abilities(lists_in_order=True, identities="garage", tells_readers_apart=True)


def recognised(answer: Greeting) -> bool:
    """Whether the server is a Garage: it says so when it refuses who has no credentials."""
    return "Garage does not support anonymous access" in answer.body
