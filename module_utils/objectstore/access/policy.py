"""Bucket policies: the canned levels of anonymous access, and documents compared by what they mean."""

from __future__ import annotations

import ipaddress
import json
import re
from itertools import product
from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Optional

from ..values.errors import InvalidInputError
from .shape import as_list, check_shape

#: Levels of anonymous access, as ``mc anonymous set`` names them.
LEVELS = ("private", "download", "upload", "public")

Document = dict[str, Any]

_VERSION = "2012-10-17"
_ARN = "arn:aws:s3:::"
_ROOT_OF_ACCOUNT = "arn:aws:iam::{}:root"

#: Several values of these condition operators mean "one of them", so a statement with two values is two statements.
_POSITIVE_OPERATORS = frozenset({
    "StringEquals", "StringEqualsIgnoreCase", "StringLike", "NumericEquals", "DateEquals", "Bool", "BinaryEquals",
    "IpAddress", "ArnEquals", "ArnLike", "Null",
})  # fmt: skip

#: What a level lets anybody do to the objects, besides listing. Source: what mc writes, read back from a server.
_OBJECT_ACTIONS = {
    "download": ("s3:GetObject",),
    "upload": ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
    "public": (
        "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
    ),
}  # fmt: skip
_BUCKET_ACTIONS = {
    "download": ("s3:GetBucketLocation",),
    "upload": ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"),
    "public": ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"),
}
_LISTS = ("download", "public")


def normal_prefix(prefix: str) -> str:
    """A prefix as a policy uses it: it ends at ``/``, so that ``maps`` does not open ``maps-internal/``.

    A trailing ``*`` says that the bare beginning of a key is meant, and is dropped.

    :raises InvalidInputError: for an empty prefix, or one with a wildcard within
    """
    bare = prefix.lstrip("/")
    normal = bare[:-1] if bare.endswith("*") else bare if bare.endswith("/") else f"{bare}/"
    if normal in ("", "/") or "*" in normal or "?" in normal:
        raise InvalidInputError(
            f"use the prefix {prefix!r}",
            "it stands for the whole bucket, or has a wildcard within",
            "For the whole bucket leave prefixes out; a wildcard may only be the last character.",
        )
    return normal


_STARS = re.compile(r"\*\*+")


def canned_policy(bucket: str, levels: Mapping[str, str]) -> Optional[Document]:
    """The document that gives anybody each prefix (``""``: the whole bucket) at its level; ``None`` if all is private.

    It means the same as what ``mc anonymous set`` writes for the same levels.
    """
    statements: list[Document] = []
    for prefix, level in sorted(levels.items()):
        if level == "private":
            continue
        statements.append(_allow(_BUCKET_ACTIONS[level], bucket))
        if level in _LISTS:
            condition = {"StringEquals": {"s3:prefix": [prefix]}} if prefix else None
            statements.append(_allow(("s3:ListBucket",), bucket, condition))
        statements.append(_allow(_OBJECT_ACTIONS[level], f"{bucket}/{prefix}*"))
    return normal_document({"Version": _VERSION, "Statement": statements})


def _allow(actions: Iterable[str], resource: str, condition: Optional[Document] = None) -> Document:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": list(actions),
        "Resource": [_ARN + resource],
    }
    return {**statement, "Condition": condition} if condition else statement


def parse_document(given: Any) -> Optional[Document]:
    """A policy document as a dictionary: from JSON text or as it is; ``None`` for nothing and for no statements.

    :raises InvalidInputError: when it is not of a policy document's shape
    """
    if given is None or given in ("", {}):
        return None
    document = given
    if isinstance(given, str):
        try:
            document = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise InvalidInputError("read a policy document", f"it is not JSON ({error})") from None
    check_shape(document)
    return dict(document) if as_list(document.get("Statement")) else None


class Atom(NamedTuple):
    """The smallest statement: one effect for one principal, one action, one resource and one condition.

    ``NotAction`` and its like say something about the list as a whole, so theirs stays one value.
    """

    effect: str
    principal: tuple[str, ...]
    action: tuple[str, ...]
    resource: tuple[str, ...]
    condition: tuple[tuple[str, str, tuple[str, ...]], ...]


def meaning(document: Any) -> frozenset[Atom]:
    """What a document says, independent of how: two documents are equivalent if their meanings are equal.

    Scalars and lists, order, Sid and Id, the two ways to write "everybody", the case of actions and condition keys,
    numbers and booleans in conditions, and statements split or merged make no difference; nor does a statement that
    another one with a wildcard already covers.
    """
    parsed = parse_document(document)
    atoms = {atom for statement in as_list(parsed and parsed["Statement"]) for atom in _atoms(statement)}
    patterns = [atom for atom in atoms if "*" in "".join((*atom.action, *atom.resource))]
    return frozenset(atom for atom in atoms if not _is_covered(atom, patterns))


def _atoms(statement: Mapping[str, Any]) -> Iterator[Atom]:
    parts = (
        _choices(statement, "Principal", _principals),
        _choices(statement, "Action", _actions),
        _choices(statement, "Resource", _resources),
        _conditions(statement.get("Condition") or {}),
    )
    for principal, action, resource, condition in product(*parts):
        yield Atom(str(statement["Effect"]), principal, action, resource, condition)


def _choices(statement: Mapping[str, Any], field: str, normal: Any) -> list[tuple[str, ...]]:
    if f"Not{field}" in statement:
        return [("not", *sorted(set(normal(statement[f"Not{field}"]))))]
    return [(value,) for value in sorted(set(normal(statement.get(field))))] or [()]


def _principals(value: Any) -> list[str]:
    named = value.items() if isinstance(value, Mapping) else [("AWS", value)]
    found = []
    for kind, names in named:
        for name in as_list(names):
            text = str(name)
            account = _ROOT_OF_ACCOUNT.format(text) if text.isdigit() and len(text) == 12 else text
            found.append("*" if text == "*" else f"{kind}:{account}")
    return found


