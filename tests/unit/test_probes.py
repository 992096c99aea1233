"""What answers show of who may do what, on servers that tell more and less."""

# ruff: noqa: ARG002 - the protocols' arguments

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.module_utils.objectstore.access import signed_check
from ansible.module_utils.objectstore.access.anonymous import Answer, try_access, try_read
from ansible.module_utils.objectstore.values.abilities import Abilities
from ansible.module_utils.objectstore.values.model import Connection

Server = Callable[..., Answer]

MISSING = Answer(404, "NoSuchKey")
LISTED = Answer(200, "")
DENIED = Answer(403, "AccessDenied")


class Asked:
    """A store whose server answers as a function says; ``requests`` has what it was asked."""

    def __init__(self, answers: Server, **abilities: Any) -> None:
        self.abilities = Abilities(**abilities)
        self.requests: list[tuple[str, str]] = []
        self._answers = answers

    def first_key(self, bucket: str, prefix: str) -> str | None:
        return None

    def erase_object(self, bucket: str, key: str) -> None:
        raise AssertionError(f"{bucket}/{key} was stored")

    def ask(
        self,
        method: str,
        bucket: str,
        key: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        self.requests.append((method, next(iter(query or {}), "")))
        return self._answers(method, key, query or {})


def test_a_bucket_that_is_not_shown_is_untested() -> None:
    """To delete, that is: its 404 is about the bucket, not about the key."""
    store = Asked(lambda *_: Answer(404, "NoSuchBucket"))
    assert set(try_access(store, "b", ask=store.ask)) == {"untested"}


@pytest.mark.parametrize(("tells", "read"), [(True, "allowed"), (False, "untested")])
def test_a_missing_key_tells_of_reading_where_the_server_tells_readers_apart(tells: bool, read: str) -> None:
    """By the S3 API it is 404 to who may list, too; and this server knows no SelectObjectContent."""

    def answers(method: str, key: str | None, query: Mapping[str, str]) -> Answer:
        return LISTED if not key else MISSING if method == "GET" else Answer(501, "NotImplemented")

    store = Asked(answers, tells_readers_apart=tells)
    assert try_access(store, "b", ask=store.ask).read == read


@pytest.mark.parametrize(
    ("versioning", "found", "asked"),
    [
        (Answer(200, "", "<VersioningConfiguration/>"), "allowed", True),
        (Answer(501, "NotImplemented"), "allowed", True),
        (
            Answer(200, "", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
            "denied",
            False,
        ),
        (DENIED, "denied", False),
    ],
)
def test_a_key_is_deleted_only_where_nothing_comes_of_it(versioning: Answer, found: str, asked: bool) -> None:
    """Who may delete objects may be denied to delete versions, which is another right by the S3 API."""

    def answers(method: str, key: str | None, query: Mapping[str, str]) -> Answer:
        if "versioning" in query:
            return versioning
        return Answer(204, "") if method == "DELETE" and not query else DENIED

    store = Asked(answers)
    assert try_access(store, "b", ask=store.ask).delete == found
    assert (("DELETE", "") in store.requests) is asked


@pytest.mark.parametrize(
    ("signed", "unsigned", "expired", "met"),
    [
        (206, DENIED, DENIED, True),
        (206, DENIED, Answer(400, ""), True),
        (206, DENIED, LISTED, False),
        (206, MISSING, MISSING, True),
        (404, MISSING, MISSING, False),
        (206, Answer(404, "NoSuchBucket"), DENIED, False),
    ],
)
def test_an_expired_link_is_refused_by_400_and_an_object_that_is_there_by_404_too(
    signed: int, unsigned: Answer, expired: Answer, met: bool
) -> None:
    class Store:
        connection = Connection("http://127.0.0.1:9", "key", "secret-key")

        def __init__(self) -> None:
            self.answers = iter([Answer(signed, ""), unsigned, expired, DENIED])

        def try_url(self, url: str) -> Answer:
            return next(self.answers)

    found = signed_check.try_signed(Store(), "b", "k", signed_check.datetime(2026, 1, 1))
    assert (found == signed_check.EXPECTED) is met


@pytest.mark.parametrize(
    ("key", "answer", "abilities", "read"),
    [
        ("a", MISSING, {}, "denied"),
        ("a", Answer(404, "NoSuchBucket"), {}, "untested"),
        ("a", Answer(206, ""), {}, "allowed"),
        (None, MISSING, {}, "untested"),
        (None, MISSING, {"tells_readers_apart": True}, "allowed"),
        (None, MISSING, {"harmless_requests": True}, "allowed"),
    ],
)
def test_that_there_is_no_such_object_means_another_thing_where_there_is_one(
    key: str | None, answer: Answer, abilities: dict[str, bool], read: str
) -> None:
    """S3Proxy tells strangers of missing keys before it refuses them."""

    def answers(method: str, key: str | None, query: Mapping[str, str]) -> Answer:
        return answer if method == "GET" and key else DENIED

    store = Asked(answers, **abilities)
    assert try_read(store, store.ask, "b", "probe", key=key, listing="denied") == read
