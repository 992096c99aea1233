"""Lifecycle rules of a bucket: from the module's words to the S3 API's XML and back."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Optional

from ..values.errors import InvalidInputError
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

    :raises InvalidInputError: for two rules of one id, a rule without an action, or a date with a time of day
    """
    rules: Rules = {}
    for item in given:
        if item["id"] in rules:
            raise _bad(item["id"], "two rules have this id", "Give each its own.")
        rules[item["id"]] = _wanted(item)
    return rules


def _wanted(item: Mapping[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = {"enabled": item["enabled"], "prefix": (item["prefix"] or "").lstrip("/")}
    if item["tags"]:
        rule["tags"] = {str(key): str(value) for key, value in item["tags"].items()}
    for word in ("larger_than", "smaller_than"):
        if item[word] is not None and parse_size(item[word]):
            rule[word] = parse_size(item[word])
    rule.update({word: item[word] for word in _ACTIONS if item[word] not in (None, False)})
    if not any(word in rule for word in _ACTIONS):
        raise _bad(item["id"], "it says nothing to do", f"Give it one of {', '.join(_ACTIONS)}.")
    if "expire_date" in rule:
        match = _DATE.fullmatch(str(rule["expire_date"]))
        if not match:
            raise _bad(
                item["id"], f"expire_date {rule['expire_date']!r} is not a day", "Write it as 2026-12-31; it is UTC."
            )
        rule["expire_date"] = f"{match.group(1)}T00:00:00Z"
    if "expire_days" in rule and "expire_date" in rule:
        raise _bad(item["id"], "it has both expire_days and expire_date", "Give it one of them.")
    return rule


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
    return InvalidInputError(f"use the lifecycle rule {name!r}", reason, hint)
