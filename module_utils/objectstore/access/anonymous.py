"""What anybody may do without credentials, found out by trying it with requests that can do no harm."""

from __future__ import annotations

import secrets
from typing import Mapping, NamedTuple, Optional, Protocol

from ..values.abilities import Abilities
from ..values.errors import AccessDeniedError, VerificationError

ALLOWED, DENIED, UNTESTED = "allowed", "denied", "untested"

#: Verbs that each level of ``policy.LEVELS`` gives somebody without credentials.
LEVEL_ALLOWS: Mapping[str, frozenset[str]] = {
    "private": frozenset(),
    "download": frozenset({"list", "read"}),
    "upload": frozenset({"write", "delete"}),
    "public": frozenset({"list", "read", "write", "delete"}),
}

_WRONG_MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="


class Answer(NamedTuple):
    """A server's answer: the HTTP status, the error code of the S3 API (``""`` where there is none), and the body."""

    status: int
    code: str
    body: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the request was not authorised."""
        return self.status in (401, 403)

    @property
    def hides_object(self) -> bool:
        """Whether it says that there is no such object: where there is one, that is a refusal, too (S3Proxy)."""
        return self.status == 404 and self.code == "NoSuchKey"


class AnonymousAccess(NamedTuple):
    """``allowed``, ``denied`` or ``untested`` for each verb."""

    list: str
    read: str
    write: str
    delete: str


class Ask(Protocol):
    """A way to ask the server: without credentials, or with an identity's own."""

    def __call__(
        self,
        method: str,
        bucket: str,
        key: Optional[str] = None,
        *,
        query: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Optional[bytes] = None,
    ) -> Answer:
        """The server's answer, a refusal too."""


class AccessStore(Protocol):
    """What trying takes."""

    @property
    def abilities(self) -> Abilities:
        """What the server can do beyond what every S3 server does."""

    def first_key(self, bucket: str, prefix: str) -> Optional[str]:
        """A key below ``prefix``, seen with our own credentials; ``None`` where there is none."""

    def erase_object(self, bucket: str, key: str) -> None:
        """Remove an object with all of its versions, with our own credentials."""


def try_access(store: AccessStore, bucket: str, prefix: str = "", *, ask: Ask, own_key: bool = True) -> AnonymousAccess:
    """Try to list, read, write and delete below ``prefix``. Nothing is changed.

    :param ask: as whom to try
    :param own_key: whether reading may be tried on an object that is there; not so where ``prefix`` holds
        others that are open on purpose
    """
    probe = f"{prefix}.access-probe-{secrets.token_hex(8)}"
    listing = _try_list(ask, bucket, prefix)
    key = existing_key(store, bucket, prefix) if own_key else None
    return AnonymousAccess(
        list=listing,
        read=try_read(store, ask, bucket, probe, key=key, listing=listing),
        write=_try_write(store, bucket, probe, ask=ask),
        delete=_try_delete(store, ask, bucket, probe),
    )


def existing_key(store: AccessStore, bucket: str, prefix: str) -> Optional[str]:
    """A key below ``prefix``; ``None`` where there is none, or none that we may see."""
    try:
        return store.first_key(bucket, prefix)
    except AccessDeniedError:
        return None


def _try_list(ask: Ask, bucket: str, prefix: str) -> str:
    query = {"list-type": "2", "max-keys": "1", **({"prefix": prefix} if prefix else {})}
    answer = ask("GET", bucket, query=query)
    return DENIED if answer.refuses else ALLOWED if answer.status == 200 else UNTESTED


def try_read(store: AccessStore, ask: Ask, bucket: str, probe: str, *, key: Optional[str], listing: str) -> str:
    """Read one byte of an object that is there; where there is none, ask for one that is not.

    A missing key is 404 for whoever may read, and also for whoever may only list (a rule of the S3 API), unless the
    server tells them apart; where it does not, it refuses whoever may not list, who may be a reader, or says to
    everybody that a key is missing (S3Proxy). MinIO tells them apart by a SelectObjectContent request without a body:
    it is found malformed only after it was authorised as a read.
    """
    if key is not None:
        answer = ask("GET", bucket, key, headers={"Range": "bytes=0-0"})
        return (
            DENIED
            if answer.refuses or answer.hides_object
            else ALLOWED
            if answer.status in (200, 206, 416)
            else UNTESTED
        )
    answer = ask("GET", bucket, probe)
    if answer.refuses:
        return DENIED if store.abilities.tells_readers_apart or store.abilities.harmless_requests else UNTESTED
    if answer.status != 404 or _hides(store, answer):
        return UNTESTED
    if store.abilities.tells_readers_apart:
        return ALLOWED
    if not store.abilities.harmless_requests:
        return UNTESTED
    return ALLOWED if listing == DENIED else _read_on_minio(ask, bucket, probe)


