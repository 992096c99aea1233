"""Buckets and each of their settings, by the cycle, read back by mc; states that mc made converge without a change."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bucket_steps import SETTINGS, VIEWS
from tests.integration.conftest import OVER_TLS, RunModule, StartMinio
from tests.integration.cycle import run_step, shown
from tests.integration.engine import sdk
from tests.support.counters import write_counts
from tests.support.mc import Mc
from tests.support.proxy import Proxy, running_proxy
from tests.support.server import Server

pytestmark = OVER_TLS

WEBHOOK = "arn:minio:sqs::W:webhook"


def seen(mc: Mc, bucket: str, view: str) -> str:
    """What mc shows of a bucket in one view, as text."""
    return str([_lasting(document) for document in mc.run(*VIEWS[view], f"t/{bucket}", check=False)])


def _lasting(document: dict[str, Any]) -> Any:
    """An answer without what is new each time."""
    error = document.get("error", {}).get("cause", {}).get("error", {})
    # the server's scanner counts objects whenever it comes around, and a bucket's time is that of the answer
    passing = ("updatedAt", "lastModified", "Usage")
    return error.get("Code") or {name: value for name, value in document.items() if name not in passing}


def test_the_cycle_of_a_bucket(run_module: RunModule, mc: Mc, bucket_name: str, proxy: Proxy) -> None:
    counted = write_counts(proxy.server)
    for state, verb, sign in (("present", "create", "+"), ("absent", "remove", "-")):
        params = {"name": bucket_name, "state": state}
        result = run_step(
            run_module, proxy, module="minio_bucket", params=params, observe=lambda: mc.exists(bucket_name)
        )
        assert [action["action"] for action in result["actions"]] == [verb]
        assert shown(result).startswith(f"{sign} bucket: {sign} name: {bucket_name}")
        assert mc.exists(bucket_name) is (state == "present")
    assert write_counts(proxy.server) - counted == {"PutBucket": 1, "DeleteBucket": 1}, "of eight runs"


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_cycle_of_a_setting(run_module: RunModule, mc: Mc, bucket: str, proxy: Proxy, setting: str) -> None:
    for step in SETTINGS[setting]:
        result = run_step(
            run_module,
            proxy,
            module="minio_bucket",
            params={"name": bucket, **step.options},
            observe=partial(seen, mc, bucket, step.view),
        )
        assert [(action["action"], action["subject"]) for action in result["actions"]] == [(step.verb, setting)]
        assert "warnings" not in result
        assert shown(result) == step.diff
        assert step.text in seen(mc, bucket, step.view)


def test_object_lock_and_retention(run_module: RunModule, mc: Mc, bucket_name: str, proxy: Proxy) -> None:
    made = f"+ bucket: + name: {bucket_name} + object_lock: true + retention: + days: 2 + mode: governance"
    changed = "- days: 2 - mode: governance + mode: compliance + years: 1"
    for retention, text, diff in (
        ({"mode": "governance", "days": 2}, "'GOVERNANCE', 'validity': '2DAYS'", made),
        ({"mode": "compliance", "years": 1}, "'COMPLIANCE', 'validity': '1YEARS'", changed),
        ({"mode": "none"}, "'', 'validity': '0'", "- retention: - mode: compliance - years: 1"),
    ):
        params = {"name": bucket_name, "object_lock": True, "retention": retention, "versioning": "enabled"}
        result = run_step(
            run_module, proxy, module="minio_bucket", params=params, observe=lambda: seen(mc, bucket_name, "retention")
        )
        assert shown(result) == diff
        assert text in seen(mc, bucket_name, "retention")
    refused = run_module("minio_bucket", {"name": bucket_name, "object_lock": False})
    assert "can only be chosen when a bucket is made" in refused["msg"]


@pytest.fixture(scope="module")
def webhook_server(start_minio: StartMinio) -> Server:
    """A server with a webhook as a target of events, and no key management."""
    return start_minio(
        environment={
            "MINIO_NOTIFY_WEBHOOK_ENABLE_W": "on",
            "MINIO_NOTIFY_WEBHOOK_ENDPOINT_W": "http://127.0.0.1:9/",
            "MINIO_KMS_SECRET_KEY": "",
        }
    )


def test_notifications(run_module: RunModule, webhook_server: Server, tmp_path: Path) -> None:
    """The cycle beside a rule that mc made, which stays until it is purged and is no change when it is wanted."""
    mc, name = Mc.connect(webhook_server, tmp_path), f"events-{secrets.token_hex(4)}"
    mc.make_bucket(name)
    mc.run("event", "add", f"t/{name}", WEBHOOK, "--event", "delete", "--prefix", "theirs/")
    run = partial(run_module, server=webhook_server)
    (info,) = run("minio_bucket_info", {"name": name})["buckets"]
    (theirs,) = ({"id": key, **rule} for key, rule in info["notifications"].items())
    assert (theirs["events"], theirs["prefix"]) == (["s3:ObjectRemoved:*"], "theirs/")
    kept = run("minio_bucket", {"name": name, "notifications": [theirs], "purge_notifications": True})
    assert (kept["failed"], kept["changed"]) == (False, False), kept
    ours = {"id": "ours", "arn": WEBHOOK, "events": ["s3:ObjectCreated:*"], "prefix": "dw/", "suffix": ".tif"}
    steps: list[tuple[dict[str, Any], str, int, str]] = [
        ({"notifications": [ours]}, "update", 2, "+ prefix: dw/ + suffix: .tif"),
        ({"notifications": [{**ours, "prefix": "maps/"}]}, "update", 2, "- prefix: dw/ + prefix: maps/"),
        ({"notifications": [{**ours, "prefix": "maps/"}], "purge_notifications": True}, "update", 1, "theirs/"),
        ({"purge_notifications": True}, "remove", 0, "- notifications: - ours:"),
    ]
    with running_proxy(webhook_server) as proxy:
        for options, verb, count, diff in steps:
            params = {"name": name, **options}
            observe = partial(seen, mc, name, "events")
            result = run_step(run, proxy, module="minio_bucket", params=params, observe=observe)
            assert [(action["action"], action["subject"]) for action in result["actions"]] == [(verb, "notifications")]
            assert diff in shown(result)
            assert len(mc.run("event", "list", f"t/{name}")) == count


def test_what_the_server_lacks_is_foreseen(
    run_module: RunModule, webhook_server: Server, minio: Server, tmp_path: Path
) -> None:
    """A dry run says the same as a real one, and the bucket of neither is there afterwards."""
    rule = {"id": "ours", "arn": "arn:minio:sqs::X:webhook", "events": ["s3:ObjectCreated:*"]}
    for server, params, said in (
        (webhook_server, {"notifications": [rule]}, f"no target arn:minio:sqs::X:webhook; it has {WEBHOOK}"),
        (webhook_server, {"encryption": "sse-s3"}, "KMS is not configured"),
        (minio, {"encryption": "sse-kms", "kms_key": "no-such-key"}, "key with given key ID does not exist"),
    ):
        refused = [
            run_module("minio_bucket", {"name": "lacking", **params}, check=check, server=server)
            for check in (True, False)
        ]
        assert refused[0]["msg"] == refused[1]["msg"]
        assert said in refused[0]["msg"]
        assert not any(run["changed"] for run in refused)
        assert not Mc.connect(server, tmp_path / "mc").exists("lacking")


def test_who_may_not_ask_is_not_hindered(run_module: RunModule, webhook_server: Server, tmp_path: Path) -> None:
    """Without rights to the admin API nothing is foreseen, and the server's own word counts."""
    mc, name, secret = Mc.connect(webhook_server, tmp_path), f"asks-{secrets.token_hex(4)}", secrets.token_hex(12)
    user = {"name": name, "user_secret": secret, "policies": ["readwrite"]}
    assert run_module("minio_user", user, server=webhook_server)["changed"] is True
    mc.make_bucket(name)
    run = partial(run_module, "minio_bucket", server=replace(webhook_server, access_key=name, secret_key=secret))
    rule = {"id": "ours", "arn": WEBHOOK, "events": ["s3:ObjectCreated:*"]}
    unknown = {"name": name, "notifications": [{**rule, "arn": "arn:minio:sqs::X:webhook"}]}
    assert run(unknown, check=True)["changed"] is True
    assert "destination ARN does not exist" in run(unknown)["msg"]
    assert "KMS is not configured" in run({"name": name, "encryption": "sse-s3"})["msg"]
    assert run({"name": name, "notifications": [rule]})["changed"] is True


