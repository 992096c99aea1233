"""Rights of an identity in the platform's words, and the policy document that gives them."""

from __future__ import annotations

from typing import Any, Collection, Iterable, Iterator, Mapping, NamedTuple, Optional

from ..values.bucket_names import check_bucket_name
from ..values.errors import InvalidInputError
from .policy import Document, meaning, normal_document, normal_prefix, takes_in
from .shape import as_list

#: What an identity can be given. Changing the bucket itself is never a right.
VERBS = ("list", "read", "write", "delete")

#: What a user may do to itself on MinIO unless its policy denies it: make an access key, which outlives the secret and
#: the user's rights of then, and set another secret. Source: cmd/admin-handlers-users.go, ``DenyOnly``.
OUTGROWING = ("admin:CreateServiceAccount", "admin:CreateUser")

#: MinIO lets whoever may remove an object remove single versions of it, too, unless a policy denies it (measured).
_VERSIONS = "s3:DeleteObjectVersion"

_ARN = "arn:aws:s3:::"
_OBJECT_ACTIONS = {
    "read": ("s3:GetObject",),
    "write": ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"),
    "delete": ("s3:DeleteObject",),
}


class Right(NamedTuple):
    """What may be done below a prefix (``""``: in the whole bucket)."""

    bucket: str
    prefix: str
    can: frozenset[str]


def parse_rights(given: Iterable[Mapping[str, Any]]) -> tuple[Right, ...]:
    """The rights of a module's parameter.

    :raises InvalidInputError: for an unknown verb or a bad name
    """
    rights = []
    for item in given:
        unknown = sorted(set(item["can"]) - set(VERBS))
        if unknown:
            raise InvalidInputError(
                f"give rights in bucket {item['bucket']}",
                f"there is no right {unknown[0]!r}",
                f"Use {', '.join(VERBS)}.",
            )
        prefix = normal_prefix(item["prefix"]) if item["prefix"] else ""
        rights.append(Right(check_bucket_name(item["bucket"]), prefix, frozenset(item["can"])))
    return tuple(rights)


def policy_of(rights: Iterable[Right], *, unknown: Collection[str] = ()) -> Document:
    """The document that gives exactly these rights, and denies what would outgrow or outlive them.

    Whoever has any right in a bucket may ask for its region. Whoever writes may see the uploads that it has not
    completed, so that it can go on with them or abort them, how the bucket encrypts, which decides how content is
    proved, and whether it keeps versions; whoever lists as well may list those, as an index names them. Whoever
    removes does so with the present object only: former versions stay.

    :param unknown: actions that the server has no word for, and refuses a policy for
    :raises InvalidInputError: when there is no right at all, which MinIO does not accept as a policy
    """
    statements: list[Document] = []
    for right in rights:
        if right.can:
            statements += _statements(right)
    denied = {"Effect": "Deny", "Action": list(OUTGROWING)}
    known = [
        {**one, "Action": [action for action in one["Action"] if action not in unknown]}
        for one in (*statements, denied)
    ]
    document = normal_document({"Statement": known}) if statements else None
    if document is None:
        raise InvalidInputError("write a policy of rights", "it would give no right", "Give at least one.")
    return document


def _statements(right: Right) -> Iterator[Document]:
    about = ["s3:GetBucketLocation"]
    if "write" in right.can:
        about += ["s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucketMultipartUploads"]
    yield _statement("Allow", about, right.bucket)
    if "list" in right.can:
        versions = ["s3:ListBucketVersions"] if "write" in right.can else []
        listing = _statement("Allow", ["s3:ListBucket", *versions], right.bucket)
        if right.prefix:
            listing["Condition"] = {"StringLike": {"s3:prefix": [f"{right.prefix}*"]}}
        yield listing
    actions = [action for verb in VERBS if verb in right.can for action in _OBJECT_ACTIONS.get(verb, ())]
    if actions:
        yield _statement("Allow", actions, f"{right.bucket}/{right.prefix}*")
    if "write" in right.can and right.prefix:
        # an archive for MinIO to unpack is first judged as an object without a name, then each file by its own
        yield _statement("Allow", ["s3:PutObject"], f"{right.bucket}/")
    if "delete" in right.can:
        yield _statement("Deny", [_VERSIONS], f"{right.bucket}/{right.prefix}*")


def _statement(effect: str, actions: list[str], resource: str) -> Document:
    return {"Effect": effect, "Action": actions, "Resource": [_ARN + resource]}


def allowed_verbs(rights: Iterable[Right], bucket: str, prefix: str) -> frozenset[str]:
    """What ``rights`` allow everywhere below ``prefix`` of ``bucket``."""
    found: set[str] = set()
    for right in rights:
        if right.bucket == bucket and prefix.startswith(right.prefix):
            found |= right.can
    return frozenset(found)


def beyond(document: Optional[Mapping[str, Any]], rights: Iterable[Right]) -> list[str]:
    """What a document allows beyond ``rights``, each action with its resource.

    What it also denies, whatever the condition of the permission, is not counted.
    """
    rights = [right for right in rights if right.can]
    given = [atom for atom in meaning(policy_of(rights)) if atom.effect == "Allow"] if rights else []
    held = meaning(document)
    denied = [atom for atom in held if atom.effect == "Deny"]
    extra = [
        atom
        for atom in held
        if atom.effect == "Allow" and not any(takes_in(other, atom) for other in (*given, *denied))
    ]
    names = {str(name).lower(): str(name) for name in _named(document or {})}
    return sorted(
        " ".join((names.get("".join(atom.action), "".join(atom.action)), *(f"on {name}" for name in atom.resource)))
        for atom in extra
    )


def _named(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in as_list(document.get("Statement")):
        yield from as_list(statement.get("Action"))
