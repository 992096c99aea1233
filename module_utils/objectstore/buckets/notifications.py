"""Event notifications of a bucket: rules that send events to a target of the server, such as a webhook."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Optional

from ..values.errors import InvalidInputError
from .xmltree import Tree, first, parse_tree, render_tree

Rules = dict[str, dict[str, Any]]

#: How a rule is written, as an argument spec.
NOTIFICATION_OPTIONS: Mapping[str, Any] = {
    "id": {"type": "str", "required": True},
    "arn": {"type": "str", "required": True},
    "events": {"type": "list", "elements": "str", "required": True},
    "prefix": {"type": "str"},
    "suffix": {"type": "str"},
}

_ARN = re.compile(r"arn:[^:]+:(sqs|sns|lambda):[^:]*:[^:]+:[^:]+")

#: Kind of target -> element of the rule, element of its ARN. MinIO has queues only, which takes in its webhooks.
_KINDS = {
    "queue": ("QueueConfiguration", "Queue"),
    "topic": ("TopicConfiguration", "Topic"),
    "function": ("CloudFunctionConfiguration", "CloudFunction"),
}


def parse_notifications(body: bytes) -> Optional[Rules]:
    """The rules of a GetBucketNotificationConfiguration answer, by their id."""
    tree = parse_tree(body)
    rules: Rules = {}
    for kind, (element, target) in _KINDS.items():
        for number, item in enumerate(tree.get(element, [])):
            rule: dict[str, Any] = {
                "arn": first(item, target) or "",
                "events": sorted(item.get("Event", [])),
                "prefix": "",
                "suffix": "",
            }
            for test in (first(item, "Filter", "S3Key") or {}).get("FilterRule", []):
                rule[str(first(test, "Name")).lower()] = first(test, "Value") or ""
            if kind != "queue":
                rule["kind"] = kind
            rules[first(item, "Id") or f"{kind}-{number + 1}"] = rule
    return rules or None


def render_notifications(rules: Optional[Rules]) -> bytes:
    """The body of PutBucketNotificationConfiguration; without rules it removes them all."""
    tree: Tree = {}
    for name, rule in (rules or {}).items():
        element, target = _KINDS[rule.get("kind", "queue")]
        item: Tree = {"Id": [name], target: [rule["arn"]], "Event": list(rule["events"])}
        tests = [{"Name": [side], "Value": [rule[side]]} for side in ("prefix", "suffix") if rule[side]]
        if tests:
            item["Filter"] = [{"S3Key": [{"FilterRule": tests}]}]
        tree.setdefault(element, []).append(item)
    return render_tree("NotificationConfiguration", tree)


def wanted_rules(given: Iterable[Mapping[str, Any]]) -> Rules:
    """The rules of a module's parameter, in the form in which ``parse_notifications`` reads them.

    :raises InvalidInputError: for two rules of one id, a target that is no ARN, or no event
    """
    rules: Rules = {}
    for item in given:
        name = item["id"]
        if name in rules:
            raise _bad(name, "two rules have this id", "Give each its own.")
        if not _ARN.fullmatch(item["arn"]):
            raise _bad(
                name,
                f"{item['arn']!r} is no ARN of a target",
                "A webhook NAME that the server is configured with is arn:minio:sqs::NAME:webhook.",
            )
        if not item["events"]:
            raise _bad(name, "it names no event", "Give it events, such as s3:ObjectCreated:*.")
        rules[name] = {
            "arn": item["arn"],
            "events": sorted(set(item["events"])),
            "prefix": item["prefix"] or "",
            "suffix": item["suffix"] or "",
        }
    return rules


def _bad(name: str, reason: str, hint: str) -> InvalidInputError:
    return InvalidInputError(f"use the notification {name!r}", reason, hint)
