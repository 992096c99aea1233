"""The headers that objects are written with: content type and user metadata."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from ..files.digests import sha256_of
from ..values.headers import checked_content_type, checked_metadata, object_headers
from ..values.model import LocalFile
from .regions import unchanged

#: User metadata that carries our own digest, for objects whose ETag says nothing (SSE-KMS, SSE-C).
SHA256_METADATA = "sha256"

#: The content type of what nobody knows (RFC 2046).
UNKNOWN = "application/octet-stream"


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
        """What the options ``content_type`` and ``metadata`` ask for.

        :raises InvalidInputError: for what a header cannot carry
        """
        given = params["content_type"]
        content_type = None if given is None else checked_content_type(given)
        return cls(content_type, checked_metadata(params["metadata"] or {}))

    def type_of(self, key: str) -> str:
        """The content type."""
        if self.content_type:
            return self.content_type
        guessed, encoding = _TYPES.guess_type(os.path.basename(key))
        return _COMPRESSED.get(encoding, UNKNOWN) if encoding else guessed or UNKNOWN

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
#: What the platform's data is, where the standard library does not know it, or another way on each version of it.
for _ending, _type in {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".vrt": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}.items():
    _TYPES.add_type(_type, _ending)

#: The type of a file that is compressed as a whole is that of the compression: what is inside, it does not serve.
_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
