"""What MinIO can hold of a policy, as we judge it. ``tests/integration/test_limits.py`` asks a server the same."""

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

from tests.support.policies import BAD, GOOD, OF_BUCKET, document


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


@pytest.mark.parametrize(
    ("policy", "words"),
    OF_BUCKET,
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
