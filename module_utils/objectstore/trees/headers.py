"""The headers that objects are written with: content type and user metadata."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from ..files.digests import sha256_of
from ..values.model import LocalFile, object_headers
from .regions import unchanged

#: User metadata that carries our own digest, for objects whose ETag says nothing (SSE-KMS, SSE-C).
SHA256_METADATA = "sha256"


@dataclass(frozen=True)
class ObjectHeaders:
    """What a sync gives each of its objects.

    ``content_type`` is guessed from the name where it is ``None``. ``opaque`` says that the bucket's encryption hides
    content from ETags; then a SHA-256 goes with each object.
    """

    content_type: Optional[str] = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    opaque: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ObjectHeaders:
        """What the options ``content_type`` and ``metadata`` ask for."""
        metadata = {str(name).lower(): str(value) for name, value in (params["metadata"] or {}).items()}
        return cls(params["content_type"], metadata)

    def type_of(self, key: str) -> str:
        """The content type."""
        return self.content_type or _TYPES.guess_type(key)[0] or "application/octet-stream"

    def metadata_of(self, file: LocalFile) -> Mapping[str, str]:
        """The user metadata.

        :raises ChangedError: where the file changes while its digest is computed
        """
        if not self.opaque:
            return self.metadata
        return {**self.metadata, SHA256_METADATA: unchanged(sha256_of, file)}

    def plain(self, key: str) -> Mapping[str, str]:
        """All headers of an object in a bucket that does not hide content."""
        return object_headers(self.type_of(key), self.metadata)


_TYPES = mimetypes.MimeTypes()
