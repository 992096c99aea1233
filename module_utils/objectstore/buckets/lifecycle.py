"""Lifecycle rules of a bucket: from the module's words to the S3 API's XML and back."""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, Optional

from ..values.errors import InvalidInputError
from ..values.limits import (
    LARGEST_SIZE,
    LONGEST_RULE_ID,
    MOST_DAYS,
    MOST_NONCURRENT,
    date_problem,
    prefix_of,
    tags_problem,
    text_problem,
    whole_problem,
)
from ..values.sizes import parse_size
from .xmltree import Tree, first, parse_tree, render_tree

#: Rules by their id. A rule holds the module's words; what they cannot say stays in ``other`` as it came.
Rules = dict[str, dict[str, Any]]

#: How a rule is written, as an argument spec.
RULE_OPTIONS: Mapping[str, Any] = {
    "id": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "prefix": {"type": "str", "default": ""},
    "tags": {"type": "dict"},
    "larger_than": {"type": "str"},
    "smaller_than": {"type": "str"},
    "expire_days": {"type": "int"},
    "expire_date": {"type": "str"},
    "expire_delete_markers": {"type": "bool"},
    "expire_all_versions": {"type": "bool"},
    "noncurrent_expire_days": {"type": "int"},
    "noncurrent_keep": {"type": "int"},
    "abort_multipart_days": {"type": "int"},
}

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})([T ]00:00:00(\.0+)?(Z|\+00:00)?)?")

#: Word -> where the XML has it, and how it is read.
_ACTIONS: Mapping[str, tuple[tuple[str, str], type]] = {
    "expire_days": (("Expiration", "Days"), int),
    "expire_date": (("Expiration", "Date"), str),
    "expire_delete_markers": (("Expiration", "ExpiredObjectDeleteMarker"), bool),
    "expire_all_versions": (("Expiration", "ExpiredObjectAllVersions"), bool),
    "noncurrent_expire_days": (("NoncurrentVersionExpiration", "NoncurrentDays"), int),
    "noncurrent_keep": (("NoncurrentVersionExpiration", "NewerNoncurrentVersions"), int),
    "abort_multipart_days": (("AbortIncompleteMultipartUpload", "DaysAfterInitiation"), int),
}
_SIZES = ("larger_than", "smaller_than")

#: Words with a number from 1, and their upper bounds.
_BOUNDS: Mapping[str, int] = {
    **{word: MOST_DAYS for word, (_, kind) in _ACTIONS.items() if kind is int},
    **dict.fromkeys(_SIZES, LARGEST_SIZE),
}
_KNOWN = {"ID", "Status", "Prefix", "Filter", *(path[0] for path, _ in _ACTIONS.values())}


def parse_lifecycle(body: bytes) -> Optional[Rules]:
    """The rules of a GetBucketLifecycleConfiguration answer, in its order."""
    rules: Rules = {}
    for number, tree in enumerate(parse_tree(body).get("Rule", [])):
        rules[first(tree, "ID") or f"rule-{number + 1}"] = _rule_of(tree)
    return rules or None


def _rule_of(tree: Tree) -> dict[str, Any]:
    rule: dict[str, Any] = {"enabled": first(tree, "Status") == "Enabled", **_filter_of(tree)}
    for word, (path, kind) in _ACTIONS.items():
        text = first(tree, *path)
        if text is not None and text != "":
            value = text.lower() == "true" if kind is bool else kind(text)
            rule.update({word: value} if value is not False else {})
    other = {tag: values for tag, values in tree.items() if tag not in _KNOWN}
    return {**rule, "other": other} if other else rule


def _filter_of(tree: Tree) -> dict[str, Any]:
    """Prefix, tags and sizes, wherever the three ways to write a filter have them."""
    chosen = first(tree, "Filter") or {}
    chosen = first(chosen, "And") or chosen
    words: dict[str, Any] = {"prefix": first(tree, "Prefix") or first(chosen, "Prefix") or ""}
    tags = chosen.get("Tag", []) if isinstance(chosen, dict) else []
    if tags:
        words["tags"] = {first(tag, "Key"): first(tag, "Value") or "" for tag in tags}
    for word, tag in (("larger_than", "ObjectSizeGreaterThan"), ("smaller_than", "ObjectSizeLessThan")):
        text = first(chosen, tag)
        if text and int(text):
            words[word] = int(text)
    return words


def render_lifecycle(rules: Optional[Rules]) -> bytes:
    """The body of PutBucketLifecycleConfiguration."""
    return render_tree(
        "LifecycleConfiguration", {"Rule": [_tree_of(name, rule) for name, rule in (rules or {}).items()]}
    )


def _tree_of(name: str, rule: Mapping[str, Any]) -> Tree:
    tree: Tree = {"ID": [name], "Status": ["Enabled" if rule["enabled"] else "Disabled"], "Filter": [_filter(rule)]}
    for word, ((outer, inner), _) in _ACTIONS.items():
        if word in rule:
            value = "true" if rule[word] is True else str(rule[word])
            tree.setdefault(outer, [{}])[0][inner] = [value]
    return {**tree, **rule.get("other", {})}


