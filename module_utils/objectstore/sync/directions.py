"""The directions of a sync, and the words that each has for what is the same in all."""

from __future__ import annotations

from typing import NamedTuple


class Direction(NamedTuple):
    """``verb`` is what happens to what is new, ``done`` names the count of it, ``one`` is the noun with its article.

    ``wanted`` is what the source holds, ``things`` what the target holds; ``check_source`` is the hint where the source
    has nothing, ``stuck`` the reason that is given for an entry that could not even be planned.
    """

    verb: str
    done: str
    one: str
    wanted: str
    things: str
    check_source: str
    stuck: str


UPLOAD = Direction(
    verb="upload",
    done="uploaded",
    one="an upload",
    wanted="file",
    things="objects",
    check_source="Check src, include and exclude.",
    stuck="source cannot be read",
)
FETCH = Direction(
    verb="fetch",
    done="fetched",
    one="a fetch",
    wanted="object",
    things="files",
    check_source="Check bucket, prefix, include and exclude.",
    stuck="cannot be fetched",
)
COPY = Direction(
    verb="copy",
    done="copied",
    one="a copy",
    wanted="object",
    things="objects",
    check_source="Check bucket, prefix, include and exclude.",
    stuck="cannot be copied",
)
RESTORE = Direction(
    verb="restore",
    done="restored",
    one="a restoration",
    wanted="object of the release",
    things="objects",
    check_source="Check release, include and exclude.",
    stuck="cannot be restored",
)

DIRECTIONS = (UPLOAD, FETCH, COPY, RESTORE)
