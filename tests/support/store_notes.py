"""What each store does in its own way: for the page of stores, and for who tries one in the demonstration."""

from __future__ import annotations

from collections.abc import Mapping

#: What a store does in its own way, so that nobody is surprised.
NOTES: Mapping[str, tuple[str, ...]] = {
    "minio": (
        "Small files travel in bundles, which no other store unpacks; elsewhere each is a request.",
        "Proofs try more: single versions, settings of buckets, the admin API; and the server says what it allows.",
    ),
    "seaweedfs": (
        "It lists by walking through folders, so its listings are sorted here before they are used.",
        "A listing of versions leaves out keys at the border of two pages; `force` lists again until nothing is left.",
        "An access key has letters and digits alone: that of `geocrop-worker` is `geocropworker`.",
        "Of an interrupted upload it tells no checksums of parts; their MD5 decides.",
        "For a part that it copies itself it answers no MD5: parts of large objects are copied through this host.",
        "Its sockets for gRPC lie in `/tmp`, where it leaves two of them, which are empty files.",
    ),
    "ceph": (
        "It stores content with a wrong CRC-32, so the MD5 of each request decides, and the ETag in the answer to it.",
        "Whether somebody may read shows by an object that is there alone; of an empty prefix that stays untested.",
        "Identities can make no buckets; who makes identities needs `users=*;user-policy=*;metadata=read`.",
        "Its API of users has their secrets in the URL of a request, which a log of a proxy may show: use https.",
        "It has no `s3:GetEncryptionConfiguration`, which is left out of the policies.",
    ),
    "garage": (
        "A key reads and lists, or writes and removes, in whole buckets: `access_coarser: [delete, list, prefix]`.",
        "Its admin API has a port and a token of its own: `access_admin_endpoint`, `access_admin_token`.",
        "A bucket that is made over S3 has its name for its maker alone; the role access gives it one for all keys.",
        "A key keeps its secret for ever, and nobody gets the id of one that was removed: `access_rotate` is an error.",
        "It has no versions and no policies of buckets: `private` is all that they can be.",
        "It ignores If-Match and If-None-Match of a PUT, so two who write one object do not see each other.",
    ),
    "versitygw": (
        "Objects are files: no key can be the folder of another (`a` and `a/b`), and that file fails by name.",
        "Its listings are never encoded, so a key with a control character is refused before it is sent.",
        "Rights of identities are statements of the policies of buckets, which `minio_policy` leaves alone.",
        "Encryption, lifecycle rules and notifications are errors that say that the server has none.",
    ),
    "s3proxy": (
        "It answers 501 to headers of checksums, so each request has the MD5 instead, which proves what arrives, too.",
        "It has one key, which may do everything: no identity has fewer rights than another.",
        "It has no versions and no policies of buckets: `private` is all that they can be.",
        "Over a folder, a file that others may read is an object that strangers may read: run it with the umask 077.",
        "It tells strangers that a key is missing: of an empty prefix, whether they may read stays untested.",
        "A request to remove the policy of a bucket removes the bucket, where it is empty; none is sent.",
    ),
    "moto": (
        "It lets everybody do everything: it serves tests, and no data.",
        "The playbook ends where it finds that the buckets are open to everybody, so its acceptance is not reached.",
    ),
}
