"""Each limit that a server can judge, on a real one, at it and beyond it; and what it holds of policies.

What is at a limit is kept. What is beyond it the module refuses before anything is sent, and the server is asked
whether it would have taken it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.objectstore.access.identities import AccessKey
from ansible.module_utils.objectstore.access.policy import is_equivalent, normal_document
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.errors import ObjectStoreError

from tests.integration.conftest import TARGET
from tests.integration.engine import connection
from tests.support.in_process import run_here
from tests.support.policies import BAD, GOOD, OF_BUCKET
from tests.support.proxy import running_proxy
from tests.support.server import Server

SECRET = "one-secret-of-a-test"
REFUSES, TAKES = "refuses", "takes"
Send = Callable[[AdministeredStore, str], object]


class Limit(NamedTuple):
    """A limit as a task meets it: a module, its options at the limit and beyond (``{}`` is a name of the test's own).

    :param send: sends to the server, as it is, what goes beyond
    :param server: what the server does with it. What it takes is a limit of S3, or of what can be read back.
    """

    module: str
    at: dict[str, Any]
    beyond: dict[str, Any]
    send: Send
    server: str = REFUSES


def of_bucket(option: str, at: Any, beyond: Any, value: Any, server: str = REFUSES, **beside: Any) -> Limit:
    """A limit of a bucket's setting; ``value`` is what goes beyond, in the words of the engine."""
    setting = "versioning" if option.startswith("versioning") else option
    options = {"name": "{}", **beside}
    return Limit(
        "minio_bucket", {**options, option: at}, {**options, option: beyond},
        lambda store, bucket: store.set_bucket_setting(bucket, setting, value), server,
    )  # fmt: skip


def rule(**changes: Any) -> dict[str, Any]:
    return {"id": "r", "enabled": True, "prefix": "", "expire_days": 1, **changes}


def of_rules(at: list[dict[str, Any]], beyond: list[dict[str, Any]], server: str = REFUSES) -> Limit:
    return of_bucket("lifecycle", at, beyond, by_id(beyond), server)


def by_id(given: list[dict[str, Any]]) -> dict[str, Any]:
    return {one["id"]: {word: value for word, value in one.items() if word != "id"} for one in given}


def of_object(at: dict[str, Any], beyond: dict[str, Any], server: str = REFUSES) -> Limit:
    """A limit of an object's key, metadata or content type; see ``written`` for how it is sent."""
    return Limit("minio_sync", at, beyond, lambda store, bucket: written(store, bucket, **beyond), server)


def written(store: AdministeredStore, bucket: str, **options: Any) -> None:
    key = options.get("key_template", "k")
    store.write_object(
        bucket, key, b"x", content_type=options.get("content_type", "text/plain"), metadata=options.get("metadata", {})
    )


def tags(count: int = 1, key: int = 5, value: int = 1, letter: str = "v") -> dict[str, str]:
    return {f"{number}".rjust(key, "k"): letter * value for number in range(count)}


def policy(size: int, bucket: str = "b") -> dict[str, Any]:
    """A document of so many bytes as it is sent."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{bucket}/"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    statement["Resource"][0] += "x" * (size - len(json.dumps(document)))
    return document


def key_of(size: int) -> str:
    """A key of so many bytes, whose components a MinIO keeps."""
    whole, rest = divmod(size, 200)
    return "/".join(["k" * 199] * whole + ["k" * rest])


def hence(**ahead: float) -> str:
    return f"{datetime.now(UTC) + timedelta(**ahead):%Y-%m-%dT%H:%M:%SZ}"


def of_key(at: dict[str, Any], beyond: dict[str, Any], server: str = REFUSES) -> Limit:
    """A limit of an access key."""
    options = {"key": "{}", "key_secret": SECRET}

    def send(store: AdministeredStore, name: str) -> None:
        given = {**options, "key": name, **beyond}
        wanted = AccessKey(
            given["key"].format(name), "", policy=given.get("policy"), description=given.get("description", ""),
            expires=given.get("expires"),
        )  # fmt: skip
        store.add_access_key(wanted, secret=given["key_secret"])

    return Limit("minio_access_key", {**options, **at}, {**options, **beyond}, send, server)


def of_user(at: dict[str, Any], beyond: dict[str, Any], server: str = REFUSES) -> Limit:
    def send(store: AdministeredStore, name: str) -> None:
        given = {"name": name, "user_secret": SECRET, **beyond}
        store.set_user(given["name"].format(name), secret=given["user_secret"], enabled=True)

    options = {"name": "{}", "user_secret": SECRET}
    return Limit("minio_user", {**options, **at}, {**options, **beyond}, send, server)


def event(prefix: str) -> dict[str, Any]:
    return {"id": "e", "arn": TARGET, "events": ["s3:ObjectCreated:*"], "prefix": prefix, "suffix": ""}


EXCLUDED = [f"p{number}/" for number in range(11)]
LIMITS: dict[str, Limit] = {
    "bytes of a key": of_object({"key_template": key_of(1024)}, {"key_template": key_of(1025)}),
    "bytes of a component": of_object({"key_template": "k" * 255}, {"key_template": "k" * 256}),
    "bytes of metadata": of_object({"metadata": {"a": "v" * 2036}}, {"metadata": {"a": "v" * 2037}}),
    "bytes of a content type": of_object(
        {"content_type": f"text/{'x' * 1019}"}, {"content_type": f"text/{'x' * 1020}"}, TAKES
    ),
    "tags of a bucket": of_bucket("tags", tags(50), tags(51), tags(51)),
    "characters of a tag's key": of_bucket("tags", tags(key=128), tags(key=129), tags(key=129)),
    "characters of a tag's value": of_bucket("tags", tags(value=256), tags(value=257), tags(value=257)),
    "letters of a tag": of_bucket("tags", tags(letter="@"), tags(letter="ü"), tags(letter="ü")),
    "rules of a lifecycle": of_rules(
        [rule(id=f"r{number}", prefix=f"p{number}/") for number in range(1000)],
        [rule(id=f"r{number}", prefix=f"p{number}/") for number in range(1001)],
    ),
    "characters of a rule's id": of_rules([rule(id="r" * 255)], [rule(id="r" * 256)]),
    "least days": of_rules([rule(expire_days=1)], [rule(expire_days=0)]),
    "most days": of_rules([rule(expire_days=2**31 - 1)], [rule(expire_days=2**31)], TAKES),
    "most former days": of_rules(
        [rule(noncurrent_expire_days=2**31 - 1)], [rule(noncurrent_expire_days=2**31)], TAKES
    ),
    "largest size in a rule": of_rules(
        [rule(smaller_than=str(2**63 - 1))], [rule(smaller_than=str(2**63))]
    ),
    "largest quota": of_bucket("quota", str(2**64 - 1), str(2**64), 2**64),
    "days of retention": of_bucket(
        "retention", {"mode": "governance", "days": 36500}, {"mode": "governance", "days": 36501},
        {"mode": "governance", "days": 36501}, object_lock=True,
    ),
    "years of retention": of_bucket(
        "retention", {"mode": "governance", "years": 100}, {"mode": "governance", "years": 101},
        {"mode": "governance", "years": 101}, object_lock=True,
    ),
    "prefixes without versions": of_bucket(
        "versioning_exclude_prefixes", EXCLUDED[:10], EXCLUDED,
        {"status": "enabled", "exclude_prefixes": EXCLUDED}, versioning="enabled",
    ),
    "bytes of a filter": of_bucket(
        "notifications", [event("k" * 1024)], [event("k" * 1025)], by_id([event("k" * 1025)]), TAKES
    ),
    "least bytes of an access key": of_key({"key": "k{:.2}"}, {"key": "k{:.1}"}),
    "most bytes of an access key": of_key({"key": "{:k<20}"}, {"key": "{:k<21}"}),
    "least bytes of a secret": of_key({"key_secret": "s" * 8}, {"key_secret": "s" * 7}),
    "most bytes of a secret": of_key({"key_secret": "s" * 40}, {"key_secret": "s" * 41}),
    "bytes of a description": of_key({"description": "d" * 256}, {"description": "d" * 257}),
    "least life": of_key({"expires": lambda: hence(minutes=16)}, {"expires": hence(minutes=14)}),
    "longest life": of_key({"expires": hence(days=365)}, {"expires": hence(days=366)}),
    "bytes of a key's policy": of_key({"policy": policy(4096)}, {"policy": policy(4097)}),
    "least bytes of a user": of_user({"name": "u{:.2}"}, {"name": "u{:.1}"}),
    "least bytes of a user's secret": of_user({"user_secret": "s" * 8}, {"user_secret": "s" * 7}),
    "most bytes of a user": of_user({"name": "{:u<255}"}, {"name": "{:u<256}"}),
    "bytes of a group": Limit(
        "minio_group", {"name": "{:g<255}"}, {"name": "{:g<256}"},
        lambda store, name: store.create_group(f"{name:g<256}"),
    ),
    "bytes of a policy's name": Limit(
        "minio_iam_policy", {"name": "{:p<255}", "policy": policy(200)}, {"name": "{:p<256}", "policy": policy(200)},
        lambda store, name: store.set_iam_policy(f"{name:p<256}", policy(200)),
    ),
    "bytes of a policy": Limit(
        "minio_iam_policy", {"name": "{}", "policy": policy(20480)}, {"name": "{}", "policy": policy(20481)},
        lambda store, name: store.set_iam_policy(name, policy(20481)),
    ),
    "names that S3 keeps for itself": Limit(
        "minio_bucket", {"name": "{}"}, {"name": "xn--{}"},
        lambda store, name: store.create_bucket(f"xn--{name}", region=None, object_lock=False), TAKES,
    ),
    "characters of a bucket": Limit(
        "minio_bucket", {"name": "{:b<63}"}, {"name": "{:b<64}"},
        lambda store, name: store.create_bucket(f"{name:b<64}", region=None, object_lock=False),
    ),
}  # fmt: skip


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
def test_what_is_at_a_limit_is_kept_and_what_is_beyond_is_not_sent(
    target_minio: Server, tmp_path: Path, limit: Limit
) -> None:
    name = f"t{secrets.token_hex(4)}"
    store = AdministeredStore(connection(target_minio))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "k").write_bytes(b"x")
    if limit.module == "minio_sync":
        store.create_bucket(name, region=None, object_lock=False)

    def run(options: dict[str, Any], server: Server, *, check: bool = False) -> dict[str, Any]:
        given = {word: value.format(name) if isinstance(value, str) else value for word, value in options.items()}
        if limit.module == "minio_sync":
            given |= {"bucket": name, "src": str(tmp_path / "src"), "digest_cache": ""}
        return run_here(limit.module, {**server.module_options, **given}, check=check)

    with running_proxy(target_minio) as proxy:
        dry, real = (run(limit.beyond, proxy.server, check=check) for check in (True, False))
        assert (dry["failed"], real["failed"], real["changed"]) == (True, True, False), (dry, real)
        assert dry["msg"] == real["msg"]
        assert proxy.writes == []
    # what tells a time is made now: the tests before this one may take as long as the limit is
    at = {word: value() if callable(value) else value for word, value in limit.at.items()}
    kept = run(at, target_minio)
    assert (kept["failed"], kept["changed"]) == (False, True), kept
    assert not run(at, target_minio)["changed"]
    if limit.server == REFUSES:
        with pytest.raises(ObjectStoreError):
            limit.send(store, name)
    else:
        limit.send(store, name)


def test_policies_that_we_take_are_held_as_they_were_sent(target_minio: Server) -> None:
    store, name = AdministeredStore(connection(target_minio)), f"t{secrets.token_hex(4)}"
    for good in GOOD:
        store.set_iam_policy(name, normal_document(good))
        assert is_equivalent(store.iam_policy(name), good), good
    store.create_bucket(name, region=None, object_lock=False)
    for policy_of_b, words in OF_BUCKET:
        if not words:
            given = renamed(policy_of_b, name)
            store.set_bucket_policy(name, normal_document(given))
            assert is_equivalent(store.bucket_policy(name), given), given


def renamed(policy_of_b: dict[str, Any], bucket: str) -> dict[str, Any]:
    """The policy with another bucket in place of b."""
    text = json.dumps(policy_of_b)
    renamed_document: dict[str, Any] = json.loads(text.replace(":::b", f":::{bucket}").replace(":::?", ":::*"))
    return renamed_document


#: What it drops without a word where nothing else changes, and what it holds and does not heed.
SAID_AND_NOT_SEEN = ["drops the field action", "ignores the Resource", "drops the field Comment"]


def test_policies_that_we_refuse_are_refused_or_held_otherwise(target_minio: Server) -> None:
    store, name = AdministeredStore(connection(target_minio)), f"t{secrets.token_hex(4)}"
    store.create_bucket(name, region=None, object_lock=False)
    held = [words for bad, words in BAD if is_held(store, name, bad)]
    held += [words for bad, words in OF_BUCKET if words and is_held(store, name, renamed(bad, name), of_bucket=True)]
    assert held == SAID_AND_NOT_SEEN


def is_held(store: AdministeredStore, name: str, bad: dict[str, Any], *, of_bucket: bool = False) -> bool:
    """Whether the server takes a document as it is, and shows it so that it means the same."""
    try:
        if of_bucket:
            store.set_bucket_policy(name, bad)
            return is_equivalent(store.bucket_policy(name), bad)
        store.set_iam_policy(name, bad)
        return is_equivalent(store.iam_policy(name), bad)
    except ObjectStoreError:
        return False
    finally:
        with contextlib.suppress(ObjectStoreError):  # one that cannot be read breaks the admin API until it goes
            store.set_iam_policy(name, None)
