"""What a MinIO can do, and how it is known."""

from __future__ import annotations

from ...values.abilities import Abilities
from ..greeting import Greeting
from .keys import key_problem

#: Events of buckets and objects (internal/event/name.go).
EVENTS = frozenset({
    "s3:BucketCreated:*", "s3:BucketRemoved:*", "s3:ObjectAccessed:*", "s3:ObjectAccessed:Get",
    "s3:ObjectAccessed:GetRetention", "s3:ObjectAccessed:GetLegalHold", "s3:ObjectAccessed:Head",
    "s3:ObjectAccessed:Attributes", "s3:ObjectCreated:*", "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectCreated:Copy", "s3:ObjectCreated:Post", "s3:ObjectCreated:Put", "s3:ObjectCreated:PutTagging",
    "s3:ObjectCreated:DeleteTagging", "s3:ObjectCreated:PutRetention", "s3:ObjectCreated:PutLegalHold",
    "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRemoved:NoOP",
    "s3:ObjectRemoved:DeleteAllVersions", "s3:LifecycleDelMarkerExpiration:Delete", "s3:Replication:*",
    "s3:Replication:OperationFailedReplication", "s3:Replication:OperationCompletedReplication",
    "s3:Replication:OperationNotTracked", "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold", "s3:ObjectRestore:*", "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed", "s3:ObjectTransition:*", "s3:ObjectTransition:Failed", "s3:ObjectTransition:Complete",
    "s3:Scanner:ManyVersions", "s3:Scanner:LargeVersions", "s3:Scanner:BigPrefix",
})  # fmt: skip

#: Its lifecycle rules drop AbortIncompleteMultipartUpload; its setting api stale_uploads_expiry does that work.
ABILITIES = Abilities(
    lists_in_order=True,
    lists_on_by_key=True,
    identities="minio",
    unpack_archives=True,
    exclude_from_versioning=True,
    abort_uploads_by_rule=False,
    expire_all_versions=True,
    tags_in_any_script=False,
    policies_by_exclusion=False,
    key_problem=key_problem,
    known_events=EVENTS,
    harmless_requests=True,
)


def recognised(answer: Greeting) -> bool:
    """Whether the server is a MinIO: nobody else answers its health check."""
    return answer.status == 200
