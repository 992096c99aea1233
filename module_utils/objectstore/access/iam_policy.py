"""Named policies: what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import ConflictError, InvalidInputError
from .identities import IdentityStore
from .policy import Document, is_equivalent, normal_document
from .rights import parse_rights, policy_of


@dataclass(frozen=True)
class IamPolicySpec:
    """A named policy as wanted; ``None`` when it is to go."""

    name: str
    document: Optional[Document]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> IamPolicySpec:
        """The spec of a module's parameters.

        :raises InvalidInputError: for a name or document that MinIO does not accept
        """
        name = params["name"]
        if not name or name != name.strip() or "," in name:
            raise InvalidInputError(f"use the policy name {name!r}", "it is empty, or has a comma or outer spaces")
        if params["state"] == "absent":
            return cls(name, None)
        rights = params["rights"]
        document = policy_of(parse_rights(rights)) if rights is not None else normal_document(params["policy"])
        if document is None:
            raise InvalidInputError(
                f"write policy {name}", "it has no statement", "Give it one, or state: absent to remove the policy."
            )
        return cls(name, document)


@dataclass(frozen=True)
class IamPolicyState:
    """A named policy as seen, ``None`` where there is none; and who has it, where it is to go."""

    document: Optional[Document]
    holders: tuple[str, ...] = ()


def read_iam_policy(store: IdentityStore, spec: IamPolicySpec) -> IamPolicyState:
    """Look at the policy."""
    document = store.iam_policy(spec.name)
    goes = document is not None and spec.document is None
    return IamPolicyState(document, tuple(store.policy_holders(spec.name)) if goes else ())


def plan_iam_policy(state: IamPolicyState, spec: IamPolicySpec) -> Plan:
    """The actions from ``state`` to ``spec``: none where both mean the same.

    :raises ConflictError: when the policy should go but somebody has it
    """
    target, current = f"policy {spec.name}", state.document
    if state.holders:
        raise ConflictError(
            f"remove policy {spec.name}", f"it is attached to {', '.join(state.holders)}", "Detach it there first."
        )
    if (current is None) == (spec.document is None) and is_equivalent(current, spec.document):
        return Plan(target)
    return Plan(target, update("policy", normal_document(current), spec.document))


def apply_iam_policy(store: IdentityStore, plan: Plan, spec: IamPolicySpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        store.set_iam_policy(spec.name, action.after)
        yield action
