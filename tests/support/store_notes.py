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
    ),
    "versitygw": (
        "Objects are files: no key can be the folder of another (`a` and `a/b`), and that file fails by name.",
        "Its listings are never encoded, so a key with a control character is refused before it is sent.",
        "Rights of identities are statements of the policies of buckets, which `minio_policy` leaves alone.",
        "Encryption, lifecycle rules and notifications are errors that say that the server has none.",
    ),
    "moto": (
        "It lets everybody do everything: it serves tests, and no data.",
        "The playbook ends where it finds that the buckets are open to everybody, so its acceptance is not reached.",
    ),
}
