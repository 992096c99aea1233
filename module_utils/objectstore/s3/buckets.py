"""Buckets, and who may reach them without credentials."""

from __future__ import annotations

import json
from typing import Any, Optional

from ..values.errors import AccessDeniedError, NotFoundError
from . import listing
from .failures import attempt
from .session import Session


class Buckets:
    """The bucket verbs of ``store.BucketStore``, but for those of settings."""

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

    def region_of(self, bucket: str) -> str:
        """The bucket's region, as the server tells it."""
        with attempt(f"find the region of bucket {bucket}", self._session.connection.endpoint):
            return self._session._get_region(bucket)

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
