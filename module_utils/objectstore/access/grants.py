"""Identities of a store that keeps no policies by name as MinIO does: each has its key, and its rights.

What is wanted, what is there, and the plan between the two. No secret is ever a part of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, NamedTuple, Optional, Protocol, runtime_checkable

from ..values.change import Action, Plan, update
from ..values.errors import InvalidInputError, UnsupportedError
from .identities import check_secret, check_user
from .policy import Document, is_equivalent, normal_document
from .readback import check_held
from .rights import Right, parse_rights
from .user import FORMER, NEW


class Identity(NamedTuple):
    """An identity by its name, and its access key, which is the same where the store takes it."""

    name: str
    key: str


class Holder(NamedTuple):
    """An identity as a store holds it: its access keys, and what it may do, in the store's own words."""

    keys: tuple[str, ...]
    document: Optional[Document]


class GrantStore(Protocol):
    """The verbs that an API of identities needs for rights."""

    def key_of(self, name: str) -> str:
        """The access key of an identity that is given none: its name, as far as the store takes that."""

    def document_of(self, who: Identity, rights: tuple[Right, ...]) -> Optional[Document]:
        """What the store is to hold for exactly these rights."""

    def holder(self, who: Identity) -> Optional[Holder]:
        """An identity; ``None`` where there is none."""

    def create_holder(self, who: Identity, *, secret: str) -> None:
        """Make an identity with this key, and without rights."""

    def replace_secret(self, who: Identity, *, secret: str) -> None:
        """Give a key another secret."""

    def set_rights(self, who: Identity, document: Optional[Document]) -> None:
        """Let an identity do what the document says, and nothing else."""

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""


@runtime_checkable
class KeyStore(GrantStore, Protocol):
    """A store where an identity may have several keys; elsewhere it and its key are one."""

    def add_key(self, who: Identity, *, secret: str) -> None:
        """Give an identity this key."""

    def remove_key(self, who: Identity) -> None:
        """Remove a key of an identity."""


@dataclass(frozen=True)
class IdentitySpec:
    """An identity as wanted, with all its rights."""

    who: Identity
    rights: tuple[Right, ...]
    secret: Optional[str] = field(default=None, repr=False)
    update_secret: bool = False
    revoke: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any], store: GrantStore) -> IdentitySpec:
        """The spec of a module's parameters."""
        return cls(
            who=Identity(check_user(params["name"]), params["identity_key"] or store.key_of(params["name"])),
            rights=parse_rights(params["rights"]),
            secret=check_secret(params["name"], params["identity_secret"], of_user=True),
            update_secret=params["update_secret"],
            revoke=params["revoke"],
        )


@dataclass(frozen=True)
class IdentityState:
    """An identity as seen, ``None`` where there is none; whether the given secret is its own (``None``: not tried)."""

    holder: Optional[Holder]
    wanted: Optional[Document]
    secret_works: Optional[bool] = None


def read_identity(store: GrantStore, spec: IdentitySpec) -> IdentityState:
    """Look at the identity, and try the given secret."""
    holder = store.holder(spec.who)
    tried = holder is not None and spec.who.key in holder.keys and spec.secret is not None
    works = store.secret_works(spec.who.key, spec.secret or "") if tried else None
    return IdentityState(holder, store.document_of(spec.who, spec.rights), works)


def plan_identity(state: IdentityState, spec: IdentitySpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises InvalidInputError: when a new key has no secret
    """
    target, holder = f"identity {spec.who.name}", state.holder
    has_key = holder is not None and spec.who.key in holder.keys
    if not has_key and spec.secret is None:
        raise InvalidInputError(f"create identity {spec.who.name}", "it has no secret yet", "Give identity_secret.")
    actions: list[Action] = []
    if holder is None:
        actions.append(Action("create", "identity", None, spec.who._asdict()))
    elif not has_key:
        actions.append(Action("create", "key", None, spec.who.key))
    elif spec.update_secret and spec.secret and not state.secret_works:
        actions.append(Action("update", "secret", FORMER, NEW))
    if holder is not None and spec.revoke:
        actions += [Action("remove", f"key {key}", {"key": key}, None) for key in holder.keys if key != spec.who.key]
    held = holder.document if holder else None
    if not is_equivalent(held, state.wanted):
        actions += update("rights", normal_document(held), normal_document(state.wanted))
    return Plan(target, tuple(actions))


def apply_identity(store: GrantStore, plan: Plan, spec: IdentitySpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    secret = spec.secret or ""
    for action in plan.actions:
        if action.subject == "identity":
            store.create_holder(spec.who, secret=secret)
        elif action.subject == "key":
            _keys_of(store, spec).add_key(spec.who, secret=secret)
        elif action.subject == "secret":
            store.replace_secret(spec.who, secret=secret)
        elif action.subject == "rights":
            store.set_rights(spec.who, action.after)
            yield action
            check_held(f"the rights of identity {spec.who.name}", action.after, lambda: _held(store, spec))
            continue
        else:
            _keys_of(store, spec).remove_key(Identity(spec.who.name, action.before["key"]))
        yield action


def _keys_of(store: GrantStore, spec: IdentitySpec) -> KeyStore:
    if not isinstance(store, KeyStore):
        raise UnsupportedError(f"change the keys of identity {spec.who.name}", "here an identity and its key are one")
    return store


def _held(store: GrantStore, spec: IdentitySpec) -> Optional[Document]:
    holder = store.holder(spec.who)
    return holder.document if holder else None
