"""A store with several endpoints: which of them is used. One that does not answer is passed over."""

from __future__ import annotations

import socket
from typing import Callable

from ..values.errors import ObjectStoreError, UnreachableError
from ..values.model import Connection
from .failures import attempt

#: Seconds that one of several endpoints has to answer when it is chosen.
PATIENCE = 5.0

#: How it is noticed within seconds that a host is gone from the network, however long an answer may take (tcp(7)).
WATCHED = tuple(
    (level, getattr(socket, name), value)
    for level, name, value in (
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 4),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 2),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 10_000),
    )
    if hasattr(socket, name)
)


def first_answering(connection: Connection, status: Callable[[Connection], int]) -> tuple[Connection, list[str]]:
    """The connection with the first endpoint that answers in front, and why those before it were passed over.

    :param status: what is answered to an unsigned request; a node that has not found its cluster says 503
    :raises UnreachableError: where none answers
    """
    reasons: list[str] = []
    for endpoint in connection.endpoints:
        one = connection.at(endpoint)
        try:
            with attempt(f"reach {endpoint}", endpoint):
                answered = status(one)
        except ObjectStoreError as error:
            reasons.append(error.reason)
        else:
            if answered < 500:
                return one, reasons
            reasons.append(f"{endpoint} answers HTTP {answered}")
    raise UnreachableError(
        f"reach any of {len(reasons)} endpoints", "; ".join(reasons), "Check that the servers run, and the network."
    )
