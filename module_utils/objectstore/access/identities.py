"""Identities of a MinIO server as seen, and the verbs that they take."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Protocol

from ..values.errors import InvalidInputError
from ..values.limits import ACCESS_KEY_LENGTH, LONGEST_IDENTITY, SECRET_LENGTH, bytes_of, refuse, text_problem


class User(NamedTuple):
    """A user. ``policies`` are the names of those that are attached to it, ``groups`` those it is in; both sorted.

    The policies of its groups apply to it, too, and are not in ``policies``.
    """

    name: str
    enabled: bool
    policies: tuple[str, ...]
    groups: tuple[str, ...] = ()


class Group(NamedTuple):
    """A group of users. ``members`` and ``policies``, the names of those attached to it, are sorted."""

    name: str
    enabled: bool = True
    members: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class AccessKey(NamedTuple):
    """An access key of a user (MinIO's service account).

    ``policy`` narrows the user's rights, ``None`` where it does not; ``expires`` is ISO 8601 in UTC.
    """

    key: str
    user: str
    enabled: bool = True
    policy: Optional[dict[str, Any]] = None
    description: str = ""
    expires: Optional[str] = None


class Derived(NamedTuple):
    """Credentials that act for a user besides its own: names of access keys and of temporary credentials, sorted."""

    access_keys: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


class IdentityStore(Protocol):
    """Policies, users, groups and access keys of a server."""

    def iam_policy(self, name: str) -> Optional[dict[str, Any]]:
        """The document of a named policy, ``None`` where there is none."""

    def set_iam_policy(self, name: str, document: Optional[Mapping[str, Any]]) -> None:
        """Write a named policy; ``None`` removes it."""

    def missing_policies(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not there, as far as we may see."""

    def missing_users(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not there, as far as we may see."""

    def policy_holders(self, name: str) -> list[str]:
        """The users and groups that a named policy is attached to, each with its kind before it."""

    def user(self, name: str) -> Optional[User]:
        """A user, ``None`` where there is none."""

    def set_user(self, name: str, *, secret: str, enabled: bool) -> None:
        """Create a user, or give it another secret; its policies stay."""

    def set_user_enabled(self, name: str, *, enabled: bool) -> None:
        """Let a user in, or keep it out."""

    def change_user_policies(self, name: str, *, attach: list[str], detach: list[str]) -> None:
        """Attach policies that the user lacks, and detach ones that it has."""

    def remove_user(self, name: str) -> None:
        """Remove a user, and with it its access keys and memberships."""

    def group(self, name: str) -> Optional[Group]:
        """A group, ``None`` where there is none."""

    def create_group(self, name: str) -> None:
        """Create a group without members and policies; one that exists is left as it is."""

    def change_group_members(self, name: str, *, add: list[str], remove: list[str]) -> None:
        """Remove members, then add users: all of them, or none where one does not exist."""

    def set_group_enabled(self, name: str, *, enabled: bool) -> None:
        """Let the policies of a group apply to its members, or not."""

    def change_group_policies(self, name: str, *, attach: list[str], detach: list[str]) -> None:
        """Attach policies that the group lacks, and detach ones that it has."""

    def remove_group(self, name: str) -> None:
        """Remove a group that has no members, and with it the attachment of its policies."""

    def derived(self, user: str) -> Derived:
        """The credentials that act for a user besides its own."""

    def end_sessions(self, user: str) -> None:
        """End the temporary credentials of a user."""

    def access_key(self, key: str) -> Optional[AccessKey]:
        """An access key of a user, ``None`` where there is none."""

    def add_access_key(self, wanted: AccessKey, *, secret: str) -> None:
        """Create an access key of ``wanted.user`` (our own identity's, where that is empty)."""

    def update_access_key(self, key: str, changes: Mapping[str, Any]) -> None:
        """Change some of ``secret``, ``enabled``, ``policy`` (``None``: the user's), ``description``, ``expires``."""

    def remove_access_key(self, key: str) -> None:
        """Remove an access key."""

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""


def check_access_key(key: str) -> str:
    """``key`` itself when MinIO can make an access key of it.

    :raises InvalidInputError: otherwise
    """
    least, most = ACCESS_KEY_LENGTH
    if not least <= (bytes_of(key) or 0) <= most:
        raise InvalidInputError(
            f"use the access key {key!r}", f"it has {bytes_of(key)} bytes", f"MinIO takes {least} to {most}."
        )
    return _check_name("access key", key, "=,")


def check_user(name: str) -> str:
    """``name`` itself when MinIO can make a user of it: only access keys have an upper bound of 20.

    :raises InvalidInputError: otherwise
    """
    least = ACCESS_KEY_LENGTH[0]
    if (bytes_of(name) or least) < least:
        raise InvalidInputError(f"use the user name {name!r}", "it is too short", f"MinIO takes {least} bytes or more.")
    return _check_name("user name", name, "=,")


def check_group(name: str) -> str:
    """``name`` itself when MinIO can make a group of it.

    :raises InvalidInputError: otherwise
    """
    return _check_name("group name", name, "=,")


def check_policy_name(name: str) -> str:
    """``name`` itself when MinIO can keep a policy by it.

    :raises InvalidInputError: otherwise
    """
    return _check_name("policy name", name, ",")


def _check_name(kind: str, name: str, reserved: str) -> str:
    taken = [character for character in reserved if character in name]
    refuse(
        f"use the {kind} {name!r}",
        (
            "" if name else "it is empty",
            text_problem(name),
            f"it has a {taken[0]!r}, which MinIO keeps for itself" if taken else "",
            "it has a component that is empty, '.' or '..'" if {"", ".", ".."} & {*name.split("/")} else "",
            f"it has {bytes_of(name)} bytes, and at most {LONGEST_IDENTITY}"
            if (bytes_of(name) or 0) > LONGEST_IDENTITY
            else "",
        ),
        "Choose another.",
    )
    return name


def check_secret(key: str, secret: Optional[str], *, of_user: bool = False) -> Optional[str]:
    """``secret`` itself when MinIO accepts it: of an access key up to 40 bytes, of a user any number.

    :raises InvalidInputError: otherwise; the message does not hold it
    """
    least, most = SECRET_LENGTH
    if secret is None:
        return None
    size = bytes_of(secret) or 0
    if size < least or (size > most and not of_user):
        takes = f"{least} bytes or more" if of_user else f"{least} to {most} bytes"
        raise InvalidInputError(f"use the secret of {key}", f"it has {size} bytes", f"MinIO takes {takes}.")
    return secret
