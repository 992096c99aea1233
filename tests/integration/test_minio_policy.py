"""Anonymous access: set, read back by mc, tried by requests; and requests that try do no harm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.conftest import OVER_TLS, RunModule
from tests.integration.cycle import run_step, shown
from tests.support.mc import Mc
from tests.support.proxy import Proxy

pytestmark = OVER_TLS

CLOSED = {"list": "denied", "read": "denied", "write": "denied", "delete": "denied"}
OUTCOMES = {
    "private": CLOSED,
    "download": {**CLOSED, "list": "allowed", "read": "allowed"},
    "upload": {**CLOSED, "write": "allowed", "delete": "allowed"},
    "public": dict.fromkeys(CLOSED, "allowed"),
}


def level(mc: Mc, target: str) -> str:
    """What ``mc anonymous get`` says."""
    found: str = mc.run("anonymous", "get", f"t/{target}")[0]["permission"]
    return found


def inventory(mc: Mc, bucket: str) -> Any:
    """All versions and markers in a bucket, and its incomplete uploads."""
    versions = mc.run("ls", "--recursive", "--versions", f"t/{bucket}", check=False)
    return versions, mc.run("ls", "--recursive", "--incomplete", f"t/{bucket}", check=False)


OPEN = {"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:s3:::BUCKET/open/*"}

#: How access is said -> its steps: (options, verb, levels by mc of the bucket and of maps/, part of the diff).
CYCLES: dict[str, list[tuple[dict[str, Any], str, tuple[str, str], str]]] = {
    "level": [
        (
            {"access": "download"}, "create", ("download", "download"),
            "+ Action: + s3:GetObject + Effect: Allow + Principal: + AWS: + * + Resource: + arn:aws:s3:::BUCKET/*",
        ),
        (
            {"access": "public"}, "update", ("public", "public"),
            "- s3:GetObject + s3:AbortMultipartUpload + s3:DeleteObject + s3:GetObject + s3:ListMultipartUploadParts",
        ),
        ({"access": "private"}, "remove", ("private", "private"), "- policy: - Statement: - Action:"),
    ],
    "prefixes": [
        (
            {"access_by_prefix": {"maps/": "download"}}, "create", ("custom", "download"),
            "+ Action: + s3:ListBucket + Condition: + StringEquals: + s3:prefix: + maps/ + Effect: Allow",
        ),
        (
            {"access_by_prefix": {"maps/": "upload"}}, "update", ("custom", "upload"),
            "- s3:GetObject + s3:AbortMultipartUpload + s3:DeleteObject + s3:ListMultipartUploadParts + s3:PutObject",
        ),
        (
            {"access_by_prefix": {"maps/": "private"}}, "remove", ("private", "private"),
            "- Resource: - arn:aws:s3:::BUCKET/maps/*",
        ),
    ],
    "document": [
        (
            {"policy": {"Statement": [{**OPEN, "Action": "s3:GetObject"}]}}, "create", ("custom", "custom"),
            "+ Action: + s3:GetObject + Effect: Allow + Principal: + AWS: + * + Resource: + arn:aws:s3:::BUCKET/open/*",
        ),
        (
            {"policy": {"Statement": [{**OPEN, "Action": ["s3:PutObject", "s3:GetObject"]}]}}, "update",
            ("custom", "custom"), "- s3:GetObject + s3:GetObject + s3:PutObject",
        ),
        ({"access": "private"}, "remove", ("private", "private"), "- Action: - s3:GetObject - s3:PutObject"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("way", CYCLES)
def test_the_cycle(run_module: RunModule, mc: Mc, bucket: str, proxy: Proxy, way: str) -> None:
    def observe() -> tuple[str, str]:
        return level(mc, bucket), level(mc, f"{bucket}/maps/")

    for options, verb, levels, diff in CYCLES[way]:
        params = json.loads(json.dumps({"bucket": bucket, **options}).replace("BUCKET", bucket))
        result = run_step(run_module, proxy, module="minio_policy", params=params, observe=observe)
        assert [action["action"] for action in result["actions"]] == [verb]
        assert diff in shown(result).replace(bucket, "BUCKET")
        assert observe() == levels
        assert result["access"] == levels[0]


@pytest.mark.parametrize("access", OUTCOMES)
@pytest.mark.parametrize(("versioned", "filled"), [(False, True), (True, False)])
def test_what_mc_set_is_as_wanted_and_proved_without_harm(
    run_module: RunModule, mc: Mc, bucket: str, access: str, versioned: bool, filled: bool
) -> None:
    if versioned:
        mc.run("version", "enable", f"t/{bucket}")
    if filled:
        mc.put(f"{bucket}/a b+ü/1.txt", b"one")
    mc.run("anonymous", "set", access, f"t/{bucket}")
    before = inventory(mc, bucket)
    for check in (True, False):
        result = run_module("minio_policy", {"bucket": bucket, "access": access, "verify": True}, check=check)
        assert (result["failed"], result["changed"]) == (False, False), result
        assert result["anonymous"] == OUTCOMES[access]
    assert inventory(mc, bucket) == before


def test_levels_by_prefix_are_those_of_mc(run_module: RunModule, mc: Mc, bucket: str) -> None:
    levels = {"maps/": "download", "inbox/": "upload", "both/": "public"}
    for prefix, access in levels.items():
        mc.run("anonymous", "set", access, f"t/{bucket}/{prefix}")
    mc.put(f"{bucket}/maps/1.txt", b"one")
    result = run_module("minio_policy", {"bucket": bucket, "access_by_prefix": levels, "verify": True})
    assert (result["failed"], result["changed"]) == (False, False), result
    assert result["anonymous"] == CLOSED
    assert result["anonymous_by_prefix"] == {prefix: OUTCOMES[access] for prefix, access in levels.items()}


def test_one_level_on_two_prefixes_and_none_beside_them(run_module: RunModule, mc: Mc, bucket: str) -> None:
    params = {"bucket": bucket, "access": "download", "prefixes": ["maps", "atlas/2020"], "verify": True}
    result = run_module("minio_policy", params)
    assert result["anonymous_by_prefix"] == dict.fromkeys(("maps/", "atlas/2020/"), OUTCOMES["download"])
    assert result["anonymous"] == CLOSED
    assert level(mc, f"{bucket}/maps/") == "download"
    assert run_module("minio_policy", params)["changed"] is False
    assert run_module("minio_policy", {"bucket": bucket, "access": "private", "verify": True})["anonymous"] == CLOSED


def test_a_document_in_other_words_is_left(run_module: RunModule, bucket: str) -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Resource": f"arn:aws:s3:::{bucket}/open/*"}
    one = {"Statement": [{**allow, "Action": ["s3:PutObject", "s3:GetObject"]}]}
    split = [{**allow, "Action": action, "Sid": ""} for action in ("s3:GetObject", "s3:PutObject")]
    assert run_module("minio_policy", {"bucket": bucket, "policy": one})["changed"] is True
    assert run_module("minio_policy", {"bucket": bucket, "policy": {"Statement": split}})["changed"] is False


def test_without_a_level_nothing_is_set_and_all_is_tried(run_module: RunModule, mc: Mc, bucket: str) -> None:
    mc.run("anonymous", "set", "public", f"t/{bucket}")
    result = run_module("minio_policy", {"bucket": bucket, "verify": True})
    assert (result["changed"], result["access"], result["anonymous"]) == (False, "public", OUTCOMES["public"])
    assert level(mc, bucket) == "public"


def test_check_mode_tries_what_is_there(run_module: RunModule, mc: Mc, bucket: str) -> None:
    mc.run("anonymous", "set", "download", f"t/{bucket}")
    result = run_module("minio_policy", {"bucket": bucket, "access": "private", "verify": True}, check=True)
    assert (result["changed"], result["anonymous"]) == (True, OUTCOMES["download"])


def test_a_contradiction_fails(run_module: RunModule, mc: Mc, bucket: str, proxy: Proxy) -> None:
    """Somebody opens the bucket between the task's change and its proof."""
    mc.run("anonymous", "set", "upload", f"t/{bucket}")
    proxy.call(lambda: mc.run("anonymous", "set", "download", f"t/{bucket}"), path=r"list-type=2.*")
    params = {"bucket": bucket, "access": "private", "verify": True}
    result = run_module("minio_policy", params, server=proxy.server)
    assert result["failed"]
    assert "list is allowed, not denied; read is allowed, not denied" in result["msg"]
    assert [action["action"] for action in result["applied"]] == ["remove"]


