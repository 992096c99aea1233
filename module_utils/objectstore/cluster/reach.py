"""Which of several ways to a Service this host has."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Sequence

from .service import Address

#: Seconds that a way is tried.
PATIENCE = 2.0


def own_addresses() -> list[str]:
    """Where ports of this node may listen: its loopback, and the address that it shows to the world."""
    found = ["127.0.0.1"]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737); connecting sends nothing
        found.append(str(probe.getsockname()[0]))
    return list(dict.fromkeys(found))


def reachable(ways: Sequence[Address]) -> Address:
    """The first way that takes a connection; the first of all where none does, so that its error is told."""
    for way in ways if len(ways) > 1 else ():
        with suppress(OSError), socket.create_connection((way.host, way.port), timeout=PATIENCE):
            return way
    return ways[0]
