"""Documents compared by what they mean: pairs that are equivalent, pairs that are not, and the canned levels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.bucket_policy import PolicySpec, PolicyState, plan_policy
from ansible.module_utils.objectstore.access.policy import (
    canned_policy,
    is_equivalent,
    joined,
    level_of,
    normal_document,
    normal_prefix,
)
from ansible.module_utils.objectstore.values.errors import InvalidInputError

#: The parameters of a task that says nothing.
NOTHING = {
    **dict.fromkeys(("access", "policy", "prefixes", "access_by_prefix")),
    "verify": False,
    "assume_bucket": False,
}

GET = "s3:GetObject"
PUT = "s3:PutObject"
ALL = "arn:aws:s3:::maps/*"
BUCKET = "arn:aws:s3:::maps"


def statement(**fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": [GET], "Resource": [ALL], **fields}


def policy(*statements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **fields}


def when(**operators: Any) -> dict[str, Any]:
    return policy(statement(Condition=operators))


PLAIN = policy(statement())

EQUIVALENT = {
    "itself": (PLAIN, PLAIN),
    "a scalar action": (PLAIN, policy(statement(Action=GET))),
    "a scalar resource": (PLAIN, policy(statement(Resource=ALL))),
    "one statement without a list": (PLAIN, {"Version": "2012-10-17", "Statement": statement()}),
    "everybody as a star": (PLAIN, policy(statement(Principal="*"))),
    "everybody as a scalar": (PLAIN, policy(statement(Principal={"AWS": "*"}))),
    "order of actions": (policy(statement(Action=[GET, PUT])), policy(statement(Action=[PUT, GET]))),
    "an action twice": (PLAIN, policy(statement(Action=[GET, GET]))),
    "case of an action": (PLAIN, policy(statement(Action="s3:getobject"))),
    "order of resources": (policy(statement(Resource=[ALL, BUCKET])), policy(statement(Resource=[BUCKET, ALL]))),
    "order of statements": (
        policy(statement(), statement(Action=PUT, Resource=BUCKET)),
        policy(statement(Action=PUT, Resource=BUCKET), statement()),
    ),
    "a statement twice": (PLAIN, policy(statement(), statement())),
    "actions in two statements": (policy(statement(Action=[GET, PUT])), policy(statement(), statement(Action=PUT))),
    "resources in two statements": (
        policy(statement(Resource=[ALL, BUCKET])),
        policy(statement(Resource=ALL), statement(Resource=BUCKET)),
    ),
    "an empty Sid": (PLAIN, policy(statement(Sid=""))),
    "a Sid": (PLAIN, policy(statement(Sid="PublicRead"))),
    "an Id": (PLAIN, policy(statement(), Id="p1")),
    "no Version": (PLAIN, {"Statement": [statement()]}),
    "an empty condition": (PLAIN, policy(statement(Condition={}))),
    "JSON text": (PLAIN, json.dumps(PLAIN)),
    "nothing and no statement": (None, policy()),
    "nothing and an empty text": (None, ""),
    "a condition's scalar": (
        when(StringEquals={"s3:prefix": "a/"}),
        when(StringEquals={"s3:prefix": ["a/"]}),
    ),
    "a condition's order": (
        when(StringEquals={"s3:prefix": ["a/", "b/"]}),
        when(StringEquals={"s3:prefix": ["b/", "a/"]}),
    ),
    "a condition in two statements": (
        when(StringEquals={"s3:prefix": ["a/", "b/"]}),
        policy(
            statement(Condition={"StringEquals": {"s3:prefix": "a/"}}),
            statement(Condition={"StringEquals": {"s3:prefix": "b/"}}),
        ),
    ),
    "a condition's boolean": (
        when(Bool={"aws:SecureTransport": False}),
        when(Bool={"aws:SecureTransport": ["false"]}),
    ),
    "a condition's number": (when(NumericEquals={"s3:max-keys": 10}), when(NumericEquals={"s3:max-keys": "10"})),
    "case of a condition's key": (
        when(IpAddress={"aws:SourceIp": "10.0.0.0/8"}),
        when(IpAddress={"aws:sourceip": "10.0.0.0/8"}),
    ),
    "an address and its network": (
        when(IpAddress={"aws:SourceIp": "10.1.2.3"}),
        when(IpAddress={"aws:SourceIp": "10.1.2.3/32"}),
    ),
    "an account and its root": (
        policy(statement(Principal={"AWS": "123456789012"})),
        policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})),
    ),
    "an action that a wildcard takes in": (
        policy(statement(Action=["s3:Get*"])),
        policy(statement(Action=["s3:Get*", GET])),
    ),
    "stars side by side": (policy(statement(Resource="*")), policy(statement(Resource="**"))),
    "a resource that a wildcard takes in": (
        PLAIN,
        policy(statement(), statement(Resource="arn:aws:s3:::maps/public/*")),
    ),
}

DIFFERENT = {
    "nothing": (PLAIN, None),
    "another action": (PLAIN, policy(statement(Action=PUT))),
    "one action more": (PLAIN, policy(statement(Action=[GET, PUT]))),
    "another resource": (PLAIN, policy(statement(Resource="arn:aws:s3:::atlas/*"))),
    "the bucket for its objects": (PLAIN, policy(statement(Resource=BUCKET))),
    "case of a resource": (PLAIN, policy(statement(Resource="arn:aws:s3:::maps/A"))),
    "a narrower resource": (PLAIN, policy(statement(Resource="arn:aws:s3:::maps/public/*"))),
    "a resource without its slash": (
        policy(statement(Resource="arn:aws:s3:::maps/a*")),
        policy(statement(Resource="arn:aws:s3:::maps/a/*")),
    ),
    "the effect": (PLAIN, policy(statement(Effect="Deny"))),
    "a Deny more": (PLAIN, policy(statement(), statement(Effect="Deny", Action=PUT))),
    "somebody for everybody": (PLAIN, policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:root"}))),
    "another kind of principal": (PLAIN, policy(statement(Principal={"CanonicalUser": "abc"}))),
    "a condition": (PLAIN, when(StringEquals={"s3:prefix": "a/"})),
    "a condition's operator": (
        when(StringEquals={"s3:prefix": "a/*"}),
        when(StringLike={"s3:prefix": "a/*"}),
    ),
    "a condition's key": (when(StringEquals={"s3:prefix": "a/"}), when(StringEquals={"s3:delimiter": "a/"})),
    "a condition's value": (when(StringEquals={"s3:prefix": "a/"}), when(StringEquals={"s3:prefix": "a"})),
    "one value of a condition more": (
        when(StringEquals={"s3:prefix": "a/"}),
        when(StringEquals={"s3:prefix": ["a/", "b/"]}),
    ),
    "two conditions in one statement and in two": (
        when(StringEquals={"s3:prefix": "a/"}, IpAddress={"aws:SourceIp": "10.0.0.0/8"}),
        policy(
            statement(Condition={"StringEquals": {"s3:prefix": "a/"}}),
            statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        ),
    ),
    "a negated condition in two statements": (
        when(StringNotEquals={"s3:prefix": ["a/", "b/"]}),
        policy(
            statement(Condition={"StringNotEquals": {"s3:prefix": "a/"}}),
            statement(Condition={"StringNotEquals": {"s3:prefix": "b/"}}),
        ),
    ),
    "true and false": (when(Bool={"aws:SecureTransport": True}), when(Bool={"aws:SecureTransport": False})),
    "all but an action": (
        policy({"Effect": "Allow", "Principal": "*", "NotAction": PUT, "Resource": ALL}),
        policy(statement(Action=PUT)),
    ),
    "all but two actions, in two statements": (
        policy({"Effect": "Allow", "Principal": "*", "NotAction": [PUT, GET], "Resource": ALL}),
        policy(
            {"Effect": "Allow", "Principal": "*", "NotAction": PUT, "Resource": ALL},
            {"Effect": "Allow", "Principal": "*", "NotAction": GET, "Resource": ALL},
        ),
    ),
    "a wildcard of another effect": (
        policy(statement(Effect="Deny", Action="s3:*"), statement()),
        policy(statement(Effect="Deny", Action="s3:*")),
    ),
    "a wildcard for one action": (PLAIN, policy(statement(Action="s3:Get*"))),
    "actions and resources crosswise": (
        policy(statement(Action=[GET, PUT], Resource=[ALL, BUCKET])),
        policy(statement(Action=GET, Resource=ALL), statement(Action=PUT, Resource=BUCKET)),
    ),
}


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalent(name: str) -> None:
    one, other = EQUIVALENT[name]
    assert is_equivalent(one, other)
    assert is_equivalent(other, one)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    one, other = DIFFERENT[name]
    assert not is_equivalent(one, other)
    assert not is_equivalent(other, one)


@pytest.mark.parametrize("name", [*EQUIVALENT, *DIFFERENT])
def test_the_normal_form_means_the_same(name: str) -> None:
    for document in {**EQUIVALENT, **DIFFERENT}[name]:
        assert is_equivalent(document, normal_document(document))
        assert normal_document(normal_document(document)) == normal_document(document)


@pytest.mark.parametrize("level", ["private", "download", "upload", "public"])
def test_a_level_is_recognised(level: str) -> None:
    assert level_of("maps", canned_policy("maps", {"": level})) == level
    assert level_of("maps", PLAIN) == "custom"


@pytest.mark.parametrize("level", ["private", "download"])
def test_a_level_is_about_everybody_and_leaves_what_is_said_of_others(level: str) -> None:
    """Stores that keep their identities' rights in the policies of buckets name them there."""
    named = statement(Principal={"AWS": ["worker"]}, Action=[GET, PUT])
    spec = PolicySpec.from_params({**NOTHING, "bucket": "maps", "access": level})
    plan = plan_policy(PolicyState(True, policy(named, statement(Action=[PUT]))), spec)
    (action,) = plan.actions
    assert is_equivalent(action.after, joined(policy(named), canned_policy("maps", {"": level})))
    assert level_of("maps", action.after) == level
    assert not plan_policy(PolicyState(True, action.after), spec).changed


