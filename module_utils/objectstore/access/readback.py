"""What was sent is read back: a server that keeps something else than it was given is found out at once."""

from __future__ import annotations

import time
from typing import Any, Callable

from ..values.errors import VerificationError
from .policy import is_equivalent

#: Seconds to wait before each look: other nodes of a server may lag behind the one that was written to.
PAUSES = (0.0, 0.5, 1.0, 2.0)


def check_held(target: str, sent: Any, read: Callable[[], Any]) -> None:
    """Compare what the server holds with what was sent, by its meaning.

    :param target: what it is about, e.g. ``policy worker``
    :raises VerificationError: when it still holds something else after the last look
    """
    for pause in PAUSES:
        time.sleep(pause)
        found = read()
        if is_equivalent(found, sent):
            return
    raise VerificationError(
        f"keep {target}",
        f"the server holds something else than it was given: {found!r}",
        "Write the policy without what it leaves out or changes.",
    )
