"""The settings of a bucket that S3 keeps as XML documents: for each its place, and the way to plain values and back."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple, Optional

from .lifecycle import parse_lifecycle, render_lifecycle
from .notifications import parse_notifications, render_notifications
from .xmltree import Tree, first, parse_tree, render_tree


class Setting(NamedTuple):
    """A setting of the S3 API.

    :param subresource: its place below the bucket
    :param parse: from the body of GET to a plain value, ``None`` where nothing is set
    :param render: from the value to the body of PUT
    :param deletes: whether it is removed by DELETE; else by a PUT of ``render(None)``
    """

    subresource: str
    parse: Callable[[bytes], Any]
    render: Callable[[Any], bytes]
    deletes: bool


def _parse_versioning(body: bytes) -> Optional[dict[str, Any]]:
    """Status and, of MinIO's extension, the prefixes (globs) and folders whose objects keep no versions."""
    tree = parse_tree(body)
    status = first(tree, "Status")
    if not status:
        return None
    value: dict[str, Any] = {"status": status.lower()}
    prefixes = sorted(filter(None, (first(item, "Prefix") for item in tree.get("ExcludedPrefixes", []))))
    if prefixes:
        value["exclude_prefixes"] = prefixes
    if (first(tree, "ExcludeFolders") or "").lower() == "true":
        value["exclude_folders"] = True
    return value


def _render_versioning(value: Optional[Mapping[str, Any]]) -> bytes:
    """S3 has no way back to "never enabled", so nothing is written as suspended."""
    wanted = value or {"status": "suspended"}
    tree: Tree = {"Status": [wanted["status"].capitalize()]}
    if wanted.get("exclude_prefixes"):
        tree["ExcludedPrefixes"] = [{"Prefix": [prefix]} for prefix in wanted["exclude_prefixes"]]
    if wanted.get("exclude_folders"):
        tree["ExcludeFolders"] = ["true"]
    return render_tree("VersioningConfiguration", tree)


def _parse_tags(body: bytes) -> Optional[dict[str, str]]:
    tags = (first(parse_tree(body), "TagSet") or {}) if body else {}
    found = tags.get("Tag", []) if isinstance(tags, dict) else []
    return {first(tag, "Key"): first(tag, "Value") or "" for tag in found} or None


def _render_tags(value: Optional[Mapping[str, str]]) -> bytes:
    tags = [{"Key": [key], "Value": [text]} for key, text in sorted((value or {}).items())]
    return render_tree("Tagging", {"TagSet": [{"Tag": tags}]})


_ALGORITHMS = {"AES256": "sse-s3", "aws:kms": "sse-kms"}


def _parse_encryption(body: bytes) -> Optional[dict[str, str]]:
    default = first(parse_tree(body), "Rule", "ApplyServerSideEncryptionByDefault")
    algorithm = first(default, "SSEAlgorithm")
    if not algorithm:
        return None
    key = (first(default, "KMSMasterKeyID") or "").rpartition("arn:aws:kms:")[2]
    return {"algorithm": _ALGORITHMS.get(algorithm, algorithm), **({"kms_key": key} if key else {})}


def _render_encryption(value: Optional[Mapping[str, str]]) -> bytes:
    wanted = value or {}
    algorithm = {word: name for name, word in _ALGORITHMS.items()}[wanted["algorithm"]]
    default: Tree = {"SSEAlgorithm": [algorithm]}
    if "kms_key" in wanted:
        default["KMSMasterKeyID"] = [wanted["kms_key"]]
    return render_tree(
        "ServerSideEncryptionConfiguration", {"Rule": [{"ApplyServerSideEncryptionByDefault": [default]}]}
    )


def _parse_retention(body: bytes) -> Optional[dict[str, Any]]:
    default = first(parse_tree(body), "Rule", "DefaultRetention")
    mode = first(default, "Mode")
    if not mode:
        return None
    years = int(first(default, "Years") or 0)
    period = {"years": years} if years else {"days": int(first(default, "Days") or 0)}
    return {"mode": mode.lower(), **period}


def _render_retention(value: Optional[Mapping[str, Any]]) -> bytes:
    tree: Tree = {"ObjectLockEnabled": ["Enabled"]}
    if value:
        unit = "years" if "years" in value else "days"
        tree["Rule"] = [{"DefaultRetention": [{"Mode": [value["mode"].upper()], unit.capitalize(): [value[unit]]}]}]
    return render_tree("ObjectLockConfiguration", tree)


#: Name -> setting; ``quota`` is missing because MinIO keeps it outside of the S3 API.
XML_SETTINGS: Mapping[str, Setting] = {
    "versioning": Setting("versioning", _parse_versioning, _render_versioning, deletes=False),
    "tags": Setting("tagging", _parse_tags, _render_tags, deletes=True),
    "encryption": Setting("encryption", _parse_encryption, _render_encryption, deletes=True),
    "retention": Setting("object-lock", _parse_retention, _render_retention, deletes=False),
    "lifecycle": Setting("lifecycle", parse_lifecycle, render_lifecycle, deletes=True),
    "notifications": Setting("notification", parse_notifications, render_notifications, deletes=False),
}
