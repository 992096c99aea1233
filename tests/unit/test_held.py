"""What MinIO can hold of a policy: each document here was tried against a server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.actions import ADMIN_ACTIONS, KMS_ACTIONS, S3_ACTIONS
from ansible.module_utils.objectstore.access.bucket_policy import PolicySpec, check_policy
from ansible.module_utils.objectstore.access.held import check_bucket_policy, check_identity_policy
from ansible.module_utils.objectstore.access.policy import canned_policy, normal_document, parse_document
from ansible.module_utils.objectstore.access.readback import check_held
from ansible.module_utils.objectstore.values.abilities import Abilities
from ansible.module_utils.objectstore.values.errors import InvalidInputError, VerificationError
from hypothesis import given
from hypothesis import strategies as st

READ: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def document(**changes: Any) -> dict[str, Any]:
    """A policy of one statement; a change to ``None`` takes the field away."""
    statement = {key: value for key, value in {**READ, **changes}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def condition(operator: str, key: str, value: Any, action: str = "s3:GetObject") -> dict[str, Any]:
    return document(Condition={operator: {key: value}}, Action=action)


GOOD = [
    document(),
    document(Action=["s3:Get*", "s3:ListBucket"]),
    document(Action="s3:*", Resource="*"),
    document(Action="*", Resource="arn:aws:s3:::*"),
    document(Sid="mine"),
    document(Resource=None, NotResource="arn:aws:s3:::b/*"),
    document(Action="admin:ServerInfo", Resource=None),
    document(Action="admin:*", Resource="arn:aws:s3:::*"),
    document(Action="kms:ListKeys", Resource=None),
    document(Action="kms:CreateKey", Resource="arn:minio:kms:::k*"),
    condition("StringLike", "s3:prefix", "a/*", "s3:ListBucket"),
    condition("ForAnyValue:StringEquals", "s3:ExistingObjectTag/team", ["a", "b"]),
    condition("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.1.1"]),
    condition("Bool", "aws:SecureTransport", value=False),
    condition("NumericLessThanEquals", "s3:max-keys", 10, "s3:ListBucket"),
    condition("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
    condition("Null", "s3:versionid", "true"),
]

BAD = [
    (document(Action=None, NotAction="s3:GetObject"), "cannot hold NotAction"),
    (document(Principal="*"), "drops the Principal"),
    (document(NotPrincipal={"AWS": "x"}), "cannot hold NotPrincipal"),
    (document(action="s3:GetObject"), "drops the field action"),
    (document(Action="s3:GetObjekt"), "did you mean s3:GetObject?"),
    (document(Action="s3:getobject"), "did you mean s3:GetObject?"),
    (document(Action="s3:[Gg]etObject"), "knows no action"),
    (document(Action="s3"), "knows no action 's3'"),
    (document(Action="admin:Server*", Resource=None), "knows no action 'admin:Server*'"),
    (document(Action=["s3:GetObject", "admin:ServerInfo"]), "actions of admin and s3"),
    (document(Action=["*", "s3:GetObject"], Resource="*"), "actions of s3 and sts"),
    (document(Action="*"), "ignores the Resource"),
    (document(Action=[]), "no Action"),
    (document(Resource=None), "no Resource"),
    (document(Resource="b/*"), "'b/*' is no resource"),
    (document(Resource="arn:aws:s3:::"), "is no resource"),
    (document(Resource="arn:aws:s3:::/b"), "is no resource"),
    (document(NotResource="arn:aws:s3:::c"), "both Resource and NotResource"),
    (document(Action="kms:CreateKey"), "is no resource"),
    ({**document(), "Version": "2008-10-17"}, "only the Version 2012-10-17"),
    ({**document(), "Comment": "x"}, "drops the field Comment"),
    (document(Resource=[f"arn:aws:s3:::b/{number}" for number in range(2000)]), "at most 20480"),
    (condition("StringMatches", "s3:prefix", "x"), "no condition operator 'StringMatches'"),
    (condition("Any:StringLike", "aws:username", "x"), "no condition operator"),
    (condition("StringEquals", "aws:sourceip", "x"), "did you mean aws:SourceIp?"),
    (condition("StringLike", "s3:prefix", "x"), "s3:prefix does not go with s3:GetObject"),
    (condition("IpAddress", "aws:SourceIp", "10.0.0.0/33"), "'10.0.0.0/33'"),
    (condition("IpAddress", "aws:username", "10.0.0.0/8"), "goes with aws:SourceIp only"),
    (condition("Bool", "aws:username", "true"), "goes with aws:SecureTransport only"),
    (condition("NumericEquals", "s3:max-keys", [1, 2], "s3:ListBucket"), "takes one value"),
    (condition("NumericEquals", "s3:max-keys", "many", "s3:ListBucket"), "'many'"),
    (condition("DateLessThan", "aws:CurrentTime", "tomorrow"), "'tomorrow'"),
]


@pytest.mark.parametrize("good", GOOD, ids=json.dumps)
def test_what_minio_holds(good: dict[str, Any]) -> None:
    check_identity_policy("write policy p", good)


@pytest.mark.parametrize(("bad", "words"), BAD, ids=[words for _, words in BAD])
def test_what_minio_cannot_hold_is_named(bad: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_identity_policy("write policy p", parse_document(bad))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "action",
    [f"s3:{name}" for name in sorted(S3_ACTIONS)]
    + [f"admin:{name}" for name in sorted(ADMIN_ACTIONS)]
    + [f"kms:{name}" for name in sorted(KMS_ACTIONS)],
)
def test_every_action_that_minio_knows_is_taken(action: str) -> None:
    check_identity_policy("write policy p", document(Action=action, Resource=None if action.startswith("kms") else "*"))


def opened(**changes: Any) -> dict[str, Any]:
    return document(**{"Principal": "*", **changes})


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (opened(), ""),
        (opened(Principal={"AWS": ["*"]}), ""),
        (opened(Resource="arn:aws:s3:::*"), ""),
        (opened(Resource="arn:aws:s3:::?/*"), ""),
        (opened(Resource=None, NotResource="arn:aws:s3:::b/x/*"), ""),
        (opened(Action="s3:ListBucket", Resource="arn:aws:s3:::b"), ""),
        (opened(Action="*"), ""),
        (document(), "Principal has to be"),
        (opened(Principal={"Federated": "x"}), "Principal has to be"),
        (opened(Principal="me"), "Principal has to be"),
        (document(NotPrincipal={"AWS": "x"}), "cannot hold NotPrincipal"),
        (opened(Resource="arn:aws:s3:::c/*"), "not of bucket b"),
        (opened(Resource="arn:aws:s3:::b"), "needs a resource below the bucket"),
        (opened(Action="s3:ListBucket"), "needs the bucket as a resource"),
        (opened(Action="admin:ServerInfo"), "no action on buckets and objects"),
        (opened(Action="s3:GetObjekt"), "knows no action"),
    ],
)
def test_policies_of_buckets(policy: dict[str, Any], words: str) -> None:
    if not words:
        check_bucket_policy("set the policy", "b", policy)
        return
    with pytest.raises(InvalidInputError) as caught:
        check_bucket_policy("set the policy", "b", policy)
    assert words in str(caught.value)


@pytest.mark.parametrize("level", ["download", "upload", "public"])
def test_levels_can_be_held(level: str) -> None:
    check_bucket_policy("set the policy", "geocrop", canned_policy("geocrop", {"": level, "maps/": "download"}))


class Server:
    """A server that keeps what S3 knows, or what MinIO knows."""

    def __init__(self, keeps_all: bool) -> None:
        self.abilities = Abilities(policies_by_exclusion=keeps_all)


def test_another_server_may_hold_what_minio_cannot() -> None:
    excluding = parse_document(document(Principal="*", NotPrincipal={"AWS": "x"}))
    spec = PolicySpec("b", document=excluding)
    check_policy(Server(keeps_all=True), spec)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError):
        check_policy(Server(keeps_all=False), spec)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_document", "words"),
    [
        ([1], "it is a list"),
        (5, "it is a number"),
        (True, "it is a boolean"),
        ("[1]", "it is a list"),
        ("{", "not JSON"),
        ("[" * 100000, "not JSON"),
        ({"Statement": [1]}, "list Statement of objects"),
        ({"Statement": 5}, "list Statement of objects"),
        ({"Statement": [{"Effect": ["Allow"]}]}, "the Effect ['Allow']"),
        (document(Action={"a": 1}), "Action holds an object"),
        (document(Action=[None]), "Action holds null"),
        (document(Resource=[[]]), "Resource holds a list"),
        (document(Condition=["x"]), "Condition is a list"),
        (document(Condition={"Bool": "x"}), "Condition Bool is a text"),
        (document(Condition={"Bool": {"k": None}}), "Condition Bool k holds no values"),
        (document(Condition={"Bool": {"k": [{}]}}), "Condition Bool k holds"),
        (document(Principal={"AWS": [{}]}), "Principal AWS does not hold texts"),
        (document(Sid=5), "Sid is a number"),
        ({**document(), "Version": 2012}, "Version is a number"),
    ],
)
def test_what_is_no_policy_is_named(given_document: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_document(given_document)
    assert words in str(caught.value)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["Action", "NotAction", "Resource", "NotResource", "Principal", "Condition", "Sid", "x"])
STATEMENTS = st.lists(
    st.builds(
        lambda effect, fields: {"Effect": effect, **fields},
        st.sampled_from(["Allow", "Deny"]) | ANYTHING,
        st.dictionaries(
            FIELDS, ANYTHING | st.sampled_from(["s3:*", "s3:GetObject", "arn:aws:s3:::b/*", "*"]), max_size=5
        ),
    ),
    max_size=3,
)


@given(ANYTHING | st.builds(lambda statements: {"Statement": statements}, STATEMENTS))
def test_any_document_is_judged_or_refused(anything: Any) -> None:
    try:
        parsed = parse_document(anything)
        check_identity_policy("write", parsed)
        check_bucket_policy("write", "b", parsed)
        json.dumps(normal_document(parsed))
    except InvalidInputError:
        return


def test_what_the_server_holds_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers = [None, document(Action=["s3:GetObject"])]
    check_held("policy p", document(), lambda: answers.pop(0))
    with pytest.raises(VerificationError, match="holds something else"):
        check_held("policy p", document(), lambda: document(Effect="Deny"))
