"""Users: what is wanted, what is there, and the plan between the two. No secret is ever a part of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, InvalidInputError, NotFoundError
from .identities import Derived, IdentityStore, User, check_policy_name, check_secret, check_user

#: What a plan shows in place of a secret.
FORMER, NEW = "the former", "the given one"


@dataclass(frozen=True)
class UserSpec:
    """A user as wanted. What is ``None`` is left alone; ``policies`` are all that it shall have."""

    name: str
    present: bool = True
    secret: Optional[str] = field(default=None, repr=False)
    update_secret: bool = False
    enabled: Optional[bool] = None
    policies: Optional[tuple[str, ...]] = None
    assume_created: bool = False
    revoke: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> UserSpec:
        """The spec of a module's parameters."""
        policies, present = params["policies"], params["state"] == "present"
        return cls(
            name=check_user(params["name"]) if present else params["name"],
            present=present,
            secret=check_secret(params["name"], params["user_secret"], of_user=True) if present else None,
            update_secret=params["update_secret"],
            enabled=params["enabled"],
            policies=None if policies is None else tuple(sorted({check_policy_name(policy) for policy in policies})),
            assume_created=params["assume_created"],
            revoke=params["revoke"],
        )


NONE_DERIVED = Derived()


@dataclass(frozen=True)
class UserState:
    """A user as seen, ``None`` where there is none; and whether the given secret is its own (``None``: not tried).

    ``missing`` are policies that it shall get and that there are not, ``derived`` what acts for it and is to end.
    """

    user: Optional[User]
    secret_works: Optional[bool] = None
    missing: tuple[str, ...] = ()
    derived: Derived = NONE_DERIVED


def read_user(store: IdentityStore, spec: UserSpec, *, check_mode: bool) -> UserState:
    """Look at the user, and try the given secret; that of a user who is kept out cannot be tried.

    :raises ConflictError: when the name is that of an access key, which creating the user would replace
    """
    user = store.user(spec.name)
    if not spec.present:
        return UserState(user)
    new = set(spec.policies or ()) - set(user.policies if user else ())
    missing = () if check_mode and spec.assume_created else tuple(store.missing_policies(sorted(new)))
    works = store.secret_works(spec.name, spec.secret) if user and user.enabled and spec.secret else None
    derived = store.derived(spec.name) if user and spec.revoke else NONE_DERIVED
    return UserState(user, works, missing, derived)


def plan_user(state: UserState, spec: UserSpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises InvalidInputError: when a new user has no secret
    :raises NotFoundError: when a policy is missing
    :raises ConflictError: when the policies of a user who is kept out should change
    """
    target, user = f"user {spec.name}", state.user
    if not spec.present:
        return Plan(target, () if user is None else (Action("remove", "user", {"name": spec.name}, None),))
    if state.missing:
        raise NotFoundError(
            f"set the policies of user {spec.name}",
            f"there is no policy {', '.join(state.missing)}",
            "Create it first (minio_iam_policy); in a dry run, assume_created takes it as there.",
        )
    if user is None:
        if spec.secret is None:
            raise InvalidInputError(f"create user {spec.name}", "it has no secret yet", "Give user_secret.")
        create = Action("create", "user", None, {"name": spec.name})
        keep_out = update("enabled", True, False) if spec.enabled is False else ()
        return Plan(target, (create, *update("policies", None, _listed(spec.policies)), *keep_out))
    return Plan(target, (*_plan_secret(state, spec), *_plan_end(state.derived), *_plan_rights(user, spec)))


def _plan_secret(state: UserState, spec: UserSpec) -> tuple[Action, ...]:
    if not (spec.update_secret and spec.secret) or state.secret_works:
        return ()
    return (Action("update", "secret", FORMER, NEW),)


def _plan_end(derived: Derived) -> Iterator[Action]:
    for key in derived.access_keys:
        yield Action("remove", f"access key {key}", {"key": key}, None)
    if derived.sessions:
        yield Action("remove", "sessions", list(derived.sessions), None)


def _plan_rights(user: User, spec: UserSpec) -> tuple[Action, ...]:
    """Status and policies, in an order that MinIO can follow: it knows no policies of a user who is kept out."""
    status = update("enabled", user.enabled, spec.enabled) if spec.enabled is not None else ()
    if spec.policies is None:
        return status
    policies = update("policies", _listed(user.policies), _listed(spec.policies))
    if user.enabled:
        return (*policies, *status)
    if policies and not status:
        raise ConflictError(
            f"set the policies of user {spec.name}",
            "the user is not enabled, and MinIO changes no policies of such a user",
            "Set enabled: true, at least for the change.",
        )
    return (*status, *policies)


def _listed(policies: Optional[tuple[str, ...]]) -> Optional[list[str]]:
    return list(policies) if policies else None


def apply_user(store: IdentityStore, plan: Plan, spec: UserSpec, state: UserState) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        if action.subject == "user" and action.after is None:
            store.remove_user(spec.name)
        elif action.subject == "user":
            store.set_user(spec.name, secret=spec.secret or "", enabled=True)
        elif action.subject == "secret":
            # the request for another secret sets the status, too
            enabled = state.user is None or state.user.enabled
            store.set_user(spec.name, secret=spec.secret or "", enabled=enabled)
        elif action.subject == "sessions":
            store.end_sessions(spec.name)
        elif action.subject.startswith("access key "):
            store.remove_access_key(action.before["key"])
        elif action.subject == "enabled":
            store.set_user_enabled(spec.name, enabled=action.after)
        else:
            before, after = set(action.before or ()), set(action.after or ())
            store.change_user_policies(spec.name, attach=sorted(after - before), detach=sorted(before - after))
        yield action
