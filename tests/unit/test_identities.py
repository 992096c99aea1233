"""Policies by rights, and the plans of users, groups and access keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from ansible.module_utils.objectstore.access.access_check import Cell, matrix, places_of, unmet
from ansible.module_utils.objectstore.access.access_key import AccessKeySpec, AccessKeyState, plan_access_key
from ansible.module_utils.objectstore.access.group import (
    GroupSpec,
    GroupState,
    apply_group,
    check_group_state,
    plan_group,
)
from ansible.module_utils.objectstore.access.iam_policy import IamPolicySpec, IamPolicyState, plan_iam_policy
from ansible.module_utils.objectstore.access.identities import AccessKey, Derived, Group, IdentityStore, User
from ansible.module_utils.objectstore.access.rights import allowed_verbs, beyond, parse_rights, policy_of
from ansible.module_utils.objectstore.access.user import UserSpec, UserState, plan_user
from ansible.module_utils.objectstore.values.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnsupportedError,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RIGHTS = [
    {"bucket": "models", "prefix": "", "can": ["list", "read"]},
    {"bucket": "results", "prefix": "out", "can": ["write", "list"]},
]


def test_a_policy_of_rights_gives_these_and_no_other() -> None:
    statements = policy_of(parse_rights(RIGHTS))["Statement"]
    *allowing, denying = statements
    given = {
        (action, resource, str(statement.get("Condition", "")))
        for statement in allowing
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert denying == {"Effect": "Deny", "Action": ["admin:CreateServiceAccount", "admin:CreateUser"]}
    only_out = "{'StringLike': {'s3:prefix': ['out/*']}}"
    assert given == {
        ("s3:GetBucketLocation", "arn:aws:s3:::models", ""),
        ("s3:ListBucket", "arn:aws:s3:::models", ""),
        ("s3:GetObject", "arn:aws:s3:::models/*", ""),
        ("s3:GetBucketLocation", "arn:aws:s3:::results", ""),
        ("s3:GetBucketVersioning", "arn:aws:s3:::results", ""),
        ("s3:GetEncryptionConfiguration", "arn:aws:s3:::results", ""),
        ("s3:ListBucketMultipartUploads", "arn:aws:s3:::results", ""),
        ("s3:ListBucket", "arn:aws:s3:::results", only_out),
        ("s3:ListBucketVersions", "arn:aws:s3:::results", only_out),
        ("s3:AbortMultipartUpload", "arn:aws:s3:::results/out/*", ""),
        ("s3:ListMultipartUploadParts", "arn:aws:s3:::results/out/*", ""),
        ("s3:PutObject", "arn:aws:s3:::results/out/*", ""),
        ("s3:PutObject", "arn:aws:s3:::results/", ""),
    }


@pytest.mark.parametrize(("prefix", "place"), [("", "maps/*"), ("raw", "maps/raw/*")])
def test_who_may_delete_may_not_remove_versions(prefix: str, place: str) -> None:
    document = policy_of(parse_rights([{"bucket": "maps", "prefix": prefix, "can": ["delete"]}]))
    told = {(s["Effect"], *s["Action"], *s["Resource"]) for s in document["Statement"] if "Resource" in s}
    assert ("Allow", "s3:DeleteObject", f"arn:aws:s3:::{place}") in told
    assert ("Deny", "s3:DeleteObjectVersion", f"arn:aws:s3:::{place}") in told


READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::models/*"]}


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([READ], []),
        ([{**READ, "Resource": ["arn:aws:s3:::models/v1/*"]}], []),
        ([{**READ, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}], []),
        ([{**READ, "Action": "s3:Get*"}], ["s3:Get* on arn:aws:s3:::models/*"]),
        ([{**READ, "Resource": "arn:aws:s3:::*"}], ["s3:GetObject on arn:aws:s3:::*"]),
        ([{"Effect": "Allow", "Action": ["admin:*"]}], ["admin:*"]),
        ([{"Effect": "Allow", "Action": ["admin:Heal"]}, {"Effect": "Deny", "Action": ["admin:*"]}], []),
        (
            [{**READ, "Action": ["s3:DeleteBucket", "s3:GetObject"], "Resource": ["arn:aws:s3:::models"]}],
            ["s3:DeleteBucket on arn:aws:s3:::models", "s3:GetObject on arn:aws:s3:::models"],
        ),
        (
            [{"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::results"]}],
            ["s3:ListBucket on arn:aws:s3:::results"],
        ),
    ],
)
def test_what_a_policy_allows_beyond_the_rights(statements: list[dict[str, Any]], told: list[str]) -> None:
    assert beyond({"Version": "2012-10-17", "Statement": statements}, parse_rights(RIGHTS)) == told


def test_a_policy_made_of_rights_allows_nothing_beyond_them() -> None:
    rights = parse_rights(RIGHTS)
    assert beyond(policy_of(rights), rights) == []
    assert beyond(policy_of(rights), rights[:1])
    assert beyond(policy_of(rights), ())
    assert beyond(None, rights) == []


def test_each_place_is_tried_also_outside_of_its_prefix() -> None:
    rights = parse_rights(RIGHTS)
    places = places_of(rights, ["datasets", "results/other"])
    assert places == [("datasets", ""), ("models", ""), ("results", ""), ("results", "other/"), ("results", "out/")]
    assert allowed_verbs(rights, "results", "out/") == {"write", "list"}
    assert allowed_verbs(rights, "results", "") == frozenset()
    assert allowed_verbs(rights, "models", "any/") == {"list", "read"}


def test_what_could_not_be_tried_is_not_met() -> None:
    cells = [Cell("b", "", "read", "allowed", "allowed"), Cell("b", "", "write", "denied", "untested")]
    assert unmet(cells) == ["write in b/ is untested, not denied"]
    assert unmet([Cell("", "", "users", "denied", "allowed")]) == ["users on the server is allowed, not denied"]
    row = {"identity": "w", "bucket": "b", "prefix": "", "read": "allowed", "write": "untested", "met": False}
    assert matrix("w", cells) == [row]


@pytest.mark.parametrize(
    "rights", [[{"bucket": "models", "prefix": "", "can": ["own"]}], [], [{**RIGHTS[0], "can": []}]]
)
def test_rights_that_are_none_are_refused(rights: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInputError):
        policy_of(parse_rights(rights))


def test_a_policy_that_somebody_has_stays() -> None:
    spec = IamPolicySpec("worker", None)
    with pytest.raises(ConflictError, match="user a, group b"):
        plan_iam_policy(IamPolicyState({"Statement": []}, ("user a", "group b")), spec)
    assert not plan_iam_policy(IamPolicyState(None), spec).changed


USER: dict[str, Any] = {
    **dict.fromkeys(("user_secret", "enabled", "policies")),
    "name": "worker", "state": "present", "update_secret": False, "revoke": False, "assume_created": False,
}  # fmt: skip


def user_steps(seen: UserState, **changes: Any) -> list[tuple[str, str, Any]]:
    plan = plan_user(seen, UserSpec.from_params({**USER, **changes}))
    assert "topsecret" not in str(plan.as_list()) + str(plan.diff())
    return [(action.verb, action.subject, action.after) for action in plan.actions]


THERE = User("worker", enabled=True, policies=("a", "b"))
OUT = User("worker", enabled=False, policies=("a",))


@pytest.mark.parametrize(
    ("state", "changes", "expected"),
    [
        (UserState(THERE), {}, []),
        (UserState(THERE), {"policies": ["b", "a", "a"]}, []),
        (UserState(THERE), {"policies": []}, [("remove", "policies", None)]),
        (UserState(THERE), {"enabled": False}, [("update", "enabled", False)]),
        (UserState(THERE, secret_works=False), {"user_secret": "topsecret"}, []),
        (UserState(THERE, secret_works=True), {"user_secret": "topsecret", "update_secret": True}, []),
        (
            UserState(THERE, secret_works=False),
            {"user_secret": "topsecret", "update_secret": True},
            [("update", "secret", "the given one")],
        ),
        (
            UserState(None),
            {"user_secret": "topsecret", "policies": ["a"]},
            [("create", "user", {"name": "worker"}), ("create", "policies", ["a"])],
        ),
        (
            UserState(None),
            {"user_secret": "topsecret", "policies": ["a"], "enabled": False},
            [("create", "user", {"name": "worker"}), ("create", "policies", ["a"]), ("update", "enabled", False)],
        ),
        (
            UserState(OUT),
            {"policies": [], "enabled": True},
            [("update", "enabled", True), ("remove", "policies", None)],
        ),
        (
            UserState(THERE),
            {"policies": [], "enabled": False},
            [("remove", "policies", None), ("update", "enabled", False)],
        ),
        (
            UserState(THERE, False, (), Derived(("k1", "k2"), ("STS",))),
            {"user_secret": "topsecret", "update_secret": True, "revoke": True},
            [
                ("update", "secret", "the given one"),
                ("remove", "access key k1", None),
                ("remove", "access key k2", None),
                ("remove", "sessions", None),
            ],
        ),
        (UserState(None), {"state": "absent"}, []),
        (UserState(THERE), {"state": "absent"}, [("remove", "user", None)]),
    ],
)
def test_plan_of_a_user(state: UserState, changes: dict[str, Any], expected: list[tuple[str, str, Any]]) -> None:
    assert user_steps(state, **changes) == expected


def test_policies_of_a_user_who_is_kept_out_stay() -> None:
    assert user_steps(UserState(OUT), policies=["a"]) == []
    with pytest.raises(ConflictError, match="not enabled"):
        user_steps(UserState(OUT), policies=["b"])


@pytest.mark.parametrize("changes", [{}, {"user_secret": "short"}, {"name": "ab"}, {"name": "a,bcd"}])
def test_a_new_user_needs_a_name_and_a_secret(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        user_steps(UserState(None), **changes)


GROUP: dict[str, Any] = {
    **dict.fromkeys(("members", "enabled", "policies")),
    "name": "readers",
    "state": "present",
    "assume_created": False,
}
FULL = Group("readers", members=("ann", "bob"), policies=("a", "b"))
SUSPENDED = FULL._replace(enabled=False)


def group_steps(seen: Group | None, **changes: Any) -> list[tuple[str, str, Any]]:
    plan = plan_group(seen, GroupSpec.from_params({**GROUP, **changes}))
    return [(action.verb, action.subject, action.after) for action in plan.actions]


@pytest.mark.parametrize(
    ("seen", "changes", "expected"),
    [
        (FULL, {}, []),
        (FULL, {"members": ["bob", "ann", "bob"], "policies": ["b", "a"], "enabled": True}, []),
        (FULL, {"members": ["cat"]}, [("update", "members", ["cat"])]),
        (FULL, {"members": [], "policies": []}, [("remove", "policies", None), ("remove", "members", None)]),
        (FULL, {"policies": ["c"], "enabled": False}, [("update", "policies", ["c"]), ("update", "enabled", False)]),
        (SUSPENDED, {"members": ["ann"], "policies": ["a", "b"]}, [("update", "members", ["ann"])]),
        (
            SUSPENDED,
            {"policies": ["c"], "members": ["cat"], "enabled": True},
            [("update", "enabled", True), ("update", "policies", ["c"]), ("update", "members", ["cat"])],
        ),
        (None, {}, [("create", "group", {"name": "readers"})]),
        (None, {"members": [], "policies": [], "enabled": True}, [("create", "group", {"name": "readers"})]),
        (
            None,
            {"members": ["ann"], "policies": ["a"], "enabled": False},
            [
                ("create", "group", {"name": "readers"}),
                ("create", "policies", ["a"]),
                ("update", "enabled", False),
                ("create", "members", ["ann"]),
            ],
        ),
        (None, {"state": "absent"}, []),
        (FULL, {"state": "absent"}, [("remove", "members", None), ("remove", "group", None)]),
        (Group("readers"), {"state": "absent"}, [("remove", "group", None)]),
    ],
)
def test_plan_of_a_group(seen: Group | None, changes: dict[str, Any], expected: list[tuple[str, str, Any]]) -> None:
    assert group_steps(seen, **changes) == expected


def test_policies_of_a_group_that_is_not_enabled_stay() -> None:
    with pytest.raises(ConflictError, match="not enabled"):
        group_steps(SUSPENDED, policies=["b"])


@pytest.mark.parametrize("changes", [{"name": ""}, {"name": "a,b"}, {"name": " a"}, {"members": ["ab"]}])
def test_names_that_no_group_can_have(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        group_steps(None, **changes)


class Missing:
    """A store in which ``ann`` is the only user."""

    def __init__(self, hidden: bool = False) -> None:
        self.hidden = hidden

    def change_group_members(self, name: str, **_changes: list[str]) -> None:
        raise NotFoundError(f"change {name}", "it does not exist")

    def user(self, name: str) -> User | None:
        return THERE if name == "ann" or self.hidden else None


@pytest.mark.parametrize(("hidden", "told"), [(False, "no user bob. Create users first"), (True, "it does not exist")])
def test_who_cannot_join_is_named(hidden: bool, told: str) -> None:
    spec = GroupSpec.from_params({**GROUP, "members": ["ann", "bob"]})
    with pytest.raises(NotFoundError, match=told):
        list(apply_group(cast("IdentityStore", Missing(hidden)), plan_group(Group("readers"), spec), spec))


KEY: dict[str, Any] = {
    **dict.fromkeys(("user", "key_secret", "enabled", "policy", "description", "expires", "access_key")),
    "key": "notebook", "state": "present", "update_secret": False, "assume_created": False,
}  # fmt: skip
HAS = AccessKey("notebook", "trainer", policy={"Statement": []}, expires="2026-12-31T00:00:00Z")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"expires": "2026-12-31"}, []),
        ({"expires": "2026-12-31T02:00:00+02:00"}, []),
        ({"expires": "never"}, [("expires", None)]),
        ({"policy": "inherit"}, []),
        ({"user": "trainer", "enabled": False}, [("enabled", False)]),
    ],
)
def test_plan_of_an_access_key(changes: dict[str, Any], expected: list[tuple[str, Any]]) -> None:
    plan = plan_access_key(AccessKeyState(HAS), AccessKeySpec.from_params({**KEY, **changes}, NOW))
    assert [(action.subject, action.after) for action in plan.actions] == expected


def test_a_description_is_not_taken_back() -> None:
    empty = AccessKeySpec.from_params({**KEY, "description": ""}, NOW)
    assert not plan_access_key(AccessKeyState(HAS), empty).actions
    with pytest.raises(UnsupportedError, match="keeps it until there is another"):
        plan_access_key(AccessKeyState(HAS._replace(description="server")), empty)


def test_an_access_key_keeps_its_user_and_ends_within_a_year() -> None:
    with pytest.raises(ConflictError, match="belongs to trainer"):
        plan_access_key(AccessKeyState(HAS), AccessKeySpec.from_params({**KEY, "user": "other"}, NOW))
    for wrong in ("2027-03-02", "soon", "2020-01-01", "2026-03-01T00:14:59Z", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(InvalidInputError):
            plan_access_key(AccessKeyState(HAS), AccessKeySpec.from_params({**KEY, "expires": wrong}, NOW))
    for right in (f"{NOW + timedelta(days=365):%Y-%m-%d}", "2026-03-01T00:15:00Z"):
        assert plan_access_key(AccessKeyState(HAS), AccessKeySpec.from_params({**KEY, "expires": right}, NOW)).changed


def test_an_end_that_has_passed_stays_on_a_key_that_has_it() -> None:
    ended = HAS._replace(expires="2020-01-01T00:00:00Z")
    spec = AccessKeySpec.from_params({**KEY, "expires": "2020-01-01", "enabled": False}, NOW)
    assert [action.subject for action in plan_access_key(AccessKeyState(ended), spec).actions] == ["enabled"]


def test_what_is_missing_is_refused_before_anything_is_made() -> None:
    with pytest.raises(NotFoundError, match="no policy a"):
        user_steps(UserState(None, missing=("a",)), user_secret="topsecret", policies=["a"])
    spec = AccessKeySpec.from_params({**KEY, "user": "trainer", "key_secret": "topsecret"}, NOW)
    with pytest.raises(NotFoundError, match="no user trainer"):
        plan_access_key(AccessKeyState(None, user_problem="there is no user trainer"), spec)
    for state in (GroupState(None, missing_policies=("a",)), GroupState(None, missing_users=("ann",))):
        with pytest.raises(NotFoundError, match="assume_created"):
            check_group_state(state, GroupSpec.from_params(GROUP))


@pytest.mark.parametrize(("name", "secret"), [("u" * 21, "s" * 41), ("ü" * 127, "s" * 200), ("a/b c", "ü" * 4)])
def test_only_access_keys_have_upper_bounds(name: str, secret: str) -> None:
    assert UserSpec.from_params({**USER, "name": name, "user_secret": secret}).secret == secret
    with pytest.raises(InvalidInputError):
        AccessKeySpec.from_params({**KEY, "key": "k" * 21}, NOW)
    with pytest.raises(InvalidInputError):
        AccessKeySpec.from_params({**KEY, "key_secret": "s" * 41}, NOW)


@pytest.mark.parametrize("name", ["ab", "a=b", "a,b", "abc ", "a\nbc", "a/../b", "ü" * 128, ""])
def test_a_name_that_cannot_be_given_can_be_taken_away(name: str) -> None:
    with pytest.raises(InvalidInputError):
        UserSpec.from_params({**USER, "name": name})
    assert not UserSpec.from_params({**USER, "name": name, "state": "absent", "user_secret": "s"}).present


def test_a_policy_that_cannot_be_shown_is_removed_and_replaced() -> None:
    unreadable = IamPolicyState(None, unreadable="empty actions not allowed")
    assert [action.verb for action in plan_iam_policy(unreadable, IamPolicySpec("worker", None)).actions] == ["remove"]
    document = policy_of(parse_rights(RIGHTS))
    assert plan_iam_policy(unreadable, IamPolicySpec("worker", document)).actions[0].after == document
