"""Policies, users and access keys by the cycle, read back by mc; and rights proved by trying them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.access_check import check_identity
from ansible.module_utils.objectstore.access.identities import AccessKey, Derived, User
from ansible.module_utils.objectstore.access.rights import parse_rights, policy_of
from ansible.module_utils.objectstore.s3.pool import http_pool
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.errors import CredentialsError
from minio.credentials import AssumeRoleProvider

from tests.integration.conftest import OVER_TLS, RunModule
from tests.integration.cycle import run_step, shown
from tests.integration.engine import connection
from tests.support.in_process import run_here
from tests.support.mc import Mc
from tests.support.proxy import Proxy
from tests.support.server import Server

pytestmark = OVER_TLS

SECRET, OTHER_SECRET = "one-secret-of-a-test", "another-secret-of-a-test"


@pytest.fixture
def name(mc: Mc) -> Iterator[str]:
    """A name for a policy, a user or a key; whatever has it is removed afterwards."""
    chosen = f"t{secrets.token_hex(6)}"
    yield chosen
    mc.run("admin", "user", "remove", "t", chosen, check=False)
    mc.run("admin", "policy", "remove", "t", chosen, check=False)


def seen(mc: Mc, *command: str) -> str:
    """What ``mc admin`` shows, as text, without the times of changes."""
    shown = mc.run("admin", *command, check=False)
    for document in shown:
        document.get("policyInfo", {}).pop("UpdateDate", None)
        document.pop("error", None)
    return str(in_order(shown))


def in_order(value: Any) -> Any:
    """The same with lists of names sorted, which the server tells in any order."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(value) if all(isinstance(item, str) for item in value) else [in_order(item) for item in value]
    return value


def actions(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(action["action"], action["subject"]) for action in result["actions"]]