def _filter(rule: Mapping[str, Any]) -> Tree:
    parts: Tree = {"Prefix": [rule["prefix"]]} if rule["prefix"] else {}
    if "tags" in rule:
        parts["Tag"] = [{"Key": [key], "Value": [value]} for key, value in sorted(rule["tags"].items())]
    for word, tag in (("larger_than", "ObjectSizeGreaterThan"), ("smaller_than", "ObjectSizeLessThan")):
        if word in rule:
            parts[tag] = [rule[word]]
    if sum(len(values) for values in parts.values()) > 1:
        return {"And": [parts]}
    return parts or {"Prefix": [""]}


def wanted_rules(given: Iterable[Mapping[str, Any]]) -> Rules:
    """The rules of a module's parameter, in the form in which ``parse_lifecycle`` reads them.

    :raises InvalidInputError: for two rules of one id, a rule without an action, and what S3 and MinIO refuse
    """
    rules: Rules = {}
    for item in given:
        if item["id"] in rules:
            raise _bad(item["id"], "two rules have this id", "Give each its own.")
        rules[item["id"]] = _wanted(item)
    return rules


def _wanted(item: Mapping[str, Any]) -> dict[str, Any]:
    prefix = prefix_of(f"lifecycle rule {item['id']!r}", item["prefix"] or "")
    rule: dict[str, Any] = {"enabled": item["enabled"], "prefix": prefix}
    if item["tags"]:
        rule["tags"] = {str(key): str(value) for key, value in item["tags"].items()}
    rule.update({word: parse_size(item[word]) for word in _SIZES if item[word] is not None})
    rule.update({word: item[word] for word in _ACTIONS if item[word] is not None and item[word] is not False})
    for problem in _problems(item["id"], rule):
        raise _bad(item["id"], problem, "")
    if "expire_date" in rule:
        rule["expire_date"] = f"{rule['expire_date'][:10]}T00:00:00Z"
    return rule


def _problems(name: str, rule: Mapping[str, Any]) -> Iterator[str]:
    """Why no server could keep the rule."""
    yield from filter(None, (text_problem(name), text_problem(rule["prefix"])))
    if len(name) > LONGEST_RULE_ID:
        yield f"its id has {len(name)} characters, and at most {LONGEST_RULE_ID}"
    if not any(word in rule for word in _ACTIONS):
        yield f"it says nothing to do; give it one of {', '.join(_ACTIONS)}"
    for word in sorted(rule.keys() & _BOUNDS.keys()):
        problem = whole_problem(rule[word], least=1, most=_BOUNDS[word])
        if problem:
            yield f"{word} cannot be kept: {problem}"
    yield from filter(None, [tags_problem(rule.get("tags", {}), any_script=True)])
    if "larger_than" in rule and rule["larger_than"] + 1 >= rule.get("smaller_than", LARGEST_SIZE + 1):
        yield "no object is larger than larger_than and smaller than smaller_than"
    yield from _expiry_problems(rule)


def _expiry_problems(rule: Mapping[str, Any]) -> Iterator[str]:
    when = [word for word in ("expire_days", "expire_date") if word in rule]
    if "expire_date" in rule:
        match = _DATE.fullmatch(str(rule["expire_date"]))
        problem = date_problem(match.group(1)) if match else "it is not a day, written as 2026-12-31 (in UTC)"
        if problem:
            yield f"expire_date {rule['expire_date']!r} cannot be kept: {problem}"
    if len(when) > 1:
        yield "it has both expire_days and expire_date; give it one of them"
    if when and "expire_delete_markers" in rule:
        yield f"expire_delete_markers cannot stand beside {when[0]}; give each a rule of its own"
    if "expire_all_versions" in rule and "expire_days" not in rule:
        yield "expire_all_versions needs expire_days"


def problems_beside_s3(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Why a server that keeps nothing beyond the S3 API would not keep the rules."""
    for name, rule in rules.items():
        if "expire_all_versions" in rule:
            yield f"expire_all_versions (lifecycle rule {name}) is MinIO's own"
        if rule.get("noncurrent_keep", 0) > MOST_NONCURRENT:
            yield f"noncurrent_keep (lifecycle rule {name}) is at most {MOST_NONCURRENT} in S3"


def without_abort(rules: Rules) -> tuple[Rules, list[str]]:
    """``rules`` as MinIO keeps them, and the ids of those that lose something.

    MinIO accepts AbortIncompleteMultipartUpload beside another action and drops it without a word; alone, it
    refuses it (measured). It removes uploads that are incomplete for a day by itself.
    """
    losing = [name for name, rule in rules.items() if "abort_multipart_days" in rule]
    kept = {}
    for name, rule in rules.items():
        rest = {word: value for word, value in rule.items() if word != "abort_multipart_days"}
        if any(word in rest for word in _ACTIONS):
            kept[name] = rest
    return kept, losing


def _bad(name: str, reason: str, hint: str) -> InvalidInputError:
    return InvalidInputError(f"use the lifecycle rule {name[:60]!r}", reason, hint)
