"""Groups of users: what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, NotFoundError
from .identities import Group, IdentityStore, check_group, check_policy_name, check_user


@dataclass(frozen=True)
class GroupSpec:
    """A group as wanted. What is ``None`` is left alone; ``members`` and ``policies`` are all that it shall have."""

    name: str
    present: bool = True
    members: Optional[tuple[str, ...]] = None
    enabled: Optional[bool] = None
    policies: Optional[tuple[str, ...]] = None
    assume_created: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> GroupSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a name that MinIO does not accept
        """
        members, policies = params["members"], params["policies"]
        return cls(
            name=check_group(params["name"]),
            present=params["state"] == "present",
            members=None if members is None else tuple(sorted({check_user(member) for member in members})),
            enabled=params["enabled"],
            policies=None if policies is None else tuple(sorted({check_policy_name(policy) for policy in policies})),
            assume_created=params["assume_created"],
        )


@dataclass(frozen=True)
class GroupState:
    """A group as seen, ``None`` where there is none; and what it shall get and there is not."""

    group: Optional[Group]
    missing_policies: tuple[str, ...] = ()
    missing_users: tuple[str, ...] = ()


def read_group(store: IdentityStore, spec: GroupSpec, *, check_mode: bool) -> GroupState:
    """Look at the group, and for the policies and users that it does not have yet."""
    group = store.group(spec.name)
    if not spec.present or (check_mode and spec.assume_created):
        return GroupState(group)
    policies = set(spec.policies or ()) - set(group.policies if group else ())
    members = set(spec.members or ()) - set(group.members if group else ())
    return GroupState(
        group, tuple(store.missing_policies(sorted(policies))), tuple(store.missing_users(sorted(members)))
    )


def check_group_state(state: GroupState, spec: GroupSpec) -> None:
    """Refuse a plan that MinIO would refuse half way.

    :raises NotFoundError: naming what is missing
    """
    for what, names, module in (
        ("policy", state.missing_policies, "minio_iam_policy"),
        ("user", state.missing_users, "minio_user"),
    ):
        if names:
            raise NotFoundError(
                f"set up group {spec.name}",
                f"there is no {what} {', '.join(names)}",
                f"Create it first ({module}); in a dry run, assume_created takes it as there.",
            )


def plan_group(group: Optional[Group], spec: GroupSpec) -> Plan:
    """The actions from ``group``, as seen, to ``spec``. Members come last: who joins never has more than is wanted.

    :raises ConflictError: when the policies of a group that is not enabled should change
    """
    target = f"group {spec.name}"
    if not spec.present:
        return Plan(target, _plan_removal(group) if group else ())
    create = () if group else (Action("create", "group", None, {"name": spec.name}),)
    seen = group or Group(spec.name)
    members = () if spec.members is None else update("members", _listed(seen.members), _listed(spec.members))
    return Plan(target, (*create, *_plan_rights(seen, spec), *members))


def _plan_removal(group: Group) -> tuple[Action, ...]:
    """MinIO removes a group only when it is empty. Its policies go with it."""
    known = {"name": group.name, "policies": list(group.policies)}
    return (*update("members", _listed(group.members), None), Action("remove", "group", known, None))


def _plan_rights(group: Group, spec: GroupSpec) -> tuple[Action, ...]:
    """Status and policies, in an order that MinIO can follow: it changes no policies of a group that is disabled."""
    status = update("enabled", group.enabled, spec.enabled) if spec.enabled is not None else ()
    if spec.policies is None:
        return status
    policies = update("policies", _listed(group.policies), _listed(spec.policies))
    if group.enabled:
        return (*policies, *status)
    if policies and not status:
        raise ConflictError(
            f"set the policies of group {group.name}",
            "the group is not enabled, and MinIO changes no policies of such a group",
            "Set enabled: true, at least for the change.",
        )
    return (*status, *policies)


def _listed(names: tuple[str, ...]) -> Optional[list[str]]:
    return list(names) or None


def apply_group(store: IdentityStore, plan: Plan, spec: GroupSpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        if action.subject == "group" and action.after is None:
            store.remove_group(spec.name)
        elif action.subject == "group":
            store.create_group(spec.name)
        elif action.subject == "enabled":
            store.set_group_enabled(spec.name, enabled=action.after)
        else:
            before, after = set(action.before or ()), set(action.after or ())
            new, former = sorted(after - before), sorted(before - after)
            if action.subject == "policies":
                store.change_group_policies(spec.name, attach=new, detach=former)
            else:
                _change_members(store, spec.name, add=new, remove=former)
        yield action


def _change_members(store: IdentityStore, name: str, *, add: list[str], remove: list[str]) -> None:
    """Change the members; MinIO takes all or none of those who join, and does not say who is missing."""
    try:
        store.change_group_members(name, add=add, remove=remove)
    except NotFoundError:
        missing = [member for member in add if store.user(member) is None]
        if not missing:
            raise
        raise NotFoundError(
            f"add members to group {name}", f"there is no user {', '.join(missing)}", "Create users first (minio_user)."
        ) from None
