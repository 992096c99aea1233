"""Requests that show whether somebody may do a thing, and do nothing: each fails after it was authorised."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional

from .anonymous import ALLOWED, DENIED, UNTESTED, Answer


class Probe(NamedTuple):
    """A request and its verb. ``passes`` are the error codes that only those get who may do it.

    ``like`` names the right that it is a way to use, ``None`` where no right of ``rights.VERBS`` covers it.
    """

    verb: str
    method: str
    passes: frozenset[str]
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: Optional[bytes] = None
    like: Optional[str] = None

    def outcome(self, answer: Answer) -> str:
        """What an answer shows."""
        if answer.refuses:
            return DENIED
        return ALLOWED if answer.code in self.passes else UNTESTED


#: Sets a policy that is no policy: whoever may set one is told so, and nothing is set.
CONFIGURE = Probe(
    "configure",
    "PUT",
    frozenset({"InvalidPolicyDocument", "MalformedPolicy", "MalformedXML"}),
    query={"policy": ""},
    body=b"{",
)
