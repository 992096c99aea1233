"""The SDK (``minio``) and its HTTP client, imported in one place, and no more of them than a module needs.

``import minio`` takes longer than the work of most modules: a third of that are the ciphers of its client for MinIO's
admin API, and a quarter dataclasses of settings that we write as XML of our own. Its package imports both for their
names alone. So placeholders stand for those parts while it is imported, and are gone afterwards: whoever imports one
of them then, as ``servers/minio/sdk.py`` does, gets the real one.

Where the library is missing, this can be imported all the same: names are placeholders, and ``require`` says what to
install.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import Iterator, Optional

from ..values.errors import MissingLibraryError

#: Parts of the SDK that its package imports and that no verb of ours uses.
UNUSED = (
    "minio.lifecycleconfig",
    "minio.minioadmin",
    "minio.notificationconfig",
    "minio.replicationconfig",
    "minio.select",
)

__all__ = [
    "BaseHTTPResponse",
    "DeleteObject",
    "HTTPConnection",
    "HTTPConnectionPool",
    "HTTPSConnectionPool",
    "InvalidResponseError",
    "Minio",
    "MinioAdminException",
    "PoolManager",
    "Retry",
    "S3Error",
    "ServerError",
    "Timeout",
    "certifi",
    "http",
    "require",
    "stand_in",
]

_missing: Optional[ImportError] = None


class _StandIn(type):
    """A class that nothing is an instance of, and that has any name, as a module has."""

    def __getattr__(cls, name: str) -> type:
        return stand_in(name)


def stand_in(name: str) -> type:
    """A class for a name of what is not imported."""
    if name.startswith("__"):
        raise AttributeError(name)
    return _StandIn(name, (Exception,), {})


@contextmanager
def _put_off(names: tuple[str, ...]) -> Iterator[None]:
    """Have the modules be placeholders, but for what is imported already."""
    new = [name for name in names if name not in sys.modules]
    for name in new:
        sys.modules[name] = placeholder = ModuleType(name)
        placeholder.__getattr__ = stand_in  # type: ignore[method-assign]
    try:
        yield
    finally:
        for name in new:
            del sys.modules[name]


try:
    with _put_off(() if "minio" in sys.modules else UNUSED):
        import certifi
        from minio import Minio
        from minio.deleteobjects import DeleteObject
        from minio.error import InvalidResponseError, MinioAdminException, S3Error, ServerError
        from urllib3 import (
            BaseHTTPResponse,
            HTTPConnectionPool,
            HTTPSConnectionPool,
            PoolManager,
            Retry,
            Timeout,
        )
        from urllib3 import exceptions as http
    from urllib3.connection import HTTPConnection
except ImportError as error:
    if (error.name or "").split(".")[0] not in ("minio", "urllib3", "certifi"):
        raise
    _missing = error
    __getattr__ = stand_in


def require() -> None:
    """Do nothing where the library is there.

    :raises MissingLibraryError: where it is not
    """
    if _missing is not None:
        raise MissingLibraryError(
            "talk to a store",
            f"the Python library minio is missing on this host ({sys.executable}: {_missing})",
            "Install it there (https://pypi.org/project/minio/), or have the role control_plane make an environment.",
        ) from _missing