@pytest.mark.parametrize("versioned", [False, True])
def test_whatever_a_bucket_holds_goes(
    run_module: RunModule, minio: Server, mc: Mc, bucket: str, versioned: bool
) -> None:
    """Keys that XML cannot carry, and uploads that nobody completed."""
    if versioned:
        mc.run("version", "enable", f"t/{bucket}")
    client = sdk(minio)
    keys = ("a\x01b", "a\rb", "a\nb", "tab\tb", "\ufffe", "plain")
    for key in keys * 2:
        client.put_object(bucket_name=bucket, object_name=key, data=BytesIO(b"1"), length=1)
    for key in ("up\x01", "dir/up"):
        client._create_multipart_upload(bucket_name=bucket, object_name=key, headers={})
    count = len(keys) * (1 + versioned)
    refused = run_module("minio_bucket", {"name": bucket, "state": "absent"})
    assert f"it holds {count} object versions and 2 incomplete uploads" in refused["msg"]
    gone = run_module("minio_bucket", {"name": bucket, "state": "absent", "force": True})
    assert gone["changed"], gone["msg"]
    assert not mc.exists(bucket)


def test_what_mc_set_is_as_wanted(run_module: RunModule, mc: Mc, bucket: str) -> None:
    target = f"t/{bucket}"
    mc.run("version", "enable", target, "--excluded-prefixes", "tmp/")
    mc.run("quota", "set", target, "--size", "5GiB")
    mc.run("tag", "set", target, "a=1&b=2")
    mc.run("encrypt", "set", "sse-s3", target)
    mc.run("ilm", "rule", "add", target, "--prefix", "x/", "--tags", "k=v&l=w", "--expire-days", "3")
    mc.run("ilm", "rule", "add", target, "--noncurrent-expire-days", "4", "--noncurrent-expire-newer", "2")
    rules = run_module("minio_bucket_info", {"name": bucket})["buckets"][0]["lifecycle"]
    wanted = {
        "name": bucket,
        "versioning": "enabled",
        "versioning_exclude_prefixes": ["tmp/"],
        "quota": "5GiB",
        "tags": {"b": 2, "a": 1},
        "encryption": "sse-s3",
        "lifecycle": [{"id": name, **rule} for name, rule in rules.items()],
        "purge_lifecycle": True,
    }
    result = run_module("minio_bucket", wanted)
    assert (result["failed"], result["changed"]) == (False, False), result


