"""What a store says of its buckets, as the modules take it that make the same on another one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.buckets.spec import BucketSpec

from tests.support.in_process import argument_spec, filters

#: A bucket with everything that can be set, as ``minio_bucket_info`` returns it.
FULL: dict[str, Any] = {
    "name": "maps",
    "object_lock": True,
    "versioning": {"status": "enabled", "exclude_prefixes": ["tmp/"], "exclude_folders": True},
    "tags": {"owner": "ops"},
    "quota": 53687091200,
    "encryption": {"algorithm": "sse-kms", "kms_key": "maps"},
    "retention": {"mode": "governance", "days": 9},
    "lifecycle": {"old": {"enabled": True, "prefix": "tmp/", "expire_days": 7}},
    "notifications": {"made": {"arn": "arn:minio:sqs::W:webhook", "events": ["s3:ObjectCreated:*"], "prefix": ""}},
    "policy": None,
    "access": "private",
    "unread": {},
}
BARE = {**dict.fromkeys(FULL), "name": "bare", "object_lock": False, "unread": {}}

F = filters("moving")


def test_a_bucket_is_made_as_it_was() -> None:
    full, bare = F["as_moved_buckets"]([FULL, BARE])
    assert bare == {"name": "bare"}, "what is not set is left alone"
    options = argument_spec("minio_bucket")
    assert set(full) <= set(options)
    params = {**{name: option.get("default") for name, option in options.items()}, **full}
    rule = dict.fromkeys(options["lifecycle"]["options"])
    event = dict.fromkeys(options["notifications"]["options"])
    params["lifecycle"] = [{**rule, **one} for one in full["lifecycle"]]
    params["notifications"] = [{**event, **one} for one in full["notifications"]]
    params["retention"] = {"years": None, **full["retention"]}
    wanted = BucketSpec.from_params(params)
    for setting, wish in wanted.settings.items():
        before = {"status": "enabled"} if setting == "versioning" else None
        after = wish.after(before)
        assert after == FULL[setting] or setting in ("lifecycle", "notifications"), setting
    assert set(wanted.settings) == {
        name for name in FULL if name not in ("name", "object_lock", "policy", "access")
    } - {"unread"}


@pytest.mark.parametrize("left_out", ["notifications", "encryption", "quota", "lifecycle"])
def test_what_is_left_out_is_not_set(left_out: str) -> None:
    (made,) = F["as_moved_buckets"]([FULL], [left_out])
    assert not [name for name in made if name.startswith(left_out[:5])]


def test_who_may_reach_a_bucket_without_credentials() -> None:
    document = {"Statement": []}
    assert F["as_moved_policies"]([FULL, {**BARE, "policy": document}], ["bare"]) == [
        {"bucket": "maps", "assume_bucket": False, "access": "private"},
        {"bucket": "bare", "assume_bucket": True, "policy": document},
    ]


def test_what_cannot_be_read_is_told_unless_it_stays_behind() -> None:
    hidden = {**BARE, "unread": {"quota": "it may not be read", "tags": "there are none"}}
    assert F["unread_settings"]([hidden, FULL], ["tags"]) == ["bare, quota: it may not be read"]


def test_indexes_are_each_stores_own() -> None:
    indexes = [{"bucket": "maps", "index_object": "manifests/index.json"}]
    assert F["as_copies"](["maps", "bare"], indexes) == [
        {"bucket": "maps", "exclude": ["/manifests/index.json"]},
        {"bucket": "bare", "exclude": []},
    ]
