"""Identities of a Garage: keys by its admin API (version 2), with permissions in buckets."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ...access.grants import Holder, Identity
from ...access.identities import User
from ...access.policy import Document
from ...access.rights import Right
from ...s3.bearer import ask
from ...values.errors import InvalidInputError, NotFoundError, UnsupportedError
from ...values.model import Connection
from ..store import Store
from ..trying import secret_works
from .grants import PERMISSIONS, document_of, grants_of, permissions_in


class GarageIdentities(Store):
    """The verbs of ``grants.GrantStore``."""

    def __init__(self, connection: Connection, *, admin_endpoint: str, admin_token: str) -> None:
        """Connect to a store, and to its admin API.

        :raises InvalidInputError: without one of both
        """
        super().__init__(connection)
        if not admin_endpoint or not admin_token:
            missing = "admin_token" if admin_endpoint else "admin_endpoint"
            raise InvalidInputError(
                f"make identities on {connection.endpoint}",
                f"it is a Garage, and {missing} of its admin API is not set",
                "Set access_admin_endpoint and access_admin_token (admin_token of its configuration).",
            )
        self._admin = admin_endpoint.rstrip("/")
        self._token = admin_token

    def key_of(self, name: str) -> str:
        """The name: here an identity and its key are one."""
        return name

    def document_of(self, who: Identity, rights: tuple[Right, ...]) -> Optional[Document]:
        """The permissions of the rights.

        :raises UnsupportedError: for what Garage has none for
        """
        return grants_of(who.name, rights)

    def users(self) -> list[User]:
        """All keys, sorted, as users."""
        keys = self._ask("list the keys", "GET", "ListKeys")
        return [User(key, enabled=True, policies=()) for key in sorted(key["id"] for key in keys)]

    def holder(self, who: Identity) -> Optional[Holder]:
        """A key, and its permissions in buckets, each by the name that it has for everybody, else for us."""
        found = self._key(who.key)
        if found is None:
            return None
        ours = {number: name for name, number in self._buckets().items()}
        permissions = {
            (bucket["globalAliases"] or [ours.get(bucket["id"], bucket["id"])])[0]: _given(bucket["permissions"])
            for bucket in found["buckets"]
        }
        return Holder((who.key,), document_of(permissions))

    def create_holder(self, who: Identity, *, secret: str) -> None:
        """Make a key with this secret, which cannot make buckets."""
        body = {"accessKeyId": who.key, "secretAccessKey": secret, "name": who.name}
        self._ask(f"create the key {who.key}", "POST", "ImportKey", body)

    def replace_secret(self, who: Identity, *, secret: str) -> None:  # noqa: ARG002 - of the protocol
        """Refused: a key keeps its secret, and the id of one that was removed is never free again.

        :raises UnsupportedError: always
        """
        raise UnsupportedError(
            f"give {who.key} another secret",
            "Garage lets no key have another, and keeps the ids of removed keys",
            "Bring the secret from where it is, or make the identity by another name.",
        )

    def set_rights(self, who: Identity, document: Optional[Document]) -> None:
        """Give the key these permissions and no other; a bucket gets its name for everybody where it has none."""
        wanted = permissions_in(document)
        ours, found = self._buckets(), self._key(who.key) or {"buckets": []}
        for bucket in wanted:
            if bucket not in ours:
                raise NotFoundError(
                    f"give {who.name} rights in {bucket}", "there is no such bucket", "Create it first."
                )
        held = {bucket["id"] for bucket in found["buckets"]}
        numbers = {ours[bucket]: given for bucket, given in wanted.items()}
        for bucket, number in ours.items():
            if number in numbers:
                self._name(bucket, number)
        for number in sorted(held | set(numbers)):
            given = numbers.get(number, set())
            self._permit(who, number, "AllowBucketKey", given)
            self._permit(who, number, "DenyBucketKey", {*PERMISSIONS, "owner"} - given)

    def secret_works(self, key: str, secret: str) -> bool:
        """Whether the server accepts the pair."""
        return secret_works(self.connection, key, secret)

    def _key(self, key: str) -> Optional[dict[str, Any]]:
        try:
            found: dict[str, Any] = self._ask(f"read the key {key}", "GET", f"GetKeyInfo?id={key}")
        except NotFoundError:
            return None
        return found

    def _buckets(self) -> dict[str, str]:
        """Our own buckets: name -> number. One that was made over S3 has its name for us alone."""
        own = self._key(self.connection.access_key or "") or {"buckets": []}
        return {
            name: bucket["id"]
            for bucket in own["buckets"]
            for name in (*bucket["localAliases"], *bucket["globalAliases"])
        }

    def _name(self, bucket: str, number: str) -> None:
        known = self._ask(f"read bucket {bucket}", "GET", f"GetBucketInfo?id={number}")
        if bucket not in known["globalAliases"]:
            body = {"bucketId": number, "globalAlias": bucket}
            self._ask(f"name bucket {bucket} for everybody", "POST", "AddBucketAlias", body)

    def _permit(self, who: Identity, number: str, verb: str, permissions: set[str]) -> None:
        if permissions:
            chosen = dict.fromkeys(sorted(permissions), True)
            body = {"bucketId": number, "accessKeyId": who.key, "permissions": chosen}
            self._ask(f"set what {who.name} may do", "POST", verb, body)

    def _ask(self, what: str, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Any:
        return ask(self.connection, what, method, f"{self._admin}/v2/{path}", token=self._token, body=body)


def _given(permissions: Mapping[str, bool]) -> list[str]:
    return [name for name, given in permissions.items() if given]
