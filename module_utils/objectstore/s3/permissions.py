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
#: What removing a setting takes where that is not what changing it takes.
_REMOVING = {"policy": "DeleteBucketPolicy"}
#: What a bucket takes that is made with object lock.
_LOCKED = "s3:CreateBucket, s3:PutBucketObjectLockConfiguration and s3:PutBucketVersioning"
#: What removing a version takes. MinIO asks for the first and heeds a denial of the second, AWS asks for the second.
REMOVE_VERSION = "s3:DeleteObject and s3:DeleteObjectVersion"
#: The same where retention in governance mode is to be passed.
REMOVE_RETAINED = "s3:DeleteObject, s3:DeleteObjectVersion and s3:BypassGovernanceRetention"
_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}

NO_HEADERS: Mapping[str, object] = {}


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


def needed(
    method: str,
    bucket: Optional[str],
    key: Optional[str],
    query: Mapping[str, object],
    headers: Mapping[str, object] = NO_HEADERS,
) -> str:
    """The action that a request takes, and on what, as a policy names both."""
    if not bucket:
        return "s3:ListAllMyBuckets"
    if key:
        return f"{_object_action(method, query, headers)} on {bucket}/{key}"
    if "delete" in query:
        return f"s3:DeleteObject on {bucket}/*"
    for subresource, (reading, changing) in _SETTINGS.items():
        if subresource in query:
            removing = _REMOVING.get(subresource, changing)
            return f"s3:{_by_method(method, reading, changing, removing)} on {bucket}"
    if method == "PUT" and "x-amz-bucket-object-lock-enabled" in headers:
        return f"{_LOCKED} on {bucket}"
    below = f" with the prefix {query['prefix']}" if query.get("prefix") else ""
    return f"s3:{_BUCKET.get(method, 'ListBucket')} on {bucket}{below}"


def _by_method(method: str, reading: str, changing: str, removing: str) -> str:
    return {"GET": reading, "DELETE": removing}.get(method, changing)


def _object_action(method: str, query: Mapping[str, object], headers: Mapping[str, object]) -> str:
    if "versionId" in query and method == "DELETE":
        return REMOVE_RETAINED if "x-amz-bypass-governance-retention" in headers else REMOVE_VERSION
    if "uploadId" in query and method in ("GET", "DELETE"):
        return "s3:ListMultipartUploadParts" if method == "GET" else "s3:AbortMultipartUpload"
    return f"s3:{_OBJECT[method]}"
