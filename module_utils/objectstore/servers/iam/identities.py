"""Identities by AWS's IAM API: users, their keys, and policies that are attached to them.

A policy is named by the user and a digest of what it says, so that another one takes its place without a moment in
which the user has none, and without versions, of which the API keeps five.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Optional
from xml.etree import ElementTree

from ...access.grants import Holder, Identity
from ...access.identities import User
from ...access.policy import Document, joined
from ...access.rights import Right
from ...values.errors import NotFoundError, UnsupportedError
from ..store import Store
from ..trying import secret_works
from .api import call_iam, document_in, members, user_policy


class IamIdentities(Store):
    """The verbs of ``grants.GrantStore`` and ``grants.KeyStore``."""

    def key_of(self, name: str) -> str:
        """Letters and digits of the name: the API takes no other characters in a key."""
        return re.sub(r"[^A-Za-z0-9]", "", name)

    def document_of(self, _who: Identity, rights: tuple[Right, ...]) -> Optional[Document]:
        """The policy of the rights."""
        return user_policy(rights, unknown=self.abilities.unknown_actions)

    def users(self) -> list[User]:
        """All users, sorted by name, without their policies: those of a server's own file have none to read."""
        listed = self._call("list the users", "ListUsers")
        return [User(name, enabled=True, policies=()) for name in sorted(members(listed, "UserName"))]

    def holder(self, who: Identity) -> Optional[Holder]:
        """A user: its keys, and all that its attached policies say."""
        try:  # SeaweedFS lists no keys of a user that there is not
            documents = [self._document(arn) for arn in self._attached(who.name)]
        except NotFoundError:
            return None
        listed = self._call(f"read the keys of {who.name}", "ListAccessKeys", UserName=who.name)
        return Holder(tuple(sorted(members(listed, "AccessKeyId"))), joined(*documents))

    def create_holder(self, who: Identity, *, secret: str) -> None:
        """Make a user with this key."""
        self._call(f"create user {who.name}", "CreateUser", UserName=who.name)
        self.add_key(who, secret=secret)

    def add_key(self, who: Identity, *, secret: str) -> None:
        """Give a user this key.

        :raises UnsupportedError: where the server makes keys of its own, as AWS does
        """
        what = f"give user {who.name} the key {who.key}"
        given = {"UserName": who.name, "AccessKeyId": who.key, "SecretAccessKey": secret}
        made = self._call(what, "CreateAccessKey", **given).findtext(".//{*}AccessKeyId") or ""
        if made != who.key:
            self.remove_key(Identity(who.name, made))
            raise UnsupportedError(
                what,
                "the server takes no key that others made, and makes its own",
                "Make a key there, keep it where access_secrets_store says, and set access_backend: given.",
            )

    def replace_secret(self, who: Identity, *, secret: str) -> None:
        """Remove the key and make it anew."""
        self.remove_key(who)
        self.add_key(who, secret=secret)

    def remove_key(self, who: Identity) -> None:
        """Remove a key of a user."""
        what = f"remove the key {who.key} of user {who.name}"
        self._call(what, "DeleteAccessKey", UserName=who.name, AccessKeyId=who.key)

    def set_rights(self, who: Identity, document: Optional[Document]) -> None:
        """Attach a policy that says just that, and detach the others; those that were made here are removed."""
        former = self._attached(who.name)
        arn = self._written(who.name, document) if document else None
        if arn and arn not in former:
            self._call(f"attach a policy to user {who.name}", "AttachUserPolicy", UserName=who.name, PolicyArn=arn)
        for other in former:
            if other != arn:
                what = f"detach policy {other} from user {who.name}"
                self._call(what, "DetachUserPolicy", UserName=who.name, PolicyArn=other)
                if re.fullmatch(rf"{re.escape(who.name)}-[0-9a-f]{{12}}", other.rpartition("/")[2]):
                    self._call(f"remove policy {other}", "DeletePolicy", PolicyArn=other)

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""
        return secret_works(self.connection, key, secret)

    def _written(self, name: str, document: Document) -> str:
        """The ARN of the policy that says this, written where there is none."""
        text = json.dumps(document, sort_keys=True)
        policy = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        listed = self._call("list the policies", "ListPolicies", Scope="Local")
        for member in listed.iterfind(".//{*}member"):
            if member.findtext("{*}PolicyName") == policy:
                return member.findtext("{*}Arn") or ""
        made = self._call(f"write policy {policy}", "CreatePolicy", PolicyName=policy, PolicyDocument=text)
        return made.findtext(".//{*}Arn") or ""

    def _attached(self, name: str) -> list[str]:
        listed = self._call(f"read the policies of user {name}", "ListAttachedUserPolicies", UserName=name)
        return members(listed, "PolicyArn")

    def _document(self, arn: str) -> Document:
        what = f"read policy {arn}"
        version = self._call(what, "GetPolicy", PolicyArn=arn).findtext(".//{*}DefaultVersionId") or "v1"
        answer = self._call(what, "GetPolicyVersion", PolicyArn=arn, VersionId=version)
        return document_in(answer, "Document")

    def _call(self, what: str, action: str, **fields: str) -> ElementTree.Element:
        return call_iam(self._session, what, action, **fields)