def test_a_document_is_the_whole_policy() -> None:
    spec = PolicySpec.from_params({**NOTHING, "bucket": "maps", "policy": PLAIN})
    named = policy(statement(Principal={"AWS": ["worker"]}))
    assert plan_policy(PolicyState(True, named), spec).actions[0].after == normal_document(PLAIN)


def test_one_level_for_a_prefix_is_none_for_the_bucket() -> None:
    assert level_of("maps", canned_policy("maps", {"": "private", "a/": "download"})) == "custom"


@pytest.mark.parametrize(
    ("given", "normal"), [("maps", "maps/"), ("maps/", "maps/"), ("/maps/2020", "maps/2020/"), ("maps*", "maps")]
)
def test_a_prefix_is_a_folder(given: str, normal: str) -> None:
    assert normal_prefix(given) == normal


@pytest.mark.parametrize("given", ["", "/", "*", "a*b", "a/?/"])
def test_a_prefix_is_no_pattern(given: str) -> None:
    with pytest.raises(InvalidInputError):
        normal_prefix(given)


@pytest.mark.parametrize("given", ["{", "[1]", '{"Statement": ["x"]}', '{"Statement": {"Effect": "allow"}}'])
def test_what_is_no_policy_is_refused(given: str) -> None:
    with pytest.raises(InvalidInputError):
        is_equivalent(given, None)
