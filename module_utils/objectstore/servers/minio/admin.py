"""Identities: policies, users, groups and access keys, by MinIO's admin API."""

from __future__ import annotations

import json
from typing import Any, Callable, Iterable, Mapping, Optional

from ...access.identities import AccessKey, Derived, Group, User
from ...s3.failures import attempt
from ...values.errors import AccessDeniedError, NotFoundError
from ...values.model import Connection
from ..trying import secret_works
from .admin_session import ACTIONS, Command
from .sdk import COMMAND, MinioAdmin, decrypt, encrypt


class Admin:
    """The verbs of ``objectstore.identities.IdentityStore``."""

    connection: Connection
    _admin: MinioAdmin

    def iam_policy(self, name: str) -> Optional[dict[str, Any]]:
        """The document of a named policy, ``None`` where there is none."""
        try:
            with attempt(f"read policy {name}", self.connection.endpoint):
                document: dict[str, Any] = json.loads(self._admin.policy_info(name))
        except NotFoundError:
            return None
        return document

    def set_iam_policy(self, name: str, document: Optional[Mapping[str, Any]]) -> None:
        """Write a named policy; ``None`` removes it."""
        if document is None:
            with attempt(f"remove policy {name}", self.connection.endpoint):
                self._admin.policy_remove(name)
            return
        with attempt(f"write policy {name}", self.connection.endpoint):
            self._admin.policy_add(name, policy=dict(document))

    def missing_policies(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not there, as far as we may see."""
        return [name for name in names if _is_missing(self.iam_policy, name)]

    def missing_users(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that are not there, as far as we may see. The server's root is no user."""
        return [name for name in names if name != self.connection.access_key and _is_missing(self.user, name)]

    def policy_holders(self, name: str) -> list[str]:
        """The users and groups that a named policy is attached to, each with its kind before it."""
        with attempt(f"see who has policy {name}", self.connection.endpoint):
            found = json.loads(self._admin.get_policy_entities([], [], [name]))
        mappings = found.get("policyMappings") or []
        users = [f"user {user}" for mapping in mappings for user in mapping.get("users") or []]
        return users + [f"group {group}" for mapping in mappings for group in mapping.get("groups") or []]

    def user(self, name: str) -> Optional[User]:
        """A user, ``None`` where there is none."""
        try:
            with attempt(f"read user {name}", self.connection.endpoint):
                return _user(name, json.loads(self._admin.user_info(name)))
        except NotFoundError:
            return None

    def users(self) -> list[User]:
        """All users, sorted by name."""
        with attempt("list the users", self.connection.endpoint):
            found = json.loads(self._admin.user_list())
        return [_user(name, found[name]) for name in sorted(found)]

    def set_user(self, name: str, *, secret: str, enabled: bool) -> None:
        """Create a user, or give it another secret; its policies stay."""
        body = {"status": "enabled" if enabled else "disabled", "secretKey": secret}
        self._send(f"set user {name}", "PUT", COMMAND.ADD_USER, body, accessKey=name)

    def set_user_enabled(self, name: str, *, enabled: bool) -> None:
        """Let a user in, or keep it out."""
        with attempt(f"set the status of user {name}", self.connection.endpoint):
            (self._admin.user_enable if enabled else self._admin.user_disable)(name)

    def change_user_policies(self, name: str, *, attach: list[str], detach: list[str]) -> None:
        """Attach policies that the user lacks, and detach ones that it has."""
        with attempt(f"set the policies of user {name}", self.connection.endpoint):
            if attach:
                self._admin.attach_policy(attach, user=name)
            if detach:
                self._admin.detach_policy(detach, user=name)

    def remove_user(self, name: str) -> None:
        """Remove a user, and with it its access keys and memberships."""
        with attempt(f"remove user {name}", self.connection.endpoint):
            self._admin.user_remove(name)

    def group(self, name: str) -> Optional[Group]:
        """A group, ``None`` where there is none."""
        try:
            with attempt(f"read group {name}", self.connection.endpoint):
                found = json.loads(self._admin.group_info(name))
                # of a group that is disabled, its own answer says that it has no policies
                entities = json.loads(self._admin.get_policy_entities([], [name], []))
        except NotFoundError:
            return None
        mappings = entities.get("groupMappings") or []
        return Group(
            name=name,
            enabled=found.get("status") == "enabled",
            members=tuple(sorted(found.get("members") or [])),
            policies=tuple(sorted(policy for mapping in mappings for policy in mapping.get("policies") or [])),
        )

    def create_group(self, name: str) -> None:
        """Create a group without members and policies; one that exists is left as it is."""
        self._set_members(f"create group {name}", name, [])

    def change_group_members(self, name: str, *, add: list[str], remove: list[str]) -> None:
        """Remove members, then add users: all of them, or none where one does not exist."""
        if remove:
            self._set_members(f"remove {', '.join(remove)} from group {name}", name, remove, leave=True)
        if add:
            self._set_members(f"add {', '.join(add)} to group {name}", name, add)

    def set_group_enabled(self, name: str, *, enabled: bool) -> None:
        """Let the policies of a group apply to its members, or not."""
        with attempt(f"set the status of group {name}", self.connection.endpoint):
            (self._admin.group_enable if enabled else self._admin.group_disable)(name)

    def change_group_policies(self, name: str, *, attach: list[str], detach: list[str]) -> None:
        """Attach policies that the group lacks, and detach ones that it has."""
        if attach:
            with attempt(f"attach {', '.join(attach)} to group {name}", self.connection.endpoint):
                self._admin.attach_policy(attach, group=name)
        if detach:
            with attempt(f"detach {', '.join(detach)} from group {name}", self.connection.endpoint):
                self._admin.detach_policy(detach, group=name)

    def remove_group(self, name: str) -> None:
        """Remove a group that has no members, and with it the attachment of its policies."""
        with attempt(f"remove group {name}", self.connection.endpoint):
            self._admin.group_remove(name)

    def _set_members(self, what: str, group: str, users: list[str], *, leave: bool = False) -> None:
        """Let users join a group, which is made where there is none, or leave it."""
        body = {"group": group, "members": users, "isRemove": leave}
        with attempt(what, self.connection.endpoint):
            self._admin._url_open(method="PUT", command=COMMAND.ADD_UPDATE_REMOVE_GROUP, body=json.dumps(body).encode())

    def derived(self, user: str) -> Derived:
        """The credentials that act for a user besides its own."""
        query: dict[str, Any] = {"users": user, "listType": "all"}
        with attempt(f"list the access keys of user {user}", self.connection.endpoint):
            answer = self._admin._url_open(
                method="GET",
                command=Command.ACCESS_KEYS,  # type: ignore[arg-type]
                query_params=query,
                preload_content=False,
            )
            found = json.loads(decrypt(answer, self.connection.secret_key or "")).get(user) or {}
        return Derived(_names(found.get("serviceAccounts")), _names(found.get("stsKeys")))

    def end_sessions(self, user: str) -> None:
        """End the temporary credentials of a user."""
        query: dict[str, Any] = {"user": user, "fullRevoke": "true"}
        with attempt(f"end the sessions of user {user}", self.connection.endpoint):
            self._admin._url_open(
                method="POST",
                command=Command.END_SESSIONS,  # type: ignore[arg-type]
                query_params=query,
            )

    def access_key(self, key: str) -> Optional[AccessKey]:
        """An access key of a user, ``None`` where there is none."""
        try:
            with attempt(f"read access key {key}", self.connection.endpoint):
                found = json.loads(self._admin.get_service_account(key))
        except NotFoundError:
            return None
        policy = None if found.get("impliedPolicy") else json.loads(found.get("policy") or "null")
        expires = found.get("expiration")
        return AccessKey(
            key=key,
            user=found.get("parentUser", ""),
            enabled=found.get("accountStatus") == "on",
            policy=policy,
            description=found.get("description", ""),
            expires=None if not expires or expires.startswith("1970-01-01") else expires,
        )

    def add_access_key(self, wanted: AccessKey, *, secret: str) -> None:
        """Create an access key of ``wanted.user`` (our own identity's, where that is empty)."""
        body: dict[str, Any] = {"accessKey": wanted.key, "secretKey": secret, "description": wanted.description}
        if wanted.user:
            body["targetUser"] = wanted.user
        if wanted.policy:
            body["policy"] = wanted.policy
        if wanted.expires:
            body["expiration"] = wanted.expires
        self._send(f"create access key {wanted.key}", "PUT", COMMAND.SERVICE_ACCOUNT_ADD, body)

    def update_access_key(self, key: str, changes: Mapping[str, Any]) -> None:
        """Change some of ``secret``, ``enabled``, ``policy`` (``None``: the user's), ``description``, ``expires``."""
        body: dict[str, Any] = {}
        for name, value in changes.items():
            if name == "secret":
                body["newSecretKey"] = value
            elif name == "enabled":
                body["newStatus"] = "on" if value else "off"
            elif name == "description":
                body["newDescription"] = value
            elif name == "expires":
                body["newExpiration"] = value or "1970-01-01T00:00:00Z"
        policy = changes["policy"] if "policy" in changes else self._own_policy(key)
        if policy:
            # MinIO drops the policy in a change that does not name it, and an empty one leaves the former (measured)
            body["newPolicy"] = policy
        self._send(f"change access key {key}", "POST", COMMAND.SERVICE_ACCOUNT_UPDATE, body, accessKey=key)

    def _own_policy(self, key: str) -> Optional[dict[str, Any]]:
        found = self.access_key(key)
        return None if found is None else found.policy

    def remove_access_key(self, key: str) -> None:
        """Remove an access key that was seen.

        To whom may not remove the keys of others MinIO says that there is none (DeleteServiceAccount).
        """
        what = f"remove access key {key}"
        try:
            with attempt(what, self.connection.endpoint):
                self._admin.delete_service_account(key)
        except NotFoundError as error:
            advice = f"The identity needs admin:{ACTIONS[COMMAND.SERVICE_ACCOUNT_DELETE]}, or somebody removed it."
            raise AccessDeniedError(what, error.reason, advice) from None

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""
        return secret_works(self.connection, key, secret)

    def _send(self, what: str, method: str, command: COMMAND, body: Mapping[str, Any], **query: str) -> None:
        """A request of the admin API with an encrypted body, for what the SDK's own verbs leave out."""
        secret = self.connection.secret_key or ""
        with attempt(what, self.connection.endpoint):
            self._admin._url_open(
                method=method, command=command, query_params={**query}, body=encrypt(json.dumps(body).encode(), secret)
            )


def _is_missing(read: Callable[[str], Any], name: str) -> bool:
    try:
        return read(name) is None
    except AccessDeniedError:  # who may attach a policy need not be allowed to read it
        return False


def _names(keys: Optional[list[Mapping[str, Any]]]) -> tuple[str, ...]:
    return tuple(sorted(str(key["accessKey"]) for key in keys or ()))


def _user(name: str, found: Mapping[str, Any]) -> User:
    policies = str(found.get("policyName") or "")
    return User(
        name=name,
        enabled=found.get("status") == "enabled",
        policies=tuple(sorted(filter(None, policies.split(",")))),
        groups=tuple(sorted(found.get("memberOf") or [])),
    )
