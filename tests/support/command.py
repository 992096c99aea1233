"""What the command lines of this package share: an end without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .errors import SupportError

#: What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130


def run_command(name: str, work: Callable[[], int]) -> int:
    """The exit status of ``work``; errors that it foresees, and Ctrl-C, are one line each on standard error."""
    try:
        return work()
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted; run it again to go on", file=sys.stderr)
        return INTERRUPTED
    except (SupportError, TimeoutError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
    return 1
