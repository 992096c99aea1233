"""The action that a policy has to allow for a request, so that a refusal can name what is missing.

Source: what MinIO's handlers ask for (cmd/*-handlers.go), which is what AWS documents for each operation.
"""

from __future__ import annotations

from typing import Mapping, Optional

from .sdk import S3Error

#: Settings of a bucket by subresource: what reading one takes, and what changing it takes.
_SETTINGS = {
    "encryption": ("GetEncryptionConfiguration", "PutEncryptionConfiguration"),
    "lifecycle": ("GetLifecycleConfiguration", "PutLifecycleConfiguration"),
    "location": ("GetBucketLocation", ""),
    "notification": ("GetBucketNotification", "PutBucketNotification"),
    "object-lock": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    "policy": ("GetBucketPolicy", "PutBucketPolicy"),
    "replication": ("GetReplicationConfiguration", "PutReplicationConfiguration"),
    "tagging": ("GetBucketTagging", "PutBucketTagging"),
    "uploads": ("ListBucketMultipartUploads", ""),
    "versioning": ("GetBucketVersioning", "PutBucketVersioning"),
    "versions": ("ListBucketVersions", ""),
}
_BUCKET = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}


class DeniedError(S3Error):
    """A refusal, and the action that would have to be allowed."""

    def __init__(self, refusal: S3Error, needs: str) -> None:
        object.__setattr__(self, "needs", needs)
        super().__init__(
            refusal.response, refusal.code, refusal.message, refusal.resource, refusal.request_id, refusal.host_id
        )


def needs_of(error: Exception) -> str:
    """The action that a refusal names; empty where it is none, or names none."""
    return str(getattr(error, "needs", ""))


def needed(method: str, bucket: Optional[str], key: Optional[str], query: Mapping[str, object]) -> str:
    """The action that a request takes, and on what, as a policy names both."""
    if not bucket:
        return "s3:ListAllMyBuckets"
    if key:
        return f"s3:{_object_action(method, query)} on {bucket}/{key}"
    if "delete" in query:
        return f"s3:DeleteObject on {bucket}/*"
    for subresource, (reading, changing) in _SETTINGS.items():
        if subresource in query:
            return f"s3:{reading if method == 'GET' else changing} on {bucket}"
    below = f" with the prefix {query['prefix']}" if query.get("prefix") else ""
    return f"s3:{_BUCKET.get(method, 'ListBucket')} on {bucket}{below}"


def _object_action(method: str, query: Mapping[str, object]) -> str:
    if "versionId" in query and method == "DELETE":
        return "DeleteObjectVersion"
    if "uploadId" in query and method in ("GET", "DELETE"):
        return "ListMultipartUploadParts" if method == "GET" else "AbortMultipartUpload"
    return _OBJECT[method]
