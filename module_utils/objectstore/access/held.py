"""What MinIO can hold of a policy document, judged before it is sent.

Some of it MinIO refuses; some it accepts and drops (Principal in a named policy), or stores and cannot read any more:
a NotAction breaks its admin API until the policy is removed (measured). Source: minio/pkg v3.1.3, ``policy/``.
"""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Iterable, Iterator, Mapping, Optional

from ..values.errors import InvalidInputError
from ..values.limits import LARGEST_POLICY
from .actions import (
    ADMIN_ACTIONS,
    ADMIN_KEYS,
    ALL_KEYS,
    COMMON_KEYS,
    KEYS_OF,
    KMS_ACTIONS,
    OBJECT_ACTIONS,
    OPERATORS,
    QUALIFIERS,
    S3_ACTIONS,
)
from .policy import Document, normal_document
from .shape import as_list

_VERSION = "2012-10-17"
_TOP = frozenset({"Version", "Statement", "Id", "ID"})
_FIELDS = frozenset({"Sid", "Effect", "Action", "Resource", "NotResource", "Condition"})
_ARN, _KMS_ARN = "arn:aws:s3:::", "arn:minio:kms:::"
_INTEGER = re.compile(r"[+-]?\d{1,18}")


def check_identity_policy(what: str, document: Optional[Document], *, largest: int = LARGEST_POLICY) -> None:
    """Refuse what MinIO cannot hold as a policy of identities, by its name or of an access key.

    :param largest: in bytes
    :raises InvalidInputError: naming the first part that it cannot hold
    """
    if document is not None:
        _refuse_first(what, document, largest, _identity_problems(document))


def check_bucket_policy(what: str, bucket: str, document: Optional[Document]) -> None:
    """Refuse what MinIO cannot hold as a bucket's policy.

    :raises InvalidInputError: naming the first part that it cannot hold
    """
    if document is not None:
        _refuse_first(what, document, LARGEST_POLICY, _bucket_problems(document, bucket))


def _refuse_first(what: str, document: Document, largest: int, problems: Iterator[str]) -> None:
    size = len(json.dumps(normal_document(document)))
    if size > largest:
        raise InvalidInputError(what, f"the document has {size} bytes, and at most {largest}", "Use wildcards.")
    for problem in problems:
        raise InvalidInputError(what, problem)


def _identity_problems(document: Document) -> Iterator[str]:
    yield from _top_problems(document)
    for statement in as_list(document["Statement"]):
        yield from _field_problems(statement, _FIELDS)
        actions = as_list(statement.get("Action"))
        yield from _mixture_problems(actions)
        yield from _action_problems(actions)
        if "*" in actions and {*_resources(statement)} - {"*", f"{_ARN}*"}:
            yield "MinIO ignores the Resource beside the Action '*', which is everything: write s3:*"
        if not _ignores_resources(actions):
            yield from _resource_problems(statement, _KMS_ARN if _kind(actions[0]) == "kms" else _ARN)
        yield from _condition_problems(statement.get("Condition") or {}, actions)


def _bucket_problems(document: Document, bucket: str) -> Iterator[str]:
    yield from _top_problems(document)
    for statement in as_list(document["Statement"]):
        yield from _field_problems(statement, _FIELDS | {"Principal"})
        principal = statement.get("Principal")
        kinds = set(principal) if isinstance(principal, Mapping) else set()
        if not principal or kinds - {"AWS"} or (isinstance(principal, str) and principal != "*"):
            yield 'Principal has to be "*" or {AWS: […]}: MinIO knows no other'
        actions = ["s3:*" if action == "*" else action for action in as_list(statement.get("Action"))]
        yield from (f"{action} is no action on buckets and objects" for action in actions if _kind(action) != "s3")
        yield from _action_problems(actions)
        yield from _resource_problems(statement, _ARN)
        for resource in _resources(statement):
            if not _is_within(resource[len(_ARN) :], bucket):
                yield f"the resource {resource} is not of bucket {bucket}"
        yield from _place_problems(statement, actions)
        yield from _condition_problems(statement.get("Condition") or {}, actions)


def _top_problems(document: Document) -> Iterator[str]:
    yield from (f"MinIO drops the field {field}" for field in sorted(set(document) - _TOP))
    if document.get("Version", _VERSION) != _VERSION:
        yield f"MinIO takes only the Version {_VERSION}, not {document['Version']}"


