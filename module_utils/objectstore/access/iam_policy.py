"""Named policies: what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import (
    AccessDeniedError,
    ConflictError,
    CredentialsError,
    InvalidInputError,
    ObjectStoreError,
    UnreachableError,
    UnsupportedError,
)
from .held import check_identity_policy
from .identities import IdentityStore, check_policy_name
from .policy import Document, is_equivalent, normal_document, parse_document
from .readback import check_held
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
        name = check_policy_name(params["name"])
        if params["state"] == "absent":
            return cls(name, None)
        rights = params["rights"]
        document = policy_of(parse_rights(rights)) if rights is not None else parse_document(params["policy"])
        if document is None:
            raise InvalidInputError(
                f"write policy {name}", "it has no statement", "Give it one, or state: absent to remove the policy."
            )
        check_identity_policy(f"write policy {name}", document)
        return cls(name, normal_document(document))


@dataclass(frozen=True)
class IamPolicyState:
    """A named policy as seen, ``None`` where there is none; and who has it, where it is to go.

    ``unreadable`` says why the server cannot show one that it may well hold.
    """

    document: Optional[Document]
    holders: tuple[str, ...] = ()
    unreadable: str = ""


def read_iam_policy(store: IdentityStore, spec: IamPolicySpec) -> IamPolicyState:
    """Look at the policy. Where it is to be replaced or to go, a server that cannot show it is no obstacle.

    MinIO cannot show a policy with NotAction, nor list policies beside one (measured).
    """
    try:
        document = store.iam_policy(spec.name)
    except (AccessDeniedError, CredentialsError, UnreachableError, UnsupportedError):
        raise
    except ObjectStoreError as error:
        return IamPolicyState(None, unreadable=error.reason)
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
    if state.unreadable:
        shown = f"the server cannot show it: {state.unreadable}"
        return Plan(target, update("policy", shown, spec.document))
    if (current is None) == (spec.document is None) and is_equivalent(current, spec.document):
        return Plan(target)
    return Plan(target, update("policy", normal_document(current), spec.document))


def apply_iam_policy(store: IdentityStore, plan: Plan, spec: IamPolicySpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        store.set_iam_policy(spec.name, action.after)
        yield action
        if action.after is not None:
            check_held(f"policy {spec.name}", action.after, partial(store.iam_policy, spec.name))
