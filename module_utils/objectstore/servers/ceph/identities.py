"""Identities of a Ceph: users and keys by its Admin Ops API, their policies by AWS's IAM API, both on the port of S3.

Whose credentials ask needs the capabilities ``users=*;user-policy=*;metadata=read``.
"""

from __future__ import annotations

import json
from typing import Any, Optional
from urllib.parse import quote, urlencode

from ...access.grants import Holder, Identity
from ...access.identities import User
from ...access.policy import Document, joined
from ...access.rights import Right
from ...values.errors import NotFoundError
from ..iam.api import call_iam, document_in, members, user_policy
from ..store import Store
from ..trying import secret_works

#: The policy that is written here; others of a user are removed.
_POLICY = "geocrop-storage"

#: A user without buckets of its own: in those it could do all.
_NO_BUCKETS = "-1"


class CephIdentities(Store):
    """The verbs of ``grants.GrantStore`` and ``grants.KeyStore``."""

    def key_of(self, name: str) -> str:
        """The name."""
        return name

    def document_of(self, _who: Identity, rights: tuple[Right, ...]) -> Optional[Document]:
        """The policy of the rights."""
        return user_policy(rights, unknown=self.abilities.unknown_actions)

    def users(self) -> list[User]:
        """All users, sorted by name, without their policies."""
        names = self._admin("list the users", "GET", "metadata/user")
        return [User(name, enabled=True, policies=()) for name in sorted(names)]

    def holder(self, who: Identity) -> Optional[Holder]:
        """A user: its keys, and all that its policies say. The answer has its secrets, too, which go no further."""
        try:
            found = self._admin(f"read user {who.name}", "GET", "user", uid=who.name)
        except NotFoundError:
            return None
        documents = [self._document(who.name, policy) for policy in self._policies(who.name)]
        return Holder(tuple(sorted(key["access_key"] for key in found["keys"])), joined(*documents))

    def create_holder(self, who: Identity, *, secret: str) -> None:
        """Make a user with this key, who cannot make buckets."""
        given = {"access-key": who.key, "secret-key": secret, "max-buckets": _NO_BUCKETS, "display-name": who.name}
        self._admin(f"create user {who.name}", "PUT", "user", uid=who.name, **given)

    def add_key(self, who: Identity, *, secret: str) -> None:
        """Give a user this key, or a key that it has this secret."""
        given = {"key": "", "key-type": "s3", "access-key": who.key, "secret-key": secret}
        self._admin(f"give user {who.name} the key {who.key}", "PUT", "user", uid=who.name, **given)

    replace_secret = add_key

    def remove_key(self, who: Identity) -> None:
        """Remove a key of a user."""
        given = {"key": "", "access-key": who.key}
        self._admin(f"remove the key {who.key} of user {who.name}", "DELETE", "user", uid=who.name, **given)

    def set_rights(self, who: Identity, document: Optional[Document]) -> None:
        """Write the policy that says just that, and remove the others."""
        if document:
            given = {"UserName": who.name, "PolicyName": _POLICY, "PolicyDocument": json.dumps(document)}
            call_iam(self._session, f"write the policy of user {who.name}", "PutUserPolicy", **given)
        for policy in self._policies(who.name):
            if policy != _POLICY or not document:
                what = f"remove policy {policy} of user {who.name}"
                call_iam(self._session, what, "DeleteUserPolicy", UserName=who.name, PolicyName=policy)

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""
        return secret_works(self.connection, key, secret)

    def _policies(self, name: str) -> list[str]:
        answer = call_iam(self._session, f"list the policies of user {name}", "ListUserPolicies", UserName=name)
        return members(answer)

    def _document(self, name: str, policy: str) -> Document:
        what = f"read policy {policy} of user {name}"
        answer = call_iam(self._session, what, "GetUserPolicy", UserName=name, PolicyName=policy)
        return document_in(answer, "PolicyDocument")

    def _admin(self, what: str, method: str, path: str, **query: str) -> Any:
        """The answer of the Admin Ops API, whose parameters are those of the URL, and signed with it."""
        text = urlencode(sorted({**query, "format": "json"}.items()), quote_via=quote, safe="")
        answer = self._session.call(what, method, f"/admin/{path}", query=text)
        return json.loads(answer) if answer else None
