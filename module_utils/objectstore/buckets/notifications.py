"""Event notifications of a bucket: rules that send events to a target of the server, such as a webhook."""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, Optional

from ..values.errors import InvalidInputError
from ..values.limits import LONGEST_FILTER, bytes_of, prefix_of, text_problem
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

_SIDES = ("prefix", "suffix")

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
        tests = [{"Name": [side], "Value": [rule[side]]} for side in _SIDES if rule[side]]
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
            "prefix": prefix_of(f"notification {name!r}", item["prefix"] or ""),
            "suffix": item["suffix"] or "",
        }
        for problem in filter(None, (_text_problem(text) for text in (name, *map(rules[name].get, _SIDES)))):
            raise _bad(name, problem, "")
    return rules


def event_problems(rules: Mapping[str, Mapping[str, Any]], known: frozenset[str]) -> Iterator[str]:
    """Which events the server does not know."""
    for name, rule in rules.items():
        for event in rule["events"]:
            if event not in known:
                yield f"the server knows no event {event!r} (notification {name}), but {', '.join(sorted(known)[:9])} …"


def _text_problem(text: Any) -> str:
    size = bytes_of(text) or 0
    return text_problem(text) or (
        f"{text[:20]!r}… has {size} bytes, and at most {LONGEST_FILTER}" if size > LONGEST_FILTER else ""
    )


def _bad(name: str, reason: str, hint: str) -> InvalidInputError:
    return InvalidInputError(f"use the notification {name!r}", reason, hint)