def _actions(value: Any) -> list[str]:
    return [str(action).lower() for action in as_list(value)]


def _resources(value: Any) -> list[str]:
    return [_one_star(str(resource)) for resource in as_list(value)]


def _one_star(pattern: str) -> str:
    """A pattern without stars side by side, which mean one: MinIO shows the resource ``*`` as ``**`` (measured)."""
    return _STARS.sub("*", pattern)


def _conditions(block: Mapping[str, Any]) -> list[tuple[tuple[str, str, tuple[str, ...]], ...]]:
    """Each combination of one value for each condition; a negated operator keeps its values together."""
    tests: list[list[tuple[str, str, tuple[str, ...]]]] = []
    for operator, keys in sorted(block.items()):
        for key, values in sorted(keys.items()):
            normal = tuple(sorted({_condition_value(operator, value) for value in as_list(values)}))
            splits = operator in _POSITIVE_OPERATORS
            name = key.lower()
            tests.append([(operator, name, (value,)) for value in normal] if splits else [(operator, name, normal)])
    return [tuple(sorted(combination)) for combination in product(*tests)]


def _condition_value(operator: str, value: Any) -> str:
    text = _condition_text(value).lower() if operator in ("Bool", "Null") else _condition_text(value)
    if operator in ("IpAddress", "NotIpAddress"):
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            return text
    return text


def _condition_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_covered(atom: Atom, patterns: Iterable[Atom]) -> bool:
    """Whether another atom says the same of a pattern that takes in this one's action and resource."""
    return any(
        other != atom
        and other.effect == atom.effect
        and other.principal == atom.principal
        and other.condition == atom.condition
        and _takes_in(other.action, atom.action)
        and _takes_in(other.resource, atom.resource)
        for other in patterns
    )


def takes_in(wide: Atom, narrow: Atom) -> bool:
    """Whether all that ``narrow`` speaks of is spoken of in ``wide``, whatever each says about it."""
    return (
        wide.condition in ((), narrow.condition)
        and _takes_in(wide.action, narrow.action)
        and _takes_in(wide.resource, narrow.resource)
    )


def _takes_in(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """Whether ``wide`` is ``narrow``, or a pattern of which ``narrow`` is a special case (only a last ``*`` counts)."""
    if wide == narrow:
        return True
    if len(wide) != 1 or len(narrow) != 1 or not wide[0].endswith("*"):
        return False
    stem = wide[0][:-1]
    return "*" not in stem and "?" not in stem and narrow[0].startswith(stem)


def is_equivalent(one: Any, other: Any) -> bool:
    """Whether two documents mean the same; no document and one without statements do."""
    return one == other or meaning(one) == meaning(other)


def normal_document(document: Any) -> Optional[Document]:
    """The document written in one way: lists sorted, statements merged where only their actions differ, then sorted.

    For people to compare; the server's own wording of the same document comes out alike.
    """
    parsed = parse_document(document)
    if parsed is None:
        return None
    merged: dict[str, Document] = {}
    for statement in as_list(parsed["Statement"]):
        normal = {key: _sorted(key, value) for key, value in statement.items() if value not in ("", None, {}, [])}
        identity = json.dumps({key: value for key, value in normal.items() if key != "Action"}, sort_keys=True)
        if "Action" in normal and "Action" in merged.get(identity, {}):
            merged[identity]["Action"] = sorted({*merged[identity]["Action"], *normal["Action"]})
        else:
            merged[identity] = normal
    statements = [merged[identity] for identity in sorted(merged)]
    return {"Version": parsed.get("Version") or _VERSION, "Statement": statements}


def _sorted(field: str, value: Any) -> Any:
    if field in ("Principal", "NotPrincipal"):
        named = value if isinstance(value, Mapping) else {"AWS": value}
        return {kind: sorted(set(map(str, as_list(names)))) for kind, names in sorted(named.items())}
    if field == "Condition":
        return {
            operator: {key: sorted(set(map(_condition_text, as_list(values)))) for key, values in sorted(keys.items())}
            for operator, keys in sorted(value.items())
        }
    if field in ("Action", "NotAction"):
        return sorted(set(map(str, as_list(value))))
    if field in ("Resource", "NotResource"):
        return sorted(set(_resources(value)))
    return value


def for_everybody(document: Any) -> Optional[Document]:
    """What a document says of everybody; ``None`` where that is nothing."""
    return _statements_where(document, lambda statement: not _names_somebody(statement))


def for_somebody(document: Any) -> Optional[Document]:
    """What a document says of principals that it names; ``None`` where that is nothing.

    Stores that keep the rights of their identities in the policies of buckets (versitygw, Ceph) have it there.
    """
    return _statements_where(document, _names_somebody)


def joined(*documents: Any) -> Optional[Document]:
    """All statements of the documents in one."""
    statements = [one for document in documents if document for one in as_list(document["Statement"])]
    return normal_document({"Version": _VERSION, "Statement": statements})


def _statements_where(document: Any, holds: Callable[[Document], bool]) -> Optional[Document]:
    normal = normal_document(document)
    return normal and parse_document({**normal, "Statement": list(filter(holds, normal["Statement"]))})


def _names_somebody(statement: Document) -> bool:
    named = statement.get("Principal") or {}
    return bool(named) and not any("*" in names for names in named.values())


def level_of(bucket: str, document: Any) -> str:
    """The level that ``document`` gives everybody in the whole bucket, ``custom`` where it is none of them."""
    for level in LEVELS:
        if is_equivalent(for_everybody(document), canned_policy(bucket, {"": level})):
            return level
    return "custom"
