"""Buckets and their settings: for each setting a reader to a plain value and a writer from it."""

from __future__ import annotations

import json
from typing import Any, Callable, NamedTuple, Optional

from minio import MinioAdmin
from minio.commonconfig import Tags
from minio.versioningconfig import VersioningConfig

from ..errors import AccessDeniedError, NotFoundError
from . import listing
from .failures import attempt
from .session import Session


class Buckets:
    """The bucket verbs of ``store.BucketStore``."""

    _session: Session
    _admin: MinioAdmin

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the bucket is there.

        HEAD answers 403 without saying why, so a refusal is asked again by a request that has a body.
        """
        what = f"look for bucket {bucket}"
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

    def bucket_setting(self, bucket: str, setting: str) -> Any:
        """The setting's value, ``None`` where it is not set."""
        with attempt(f"read the {setting} of bucket {bucket}", self._session.connection.endpoint):
            return _SETTINGS[setting].read(self, bucket)

    def set_bucket_setting(self, bucket: str, setting: str, value: Any) -> None:
        """Set it; ``None`` removes it."""
        with attempt(f"set the {setting} of bucket {bucket}", self._session.connection.endpoint):
            _SETTINGS[setting].write(self, bucket, value)

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

    def remove_object(self, bucket: str, key: str) -> None:
        """Remove an object."""
        self._session.request(f"remove {bucket}/{key}", "DELETE", bucket, key)


class _Setting(NamedTuple):
    read: Callable[[Buckets, str], Any]
    write: Callable[[Buckets, str, Any], None]


def _read_versioning(buckets: Buckets, bucket: str) -> Optional[str]:
    status = buckets._session.get_bucket_versioning(bucket).status
    return status.lower() if status in ("Enabled", "Suspended") else None


def _write_versioning(buckets: Buckets, bucket: str, value: Optional[str]) -> None:
    buckets._session.set_bucket_versioning(bucket, VersioningConfig((value or "suspended").capitalize()))


def _read_tags(buckets: Buckets, bucket: str) -> Optional[dict[str, str]]:
    tags = buckets._session.get_bucket_tags(bucket)
    return dict(tags) if tags else None


def _write_tags(buckets: Buckets, bucket: str, value: Optional[dict[str, str]]) -> None:
    if not value:
        buckets._session.delete_bucket_tags(bucket)
        return
    tags = Tags.new_bucket_tags()
    tags.update(value)
    buckets._session.set_bucket_tags(bucket, tags)


def _read_quota(buckets: Buckets, bucket: str) -> Optional[int]:
    answer = json.loads(buckets._admin.bucket_quota_get(bucket))
    return int(answer.get("quota") or answer.get("size") or 0) or None


def _write_quota(buckets: Buckets, bucket: str, value: Optional[int]) -> None:
    buckets._admin.bucket_quota_set(bucket, value or 0)


_SETTINGS = {
    "versioning": _Setting(_read_versioning, _write_versioning),
    "tags": _Setting(_read_tags, _write_tags),
    "quota": _Setting(_read_quota, _write_quota),
}
