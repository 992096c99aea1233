"""What a server can do beyond what every S3 server does, as one flat value: a verb, and what it takes."""

from __future__ import annotations

from typing import Callable, NamedTuple


class Abilities(NamedTuple):
    """Callers ask this value, never a product's name. The defaults are a plain S3 server's.

    ``lists_in_order``: lists keys sorted by their bytes; another's listing is sorted here before it is used
    ``lists_on_by_key``: is quicker where the first pages of a listing are asked for by the key that they follow
    ``encodes_uploads``: encodes the keys in a listing of uploads where it says so; else it is not asked to
    ``lists_checksums``: tells the CRC-32 of each part of an upload that has one
    ``identities``: the way in which identities are made, one of ``servers.granting.BACKENDS`` or ``minio``;
    ``""`` where there is none that we know
    ``unknown_actions``: of the actions that our policies name, those that the server has no word for
    ``unpack_archives``: makes an object of each file in a tar that it is sent
    ``exclude_from_versioning``: a bucket that keeps versions may leave out some prefixes, or folders
    ``abort_uploads_by_rule``: a lifecycle rule may remove uploads that nobody completed
    ``expire_all_versions``: a lifecycle rule may remove all versions of an object, and keep any number of former ones
    ``tags_in_any_script``: a bucket's tags may have letters beyond ASCII
    ``policies_by_exclusion``: a bucket's policy may name what it does not mean (NotAction, NotPrincipal), principals
    other than AWS, and any action; else only what MinIO keeps
    ``known_events``: the events that notifications may name, empty where they are not known
    ``key_problem``: why a key cannot be kept, or is kept under another name, which S3 takes; ``""`` where it can
    ``tells_readers_apart``: says of a key that is not there that it is missing only to who may read it; by the S3 API
    who may list is told so, too
    ``harmless_requests``: finds faults in requests only after it authorised them, so that rights can be tried
    """

    lists_in_order: bool = False
    lists_on_by_key: bool = False
    encodes_uploads: bool = True
    lists_checksums: bool = True
    identities: str = ""
    unknown_actions: frozenset[str] = frozenset()
    unpack_archives: bool = False
    exclude_from_versioning: bool = False
    abort_uploads_by_rule: bool = True
    expire_all_versions: bool = False
    tags_in_any_script: bool = True
    policies_by_exclusion: bool = True
    known_events: frozenset[str] = frozenset()
    key_problem: Callable[[str], str] = lambda _key: ""
    tells_readers_apart: bool = False
    harmless_requests: bool = False
