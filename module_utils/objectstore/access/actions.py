"""What MinIO's policies know: actions, condition keys and operators, from its sources (minio/pkg v3.1.3, policy/)."""

from __future__ import annotations

from typing import Mapping

#: Actions on buckets and objects, after ``s3:``.
S3_ACTIONS = frozenset({
    "AbortMultipartUpload", "BypassGovernanceRetention", "CreateBucket", "DeleteBucket", "DeleteBucketCors",
    "DeleteBucketPolicy", "DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion",
    "DeleteObjectVersionTagging", "ForceDeleteBucket", "GetBucketCors", "GetBucketLocation",
    "GetBucketNotification", "GetBucketObjectLockConfiguration", "GetBucketPolicy", "GetBucketPolicyStatus",
    "GetBucketTagging", "GetBucketVersioning", "GetEncryptionConfiguration", "GetLifecycleConfiguration",
    "GetObject", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging",
    "GetObjectVersion", "GetObjectVersionAttributes", "GetObjectVersionForReplication", "GetObjectVersionTagging",
    "GetReplicationConfiguration", "HeadBucket", "ListAllMyBuckets", "ListBucket", "ListBucketMultipartUploads",
    "ListBucketVersions", "ListMultipartUploadParts", "ListenBucketNotification", "ListenNotification",
    "PutBucketCors", "PutBucketNotification", "PutBucketObjectLockConfiguration", "PutBucketPolicy",
    "PutBucketTagging", "PutBucketVersioning", "PutEncryptionConfiguration", "PutLifecycleConfiguration",
    "PutObject", "PutObjectFanOut", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging",
    "PutObjectVersionTagging", "PutReplicationConfiguration", "ReplicateDelete", "ReplicateObject", "ReplicateTags",
    "ResetBucketReplicationState", "RestoreObject",
})  # fmt: skip

#: Those about objects: in a bucket's policy they need a resource below the bucket.
OBJECT_ACTIONS = frozenset({
    "AbortMultipartUpload", "BypassGovernanceRetention", "DeleteObject", "DeleteObjectTagging",
    "DeleteObjectVersion", "DeleteObjectVersionTagging", "GetObject", "GetObjectAttributes", "GetObjectLegalHold",
    "GetObjectRetention", "GetObjectTagging", "GetObjectVersion", "GetObjectVersionAttributes",
    "GetObjectVersionForReplication", "GetObjectVersionTagging", "ListMultipartUploadParts", "PutObject",
    "PutObjectFanOut", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "PutObjectVersionTagging",
    "ReplicateDelete", "ReplicateObject", "ReplicateTags", "ResetBucketReplicationState", "RestoreObject",
})  # fmt: skip

#: Actions of the admin API, after ``admin:``.
ADMIN_ACTIONS = frozenset({
    "AddUserToGroup", "AttachUserOrGroupPolicy", "BandwidthMonitor", "CancelBatchJob", "ClusterInfo",
    "ConfigUpdate", "ConsoleLog", "CreatePolicy", "CreateServiceAccount", "CreateUser", "DataUsageInfo",
    "Decommission", "DeletePolicy", "DeleteUser", "DescribeBatchJob", "DisableGroup", "DisableUser", "DriveInfo",
    "EnableGroup", "EnableUser", "ExportBucketMetadata", "ExportIAM", "ForceUnlock", "GenerateBatchJob",
    "GetBucketQuota", "GetBucketTarget", "GetGroup", "GetPolicy", "GetUser", "Heal", "ImportBucketMetadata",
    "ImportIAM", "InspectData", "KMSCreateKey", "KMSKeyStatus", "LicenseInfo", "ListBatchJobs", "ListGroups",
    "ListServiceAccounts", "ListTemporaryAccounts", "ListTier", "ListUserPolicies", "ListUsers", "OBDInfo",
    "PoolInfo", "PoolList", "Profiling", "Prometheus", "Rebalance", "RemoveServiceAccount", "RemoveUserFromGroup",
    "ReplicationDiff", "ServerInfo", "ServerTrace", "ServerUpdate", "ServiceFreeze", "ServiceRestart",
    "ServiceStop", "SetBucketQuota", "SetBucketTarget", "SetInfo", "SetTier", "SiteReplicationAdd",
    "SiteReplicationDisable", "SiteReplicationInfo", "SiteReplicationOperation", "SiteReplicationRemove",
    "SiteReplicationResync", "StartBatchJob", "StorageInfo", "TopLocksInfo", "UpdatePolicyAssociation",
    "UpdateServiceAccount",
})  # fmt: skip

#: Actions of key management, after ``kms:``.
KMS_ACTIONS = frozenset({
    "API", "AssignPolicy", "AuditLog", "CreateKey", "DeleteIdentity", "DeleteKey", "DeletePolicy",
    "DescribeIdentity", "DescribePolicy", "DescribeSelfIdentity", "ErrorLog", "GetPolicy", "ImportKey", "KeyStatus",
    "ListIdentities", "ListKeys", "ListPolicies", "Metrics", "SetPolicy", "Status", "Version",
})  # fmt: skip

