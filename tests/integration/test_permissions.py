"""Each module works with exactly the actions that docs/permissions.md lists, and a refusal names what is missing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.rights import parse_rights, policy_of
from ansible.module_utils.objectstore.servers.administered import AdministeredStore

from tests.integration.engine import connection
from tests.support.in_process import run_here
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.server import Server

SECRET = "one-secret-of-a-test"
PAGE = (REPO / "docs" / "permissions.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[str]]:
    """Work -> actions, from the first table of the page."""
    table = PAGE[: PAGE.index("## What makes work faster")]
    found = re.findall(r"^\| (`minio_[^|]+?) \| (.+) \|$", table, flags=re.MULTILINE)
    return {work: re.findall(r"`((?:s3|admin):\w+)`", actions) for work, actions in found}


POLICY = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::maps/*"]}]}
READING = ["readonly"]
FILES: dict[str, Any] = {"src": "{src}", "prefix": "p", "part_size": "5MiB", "digest_cache": "{src}/../digests"}
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "`minio_sync`, new and changed files": ("minio_sync", FILES),
    "`minio_sync` with `delete`": ("minio_sync", {**FILES, "delete": True, "delete_limit": "100%"}),
    "`minio_sync` in check mode": ("minio_sync", FILES),
    "`minio_manifest` with `dest`": ("minio_manifest", {"prefix": "p", "dest": "{src}/../keys.txt"}),
    "`minio_manifest` with `object`": ("minio_manifest", {"prefix": "p", "object": "p/keys.txt"}),
    "`minio_manifest` with `verify`": ("minio_manifest", {"prefix": "p", "object": "p/keys.txt", "verify": True}),
    "`minio_spot_check`": ("minio_spot_check", {"prefix": "p"}),
    "`minio_object`, present": ("minio_object", {"key": "p/note.txt", "content": "a note"}),
    "`minio_object`, absent": ("minio_object", {"key": "p/note.txt", "state": "absent"}),
    "`minio_presigned_check`": ("minio_presigned_check", {"key": "p/large"}),
    "`minio_bucket_info` of one bucket": ("minio_bucket_info", {"name": "{bucket}"}),
    "`minio_iam_policy`, present": ("minio_iam_policy", {"name": "{user}p", "policy": POLICY}),
    "`minio_user` with `policies`": ("minio_user", {"name": "{user}u", "user_secret": SECRET, "policies": READING}),
}  # fmt: skip


def statement(action: str, bucket: str) -> dict[str, Any]:
    """The narrowest statement that the page means by an action."""
    given: dict[str, Any] = {"Effect": "Allow", "Action": [action]}
    if action.startswith("admin:"):
        return given
    place = f"{bucket}/p/*" if action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject") else bucket
    given["Resource"] = [f"arn:aws:s3:::{place}"]
    if action == "s3:ListBucket":
        given["Condition"] = {"StringLike": {"s3:prefix": ["p/*"]}}
    return given


class Actor:
    """A user whose only policy changes from row to row; it is the server's, not the test's, that says who may what."""

    def __init__(self, minio: Server, name: str, bucket: str, src: Path) -> None:
        self.store, self.name, self.bucket, self.src = AdministeredStore(connection(minio)), name, bucket, src
        self.own = {**minio.module_options, "access_key": name, "secret_key": SECRET, "retries": 0}
        self.may([])
        self.store.set_user(name, secret=SECRET, enabled=True)
        self.store.change_user_policies(name, attach=[name], detach=[])

    def may(self, statements: list[dict[str, Any]]) -> None:
        nothing = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::no-such-bucket/x"]}
        self.store.set_iam_policy(self.name, {"Version": "2012-10-17", "Statement": [nothing, *statements]})

    def run(self, module: str, params: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
        words = {"src": str(self.src), "bucket": self.bucket, "user": self.name}
        filled = {k: v.format(**words) if isinstance(v, str) else v for k, v in params.items()}
        named = {} if "name" in filled else {"bucket": self.bucket}
        return run_here(module, {**self.own, **named, **filled}, check=check)


@pytest.fixture
def actor(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> Iterator[Actor]:
    src = tmp_path / "src"
    src.mkdir()
    for number in range(10):
        (src / f"small{number}").write_bytes(b"%d" % number)
    (src / "large").write_bytes(bytes(6 * 1024 * 1024))
    name = f"t{secrets.token_hex(6)}"
    yield Actor(minio, name, bucket, src)
    for user in (name, f"{name}u"):
        mc.run("admin", "user", "remove", "t", user, check=False)
    for policy in (name, f"{name}p"):
        mc.run("admin", "policy", "remove", "t", policy, check=False)


def test_the_page_has_a_row_for_each_run() -> None:
    assert set(rows()) == set(RUNS)


def test_each_module_works_with_the_actions_of_its_row(actor: Actor, mc: Mc) -> None:
    """In the order of the page: what one row wrote is what the next one finds."""
    for work, actions in rows().items():
        module, params = RUNS[work]
        actor.may([])
        refused = actor.run(module, params, check=True)
        assert refused["failed"], work
        actor.may([statement(action, actor.bucket) for action in actions])
        if work == "`minio_sync` with `delete`":
            (actor.src / "small1").unlink()
            (actor.src / "small2").write_bytes(b"changed")
        done = actor.run(module, params, check="check mode" in work)
        assert not done["failed"], (work, done["msg"])
        if module == "minio_sync" and "check mode" not in work:
            assert sorted(mc.keys(actor.bucket, "p")) == sorted(f"p/{path.name}" for path in actor.src.iterdir()), work
            again = actor.run(module, params)
            assert (again["failed"], again["changed"]) == (False, False), (work, again)


@pytest.mark.parametrize(
    ("module", "params", "needs"),
    [
        ("minio_sync", FILES, "s3:ListBucket on {bucket} with the prefix p/"),
        ("minio_manifest", {"prefix": "p", "dest": "{src}/keys"}, "s3:ListBucket on {bucket} with the prefix p/"),
        ("minio_spot_check", {"prefix": "p"}, "s3:ListBucket on {bucket} with the prefix p/"),
        ("minio_object", {"key": "p/n.txt", "content": "x"}, "s3:GetObject on {bucket}/p/n.txt"),
        ("minio_bucket", {"name": "{bucket}", "versioning": "enabled"}, "s3:ListBucket on {bucket}"),
        ("minio_user", {"name": "{user}"}, "admin:GetUser"),
        ("minio_iam_policy", {"name": "{user}", "state": "absent"}, "admin:GetPolicy"),
    ],
)
def test_a_refusal_names_the_action_that_is_missing(
    actor: Actor, module: str, params: dict[str, Any], needs: str
) -> None:
    if module == "minio_user":
        actor.may([{"Effect": "Deny", "Action": ["admin:GetUser"]}])
    refused = actor.run(module, params)
    assert f"The identity needs {needs.format(bucket=actor.bucket)}." in refused["msg"]


def test_rights_with_a_prefix_are_enough_also_for_bundles(actor: Actor) -> None:
    document = policy_of(parse_rights([{"bucket": actor.bucket, "prefix": "p", "can": ["list", "read", "write"]}]))
    actor.store.set_iam_policy(actor.name, document)
    assert actor.run("minio_sync", FILES)["uploaded"] == 11
    assert actor.run("minio_spot_check", {"prefix": "p"})["failed"] is False
    outside = actor.run("minio_sync", {**FILES, "prefix": "q"})
    assert "The identity needs s3:ListBucket on" in outside["msg"]
