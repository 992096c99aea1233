"""What docs/permissions.md says that each work takes, how a test does that work, and a user who may do just so much."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible.module_utils.objectstore.servers.administered import AdministeredStore

from tests.integration.conftest import TARGET
from tests.integration.engine import connection
from tests.support.in_process import argument_spec, run_here
from tests.support.paths import REPO
from tests.support.server import Server

SECRET = "one-secret-of-a-test"
PAGE = (REPO / "docs" / "permissions.md").read_text(encoding="utf-8")


#: What is allowed on objects, and not on their bucket.
ON_OBJECTS = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:BypassGovernanceRetention",
)


def rows(chapter: str) -> dict[str, list[str]]:
    """Work -> actions, from the table of a chapter of the page."""
    table = PAGE.split(f"\n## {chapter}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| (`minio_[^|]+?) \| (.+) \|$", table, flags=re.MULTILINE)
    return {work: re.findall(r"`((?:s3|admin):\w+)`", actions) for work, actions in found}


OBJECTS, RELEASES = "Work with objects", "Work with releases"
BUCKETS, IDENTITIES = "Work on buckets", "Work on identities"
POLICY = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::maps/*"]}]}
READING = ["readonly"]
FILES: dict[str, Any] = {"src": "{src}", "prefix": "p", "part_size": "5MiB", "digest_cache": "{src}/../digests"}
TRANSFERS: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_sync`, new and changed files": ("minio_sync", FILES),
    "`minio_sync` with `delete`": ("minio_sync", {**FILES, "delete": True, "delete_limit": "100%"}),
    "`minio_sync` in check mode": ("minio_sync", FILES),
    "`minio_fetch`": ("minio_fetch", {"dest": "{src}/../back", "prefix": "p", "digest_cache": "{src}/../digests"}),
    "`minio_copy` in one store": (
        "minio_copy",
        {"prefix": "p/sub", "dest_bucket": "{bucket}", "dest_prefix": "p/copy"},
    ),
    "`minio_manifest` with `dest`": ("minio_manifest", {"prefix": "p", "dest": "{src}/../keys.txt"}),
    "`minio_manifest` with `object`": ("minio_manifest", {"prefix": "p", "object": "p/keys.txt"}),
    "`minio_manifest` with `verify`": ("minio_manifest", {"prefix": "p", "object": "p/keys.txt", "verify": True}),
    "`minio_spot_check`": ("minio_spot_check", {"prefix": "p"}),
    "`minio_object`, present": ("minio_object", {"key": "p/note.txt", "content": "a note"}),
    "`minio_object`, absent": ("minio_object", {"key": "p/note.txt", "state": "absent"}),
    "`minio_presigned_check`": ("minio_presigned_check", {"key": "p/large"}),
    "`minio_presigned_check` with `prefix`": ("minio_presigned_check", {"prefix": "p"}),
}  # fmt: skip

PUBLISHED: dict[str, Any] = {
    "prefix": "p/data",
    "key_pattern": "p/data/(?P<file>.+)",
    "object": "p/keys.txt",
    "index_object": "p/index.json",
    "releases_prefix": "p/releases/",
}
BACK: dict[str, Any] = {"release": "{release}", "index_object": "p/index.json", "releases_prefix": "p/releases/"}
KEPT: dict[str, Any] = {"keep": 1, "index_object": "p/index.json", "releases_prefix": "p/releases/"}
RELEASED: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_manifest` with `releases_prefix`": ("minio_manifest", PUBLISHED),
    "`minio_rollback`": ("minio_rollback", BACK),
    "`minio_rollback` with `delete`": ("minio_rollback", {**BACK, "delete": True, "delete_limit": "100%"}),
    "`minio_release_prune`": ("minio_release_prune", KEPT),
    "`minio_release_prune` with `versions`": ("minio_release_prune", {**KEPT, "versions": True}),
}

HERE: dict[str, Any] = {"name": "{bucket}"}
LOCKED: dict[str, Any] = {"name": "{bucket}-locked"}
GONE: dict[str, Any] = {"state": "absent", "force": True}
EVENTS = [{"id": "made", "arn": TARGET, "events": ["s3:ObjectCreated:*"]}]
USER: dict[str, Any] = {"name": "{user}u"}
GROUP: dict[str, Any] = {"name": "{user}g"}
KEY: dict[str, Any] = {"key": "notebook", "user": "{user}u"}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_bucket`, a new one": ("minio_bucket", {"name": "{bucket}-new"}),
    "`minio_bucket`, a new one with `object_lock`": ("minio_bucket", {**LOCKED, "object_lock": True}),
    "`minio_bucket` with `object_lock`, one that is there": ("minio_bucket", {**LOCKED, "object_lock": True}),
    "`minio_bucket` with `retention`": ("minio_bucket", {**LOCKED, "retention": {"mode": "governance", "days": 1}}),
    "`minio_bucket` with `versioning`, what it excludes included": (
        "minio_bucket", {**HERE, "versioning": "enabled", "versioning_exclude_prefixes": ["tmp/"]}
    ),
    "`minio_bucket` with `quota`": ("minio_bucket", {**HERE, "quota": "1GiB"}),
    "`minio_bucket` with `tags`": ("minio_bucket", {**HERE, "tags": {"owner": "ops"}}),
    "`minio_bucket` with `encryption`": ("minio_bucket", {**HERE, "encryption": "sse-s3"}),
    "`minio_bucket` with `lifecycle`": ("minio_bucket", {**HERE, "lifecycle": [{"id": "age", "expire_days": 9}]}),
    "`minio_bucket` with `notifications`": ("minio_bucket", {**HERE, "notifications": EVENTS}),
    "`minio_policy` with `verify` alone": ("minio_policy", {"verify": True}),
    "`minio_policy`, another than there is": ("minio_policy", {"access": "download"}),
    "`minio_policy`, back to `private`": ("minio_policy", {"access": "private"}),
    "`minio_bucket_info` of one bucket": ("minio_bucket_info", HERE),
    "`minio_bucket_info` with `count`, beside these": ("minio_bucket_info", {**HERE, "count": True}),
    "`minio_bucket_info` of all, beside these": ("minio_bucket_info", {}),
    "`minio_bucket`, absent": ("minio_bucket", {"name": "{bucket}-new", "state": "absent"}),
    "`minio_bucket`, absent with `force`": ("minio_bucket", {**HERE, **GONE}),
    "`minio_bucket`, absent with `force` and `bypass_governance`": (
        "minio_bucket", {**LOCKED, **GONE, "bypass_governance": True}
    ),
}  # fmt: skip
PEOPLE: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_iam_policy`, present": ("minio_iam_policy", {"name": "{user}p", "policy": POLICY}),
    "`minio_user`, a new one": ("minio_user", {**USER, "user_secret": SECRET}),
    "`minio_user` with `policies`": ("minio_user", {**USER, "policies": ["readonly"]}),
    "`minio_user` with `enabled`": ("minio_user", {**USER, "enabled": True}),
    "`minio_user` with `update_secret`": ("minio_user", {**USER, "user_secret": f"{SECRET}2", "update_secret": True}),
    "`minio_access_key` of another user, a new one": ("minio_access_key", {**KEY, "key_secret": SECRET}),
    "`minio_access_key` of another user, a change": ("minio_access_key", {**KEY, "description": "a notebook"}),
    "`minio_access_key` of another user, absent": ("minio_access_key", {**KEY, "state": "absent"}),
    "`minio_user` with `revoke`": ("minio_user", {**USER, "revoke": True}),
    "`minio_user_info`": ("minio_user_info", {}),
    "`minio_group`, a new one": ("minio_group", GROUP),
    "`minio_group` with `members`": ("minio_group", {**GROUP, "members": ["{user}u"]}),
    "`minio_group` with `policies`": ("minio_group", {**GROUP, "policies": ["readonly"]}),
    "`minio_group` with `enabled`": ("minio_group", {**GROUP, "enabled": False}),
    "`minio_group`, absent": ("minio_group", {**GROUP, "state": "absent"}),
    "`minio_iam_policy`, absent": ("minio_iam_policy", {"name": "{user}p", "state": "absent"}),
    "`minio_user`, absent": ("minio_user", {**USER, "state": "absent"}),
}
#: Work -> what root has to have done before it: the key, say, that the row before it removed.
BEFORE: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_user` with `enabled`": ("minio_user", {**USER, "enabled": False}),
    "`minio_user` with `revoke`": ("minio_access_key", {**KEY, "key_secret": SECRET}),
    "`minio_bucket`, absent with `force` and `bypass_governance`": (
        "minio_object", {"bucket": "{bucket}-locked", "key": "kept", "content": "for a day"}
    ),
}  # fmt: skip


def statements(actions: list[str], bucket: str, chapter: str) -> list[dict[str, Any]]:
    """The narrowest statements that the page means by the actions of a row."""
    return [_statement(action, bucket, "p/" if chapter in (OBJECTS, RELEASES) else "") for action in actions]


def _statement(action: str, bucket: str, prefix: str) -> dict[str, Any]:
    given: dict[str, Any] = {"Effect": "Allow", "Action": [action]}
    if action.startswith("admin:"):
        return given
    place = f"{bucket}/{prefix}*" if action in ON_OBJECTS else "*" if action == "s3:ListAllMyBuckets" else bucket
    given["Resource"] = [f"arn:aws:s3:::{place}"]
    if action == "s3:ListBucket" and prefix:
        given["Condition"] = {"StringLike": {"s3:prefix": [f"{prefix}*"]}}
    return given


class Actor:
    """A user whose only policy changes from row to row; it is the server's, not the test's, that says who may what."""

    def __init__(self, minio: Server, name: str, bucket: str, src: Path) -> None:
        self.store, self.name, self.bucket, self.src = AdministeredStore(connection(minio)), name, bucket, src
        self.root = minio.module_options
        self.release = ""
        self.own = {**self.root, "access_key": name, "secret_key": SECRET, "retries": 0}
        self.may([])
        self.store.set_user(name, secret=SECRET, enabled=True)
        self.store.change_user_policies(name, attach=[name], detach=[])

    def may(self, given: list[dict[str, Any]]) -> None:
        nothing = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::no-such-bucket/x"]}
        self.store.set_iam_policy(self.name, {"Version": "2012-10-17", "Statement": [nothing, *given]})

    def run(self, module: str, params: dict[str, Any], *, check: bool = False, root: bool = False) -> dict[str, Any]:
        filled = {name: self._filled(value) for name, value in params.items()}
        named = {"bucket": self.bucket} if "bucket" in argument_spec(module) else {}
        return run_here(module, {**(self.root if root else self.own), **named, **filled}, check=check)

    def _filled(self, value: Any) -> Any:
        words = {"src": str(self.src), "bucket": self.bucket, "user": self.name, "release": self.release}
        if isinstance(value, list):
            return [self._filled(entry) for entry in value]
        return value.format(**words) if isinstance(value, str) else value


def refusals(result: dict[str, Any]) -> str:
    """All that a result says about what was not allowed; what only reads may go on without."""
    unread = [reason for bucket in result.get("buckets", []) for reason in bucket["unread"].values()]
    return " ".join([result["msg"] if result["failed"] else "", *unread])
