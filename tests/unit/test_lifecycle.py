"""Lifecycle rules at their bounds, and the form that the S3 API has for each number of conditions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible.module_utils.objectstore.buckets.lifecycle import (
    RULE_OPTIONS,
    parse_lifecycle,
    problems_beside_s3,
    render_lifecycle,
    wanted_rules,
    without_abort,
)
from ansible.module_utils.objectstore.values.errors import InvalidInputError
from ansible.module_utils.objectstore.values.limits import LONGEST_RULE_ID, MOST_NONCURRENT

UNSET: dict[str, Any] = {word: option.get("default") for word, option in RULE_OPTIONS.items()}


def given(**words: Any) -> list[dict[str, Any]]:
    return [{**UNSET, "id": "r", "expire_days": 1, **words}]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ({}, "<Prefix></Prefix>"),
        ({"prefix": "a/"}, "<Prefix>a/</Prefix>"),
        ({"tags": {"k": "v"}}, "<Tag><Key>k</Key><Value>v</Value></Tag>"),
        ({"larger_than": "7B"}, "<ObjectSizeGreaterThan>7</ObjectSizeGreaterThan>"),
        (
            {"prefix": "a/", "smaller_than": "9B"},
            "<And><Prefix>a/</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And>",
        ),
        (
            {"tags": {"k": "v", "l": "w"}},
            "<And><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value>w</Value></Tag></And>",
        ),
    ],
)
def test_one_condition_stands_alone_and_several_stand_together(words: dict[str, Any], written: str) -> None:
    rules = wanted_rules(given(**words))
    document = render_lifecycle(rules).decode().replace("<Prefix />", "<Prefix></Prefix>")
    found = re.search("<Filter>(.*)</Filter>", document)
    assert found is not None
    assert found.group(1) == written
    assert parse_lifecycle(render_lifecycle(rules)) == rules


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ({"larger_than": "7B", "smaller_than": "9B"}, {"larger_than": "8B", "smaller_than": "9B"}),
        ({"id": "i" * LONGEST_RULE_ID}, {"id": "i" * (LONGEST_RULE_ID + 1)}),
        ({"expire_days": 1}, {"expire_days": 0}),
        ({"expire_all_versions": True}, {"expire_all_versions": True, "expire_days": None, "abort_multipart_days": 1}),
        ({"expire_days": None, "expire_delete_markers": True}, {"expire_delete_markers": True}),
        ({"noncurrent_keep": 1}, {"noncurrent_keep": 0}),
    ],
)
def test_bounds(fits: dict[str, Any], does_not: dict[str, Any]) -> None:
    assert len(wanted_rules(given(**fits))) == 1
    with pytest.raises(InvalidInputError, match="lifecycle rule"):
        wanted_rules(given(**does_not))


def test_what_only_minio_keeps_is_named_beside_s3() -> None:
    assert list(problems_beside_s3(wanted_rules(given(noncurrent_keep=MOST_NONCURRENT)))) == []
    assert list(problems_beside_s3(wanted_rules(given()))) == []
    (many,) = problems_beside_s3(wanted_rules(given(noncurrent_keep=MOST_NONCURRENT + 1)))
    assert many == f"noncurrent_keep (lifecycle rule r) is at most {MOST_NONCURRENT} in S3"
    (own,) = problems_beside_s3(wanted_rules(given(expire_all_versions=True)))
    assert own.endswith("is MinIO's own")


def test_a_rule_without_an_id_is_named_by_its_place() -> None:
    rule = b"<Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    found = parse_lifecycle(b"<LifecycleConfiguration>" + rule * 2 + b"</LifecycleConfiguration>")
    assert found is not None
    assert list(found) == ["rule-1", "rule-2"]


def test_a_rule_that_only_aborts_uploads_goes_where_the_server_keeps_none() -> None:
    rules = wanted_rules([*given(abort_multipart_days=2), *given(id="only", expire_days=None, abort_multipart_days=2)])
    kept, losing = without_abort(rules)
    assert kept == {"r": {"enabled": True, "prefix": "", "expire_days": 1}}
    assert losing == ["r", "only"]
