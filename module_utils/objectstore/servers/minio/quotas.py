"""Quotas of buckets, which the S3 API does not know."""

from __future__ import annotations

import json
from typing import Any, Optional

from ...s3.failures import attempt
from ...s3.settings import Settings
from .sdk import MinioAdmin


class Quotas(Settings):
    """The bucket verbs of ``store.BucketStore`` with MinIO's quota among the settings."""

    _admin: MinioAdmin

    def bucket_setting(self, bucket: str, setting: str) -> Any:
        """The setting's value, ``None`` where it is not set; a quota in bytes."""
        if setting != "quota":
            return super().bucket_setting(bucket, setting)
        with attempt(f"read the quota of bucket {bucket}", self._session.connection.endpoint):
            answer = json.loads(self._admin.bucket_quota_get(bucket))
        return int(answer.get("quota") or answer.get("size") or 0) or None

    def set_bucket_setting(self, bucket: str, setting: str, value: Optional[Any]) -> None:
        """Set it; ``None`` removes it."""
        if setting != "quota":
            super().set_bucket_setting(bucket, setting, value)
            return
        with attempt(f"set the quota of bucket {bucket}", self._session.connection.endpoint):
            self._admin.bucket_quota_set(bucket, value or 0)
