"""What can go wrong, said so that the reader knows what to do next.

Every message has the same three parts: what was attempted, on what, and what to do. The SDK's own
exceptions are translated into this tree once, in ``client``; nothing above it sees another.
"""

from __future__ import annotations

from .visible import visible


class ObjectStoreError(Exception):
    """Root of all errors of the engine.

    :param attempted: what was being done and on what, e.g. ``"create bucket geocrop-models"``
    :param reason: why it did not work, in the store's or the system's own words
    :param hint: what the reader can do about it
    """

    def __init__(self, attempted: str, reason: str, hint: str = "") -> None:
        super().__init__(attempted, reason, hint)
        self.attempted = attempted
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        text = visible(f"Could not {self.attempted}: {self.reason}")
        if not text.endswith((".", "!", "?")):
            text += "."
        return f"{text} {visible(self.hint)}".rstrip()


class InvalidInputError(ObjectStoreError):
    """A parameter that no store could accept; nothing was attempted on the store."""


class UnreachableError(ObjectStoreError):
    """No usable answer: name resolution, connection, TLS or a server that does not speak S3."""


class CredentialsError(ObjectStoreError):
    """The store does not know the access key, or the signature does not match (wrong secret)."""


class WrongSecretError(CredentialsError):
    """The store knows the access key, and has another secret for it."""


class AccessDeniedError(ObjectStoreError):
    """The credentials are valid but the identity may not do this."""


class NotFoundError(ObjectStoreError):
    """The bucket, object, user or policy is not there."""


class ConflictError(ObjectStoreError):
    """The store's state forbids it: a bucket that is not empty, a name that is taken."""


class UnsupportedError(ObjectStoreError):
    """The server does not have this feature."""


class VerificationError(ObjectStoreError):
    """The store holds, or would hold, something other than what was read here."""


class TransientError(ObjectStoreError):
    """Worth another try: throttling (503 SlowDown), a reset connection, a time-out."""


class BusyError(TransientError):
    """The server says that it is asked for more than it can do: ask for less at a time (S3 API: 503)."""


class NoQuorumError(TransientError):
    """Too few of the store's drives can write what was asked for."""


class SilentError(TransientError):
    """No answer within the time-out: all the time that a request has is used up, so it is not tried again."""


class SourceError(ObjectStoreError):
    """A local file or folder that is missing, unreadable or not what it was said to be."""


class MissingLibraryError(ObjectStoreError):
    """A Python library that the work needs is not on this host."""


class RefusedError(ObjectStoreError):
    """Possible, but not done without being asked for by name (a removal above its limit)."""
