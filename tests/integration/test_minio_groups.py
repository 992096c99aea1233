"""Groups by the cycle, read back by mc; and that members have the rights of their groups."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.integration.conftest import OVER_TLS, RunModule
from tests.integration.cycle import run_step
from tests.support.mc import Mc
from tests.support.proxy import Proxy

pytestmark = OVER_TLS

SECRET = "one-secret-of-a-test"


@pytest.fixture
def users(mc: Mc, run_module: RunModule) -> Iterator[list[str]]:
    """Two users without policies of their own."""
    names = sorted(f"t{secrets.token_hex(6)}" for _ in range(2))
    for name in names:
        run_module("minio_user", {"name": name, "user_secret": SECRET})
    yield names
    for name in names:
        mc.run("admin", "user", "remove", "t", name, check=False)


@pytest.fixture
def group(mc: Mc, users: list[str]) -> Iterator[str]:
    """A name for a group, with what is unusual in names; what has it is removed afterwards."""
    name = f"readers {secrets.token_hex(6)} ü+&%"
    yield name
    mc.run("admin", "group", "remove", "t", name, *users, check=False)
    mc.run("admin", "group", "remove", "t", name, check=False)


def seen(mc: Mc, users: list[str], name: str) -> dict[str, Any]:
    """A group and its users as mc shows them; policies by their attachment, which MinIO tells of all groups."""
    shown = mc.run("admin", "group", "info", "t", name, check=False)[0]
    entities = mc.run("admin", "policy", "entities", "t", "--group", name)[0].get("result", {})
    mappings = entities.get("groupMappings") or [{}]
    return {
        "status": shown.get("groupStatus"),
        "members": shown.get("members") or [],
        "policies": mappings[0].get("policies") or [],
        "users": [mc.run("admin", "user", "info", "t", user)[0]["userStatus"] for user in users],
    }


def actions(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(action["action"], action["subject"]) for action in result["actions"]]


def test_a_group(run_module: RunModule, mc: Mc, proxy: Proxy, users: list[str], group: str) -> None:
    first, second = users
    observe = partial(seen, mc, users, group)
    steps: list[tuple[dict[str, Any], list[tuple[str, str]], tuple[Any, ...]]] = [
        (
            {"members": [first], "enabled": False, "policies": ["readonly"]},
            [("create", "group"), ("create", "policies"), ("update", "enabled"), ("create", "members")],
            ("disabled", [first], ["readonly"]),
        ),
        (
            {"members": users, "policies": ["readonly"]},
            [("update", "members")],
            ("disabled", users, ["readonly"]),
        ),
        (
            {"members": [second], "enabled": True, "policies": ["readwrite", "diagnostics"]},
            [("update", "enabled"), ("update", "policies"), ("update", "members")],
            ("enabled", [second], ["diagnostics", "readwrite"]),
        ),
        (
            {"enabled": False, "policies": []},
            [("remove", "policies"), ("update", "enabled")],
            ("disabled", [second], []),
        ),
        ({"state": "absent"}, [("remove", "members"), ("remove", "group")], (None, [], [])),
    ]
    for params, expected, (status, members, policies) in steps:
        step = {"name": group, **params}
        result = run_step(run_module, proxy, module="minio_group", params=step, observe=observe)
        assert actions(result) == expected
        assert observe() == {
            "status": status,
            "members": members,
            "policies": policies,
            "users": ["enabled", "enabled"],
        }


def test_a_diff_reads_well(run_module: RunModule, users: list[str], group: str) -> None:
    first, second = users
    run_module("minio_group", {"name": group, "members": [first], "policies": ["readonly"]})
    change = {"name": group, "members": [second], "policies": []}
    diff = run_module("minio_group", change, check=True, diff=True)["diff"]
    assert diff == {
        "before_header": f"group {group}",
        "after_header": f"group {group}",
        "before": {"policies": ["readonly"], "members": [first]},
        "after": {"members": [second]},
    }


def test_members_have_the_rights_of_their_groups(
    run_module: RunModule, mc: Mc, bucket: str, users: list[str], group: str
) -> None:
    """Read by a group, write by the user itself, and nothing by a group that is not enabled."""
    first, second = users
    policy = f"p{secrets.token_hex(6)}"
    own = {"access_key": first, "secret_key": SECRET}
    right = [{"bucket": bucket, "can": ["list", "read"]}]
    mc.put(f"{bucket}/maps/1", b"x")
    run_module("minio_iam_policy", {"name": policy, "rights": right})
    run_module("minio_group", {"name": group, "members": users, "policies": [policy]})
    assert run_module("minio_access_check", {**own, "rights": right})["failed"] is False
    found = {user["name"]: user for user in run_module("minio_user_info", {})["users"]}
    assert [found[name]["groups"] for name in users] == [[group], [group]]
    assert found[first]["policies"] == []
    run_module("minio_user", {"name": first, "policies": []})
    assert run_module("minio_access_check", {**own, "rights": right})["failed"] is False
    held = run_module("minio_iam_policy", {"name": policy, "state": "absent"})
    assert f"it is attached to group {group}" in held["msg"]
    run_module("minio_group", {"name": group, "enabled": False})
    refused = run_module("minio_access_check", {**own, "rights": right})
    assert f"read in {bucket}/ is denied, not allowed" in refused["msg"]
    run_module("minio_user", {"name": second, "state": "absent"})
    assert mc.run("admin", "group", "info", "t", group)[0]["members"] == [first]
    run_module("minio_group", {"name": group, "state": "absent"})
    run_module("minio_iam_policy", {"name": policy, "state": "absent"})


def test_what_cannot_be_is_said(run_module: RunModule, mc: Mc, users: list[str], group: str) -> None:
    member = {"name": group, "members": [users[0], "nobody-1", "nobody-2"]}
    for check in (True, False):
        missing = run_module("minio_group", member, check=check)
        assert "there is no user nobody-1, nobody-2. Create it first (minio_user)" in missing["msg"]
        policy = run_module("minio_group", {"name": group, "policies": ["no-such-policy"]}, check=check)
        assert "there is no policy no-such-policy" in policy["msg"]
    assert mc.run("admin", "group", "info", "t", group, check=False)[0]["status"] == "error"
    assumed = run_module("minio_group", {**member, "assume_created": True}, check=True)
    assert actions(assumed) == [("create", "group"), ("create", "members")]
    assert "there is no user" in run_module("minio_group", {**member, "assume_created": True})["msg"]
    run_module("minio_group", {"name": group, "enabled": False})
    locked = run_module("minio_group", {"name": group, "policies": ["readonly"]}, check=True)
    assert "the group is not enabled" in locked["msg"]
    key = f"k{users[0][:12]}"
    run_module("minio_access_key", {"key": key, "user": users[0], "key_secret": SECRET})
    account = run_module("minio_group", {"name": group, "members": [key]})
    assert "The name is that of an access key, not of a user" in account["msg"]
