"""Groups of users: what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, InvalidInputError, NotFoundError
from .identities import Group, IdentityStore, check_access_key


@dataclass(frozen=True)
class GroupSpec:
    """A group as wanted. What is ``None`` is left alone; ``members`` and ``policies`` are all that it shall have."""

    name: str
    present: bool = True
    members: Optional[tuple[str, ...]] = None
    enabled: Optional[bool] = None
    policies: Optional[tuple[str, ...]] = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> GroupSpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a name that MinIO does not accept
        """
        members, policies = params["members"], params["policies"]
        return cls(
            name=_checked(params["name"]),
            present=params["state"] == "present",
            members=None if members is None else tuple(sorted({check_access_key(member) for member in members})),
            enabled=params["enabled"],
            policies=None if policies is None else tuple(sorted(set(policies))),
        )


def _checked(name: str) -> str:
    if not name or name != name.strip() or any(character in name for character in "=,"):
        raise InvalidInputError(
            f"use the group name {name!r}", "it is empty, or has outer spaces, ',' or '='", "Choose another."
        )
    return name


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