def _read_on_minio(ask: Ask, bucket: str, probe: str) -> str:
    answer = ask("POST", bucket, probe, query={"select": "", "select-type": "2"})
    if answer.code == "EmptyRequestBody":
        return ALLOWED
    return DENIED if answer.code == "NoSuchKey" else UNTESTED


def _try_write(store: AccessStore, bucket: str, probe: str, *, ask: Ask) -> str:
    """Write with a Content-MD5 that cannot match: whoever may write gets 400 BadDigest, and nothing is stored."""
    answer = ask("PUT", bucket, probe, headers={"Content-MD5": _WRONG_MD5}, body=b"probe")
    if answer.status in (200, 204):  # a server that does not check what it receives
        store.erase_object(bucket, probe)
        return ALLOWED
    return DENIED if answer.refuses else ALLOWED if answer.code == "BadDigest" else UNTESTED


def _try_delete(store: AccessStore, ask: Ask, bucket: str, probe: str) -> str:
    """Delete a version that cannot exist of a key that does not: not even a delete marker comes of it.

    To delete a version is another right by the S3 API, which MinIO does not tell from that to delete. So elsewhere the
    key itself is deleted, too, where nothing can come of that: it is not there, and the bucket keeps no versions.
    """
    found = _deleted(store, ask("DELETE", bucket, probe, query={"versionId": "none"}))
    if store.abilities.harmless_requests or found == ALLOWED:
        return found
    versioning = ask("GET", bucket, query={"versioning": ""})
    plain = versioning.status in (404, 501) or (versioning.status == 200 and "<Status>" not in versioning.body)
    return _deleted(store, ask("DELETE", bucket, probe)) if plain else found


def _hides(store: AccessStore, answer: Answer) -> bool:
    """Whether an answer is about a bucket and not about a right in it: it may be there, and not be shown to who asks.

    A server that authorises first tells only those of a missing bucket who have the right.
    """
    return answer.code == "NoSuchBucket" and not store.abilities.harmless_requests


def _deleted(store: AccessStore, answer: Answer) -> str:
    if answer.refuses:
        return DENIED
    gone = answer.status in (200, 204, 404) and not _hides(store, answer)
    return ALLOWED if gone or answer.code == "InvalidArgument" else UNTESTED


def expected_access(levels: Mapping[str, str], prefix: str) -> AnonymousAccess:
    """What ``levels`` (prefix -> level) give below ``prefix``: its own level's verbs and those of any shorter prefix.

    Only listing does not go down from a prefix to a longer one: a level allows to list exactly its own prefix.
    """
    allowed = set(LEVEL_ALLOWS[levels.get(prefix, "private")])
    for other, level in levels.items():
        if prefix.startswith(other):
            allowed |= LEVEL_ALLOWS[level] - ({"list"} if other else set())
    return AnonymousAccess(*(ALLOWED if verb in allowed else DENIED for verb in AnonymousAccess._fields))


def check_access(bucket: str, prefix: str, *, expected: AnonymousAccess, found: AnonymousAccess) -> None:
    """Compare what was found with what should be; ``untested`` contradicts nothing, as long as something was tested.

    :raises VerificationError: naming each verb that is not as it should be
    """
    attempted = f"verify what requests without credentials may do in {bucket}/{prefix}"
    if set(found) == {UNTESTED}:
        raise VerificationError(
            attempted,
            "not one of them was answered with a permission or a refusal",
            "Something answers them that is no S3 server: look for a proxy in front of it.",
        )
    wrong = [
        f"{verb} is {outcome}, not {wanted}"
        for verb, wanted, outcome in zip(AnonymousAccess._fields, expected, found)
        if outcome not in (UNTESTED, wanted)
    ]
    if wrong:
        raise VerificationError(
            attempted,
            "; ".join(wrong),
            "The policy is as wanted, so something else answers: a proxy, a cache, or another server at this endpoint.",
        )
