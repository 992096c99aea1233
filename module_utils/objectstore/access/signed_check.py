"""Proof of signed URLs: one downloads its object, and unsigned, expired or for another key none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Iterator, NamedTuple, Optional, Protocol

from ..values.errors import InvalidInputError, NotFoundError
from ..values.limits import check_key
from ..values.model import Connection, RemoteObject
from .anonymous import ALLOWED, DENIED, Answer
from .signing import presigned_url


class UrlStore(Protocol):
    """What the proof takes."""

    @property
    def connection(self) -> Connection:
        """How the store is reached, and as whom."""

    def list_objects(self, bucket: str, prefix: str = "") -> Iterator[RemoteObject]:
        """All objects below ``prefix``, sorted by the bytes of their keys."""

    def try_url(self, url: str) -> Answer:
        """The server's answer to GET of the first byte at a URL, without credentials."""


class SignedAccess(NamedTuple):
    """``allowed``, ``denied``, or the status that the server answered."""

    signed: str
    unsigned: str
    expired: str
    other_key: str


EXPECTED = SignedAccess(ALLOWED, DENIED, DENIED, DENIED)


def choose_key(store: UrlStore, bucket: str, *, key: Optional[str], prefix: Optional[str]) -> str:
    """The key that is given, or the first below the prefix.

    :raises InvalidInputError: where not one of them is given, or the key is none
    :raises NotFoundError: where there is no object below the prefix
    """
    if (key is None) == (prefix is None):
        both = "neither is" if key is None else "both are"
        raise InvalidInputError("choose an object to sign for", f"{both} given", "Give a key or a prefix.")
    if key is not None:
        return check_key(key)
    for found in store.list_objects(bucket, prefix or ""):
        return found.key
    raise NotFoundError(f"sign for an object of {bucket}/{prefix}", "there is none")


def try_signed(store: UrlStore, bucket: str, key: str, now: datetime, *, region: Optional[str] = None) -> SignedAccess:
    """Try to download ``bucket/key`` in the four ways.

    :param region: the bucket's, where it is known: a URL that is signed for another may be refused
    """
    minute = timedelta(minutes=1)
    connection = replace(store.connection, region=region or store.connection.region)
    url = presigned_url(connection, "GET", bucket, key, expires=minute, now=now)
    former = presigned_url(connection, "GET", bucket, key, expires=minute, now=now - 10 * minute)
    other = presigned_url(connection, "GET", bucket, f"{key}.other", expires=minute, now=now)
    plain = url.partition("?")[0]
    crossed = f"{plain}?{other.partition('?')[2]}"
    answers = [store.try_url(one) for one in (url, plain, former, crossed)]
    there = answers[0].status in (200, 206)
    found = SignedAccess(*(_outcome(answer, there=there) for answer in answers))
    # versitygw and Ceph find fault with the date of an expired URL, before they would refuse it
    return found._replace(expired=DENIED) if found.expired == _FAULTY else found


_FAULTY = "HTTP 400"


def _outcome(answer: Answer, *, there: bool) -> str:
    """``there``: whether the object is known to be there."""
    return (
        DENIED
        if answer.refuses or (there and answer.hides_object)
        else ALLOWED
        if answer.status in (200, 206)
        else f"HTTP {answer.status}"
    )


def told(bucket: str, key: str, found: SignedAccess) -> str:
    """What is wrong, and what to do where the signer may not read the object itself."""
    ways = ", ".join(f"{way}: {outcome}" for way, outcome in found._asdict().items())
    missing = f" The identity needs s3:GetObject on {bucket}/{key}." if found.signed == DENIED else ""
    return f"Signed URLs of {bucket}/{key} do not do what they must: {ways}.{missing}"
