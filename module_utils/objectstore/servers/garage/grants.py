"""What Garage can give in a whole bucket: reading, which is to list, too, and writing, which is to remove, too."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional, Sequence

from ...access.policy import Document, normal_document
from ...access.rights import VERBS, Right
from ...access.shape import as_list
from ...values.errors import UnsupportedError

#: Permission -> the rights that it is.
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "read": frozenset({"list", "read"}),
    "write": frozenset({"write", "delete"}),
}

_ARN = "arn:aws:s3:::"
_ACTION = "garage:"


def grants_of(name: str, rights: Iterable[Right]) -> Optional[Document]:
    """The permissions that are exactly these rights, in the form of a policy.

    :raises UnsupportedError: for a right that is none, naming the nearest that there is
    """
    wanted: dict[str, set[str]] = {}
    for right in rights:
        if right.prefix and right.can:
            raise _refused(name, right, "keys have rights in whole buckets alone")
        wanted.setdefault(right.bucket, set()).update(right.can)
    for bucket, can in wanted.items():
        for both in PERMISSIONS.values():
            if can & both and not both <= can:
                reason = f"{min(can & both)} comes with {min(both - can)}"
                raise _refused(name, Right(bucket, "", frozenset(can)), reason)
    return document_of(
        {
            bucket: [permission for permission, both in PERMISSIONS.items() if both & can]
            for bucket, can in wanted.items()
        }
    )


def document_of(permissions: Mapping[str, Sequence[str]]) -> Optional[Document]:
    """Bucket -> permissions, in the form of a policy."""
    return normal_document(
        {
            "Statement": [
                {"Effect": "Allow", "Action": [f"{_ACTION}{one}" for one in given], "Resource": [f"{_ARN}{bucket}"]}
                for bucket, given in permissions.items()
                if given
            ]
        }
    )


def permissions_in(document: Optional[Document]) -> dict[str, set[str]]:
    """The same, back: bucket -> permissions."""
    found: dict[str, set[str]] = {}
    for statement in as_list((document or {}).get("Statement")):
        for resource in as_list(statement["Resource"]):
            given = found.setdefault(resource.removeprefix(_ARN), set())
            given |= {action.removeprefix(_ACTION) for action in as_list(statement["Action"])}
    return found


def _refused(name: str, right: Right, reason: str) -> UnsupportedError:
    nearest = {verb for both in PERMISSIONS.values() if both & right.can for verb in both}
    return UnsupportedError(
        f"give {name} {_words(right.can)} in {right.bucket}/{right.prefix}",
        f"on Garage {reason}",
        f"The nearest that it has is {_words(nearest)} in the whole bucket: write that as the right, or have the role "
        "access allow it by name (access_coarser).",
    )


def _words(can: Iterable[Any]) -> str:
    return ", ".join(verb for verb in VERBS if verb in set(can))
