"""Identities of a versitygw: users by its admin API, whose rights are statements of buckets' policies that name them.

A user of the role ``user`` may do nothing but what a bucket's policy says. Statements about others stay as they are.
"""

from __future__ import annotations

from typing import Any, Iterator, Optional
from urllib.parse import urlencode
from xml.etree import ElementTree

from ...access.grants import Holder, Identity
from ...access.identities import User
from ...access.policy import Document, joined, normal_document
from ...access.rights import OUTGROWING, Right, policy_of
from ...access.shape import as_list
from ...values.errors import NotFoundError
from ..store import Store
from ..trying import secret_works

_ARN = "arn:aws:s3:::"


class VersitygwIdentities(Store):
    """The verbs of ``grants.GrantStore``."""

    def key_of(self, name: str) -> str:
        """The name: here a user and its key are one."""
        return name

    def document_of(self, who: Identity, rights: tuple[Right, ...]) -> Optional[Document]:
        """The statements of the rights, in the words of a bucket's policy."""
        if not any(right.can for right in rights):
            return None
        statements = [
            {**one, "Principal": {"AWS": [who.key]}}
            for one in policy_of(rights, unknown=self.abilities.unknown_actions)["Statement"]
            if not set(OUTGROWING) & set(as_list(one["Action"]))
        ]
        return normal_document({"Statement": statements})

    def users(self) -> list[User]:
        """All users, sorted by name. The answer has their secrets, too, which go no further."""
        answer = ElementTree.fromstring(self._session.call("list the users", "PATCH", "/list-users"))
        names = sorted(account.findtext("{*}Access") or "" for account in answer.iterfind(".//{*}Accounts"))
        return [User(name, enabled=True, policies=()) for name in names]

    def holder(self, who: Identity) -> Optional[Holder]:
        """A user, and what the policies of all buckets say of it."""
        if who.key not in {user.name for user in self.users()}:
            return None
        statements = [one for bucket in self.list_buckets() for one in _naming(self.bucket_policy(bucket), who.key)]
        return Holder((who.key,), normal_document({"Statement": statements}))

    def create_holder(self, who: Identity, *, secret: str) -> None:
        """Make a user."""
        body = _xml("Account", Access=who.key, Secret=secret, Role="user", UserID="0", GroupID="0", ProjectID="0")
        self._session.call(f"create user {who.name}", "PATCH", "/create-user", body=body)

    def replace_secret(self, who: Identity, *, secret: str) -> None:
        """Give a user another secret."""
        body, query = _xml("MutableProps", Secret=secret), urlencode({"access": who.key})
        self._session.call(f"set the secret of user {who.name}", "PATCH", "/update-user", query=query, body=body)

    def set_rights(self, who: Identity, document: Optional[Document]) -> None:
        """Have each bucket's policy say of the user what the document does, and the same as before of others."""
        buckets = self.list_buckets()
        for one in as_list((document or {}).get("Statement")):
            if not any(_is_about(one, bucket) for bucket in buckets):
                raise NotFoundError(
                    f"give {who.name} rights in {one['Resource']}", "there is no such bucket", "Create it first."
                )
        for bucket in buckets:
            former = normal_document(self.bucket_policy(bucket))
            own = [one for one in as_list((document or {}).get("Statement")) if _is_about(one, bucket)]
            after = joined({"Statement": [*_of_others(former, who.key), *own]})
            if after != former:
                self.set_bucket_policy(bucket, after)

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""
        return secret_works(self.connection, key, secret)


def _naming(policy: Optional[Document], key: str) -> Iterator[Document]:
    """The statements about a user, as if they were about it alone."""
    for statement in as_list((normal_document(policy) or {}).get("Statement")):
        if key in _named(statement):
            yield {**statement, "Principal": {"AWS": [key]}}


def _of_others(policy: Optional[Document], key: str) -> Iterator[Document]:
    """The statements without a user; one that was about it alone goes."""
    for statement in as_list((policy or {}).get("Statement")):
        names = _named(statement)
        if key not in names:
            yield statement
        elif others := [name for name in names if name != key]:
            yield {**statement, "Principal": {"AWS": others}}


def _named(statement: Document) -> list[Any]:
    return as_list((statement.get("Principal") or {}).get("AWS"))


def _is_about(statement: Document, bucket: str) -> bool:
    return any(name.removeprefix(_ARN).partition("/")[0] == bucket for name in as_list(statement["Resource"]))


def _xml(root: str, **fields: str) -> bytes:
    element = ElementTree.Element(root)
    for name, value in fields.items():
        ElementTree.SubElement(element, name).text = value
    return ElementTree.tostring(element)
