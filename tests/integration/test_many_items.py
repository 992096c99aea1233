"""Modules that take a list: each item as by itself, in one process, against a real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import RunModule, RunPlaybook
from tests.support.leaks import leaks_in_text
from tests.support.mc import Mc


@pytest.fixture
def names(mc: Mc) -> Iterator[tuple[str, str, str]]:
    """Three names of buckets and users, removed afterwards."""
    stem = secrets.token_hex(4)
    chosen = (f"many-{stem}-a", f"many-{stem}-b", f"many-{stem}-c")
    yield chosen
    for name in chosen:
        mc.remove_bucket(name)
        mc.run("admin", "user", "remove", "t", name, check=False)


def outcome(result: dict[str, object]) -> list[tuple[str, bool, bool]]:
    outcomes: list[dict[str, object]] = result["outcomes"]  # type: ignore[assignment]
    return [(str(one["item"]), bool(one["changed"]), bool(one.get("failed"))) for one in outcomes]


def test_buckets_by_the_cycle(run_module: RunModule, mc: Mc, names: tuple[str, str, str]) -> None:
    a, b, c = names
    mc.make_bucket(b)
    params = {"versioning": "enabled", "buckets": [{"name": a}, {"name": b, "versioning": "suspended"}, {"name": c}]}
    for check in (True, False):
        result = run_module("minio_bucket", params, check=check, diff=True)
        assert outcome(result) == [(a, True, False), (b, False, False), (c, True, False)]
        assert [one["planned"] for one in result["outcomes"]] == [check, False, check]
        assert [diff["after_header"] for diff in result["diff"]] == [f"bucket {a}", f"bucket {c}"]
        assert (a in mc.buckets()) is not check
    again = run_module("minio_bucket", params)
    assert not again["changed"]
    assert "diff" not in again


def test_one_that_fails_leaves_the_others_to_go_on(run_module: RunModule, mc: Mc, names: tuple[str, str, str]) -> None:
    a, b, c = names
    mc.make_bucket(b)
    buckets = [{"name": a}, {"name": b, "object_lock": True}, {"name": c}]
    result = run_module("minio_bucket", {"buckets": buckets})
    assert result["failed"]
    assert result["changed"], "the others were created"
    assert outcome(result) == [(a, True, False), (b, False, True), (c, True, False)]
    assert f"on bucket {b}: the bucket has no object lock" in result["msg"]
    assert {a, b, c} <= set(mc.buckets())


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "one of the following is required: name, policies"),
        ({"name": "p", "policies": []}, "parameters are mutually exclusive: name|policies"),
        (
            {"policies": [{"name": "p"}]},
            "state is present but any of the following are missing: policy, rights (in policies)",
        ),
        ({"policies": [{"rights": []}]}, "missing required arguments: name found in policies"),
        (
            {"policies": [{"name": "p", "rights": [{"bucket": "abc", "can": ["read"]}], "policy": "{x}"}]},
            "parameters are mutually exclusive: policy|rights (in policies)",
        ),
        (
            {"policies": [{"name": "p", "purpose": "x"}]},
            "module: policies.purpose. Supported parameters include: name, policy, rights, state.",
        ),
    ],
)
def test_what_is_typed_wrong_is_said_before_anything_is_done(
    run_module: RunModule, params: dict[str, object], said: str
) -> None:
    result = run_module("minio_iam_policy", params)
    assert result["failed"]
    assert said in result["msg"]
    assert "outcomes" not in result


def test_a_store_that_is_not_there_is_tried_once(run_module: RunModule) -> None:
    params = {"endpoint": "http://127.0.0.1:9", "retries": 0, "buckets": [{"bucket": "one-x"}, {"bucket": "two-x"}]}
    result = run_module("minio_policy", params)
    assert outcome(result) == [("one-x", False, True)]
    assert result["msg"].endswith("Not tried after that: two-x.")


PLAY = """
- hosts: control_plane
  gather_facts: false
  tasks:
    - name: Create users
      minio_user:
        endpoint: "{{ minio_endpoint }}"
        access_key: "{{ minio_access_key }}"
        secret_key: "{{ minio_secret_key }}"
        users: "{{ users }}"
    - name: Keep secrets
      minio_env_file:
        endpoint: http://h
        files: "{{ files }}"
      register: kept
      no_log: true
    - name: Fail to keep them
      minio_env_file:
        endpoint: http://h
        read_only: true
        files: "{{ files + [{'path': '/nowhere', 'access_key': 'nobody'}] }}"
      no_log: true
      ignore_errors: true
"""


def test_secrets_of_items_are_hidden_however_much_is_shown(
    run_playbook: RunPlaybook, names: tuple[str, str, str], tmp_path: Path
) -> None:
    canaries = [f"canary-{secrets.token_hex(8)}" for _ in names]
    play = tmp_path / "play.yml"
    play.write_text(PLAY)
    variables = {
        "users": [{"name": name, "user_secret": canary} for name, canary in zip(names, canaries, strict=True)],
        "files": [{"path": str(tmp_path / name), "access_key": name} for name in names],
    }
    for check in (True, False):
        result = run_playbook(play, extra_vars=variables, check=check, diff=True, args=["-vvvv"]).expect_ok()
        made = [(tmp_path / name).read_text().split("SECRET_KEY=")[1].strip() for name in names] if not check else []
        assert leaks_in_text([*canaries, *made], result.stdout + result.stderr) == []
        for name in names:
            assert f"changed: [localhost] => (item={name})" in result.stdout
            assert f"user {name}" in result.stdout, "each diff has its header"


def test_looks_change_nothing_and_each_has_its_outcome(
    run_module: RunModule, mc: Mc, names: tuple[str, str, str]
) -> None:
    bucket, user, missing = names
    mc.make_bucket(bucket)
    mc.run("anonymous", "set", "download", f"t/{bucket}")
    mc.put(f"{bucket}/p/one", b"content")
    run_module("minio_user", {"name": user, "user_secret": "secret-of-a-look", "policies": ["readwrite"]})
    looks = [
        {
            "name": "strangers",
            "module": "minio_policy",
            "options": {"bucket": bucket, "access": "private", "verify": True},
        },
        {"name": "list", "module": "minio_manifest", "options": {"bucket": bucket, "object": "keys.txt"}},
        {"name": "missing", "module": "minio_spot_check", "options": {"bucket": missing}},
        {
            "name": "read",
            "module": "minio_spot_check",
            "identity": "reader",
            "options": {"bucket": bucket, "sample": 1},
        },
        {
            "name": "signed",
            "module": "minio_presigned_check",
            "identity": "reader",
            "options": {"bucket": bucket, "prefix": "p/", "fails": False},
        },
    ]
    reader = {"name": "reader", "access_key": user, "secret_key": "secret-of-a-look"}
    result = run_module("minio_look", {"looks": looks, "identities": [reader]}, diff=True)
    assert not result["changed"]
    assert "diff" not in result
    strangers, listed, absent, read, signed = result["outcomes"]
    assert strangers["anonymous"]["read"] == "allowed"
    assert strangers["changed"], "that is what the module would do"
    assert listed["keys"] == ["p/one"]
    assert absent["failed"]
    assert missing in absent["msg"]
    assert absent["msg"] == result["msg"]
    assert [one["key"] for one in read["objects"]] == ["p/one"]
    assert (signed["key"], signed["outcome"]["unsigned"], signed["met"]) == ("p/one", "allowed", False)
    assert mc.run("anonymous", "get", f"t/{bucket}")[0]["permission"] == "download"
    assert mc.keys(bucket) == ["p/one"]
    assert not leaks_in_text(["secret-of-a-look"], str(result))
