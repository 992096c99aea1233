"""Access keys of users: what is wanted, what is there, and the plan between the two. No secret is a part of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import Any, Iterator, Mapping, Optional

from ..values.change import Action, Plan, update
from ..values.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError, UnsupportedError
from ..values.limits import LARGEST_KEY_POLICY, LONGEST_DESCRIPTION, LONGEST_LIFE, SHORTEST_LIFE, bytes_of
from .held import check_identity_policy
from .identities import AccessKey, IdentityStore, check_access_key, check_secret
from .policy import Document, is_equivalent, normal_document, parse_document
from .readback import check_held
from .user import FORMER, NEW

#: The word for ``policy`` that gives an access key all rights of its user.
INHERIT = "inherit"

EPOCH = datetime.fromtimestamp(0, timezone.utc)


@dataclass(frozen=True)
class AccessKeySpec:
    """An access key as wanted. What ``sets`` does not name is left alone."""

    key: str
    present: bool = True
    user: Optional[str] = None
    secret: Optional[str] = field(default=None, repr=False)
    update_secret: bool = False
    sets: Mapping[str, Any] = field(default_factory=dict)
    now: datetime = EPOCH
    own_key: str = ""
    assume_created: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any], now: datetime) -> AccessKeySpec:
        """The spec of a module's parameters.

        :param now: the time that ``expires`` is judged by
        """
        sets: dict[str, Any] = {}
        if params["enabled"] is not None:
            sets["enabled"] = params["enabled"]
        if params["policy"] is not None:
            sets["policy"] = _narrowing(params["key"], params["policy"])
        if params["description"] is not None:
            sets["description"] = _description(params["key"], params["description"])
        if params["expires"] is not None:
            sets["expires"] = None if params["expires"] == "never" else _time(params["key"], params["expires"])
        present = params["state"] == "present"
        return cls(
            key=check_access_key(params["key"]) if present else params["key"],
            present=present,
            user=params["user"],
            secret=check_secret(params["key"], params["key_secret"]) if present else None,
            update_secret=params["update_secret"],
            sets=sets,
            now=now,
            own_key=params["access_key"] or "",
            assume_created=params["assume_created"],
        )

    def check_expiry(self, expires: Optional[str]) -> None:
        """Refuse to set what MinIO would refuse. A time that has passed is fine on a key that has it already."""
        if expires is None or self.now + SHORTEST_LIFE <= _parsed(expires) <= self.now + LONGEST_LIFE:
            return
        raise InvalidInputError(
            f"let access key {self.key} expire at {expires}",
            f"it is {self.now:%Y-%m-%dT%H:%M:%SZ} now, and MinIO takes 15 minutes to 365 days from now",
            "Choose a time between, or never.",
        )


def _narrowing(key: str, given: Any) -> Optional[Document]:
    """The document of ``policy``; ``None`` for all rights of the user."""
    if given == INHERIT:
        return None
    document = parse_document(given)
    if document is None:
        raise InvalidInputError(
            f"narrow the rights of access key {key}",
            "the policy is empty",
            f"Give it a statement; policy: {INHERIT} gives it all rights of its user.",
        )
    check_identity_policy(f"narrow the rights of access key {key}", document, largest=LARGEST_KEY_POLICY)
    return normal_document(document)


def _description(key: str, text: str) -> str:
    size = bytes_of(text)
    if size is None or size > LONGEST_DESCRIPTION:
        raise InvalidInputError(
            f"describe access key {key}", f"the text has {size} bytes, and at most {LONGEST_DESCRIPTION}", "Shorten it."
        )
    return text


def _time(key: str, text: str) -> str:
    try:
        return _parsed(str(text)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise InvalidInputError(
            f"let access key {key} expire at {text!r}",
            "it is not a time",
            "Write it as 2026-12-31T00:00:00Z, or never.",
        ) from None


def _parsed(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class AccessKeyState:
    """An access key as seen, ``None`` where there is none; and whether the given secret is its own."""

    found: Optional[AccessKey]
    secret_works: Optional[bool] = None
    user_problem: str = ""


def read_access_key(store: IdentityStore, spec: AccessKeySpec, *, check_mode: bool) -> AccessKeyState:
    """Look at the access key, and try the given secret where it may have to be set.

    :raises ConflictError: when the name is a user's
    """
    try:
        found = store.access_key(spec.key)
    except AccessDeniedError:
        if not _is_user(store, spec.key):
            raise
        raise ConflictError(f"read access key {spec.key}", "there is a user by this name", "Choose another.") from None
    if found is None:
        looks = spec.present and spec.user not in (None, spec.own_key) and not (check_mode and spec.assume_created)
        return AccessKeyState(None, user_problem=_user_problem(store, spec.user or "") if looks else "")
    if not (spec.present and spec.update_secret and spec.secret and found.enabled):
        return AccessKeyState(found)
    return AccessKeyState(found, store.secret_works(spec.key, spec.secret))


def _user_problem(store: IdentityStore, name: str) -> str:
    """Why MinIO makes no access key for a user, as far as we may see: of one that is kept out it says there is none."""
    if store.missing_users([name]):
        return f"there is no user {name}"
    try:
        found = store.user(name)
    except AccessDeniedError:
        return ""
    return f"user {name} is not enabled" if found and not found.enabled else ""


def _is_user(store: IdentityStore, key: str) -> bool:
    """Whether a refusal to show an access key is MinIO's answer to the name of a user (measured).

    Where it is not, we may not see keys of others: then we may not see users, or the name is that of an access key.
    """
    try:
        return store.user(key) is not None
    except (AccessDeniedError, ConflictError):
        return False


def plan_access_key(state: AccessKeyState, spec: AccessKeySpec) -> Plan:
    """The actions from ``state`` to ``spec``.

    :raises ConflictError: when the key belongs to another user, which cannot be changed
    :raises InvalidInputError: when a new key has no secret, or for a time that MinIO does not take
    :raises NotFoundError: when the user of a new key is missing, or kept out
    :raises UnsupportedError: when a description is to go: MinIO answers well and keeps it (measured)
    """
    target, found = f"access key {spec.key}", state.found
    if not spec.present:
        return Plan(target, () if found is None else (Action("remove", "access key", _shown(found), None),))
    if found is None:
        if spec.secret is None:
            raise InvalidInputError(f"create access key {spec.key}", "it has no secret yet", "Give key_secret.")
        if state.user_problem:
            raise NotFoundError(
                f"create access key {spec.key}",
                state.user_problem,
                "See to the user first (minio_user); in a dry run, assume_created takes it as there.",
            )
        spec.check_expiry(spec.sets.get("expires"))
        return Plan(target, (Action("create", "access key", None, _shown(_wanted(spec))),))
    if spec.user is not None and spec.user != found.user:
        raise ConflictError(
            f"set the user of access key {spec.key}", f"it belongs to {found.user}", "Remove it first, or name another."
        )
    actions: tuple[Action, ...] = ()
    if spec.update_secret and spec.secret and not state.secret_works:
        actions += (Action("update", "secret", FORMER, NEW),)
    changes = tuple(_changes(found, spec.sets))
    for change in changes:
        if change.subject == "expires":
            spec.check_expiry(change.after)
    return Plan(target, actions + changes)


def _changes(found: AccessKey, sets: Mapping[str, Any]) -> Iterator[Action]:
    if found.description and sets.get("description") == "":
        raise UnsupportedError(
            f"remove the description of access key {found.key}",
            "MinIO keeps it until there is another",
            "Give it another one, or remove the key and make it anew.",
        )
    for name, value in sets.items():
        before: Any = getattr(found, name)
        if name == "policy":
            if is_equivalent(before, value):
                continue
            before = normal_document(before)
        if name == "expires" and before is not None and value is not None and _parsed(before) == _parsed(value):
            continue
        yield from update(name, before, value)


def _wanted(spec: AccessKeySpec) -> AccessKey:
    return AccessKey(key=spec.key, user=spec.user or "", **spec.sets)


def _shown(key: AccessKey) -> dict[str, Any]:
    policy: Optional[Document] = normal_document(key.policy)
    return {**key._asdict(), "policy": policy}


def apply_access_key(store: IdentityStore, plan: Plan, spec: AccessKeySpec) -> Iterator[Action]:
    """Carry ``plan`` out; yields each action that is done."""
    for action in plan.actions:
        if action.subject == "access key" and action.after is None:
            store.remove_access_key(spec.key)
        elif action.subject == "access key":
            wanted = _wanted(spec)
            store.add_access_key(wanted, secret=spec.secret or "")
            if not wanted.enabled:
                store.update_access_key(spec.key, {"enabled": False})
        else:
            value = spec.secret if action.subject == "secret" else action.after
            store.update_access_key(spec.key, {action.subject: value})
        yield action
    if plan.changed and spec.present and spec.sets.get("policy"):
        check_held(f"the policy of access key {spec.key}", spec.sets["policy"], partial(_policy_of, store, spec.key))


def _policy_of(store: IdentityStore, key: str) -> Optional[Document]:
    found = store.access_key(key)
    return None if found is None else found.policy
