"""What a server can do beyond what every S3 server does, as one flat value: a verb, and what it takes."""

from __future__ import annotations

from typing import NamedTuple


class Abilities(NamedTuple):
    """Callers ask this value, never a product's name. The defaults are a plain S3 server's.

    ``unpack_archives``: makes an object of each file in a tar that it is sent
    ``exclude_from_versioning``: a bucket that keeps versions may leave out some prefixes, or folders
    ``abort_uploads_by_rule``: a lifecycle rule may remove uploads that nobody completed
    """

    unpack_archives: bool = False
    exclude_from_versioning: bool = False
    abort_uploads_by_rule: bool = True
