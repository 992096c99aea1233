"""What a Ceph can do, and how it is known."""

from __future__ import annotations

import re

from ...values.abilities import Abilities
from ..greeting import Greeting

#: It knows neither the CRC-32 of parts nor that action, and encodes keys of uploads without a word (16.2, measured).
ABILITIES = Abilities(
    lists_in_order=True,
    encodes_uploads=False,
    lists_checksums=False,
    identities="ceph",
    unknown_actions=frozenset({"s3:GetEncryptionConfiguration"}),
)

#: Its requests have numbers like no other's, with the zone group at the end (rgw_common.cc, ``unique_trans_id``).
_REQUEST = re.compile(r"tx[0-9a-f]{21}-[0-9a-f]{10}-[0-9a-f]+-.+")


def recognised(answer: Greeting) -> bool:
    """Whether the server is a Ceph: it does not say so, but numbers its requests in its own way."""
    return _REQUEST.fullmatch(answer.request) is not None
