"""Settings of buckets, each an XML document of the S3 API."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from typing import Any

from ..buckets.settings import XML_SETTINGS
from ..buckets.xmltree import first, parse_tree
from ..values.errors import NotFoundError, UnsupportedError
from .buckets import Buckets


class Settings(Buckets):
    """The verbs of ``store.BucketStore``."""

    def has_object_lock(self, bucket: str) -> bool:
        """Whether the bucket was made with object lock."""
        try:
            body = self._document(f"read the object lock of bucket {bucket}", bucket, "object-lock")
        except (NotFoundError, UnsupportedError):
            return False
        return bool(first(parse_tree(body), "ObjectLockEnabled") == "Enabled")

    def bucket_setting(self, bucket: str, setting: str) -> Any:
        """The setting's value, ``None`` where it is not set. Those of the S3 API, that is."""
        what = f"read the {setting} of bucket {bucket}"
        codec = XML_SETTINGS[setting]
        try:
            return codec.parse(self._document(what, bucket, codec.subresource))
        except NotFoundError as error:
            if "NoSuchBucket)" in error.reason:
                raise
            return None

    def set_bucket_setting(self, bucket: str, setting: str, value: Any) -> None:
        """Set it; ``None`` removes it."""
        what = f"set the {setting} of bucket {bucket}"
        codec = XML_SETTINGS[setting]
        if value is None and codec.deletes:
            self._session.request(what, "DELETE", bucket, query={codec.subresource: ""})
            return
        body = codec.render(value)
        headers = {"Content-MD5": b64encode(md5(body, usedforsecurity=False).digest()).decode()}
        self._session.request(what, "PUT", bucket, query={codec.subresource: ""}, headers=headers, body=body)

    def _document(self, what: str, bucket: str, subresource: str) -> bytes:
        return bytes(self._session.request(what, "GET", bucket, query={subresource: ""}).data)
