"""Buckets and their settings."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import md5
from typing import Any, Optional

from ..buckets.settings import XML_SETTINGS
from ..buckets.xmltree import first, parse_tree
from ..values.errors import AccessDeniedError, NotFoundError, UnsupportedError
from . import listing
from .failures import attempt
from .session import Session


class Buckets:
    """The bucket verbs of ``store.BucketStore``."""

    _session: Session

    def bucket_exists(self, bucket: str, prefix: Optional[str] = None) -> bool:
        """Whether the bucket is there.

        HEAD answers 403 without saying why, so a refusal is asked again by a request that has a body.

        :param prefix: where we have business: to list it tells as well, and takes a right that one has who works
            there. Who may not even list it learns from what it does next, so for it the bucket counts as there.
        """
        what = f"look for bucket {bucket}"
        if prefix is not None:
            try:
                self.first_key(bucket, prefix)
            except NotFoundError:
                return False
            except AccessDeniedError:
                return True
            return True
        try:
            with attempt(what, self._session.connection.endpoint):
                return bool(self._session.bucket_exists(bucket))
        except AccessDeniedError:
            try:
                self._session.request(what, "GET", bucket, query={"list-type": "2", "max-keys": "1"})
            except NotFoundError:
                return False
            return True

    def create_bucket(self, bucket: str, *, region: Optional[str], object_lock: bool) -> None:
        """Create it, private. Object lock can only be chosen here (a rule of the S3 API)."""
        with attempt(f"create bucket {bucket}", self._session.connection.endpoint):
            self._session.make_bucket(bucket, region, object_lock)

    def remove_bucket(self, bucket: str) -> None:
        """Remove an empty bucket."""
        with attempt(f"remove bucket {bucket}", self._session.connection.endpoint):
            self._session.remove_bucket(bucket)

    def list_buckets(self) -> list[str]:
        """The names of all buckets that we may see, sorted."""
        with attempt("list the buckets", self._session.connection.endpoint):
            return sorted(bucket.name for bucket in self._session.list_buckets())

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

    def bucket_policy(self, bucket: str) -> Optional[dict[str, Any]]:
        """The bucket policy document, ``None`` where there is none."""
        try:
            with attempt(f"read the policy of bucket {bucket}", self._session.connection.endpoint):
                document: dict[str, Any] = json.loads(self._session.get_bucket_policy(bucket))
                return document
        except NotFoundError as error:
            if "NoSuchBucketPolicy" in error.reason:
                return None
            raise

    def set_bucket_policy(self, bucket: str, document: Optional[dict[str, Any]]) -> None:
        """Set the bucket policy; ``None`` removes it."""
        with attempt(f"set the policy of bucket {bucket}", self._session.connection.endpoint):
            if document is None:
                self._session.delete_bucket_policy(bucket)
            else:
                self._session.set_bucket_policy(bucket, json.dumps(document))

    def first_key(self, bucket: str, prefix: str) -> Optional[str]:
        """A key below ``prefix``; ``None`` where there is none."""
        query = {"list-type": "2", "max-keys": "1", "encoding-type": "url", "prefix": prefix}
        page = listing.parse_page(self._session.request(f"list {bucket}/{prefix}", "GET", bucket, query=query).data)
        return page.objects[0].key if page.objects else None