def test_a_lock_that_mc_set_is_as_wanted(run_module: RunModule, mc: Mc, bucket_name: str) -> None:
    mc.run("mb", "--with-lock", f"t/{bucket_name}")
    mc.run("retention", "set", "--default", "GOVERNANCE", "2d", f"t/{bucket_name}")
    retention = {"mode": "governance", "days": 2}
    wanted = {"name": bucket_name, "object_lock": True, "versioning": "enabled", "retention": retention}
    result = run_module("minio_bucket", wanted)
    assert (result["failed"], result["changed"]) == (False, False), result


def test_a_rule_that_minio_drops_is_told_and_never_a_change(run_module: RunModule, bucket: str) -> None:
    rules = [{"id": "a", "expire_days": 3, "abort_multipart_days": 1}, {"id": "b", "abort_multipart_days": 1}]
    first, second = (run_module("minio_bucket", {"name": bucket, "lifecycle": rules}) for _ in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    assert str(second["warnings"]).count("MinIO does not keep abort_multipart_days") == 2


def test_a_bucket_that_is_not_empty(run_module: RunModule, mc: Mc, bucket: str, proxy: Proxy) -> None:
    mc.run("version", "enable", f"t/{bucket}")
    for key in ("a b+%&ü/1", "a b+%&ü/1", "2"):
        mc.put(f"{bucket}/{key}", key.encode())
    mc.run("rm", f"t/{bucket}/2")
    for check in (True, False):
        refused = run_module("minio_bucket", {"name": bucket, "state": "absent"}, check=check)
        assert "it holds 3 object versions and 1 delete marker" in refused["msg"]
    params = {"name": bucket, "state": "absent", "force": True}
    run_step(run_module, proxy, module="minio_bucket", params=params, observe=lambda: mc.exists(bucket))
    assert not mc.exists(bucket)


def test_more_than_a_page_goes(run_module: RunModule, mc: Mc, bucket: str, tmp_path: Any) -> None:
    for number in range(1005):
        (tmp_path / f"{number:04}").write_text("x")
    mc.run("mirror", str(tmp_path), f"t/{bucket}")
    refused = run_module("minio_bucket", {"name": bucket, "state": "absent"})
    assert "it holds more than 1000 object versions" in refused["msg"]
    result = run_module("minio_bucket", {"name": bucket, "state": "absent", "force": True})
    assert [action["subject"] for action in result["actions"]] == ["contents", "bucket"]
    assert not mc.exists(bucket)


def test_retained_versions_stay_unless_asked_for(run_module: RunModule, mc: Mc, bucket_name: str) -> None:
    retention = {"mode": "governance", "days": 1}
    run_module("minio_bucket", {"name": bucket_name, "object_lock": True, "retention": retention})
    mc.put(f"{bucket_name}/kept", b"x")
    gone = {"name": bucket_name, "state": "absent", "force": True}
    refused = run_module("minio_bucket", gone)
    assert (refused["failed"], refused["changed"]) == (True, False)
    assert "1 object versions were not removed, the first of them kept" in refused["msg"]
    assert mc.cat(f"{bucket_name}/kept") == b"x"
    assert run_module("minio_bucket", {**gone, "bypass_governance": True})["changed"] is True


def test_an_authority_that_is_not_trusted(run_module: RunModule, tls_minio: Server) -> None:
    """It is said at once: that many pauses would outlast the test."""
    params = {"name": "of-a-stranger", "retries": 50}
    stranger = run_module("minio_bucket", {**params, "ca_cert": None}, server=tls_minio)
    assert "unknown authority" in stranger["msg"]


def test_info(run_module: RunModule, mc: Mc, bucket: str) -> None:
    mc.run("anonymous", "set", "download", f"t/{bucket}")
    mc.put(f"{bucket}/a", b"x")
    (info,) = run_module("minio_bucket_info", {"name": bucket, "count": True})["buckets"]
    assert (info["access"], info["contents"]["versions"], info["unread"]) == ("download", 1, {})
    everything = run_module("minio_bucket_info", {})["buckets"]
    assert [one["name"] for one in everything] == mc.buckets()
    assert run_module("minio_bucket_info", {"name": "no-such-bucket"})["buckets"] == []
