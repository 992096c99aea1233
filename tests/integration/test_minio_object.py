"""Text and JSON objects, by the cycle {create, again, modify, again, remove, again} x {check, real}."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.conftest import OVER_TLS, RunModule
from tests.support.counters import write_counts
from tests.support.mc import Mc
from tests.support.proxy import Proxy

pytestmark = OVER_TLS

KEY = "zimbabwe_full/v1/metadata.json"


def test_the_cycle(run_module: RunModule, mc: Mc, bucket: str, proxy: Proxy) -> None:
    first, second = {"version": "v1", "classes": ["bare", "über"]}, {"version": "v2"}
    steps: list[tuple[dict[str, Any], bool, str, object]] = [
        ({"content": first}, True, "create", first),
        ({"content": first}, False, "", first),
        ({"content": second}, True, "update", second),
        ({"content": second}, False, "", second),
        ({"state": "absent"}, True, "remove", None),
        ({"state": "absent"}, False, "", None),
    ]
    stored: object = None
    for params, changed, verb, after in steps:
        wanted = {"bucket": bucket, "key": KEY, **params}
        counted = write_counts(proxy.server)
        predicted = run_module("minio_object", wanted, check=True, diff=True, server=proxy.server)
        assert content(mc, bucket) == stored
        assert proxy.writes == []
        assert write_counts(proxy.server) == counted
        real = run_module("minio_object", wanted, diff=True)
        assert content(mc, bucket) == after
        assert {**predicted, "invocation": 0} == {**real, "invocation": 0}
        assert real["changed"] is changed
        assert [action["action"] for action in real["actions"]] == ([verb] if verb else [])
        stored = after


def content(mc: Mc, bucket: str) -> object:
    return json.loads(mc.cat(f"{bucket}/{KEY}")) if KEY in mc.keys(bucket) else None


def test_the_difference_is_shown_as_texts(run_module: RunModule, mc: Mc, bucket: str) -> None:
    mc.put(f"{bucket}/note.txt", b"old\n")
    params = {"bucket": bucket, "key": "note.txt", "content": "new\n"}
    shown = run_module("minio_object", params, check=True, diff=True)["diff"]
    assert [(one["before_header"], one["before"], one["after"]) for one in shown] == [
        (f"{bucket}/note.txt", "old\n", "new\n")
    ]


@pytest.mark.parametrize("encryption", ["sse-kms", "multipart"])
def test_an_etag_that_is_no_digest_does_not_count_as_a_change(
    run_module: RunModule, mc: Mc, bucket: str, encryption: str
) -> None:
    text = "x" * (6 * 1024 * 1024)
    if encryption == "sse-kms":
        mc.run("encrypt", "set", "sse-kms", "test-key", f"t/{bucket}")
    mc.put(f"{bucket}/note.txt", text.encode(), part_mib=5)
    assert run_module("minio_object", {"bucket": bucket, "key": "note.txt", "content": text})["changed"] is False
    assert run_module("minio_object", {"bucket": bucket, "key": "note.txt", "content": text + "y"})["changed"] is True


def test_the_content_type_follows_the_key(run_module: RunModule, mc: Mc, bucket: str) -> None:
    run_module("minio_object", {"bucket": bucket, "key": "a.json", "content": "{}"})
    run_module("minio_object", {"bucket": bucket, "key": "a.txt", "content": ""})
    run_module("minio_object", {"bucket": bucket, "key": "a.csv", "content": "a,b", "content_type": "text/csv"})
    kinds = [mc.stat(f"{bucket}/{key}")["metadata"]["Content-Type"] for key in ("a.json", "a.txt", "a.csv")]
    assert kinds == ["application/json", "text/plain; charset=UTF-8", "text/csv"]


def test_a_missing_bucket_is_an_error_unless_check_mode_assumes_it(run_module: RunModule, bucket_name: str) -> None:
    params = {"bucket": bucket_name, "key": "a.txt", "content": "a"}
    for check in (True, False):
        failed = run_module("minio_object", params, check=check)
        assert f"Could not use bucket {bucket_name}: there is no such bucket" in failed["msg"]
    assert run_module("minio_object", {**params, "assume_bucket": True}, check=True)["changed"] is True
    assert run_module("minio_object", {**params, "assume_bucket": True})["failed"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"key": "a//b", "content": "x"}, "Could not use the object key 'a//b'"),
        ({"key": "a", "content": 5}, "its content is a int"),
        ({"key": "a"}, "content"),
    ],
)
def test_wrong_options(run_module: RunModule, bucket: str, params: dict[str, Any], said: str) -> None:
    failed = run_module("minio_object", {"bucket": bucket, **params})
    assert failed["failed"]
    assert said in failed["msg"]