def test_a_policy(run_module: RunModule, mc: Mc, proxy: Proxy, name: str) -> None:
    observe = partial(seen, mc, "policy", "info", "t", name)
    right = {"bucket": "maps", "can": ["read"]}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::maps/*"}
    place = "+ Resource: + arn:aws:s3:::maps/*"
    for params, verb, diff in (
        ({"rights": [right]}, "create", f"+ Action: + s3:GetObject + Effect: Allow {place}"),
        ({"policy": {"Statement": statement}}, "update", "- Action: - s3:GetBucketLocation - Effect: Allow"),
        ({"state": "absent"}, "remove", "- policy: - Statement: - Action: - s3:GetObject - Effect: Allow"),
    ):
        step = {"name": name, **params}
        result = run_step(run_module, proxy, module="minio_iam_policy", params=step, observe=observe)
        assert actions(result) == [(verb, "policy")]
        assert diff in shown(result)
        assert ("s3:GetObject" in observe()) is (verb != "remove")


def test_a_user(run_module: RunModule, mc: Mc, proxy: Proxy, name: str) -> None:
    observe = partial(seen, mc, "user", "info", "t", name)
    steps: list[tuple[dict[str, Any], list[tuple[str, str]], str, str]] = [
        (
            {"user_secret": SECRET, "policies": ["readonly"]}, [("create", "user"), ("create", "policies")],
            "readonly", f"+ policies: + readonly + user: + name: {name}",
        ),
        (
            {"policies": ["readwrite", "diagnostics"]}, [("update", "policies")],
            "diagnostics,readwrite", "- readonly + diagnostics + readwrite",
        ),
        (
            {"user_secret": OTHER_SECRET, "update_secret": True}, [("update", "secret")],
            "diagnostics,readwrite", "- secret: the former + secret: the given one",
        ),
        (
            {"enabled": False, "policies": []}, [("remove", "policies"), ("update", "enabled")],
            "disabled", "- enabled: true - policies: - diagnostics - readwrite + enabled: false",
        ),
        ({"state": "absent"}, [("remove", "user")], "", f"- user: - name: {name}"),
    ]  # fmt: skip
    for params, expected, text, diff in steps:
        step = {"name": name, **params}
        result = run_step(run_module, proxy, module="minio_user", params=step, observe=observe)
        assert actions(result) == expected
        assert shown(result) == diff
        assert text in observe()
        assert SECRET not in str(result)
        assert OTHER_SECRET not in str(result)


def test_a_secret_changes_only_when_asked_for(run_module: RunModule, name: str) -> None:
    def works(secret: str) -> bool:
        params = {"access_key": name, "secret_key": secret, "name": "any-bucket"}
        return "SignatureDoesNotMatch" not in run_module("minio_bucket_info", params).get("msg", "")

    run_module("minio_user", {"name": name, "user_secret": SECRET})
    kept = run_module("minio_user", {"name": name, "user_secret": OTHER_SECRET})
    assert (kept["changed"], kept["secret_accepted"]) == (False, False)
    assert works(SECRET)
    run_module("minio_user", {"name": name, "user_secret": OTHER_SECRET, "update_secret": True})
    assert works(OTHER_SECRET)
    assert not works(SECRET)


def test_an_access_key(run_module: RunModule, mc: Mc, proxy: Proxy, name: str) -> None:
    """Its policy stays through changes of other things, which MinIO takes as the wish to have none."""
    run_module("minio_user", {"name": name, "user_secret": SECRET, "policies": ["readwrite"]})
    key = f"k{name[:12]}"
    observe = partial(seen, mc, "user", "svcacct", "info", "t", key)
    narrow, wide = (
        {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{place}/*"]}]}
        for place in ("maps", "atlas")
    )
    new = {"user": name, "key_secret": SECRET, "policy": narrow, "description": "notebook", "enabled": False}
    until = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:00:00Z}"
    steps: list[tuple[dict[str, Any], list[tuple[str, str]], str, str]] = [
        (new, [("create", "access key")], "maps/*", "+ description: notebook + enabled: false"),
        (
            {"enabled": True, "description": "server", "expires": until},
            [("update", "enabled"), ("update", "description"), ("create", "expires")],
            "maps/*",
            f"- description: notebook - enabled: false + description: server + enabled: true + expires: {until}",
        ),
        ({"key_secret": OTHER_SECRET, "update_secret": True}, [("update", "secret")], "maps/*", "+ secret: the given"),
        ({"policy": wide}, [("update", "policy")], "atlas/*", "- arn:aws:s3:::maps/* + arn:aws:s3:::atlas/*"),
        ({"policy": "inherit"}, [("remove", "policy")], "'impliedPolicy': True", "- policy: - Statement: - Action:"),
        ({"expires": "never"}, [("remove", "expires")], "'impliedPolicy': True", f"- expires: {until}"),
        ({"state": "absent"}, [("remove", "access key")], "", "- access key: - description:"),
    ]
    for params, expected, text, diff in steps:
        result = run_step(run_module, proxy, module="minio_access_key", params={"key": key, **params}, observe=observe)
        assert actions(result) == expected
        assert diff in shown(result)
        assert text in observe()
        assert SECRET not in str(result)
        assert OTHER_SECRET not in str(result)


def test_a_description_cannot_be_taken_back(run_module: RunModule, name: str) -> None:
    """MinIO says that it did, and did not."""
    run_module("minio_access_key", {"key": name, "key_secret": SECRET, "description": "notebook"})
    for check in (True, False):
        refused = run_module("minio_access_key", {"key": name, "description": ""}, check=check)
        assert (refused["failed"], refused["changed"]) == (True, False)
        assert "MinIO keeps it until there is another" in refused["msg"]
    run_module("minio_access_key", {"key": name, "state": "absent"})


def test_names_of_users_and_keys_are_kept_apart(run_module: RunModule, name: str) -> None:
    key = f"k{name[:12]}"
    run_module("minio_user", {"name": name, "user_secret": SECRET})
    taken = run_module("minio_access_key", {"key": name, "key_secret": SECRET})
    assert "there is a user by this name" in taken["msg"]
    run_module("minio_access_key", {"key": key, "user": name, "key_secret": SECRET})
    taken = run_module("minio_user", {"name": key, "user_secret": SECRET})
    assert "is that of an access key, not of a user" in taken["msg"]


def test_a_user_that_is_kept_out_gets_no_access_key(run_module: RunModule, name: str) -> None:
    run_module("minio_user", {"name": name, "user_secret": SECRET, "enabled": False})
    for check in (True, False):
        refused = run_module(
            "minio_access_key", {"key": f"k{name[:12]}", "user": name, "key_secret": SECRET}, check=check
        )
        assert (refused["failed"], refused["changed"]) == (True, False)
        assert f"user {name} is not enabled" in refused["msg"]


def test_identities_that_mc_made_are_as_wanted(run_module: RunModule, mc: Mc, name: str, tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::maps/*"]}
    document = tmp_path / "policy.json"
    denied = {"Effect": "Deny", "Action": ["admin:CreateServiceAccount", "admin:CreateUser"]}
    document.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement, denied]}))
    mc.run("admin", "policy", "create", "t", name, str(document))
    mc.run("admin", "user", "add", "t", name, SECRET)
    mc.run("admin", "policy", "attach", "t", name, "--user", name)
    mc.run("admin", "user", "svcacct", "add", "t", name, "--access-key", f"k{name[:12]}", "--secret-key", SECRET)
    rights = [{"bucket": "maps", "can": ["read"]}]
    policy = run_module("minio_iam_policy", {"name": name, "policy": {"Statement": [denied, statement]}})
    user = run_module("minio_user", {"name": name, "user_secret": SECRET, "update_secret": True, "policies": [name]})
    key = run_module("minio_access_key", {"key": f"k{name[:12]}", "user": name, "policy": "inherit", "enabled": True})
    for result in (policy, user, key):
        assert (result["failed"], result["changed"]) == (False, False), result
    assert not run_module("minio_access_check", {"access_key": name, "secret_key": SECRET, "rights": rights})["failed"]


def test_a_policy_in_use_stays(run_module: RunModule, name: str) -> None:
    run_module("minio_iam_policy", {"name": name, "rights": [{"bucket": "maps", "can": ["read"]}]})
    run_module("minio_user", {"name": name, "user_secret": SECRET, "policies": [name]})
    for check in (True, False):
        refused = run_module("minio_iam_policy", {"name": name, "state": "absent"}, check=check)
        assert f"it is attached to user {name}" in refused["msg"]


@pytest.mark.parametrize("versioned", [False, True])
def test_rights_are_proved_both_ways_and_without_harm(
    run_module: RunModule, mc: Mc, bucket: str, name: str, versioned: bool
) -> None:
    """An identity with every mix of rights on four prefixes; the matrix is what was given, and nothing else moved."""
    if versioned:
        mc.run("version", "enable", f"t/{bucket}")
    mc.put(f"{bucket}/lr/1", b"x")
    places = {"lr": ["list", "read"], "w": ["write"], "r": ["read"], "all": ["list", "read", "write", "delete"]}
    rights = [{"bucket": bucket, "prefix": prefix, "can": can} for prefix, can in places.items()]
    run_module("minio_iam_policy", {"name": name, "rights": rights})
    run_module("minio_user", {"name": name, "user_secret": SECRET, "policies": [name]})
    own = {"access_key": name, "secret_key": SECRET}
    before = mc.run("ls", "--recursive", "--versions", f"t/{bucket}")
    proved = run_module("minio_access_check", {**own, "rights": rights, "others": [f"{bucket}/elsewhere/"]})
    assert proved["failed"] is False, proved["msg"]
    found = {
        row["prefix"]: {verb for verb in ("list", "read", "write", "delete", "versions") if row[verb] == "allowed"}
        for row in proved["matrix"]
        if row["bucket"]
    }
    assert found == {"": set(), "elsewhere/": set(), **{f"{prefix}/": set(can) for prefix, can in places.items()}}
    less = run_module("minio_access_check", {**own, "rights": rights[:1], "others": [f"{bucket}/w/"]})
    assert f"write in {bucket}/w/ is allowed, not denied" in less["msg"]
    more = run_module("minio_access_check", {**own, "rights": [{**rights[0], "can": ["list", "write"]}]})
    assert f"write in {bucket}/lr/ is denied, not allowed" in more["msg"]
    wrong = run_module("minio_access_check", {**own, "secret_key": OTHER_SECRET, "rights": rights})
    assert ("SignatureDoesNotMatch" in wrong["msg"], wrong["secret_accepted"]) == (True, False)
    assert proved["beyond"] == []
    assert "unpack in" in less["msg"]
    assert f"its policies also allow s3:GetObject on arn:aws:s3:::{bucket}/r/*" in less["msg"]
    assert mc.run("ls", "--recursive", "--versions", f"t/{bucket}") == before
    assert mc.run("anonymous", "get", f"t/{bucket}")[0]["permission"] == "private"


def test_a_rotation_ends_what_acts_for_a_user(minio: Server, name: str) -> None:
    """An access key and a session of the user's own making outlive a new secret, until they are ended."""
    store = AdministeredStore(connection(minio))
    store.set_user(name, secret=SECRET, enabled=True)
    store.change_user_policies(name, attach=["readonly"], detach=[])
    mine = replace(store.connection, access_key=name, secret_key=SECRET)
    AdministeredStore(mine).add_access_key(AccessKey(f"k{name[:12]}", name), secret=SECRET)
    role = AssumeRoleProvider(
        sts_endpoint=minio.endpoint, access_key=name, secret_key=SECRET, http_client=http_pool(store.connection)
    ).retrieve()
    session = replace(mine, access_key=role.access_key, secret_key=role.secret_key, session_token=role.session_token)
    params = {**minio.module_options, "name": name, "user_secret": OTHER_SECRET, "update_secret": True, "revoke": True}
    ended = [("remove", f"access key k{name[:12]}"), ("remove", "sessions")]
    for check in (True, False):
        assert actions(run_here("minio_user", params, check=check)) == [("update", "secret"), *ended]
        assert (store.access_key(f"k{name[:12]}") is None) is not check
    assert store.derived(name) == Derived()
    with pytest.raises(CredentialsError):
        AdministeredStore(session).list_buckets()
    assert run_here("minio_user", params)["changed"] is False


#: What somebody may do beside the rights, as statements of another policy, and what tells of it.
BESIDE = [
    ({"Action": ["admin:*"]}, ["policies on the server is allowed", "server on the server is allowed", "admin:*"]),
    ({"Action": ["admin:ListUsers"]}, ["also allow admin:ListUsers"]),
    ({"Action": ["s3:DeleteBucket"], "Resource": "{bucket}"}, ["remove_bucket in {name}/ is allowed"]),
    ({"Action": ["s3:CreateBucket"], "Resource": "arn:aws:s3:::*"}, ["also allow s3:CreateBucket on arn:aws:s3:::*"]),
    ({"Action": ["s3:PutLifecycleConfiguration"], "Resource": "{bucket}"}, ["lifecycle in {name}/ is allowed"]),
    ({"Action": ["s3:PutBucketVersioning"], "Resource": "{bucket}"}, ["versioning in {name}/ is allowed"]),
    ({"Action": ["s3:PutBucketPolicy"], "Resource": "{bucket}"}, ["configure in {name}/ is allowed"]),
    ({"Action": ["s3:PutBucketObjectLockConfiguration"], "Resource": "{bucket}"}, ["object_lock in {name}/ is"]),
    ({"Action": ["s3:PutReplicationConfiguration"], "Resource": "{bucket}"}, ["replication in {name}/ is allowed"]),
    ({"Action": ["s3:PutObjectLegalHold"], "Resource": "{bucket}/*"}, ["hold in {name}/other/ is allowed"]),
    ({"Action": ["s3:BypassGovernanceRetention"], "Resource": "{bucket}/*"}, ["s3:BypassGovernanceRetention on"]),
    ({"Action": ["s3:PutObject"], "Resource": "{bucket}/*"}, ["unpack in {name}/other/", "copy in {name}/other/"]),
]  # fmt: skip


def test_whatever_else_an_identity_may_do_is_found(mc: Mc, minio: Server, bucket: str, name: str) -> None:
    """One process, one user: each statement for itself in a second policy of the same user."""
    store = AdministeredStore(connection(minio))
    rights = [{"bucket": bucket, "prefix": "raw/", "can": ["list", "write", "delete"]}]
    own = policy_of(parse_rights(rights))
    store.set_user(name, secret=SECRET, enabled=True)
    mc.put(f"{bucket}/raw/1", b"x")
    before = mc.run("ls", "--recursive", "--versions", f"t/{bucket}")
    me = AdministeredStore(replace(store.connection, access_key=name, secret_key=SECRET))

    def proof(*statements: dict[str, Any]) -> list[str]:
        store.set_iam_policy(name, {**own, "Statement": [*own["Statement"], *statements]})
        return check_identity(me, rights, [f"{bucket}/other/"]).differences

    store.set_iam_policy(name, own)
    store.change_user_policies(name, attach=[name], detach=[])
    assert proof() == []
    for statement, told in BESIDE:
        written = json.loads(json.dumps(statement).replace("{bucket}", f"arn:aws:s3:::{bucket}"))
        found = "; ".join(proof({"Effect": "Allow", **written}))
        assert all(text.format(name=bucket) in found for text in told), found
    allowed = [one for one in own["Statement"] if one["Effect"] == "Allow"]
    store.set_iam_policy(name, {**own, "Statement": allowed})
    found = "; ".join(check_identity(me, rights, []).differences)
    for told_verb in (f"versions in {bucket}/raw/", "own_secret on the server", "access_keys on the server"):
        assert f"{told_verb} is allowed, not denied" in found
    assert mc.run("ls", "--recursive", "--versions", f"t/{bucket}") == before
    assert store.user(name) == User(name, enabled=True, policies=(name,))
    assert store.secret_works(name, SECRET)


def test_signed_urls(run_module: RunModule, mc: Mc, bucket: str) -> None:
    mc.put(f"{bucket}/maps/a b+%&ü.tif", b"x")
    params = {"bucket": bucket, "key": "maps/a b+%&ü.tif"}
    outcome = run_module("minio_presigned_check", params)["outcome"]
    assert outcome == {"signed": "allowed", "unsigned": "denied", "expired": "denied", "other_key": "denied"}
    mc.run("anonymous", "set", "download", f"t/{bucket}")
    assert "unsigned: allowed" in run_module("minio_presigned_check", params)["msg"]
