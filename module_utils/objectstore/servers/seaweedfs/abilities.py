"""What a SeaweedFS can do, and how it is known."""

from __future__ import annotations

from ...values.abilities import Abilities
from ...values.limits import component_problem
from ..greeting import Greeting


def key_problem(key: str) -> str:
    """Why this key cannot be kept; ``""`` where it can."""
    return component_problem(key, "SeaweedFS")


#: It walks through folders, where ``d1/x`` comes before ``d1-/x`` (measured with 4.48).
ABILITIES = Abilities(
    encodes_uploads=False,
    lists_checksums=False,
    key_problem=key_problem,
    identities="iam",
    tells_readers_apart=True,
)


def recognised(answer: Greeting) -> bool:
    """Whether the server is a SeaweedFS: it says so."""
    return "seaweedfs" in answer.server