def _field_problems(statement: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for field in sorted(set(statement) - known):
        if field in ("NotAction", "NotPrincipal"):
            yield f"MinIO cannot hold {field}: say what is meant by {field[3:]}"
        elif field == "Principal":
            yield "MinIO drops the Principal of a policy that is attached to identities: leave it out"
        else:
            yield f"MinIO drops the field {field} of a statement"
    if not as_list(statement.get("Action")):
        yield "a statement has no Action"


def _kind(action: str) -> str:
    """Which API an action is of; ``*`` is one that MinIO takes for its STS API, like ``sts:…``."""
    return "sts" if action == "*" else action.partition(":")[0]


def _mixture_problems(actions: list[str]) -> Iterator[str]:
    """MinIO wants one kind of actions a statement as soon as one is not on buckets and objects."""
    kinds = sorted({_kind(action) for action in actions})
    if len(kinds) > 1:
        yield f"a statement has actions of {' and '.join(kinds)}: give each kind a statement of its own"


def _action_problems(actions: Iterable[str]) -> Iterator[str]:
    for action in actions:
        if not _is_known(action):
            known = [f"s3:{name}" for name in S3_ACTIONS] + [f"admin:{name}" for name in ADMIN_ACTIONS]
            close = get_close_matches(action, known, n=1)
            yield f"MinIO knows no action {action!r}{f'; did you mean {close[0]}?' if close else ''}"


def _is_known(action: str) -> bool:
    """Only actions on buckets and objects may have wildcards within; MinIO looks at upper and lower case."""
    kind, _, name = action.partition(":")
    if action in {"*", "sts:AssumeRoleWithWebIdentity"}:
        return True
    if kind in ("admin", "kms"):
        return name == "*" or name in (ADMIN_ACTIONS if kind == "admin" else KMS_ACTIONS)
    return bool(_matching(action))


def _matching(action: str) -> set[str]:
    """The names of the actions on buckets and objects that a pattern means."""
    found = {name for name in S3_ACTIONS if _globs(action, f"s3:{name}")}
    return found | ({"*"} if _globs(action, "s3:*") else set())


def _globs(pattern: str, text: str) -> bool:
    """MinIO's wildcards, ``*`` and ``?``."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _ignores_resources(actions: list[str]) -> bool:
    return not actions or _kind(actions[0]) in ("admin", "sts")


def _resources(statement: Mapping[str, Any]) -> list[str]:
    return as_list(statement.get("Resource")) + as_list(statement.get("NotResource"))


def _resource_problems(statement: Mapping[str, Any], arn: str) -> Iterator[str]:
    if as_list(statement.get("Resource")) and as_list(statement.get("NotResource")):
        yield "a statement has both Resource and NotResource"
    if not _resources(statement) and arn == _ARN:
        yield "a statement has no Resource"
    for resource in _resources(statement):
        pattern = resource[len(arn) :]
        if resource != "*" and (not resource.startswith(arn) or not pattern or pattern.startswith("/")):
            yield f"{resource!r} is no resource: write {arn}NAME, with wildcards if need be"
        elif arn == _KMS_ARN and any(character in pattern for character in "/\\."):
            yield f"{resource!r} is no key: its name has no '/', '\\' and '.'"


def _is_within(pattern: str, bucket: str) -> bool:
    """Whether a resource pattern means something of the bucket; where a wildcard may span ``/``, it may."""
    head, slash, _ = pattern.partition("/")
    return _globs(head, bucket) or (bool(slash) and "*" in head and bucket.startswith(head.partition("*")[0]))


def _place_problems(statement: Mapping[str, Any], actions: Iterable[str]) -> Iterator[str]:
    """In a bucket's policy, actions on objects need a resource below the bucket, and the others the bucket."""
    resources = [resource[len(_ARN) :] for resource in _resources(statement)]
    below = any("/" in resource or "*" in resource for resource in resources)
    itself = any("/" not in resource for resource in resources)
    for action in actions:
        on_objects = bool(_matching(action) & (OBJECT_ACTIONS | {"*"}))
        if on_objects and not below:
            yield f"{action} needs a resource below the bucket, such as {_ARN}NAME/*"
        elif not on_objects and not itself:
            yield f"{action} needs the bucket as a resource: {_ARN}NAME"


def _condition_problems(block: Mapping[str, Any], actions: list[str]) -> Iterator[str]:
    for operator, keys in block.items():
        qualifier, colon, name = operator.rpartition(":")
        if name not in OPERATORS or (colon and qualifier not in QUALIFIERS):
            yield f"MinIO knows no condition operator {operator!r}"
            continue
        for key, values in keys.items():
            yield from _key_problems(key, actions)
            yield from _value_problems(name, key, as_list(values))


def _key_problems(key: str, actions: Iterable[str]) -> Iterator[str]:
    name = key.partition("/")[0]
    if name not in ALL_KEYS:
        close = get_close_matches(name, ALL_KEYS, n=1)
        yield f"MinIO knows no condition key {key!r}{f'; did you mean {close[0]}?' if close else ''}"
        return
    yield from (f"the condition key {key} does not go with {action}" for action in actions if name not in _keys(action))


def _keys(action: str) -> frozenset[str]:
    kind = _kind(action)
    if kind == "kms":
        return ALL_KEYS
    if kind != "s3":
        return ADMIN_KEYS if kind == "admin" else frozenset({"sts:DurationSeconds"})
    names = _matching(action)
    return ALL_KEYS if "*" in names else COMMON_KEYS.union(*(KEYS_OF.get(name, frozenset()) for name in names))


def _value_problems(operator: str, key: str, values: list[Any]) -> Iterator[str]:
    """Values as they are sent: texts (``normal_document`` makes them so)."""
    texts = [str(value) for value in values]
    single = operator.startswith(("Numeric", "Date")) or operator in ("Bool", "Null")
    if single and len(texts) != 1:
        yield f"{operator} {key} takes one value in MinIO, not {len(texts)}"
    if operator == "Bool" and key != "aws:SecureTransport":
        yield f"Bool goes with aws:SecureTransport only in MinIO, not with {key}"
    if operator in ("IpAddress", "NotIpAddress") and key != "aws:SourceIp":
        yield f"{operator} goes with aws:SourceIp only, not with {key}"
    yield from (
        f"{operator} {key} has the value {text!r}, which it cannot" for text in texts if not _fits(operator, text)
    )


def _fits(operator: str, text: str) -> bool:
    if operator in ("IpAddress", "NotIpAddress"):
        return _is_network(text)
    if operator in ("Bool", "Null"):
        return text.lower() in ("true", "false", "1", "0", "t", "f")
    if operator.startswith("Numeric"):
        return bool(_INTEGER.fullmatch(text))
    return not operator.startswith("Date") or _is_time(text)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False