#: Condition keys about who asks, when and from where.
_REQUEST_KEYS = frozenset({
    "aws:CurrentTime", "aws:EpochTime", "aws:Referer", "aws:SecureTransport", "aws:SourceIp", "aws:UserAgent",
    "aws:groups", "aws:principaltype", "aws:userid", "aws:username", "jwt:address", "jwt:aud", "jwt:birthdate",
    "jwt:client_id", "jwt:email", "jwt:family_name", "jwt:gender", "jwt:given_name", "jwt:groups", "jwt:iss",
    "jwt:jti", "jwt:middle_name", "jwt:name", "jwt:nickname", "jwt:phone_number", "jwt:picture",
    "jwt:preferred_username", "jwt:profile", "jwt:scope", "jwt:sub", "jwt:upn", "jwt:website", "ldap:groups",
    "ldap:user", "ldap:username",
})  # fmt: skip

#: Condition keys that go with any action on buckets and objects, and with those of the admin API.
COMMON_KEYS = _REQUEST_KEYS | {
    "s3:LocationConstraint",
    "s3:authType",
    "s3:signatureAge",
    "s3:signatureversion",
    "s3:x-amz-content-sha256",
}
ADMIN_KEYS = _REQUEST_KEYS | {"svc:DurationSeconds"}

_ENCRYPTION = frozenset({
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
})  # fmt: skip
_TAGS = frozenset({"s3:RequestObjectTag", "s3:RequestObjectTagKeys"})
_LISTING = frozenset({"s3:delimiter", "s3:max-keys", "s3:prefix"})
_VERSION = frozenset({"s3:versionid"})
_TAGGED = frozenset({"s3:ExistingObjectTag"})
_LOCK = frozenset({"s3:object-lock-mode", "s3:object-lock-retain-until-date"})

#: Condition keys that go with some actions only.
KEYS_OF: Mapping[str, frozenset[str]] = {
    "BypassGovernanceRetention": _TAGS
    | _LOCK
    | _VERSION
    | {"s3:object-lock-legal-hold", "s3:object-lock-remaining-retention-days"},
    "DeleteObject": _VERSION,
    "DeleteObjectTagging": _VERSION | _TAGGED,
    "DeleteObjectVersion": _VERSION,
    "DeleteObjectVersionTagging": _VERSION | _TAGGED,
    "GetObject": _ENCRYPTION | _VERSION | _TAGGED,
    "GetObjectAttributes": _TAGGED,
    "GetObjectRetention": _ENCRYPTION | _VERSION,
    "GetObjectTagging": _VERSION | _TAGGED,
    "GetObjectVersion": _VERSION | _TAGGED,
    "GetObjectVersionAttributes": _VERSION | _TAGGED,
    "GetObjectVersionForReplication": _VERSION | _TAGGED,
    "GetObjectVersionTagging": _VERSION | _TAGGED,
    "ListBucket": _LISTING,
    "ListBucketVersions": _LISTING,
    "PutBucketTagging": _TAGS,
    "PutObject": _ENCRYPTION
    | _TAGS
    | _LOCK
    | _VERSION
    | {"s3:object-lock-legal-hold", "s3:x-amz-copy-source", "s3:x-amz-metadata-directive", "s3:x-amz-storage-class"},
    "PutObjectLegalHold": _ENCRYPTION | _VERSION | {"s3:object-lock-legal-hold"},
    "PutObjectRetention": _ENCRYPTION | _LOCK | _VERSION | {"s3:object-lock-remaining-retention-days"},
    "PutObjectTagging": _TAGS | _VERSION | _TAGGED,
    "PutObjectVersionTagging": _TAGS | _VERSION | _TAGGED,
    "ReplicateDelete": _VERSION | _TAGGED,
    "ReplicateObject": _VERSION | _TAGGED,
    "ReplicateTags": _VERSION | _TAGGED,
}

#: All condition keys; they go with ``s3:*``.
ALL_KEYS = COMMON_KEYS.union(ADMIN_KEYS, *KEYS_OF.values(), {"sts:DurationSeconds"})

#: Condition operators; before one may stand a qualifier and a colon.
OPERATORS = frozenset({
    "BinaryEquals", "Bool", "DateEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateLessThan",
    "DateLessThanEquals", "DateNotEquals", "IpAddress", "NotIpAddress", "Null", "NumericEquals",
    "NumericGreaterThan", "NumericGreaterThanEquals", "NumericGreaterThanIfExists", "NumericLessThan",
    "NumericLessThanEquals", "NumericNotEquals", "StringEquals", "StringEqualsIgnoreCase", "StringLike",
    "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
})  # fmt: skip

QUALIFIERS = frozenset({"ForAllValues", "ForAnyValue"})
