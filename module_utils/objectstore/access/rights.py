"""Rights of an identity in the platform's words, and the policy document that gives them."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple

from ..values.bucket_names import check_bucket_name
from ..values.errors import InvalidInputError
from .policy import Document, normal_document, normal_prefix

#: What an identity can be given; ``configure`` stands for changing the bucket itself and is never given here.
VERBS = ("list", "read", "write", "delete")

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


def policy_of(rights: Iterable[Right]) -> Document:
    """The document that gives exactly these rights.

    Whoever has any right in a bucket may ask for its region. Whoever writes may see the uploads that it has not
    completed, so that it can go on with them or abort them, and how the bucket encrypts, which decides how
    content is proved.

    :raises InvalidInputError: when there is no right at all, which MinIO does not accept as a policy
    """
    statements: list[Document] = []
    for right in rights:
        if not right.can:
            continue
        about = ["s3:GetBucketLocation"]
        if "write" in right.can:
            about += ["s3:GetEncryptionConfiguration", "s3:ListBucketMultipartUploads"]
        statements.append(_allow(about, right.bucket))
        if "list" in right.can:
            listing = _allow(["s3:ListBucket"], right.bucket)
            if right.prefix:
                listing["Condition"] = {"StringLike": {"s3:prefix": [f"{right.prefix}*"]}}
            statements.append(listing)
        actions = [action for verb in VERBS if verb in right.can for action in _OBJECT_ACTIONS.get(verb, ())]
        if actions:
            statements.append(_allow(actions, f"{right.bucket}/{right.prefix}*"))
    document = normal_document({"Statement": statements})
    if document is None:
        raise InvalidInputError("write a policy of rights", "it would give no right", "Give at least one.")
    return document


def _allow(actions: list[str], resource: str) -> Document:
    return {"Effect": "Allow", "Action": actions, "Resource": [_ARN + resource]}


def allowed_verbs(rights: Iterable[Right], bucket: str, prefix: str) -> frozenset[str]:
    """What ``rights`` allow everywhere below ``prefix`` of ``bucket``."""
    found: set[str] = set()
    for right in rights:
        if right.bucket == bucket and prefix.startswith(right.prefix):
            found |= right.can
    return frozenset(found)
