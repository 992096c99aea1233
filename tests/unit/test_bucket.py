"""Plans of buckets, and the S3 documents of their settings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.buckets.bucket import BucketState, Contents, plan_bucket
from ansible.module_utils.objectstore.buckets.settings import XML_SETTINGS
from ansible.module_utils.objectstore.buckets.spec import BucketSpec
from ansible.module_utils.objectstore.values.errors import ConflictError, InvalidInputError

PARAMS: dict[str, Any] = {
    **dict.fromkeys((
        "region", "object_lock", "retention", "versioning", "versioning_exclude_prefixes",
        "versioning_exclude_folders", "quota", "tags", "encryption", "kms_key", "lifecycle", "notifications",
    )),
    "name": "geocrop-models", "state": "present", "force": False, "bypass_governance": False,
    "purge_tags": True, "purge_lifecycle": False, "purge_notifications": False,
}  # fmt: skip
RULE: dict[str, Any] = {
    **dict.fromkeys((
        "tags", "larger_than", "smaller_than", "expire_days", "expire_date", "expire_delete_markers",
        "expire_all_versions", "noncurrent_expire_days", "noncurrent_keep", "abort_multipart_days",
    )),
    "enabled": True, "prefix": "",
}  # fmt: skip


def spec(**changes: Any) -> BucketSpec:
    return BucketSpec.from_params({**PARAMS, **changes})


def steps(current: dict[str, Any], **changes: Any) -> list[tuple[str, str, Any]]:
    """(verb, subject, value afterwards) of the plan for a bucket whose settings are ``current``."""
    plan = plan_bucket(BucketState(exists=True, settings=current), spec(**changes))
    return [(action.verb, action.subject, action.after) for action in plan.actions]


ON = {"status": "enabled"}
OFF = {"status": "suspended"}
RULES = {"old": {"enabled": True, "prefix": "a/", "expire_days": 3}}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str, Any]]]] = {
    "nothing named": ({"tags": {"a": "1"}}, {}, []),
    "never versioned, to be suspended": ({}, {"versioning": "suspended"}, []),
    "versioned": ({"versioning": ON}, {"versioning": "enabled"}, []),
    "suspend": ({"versioning": ON}, {"versioning": "suspended"}, [("update", "versioning", OFF)]),
    "exclusions stay": ({"versioning": {**ON, "exclude_prefixes": ["t/"]}}, {"versioning": "enabled"}, []),
    "exclusions go": (
        {"versioning": {**ON, "exclude_prefixes": ["t/"]}},
        {"versioning_exclude_prefixes": []},
        [("update", "versioning", ON)],
    ),
    "exclusions of a bucket without versions": ({}, {"versioning_exclude_folders": True}, []),
    "tags replaced": ({"tags": {"a": "1"}}, {"tags": {"b": 2}}, [("update", "tags", {"b": "2"})]),
    "tags kept": (
        {"tags": {"a": "1"}},
        {"tags": {"b": 2}, "purge_tags": False},
        [("update", "tags", {"a": "1", "b": "2"})],
    ),
    "tags gone": ({"tags": {"a": "1"}}, {"tags": {}}, [("remove", "tags", None)]),
    "the same quota": ({"quota": 1024}, {"quota": "1KiB"}, []),
    "no quota": ({"quota": 1024}, {"quota": "0"}, [("remove", "quota", None)]),
    "no encryption": (
        {"encryption": {"algorithm": "sse-s3"}},
        {"encryption": "none"},
        [("remove", "encryption", None)],
    ),
    "another rule": (
        {"lifecycle": RULES},
        {"lifecycle": [{**RULE, "id": "new", "expire_days": 1}]},
        [("update", "lifecycle", {**RULES, "new": {"enabled": True, "prefix": "", "expire_days": 1}})],
    ),
    "the same rule": (
        {"lifecycle": RULES},
        {"lifecycle": [{**RULE, "id": "old", "prefix": "a/", "expire_days": 3}]},
        [],
    ),
    "rules purged": ({"lifecycle": RULES}, {"purge_lifecycle": True}, [("remove", "lifecycle", None)]),
}


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    current, changes, expected = CASES[name]
    assert steps(current, **changes) == expected


def test_a_new_bucket_with_object_lock_is_versioned_already() -> None:
    plan = plan_bucket(BucketState(exists=False), spec(object_lock=True, versioning="enabled"))
    assert [action.subject for action in plan.actions] == ["bucket"]


@pytest.mark.parametrize(
    ("state", "changes", "reason"),
    [
        (BucketState(exists=True), {"object_lock": True}, "has no object lock"),
        (BucketState(exists=True, object_lock=True), {"object_lock": False}, "has object lock"),
        (BucketState(exists=True), {"retention": {"mode": "governance", "days": 1, "years": None}}, "no object lock"),
        (BucketState(exists=True, object_lock=True), {"versioning": "suspended"}, "needs versioning"),
        (BucketState(exists=True, contents=Contents(3, 1, 0)), {"state": "absent"}, "3 object versions and 1 delete m"),
        (BucketState(exists=True, contents=Contents(0, 0, 1)), {"state": "absent"}, "1 incomplete upload"),
        (BucketState(exists=True, contents=Contents(1000, 1, 0, more=True)), {"state": "absent"}, "more than 1000"),
    ],
)
def test_conflicts(state: BucketState, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConflictError, match=reason):
        plan_bucket(state, spec(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Geocrop"},
        {"name": "10.0.0.1"},
        {"quota": "much"},
        {"encryption": "sse-kms"},
        {"kms_key": "k"},
        {"versioning": "suspended", "versioning_exclude_prefixes": ["t/"]},
        {"versioning": "suspended", "object_lock": True},
        {"retention": {"mode": "governance", "days": None, "years": None}},
        {"retention": {"mode": "governance", "days": 1, "years": 1}},
        {"retention": {"mode": "none", "days": 1, "years": None}},
        {"lifecycle": [{**RULE, "id": "a"}]},
        {"lifecycle": [{**RULE, "id": "a", "expire_days": 1}, {**RULE, "id": "a", "expire_days": 2}]},
        {"lifecycle": [{**RULE, "id": "a", "expire_days": 1, "expire_date": "2030-01-01"}]},
        {"lifecycle": [{**RULE, "id": "a", "expire_date": "2030-01-01T12:00:00Z"}]},
        {"notifications": [{"id": "n", "arn": "webhook", "events": ["e"], "prefix": None, "suffix": None}]},
    ],
)
def test_what_no_server_could_accept_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        spec(**changes)


VALUES: list[tuple[str, Any]] = [
    ("versioning", {"status": "enabled", "exclude_prefixes": ["a/*/", "t/"], "exclude_folders": True}),
    ("versioning", {"status": "suspended"}),
    ("tags", {"purpose": "land cover & crops", "empty": ""}),
    ("encryption", {"algorithm": "sse-s3"}),
    ("encryption", {"algorithm": "sse-kms", "kms_key": "k"}),
    ("retention", {"mode": "compliance", "years": 2}),
    ("retention", None),
    ("notifications", {"n": {"arn": "arn:x", "events": ["a", "b"], "prefix": "p/", "suffix": ".tif"}}),
    ("notifications", {"n": {"arn": "arn:x", "events": ["a"], "prefix": "", "suffix": "", "kind": "topic"}}),
    ("notifications", None),
    ("lifecycle", {"r": {"enabled": False, "prefix": "", "tags": {"a": "1"}, "expire_date": "2030-01-01T00:00:00Z"}}),
    (
        "lifecycle",
        {
            "r": {
                "enabled": True, "prefix": "a/", "tags": {"a": "1", "b": ""}, "larger_than": 1, "smaller_than": 9,
                "noncurrent_expire_days": 3, "noncurrent_keep": 2, "abort_multipart_days": 1,
            },
            "s": {"enabled": True, "prefix": "", "larger_than": 5, "expire_delete_markers": True},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_setting_comes_back_as_it_was_written(name: str, value: Any) -> None:
    setting = XML_SETTINGS[name]
    assert setting.parse(setting.render(value)) == value


def test_what_a_rule_says_beyond_our_words_is_kept() -> None:
    """A rule of the old form (no Filter, no ID) with a transition, as another tool may have written it."""
    body = (
        b"<LifecycleConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Rule><Status>Enabled</Status>"
        b"<Prefix>old/</Prefix><Transition><Days>3</Days><StorageClass>COLD</StorageClass></Transition>"
        b"<Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>"
    )
    setting = XML_SETTINGS["lifecycle"]
    rules = setting.parse(body)
    assert rules["rule-1"]["prefix"] == "old/"
    written = setting.render(rules)
    assert b"<Transition><Days>3</Days><StorageClass>COLD</StorageClass></Transition>" in written
    assert setting.parse(written) == rules


def test_rules_as_minio_keeps_them() -> None:
    wanted = spec(
        lifecycle=[
            {**RULE, "id": "a", "expire_days": 1, "abort_multipart_days": 2},
            {**RULE, "id": "b", "abort_multipart_days": 2},
        ]
    )
    assert wanted.aborts_uploads
    kept, losing = wanted.without_abort()
    assert losing == ["a", "b"]
    assert kept.settings["lifecycle"].after(None) == {"a": {"enabled": True, "prefix": "", "expire_days": 1}}