def test_a_missing_bucket(run_module: RunModule, bucket_name: str) -> None:
    params = {"bucket": bucket_name, "access": "private", "verify": True}
    for check in (True, False):
        assert "there is no such bucket" in run_module("minio_policy", params, check=check)["msg"]
    assumed = run_module("minio_policy", {**params, "assume_bucket": True}, check=True)
    assert (assumed["changed"], set(assumed["anonymous"].values())) == (False, {"untested"})
    assert run_module("minio_policy", {**params, "assume_bucket": True})["failed"]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"access": "private", "prefixes": ["a"]}, "prefixes says where"),
        ({"prefixes": ["a"]}, "prefixes says where"),
        ({"access": "public", "access_by_prefix": {"a": "private"}}, "a wider access takes it in"),
        ({"access_by_prefix": {"a": "open"}}, "there is no such level"),
        ({"access": "public", "prefixes": ["*"]}, "stands for the whole bucket"),
        ({"policy": "{"}, "it is not JSON"),
        ({"policy": {}, "access": "private"}, "mutually exclusive"),
    ],
)
def test_contradictions_are_refused(run_module: RunModule, bucket: str, params: dict[str, Any], reason: str) -> None:
    result = run_module("minio_policy", {"bucket": bucket, **params}, check=True)
    assert result["failed"]
    assert reason in result["msg"]
