"""Each module works with exactly the actions that docs/permissions.md lists, and a refusal names what is missing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.access.rights import parse_rights, policy_of

from tests.integration.permission_rows import (
    BEFORE,
    BUCKETS,
    FILES,
    IDENTITIES,
    OBJECTS,
    PEOPLE,
    PUBLISHED,
    RELEASED,
    RELEASES,
    SETTINGS,
    TRANSFERS,
    Actor,
    refusals,
    rows,
    statements,
)
from tests.support.mc import Mc
from tests.support.server import Server
from tests.support.syncing import plant


@pytest.fixture
def actor(minio: Server, mc: Mc, bucket: str, tmp_path: Path) -> Iterator[Actor]:
    src = tmp_path / "src"
    src.mkdir()
    for number in range(10):
        (src / f"small{number}").write_bytes(b"%d" % number)
    (src / "large").write_bytes(bytes(6 * 1024 * 1024))
    (src / "sub").mkdir()
    (src / "sub" / "deep").write_bytes(b"deep")
    name = f"t{secrets.token_hex(6)}"
    yield Actor(minio, name, bucket, src)
    for user in (name, f"{name}u"):
        mc.run("admin", "user", "remove", "t", user, check=False)
    for policy in (name, f"{name}p"):
        mc.run("admin", "policy", "remove", "t", policy, check=False)


@pytest.mark.parametrize(
    ("chapter", "runs"), [(OBJECTS, TRANSFERS), (RELEASES, RELEASED), (BUCKETS, SETTINGS), (IDENTITIES, PEOPLE)]
)
def test_the_page_has_a_row_for_each_run(chapter: str, runs: dict[str, Any]) -> None:
    assert list(rows(chapter)) == list(runs)


def test_each_module_works_with_the_actions_of_its_row(actor: Actor, mc: Mc) -> None:
    """In the order of the page: what one row wrote is what the next one finds."""
    for work, actions in rows(OBJECTS).items():
        module, params = TRANSFERS[work]
        if work == "`minio_sync` with `delete`":
            (actor.src / "small1").unlink()
            (actor.src / "small2").write_bytes(b"changed")
        take_away_each(actor, work, actions, OBJECTS)
        actor.may(statements(actions, actor.bucket, OBJECTS))
        done = actor.run(module, params, check="check mode" in work)
        assert not done["failed"], (work, done["msg"])
        if module == "minio_sync" and "check mode" not in work:
            files = [path.relative_to(actor.src).as_posix() for path in actor.src.rglob("*") if path.is_file()]
            assert sorted(mc.keys(actor.bucket, "p")) == sorted(f"p/{name}" for name in files), work
            again = actor.run(module, params)
            assert (again["failed"], again["changed"]) == (False, False), (work, again)


def take_away_each(actor: Actor, work: str, actions: list[str], chapter: str) -> None:
    """Run the work of a row without each of its actions in turn: each time, that one is what is missing."""
    module, params = {**TRANSFERS, **RELEASED, **SETTINGS, **PEOPLE}[work]
    for missing in actions:
        others = [action for action in actions if action != missing]
        actor.may(statements(others, f"{actor.bucket}*" if chapter in (BUCKETS, IDENTITIES) else actor.bucket, chapter))
        refused = actor.run(module, params, check="check mode" in work)
        assert missing in refusals(refused), (work, missing, refused)


def test_each_work_with_releases_takes_the_actions_of_its_row(actor: Actor, mc: Mc) -> None:
    mc.run("version", "enable", f"t/{actor.bucket}")
    first = released(actor, {"a": b"first", "b": b"same"})
    for number, (work, actions) in enumerate(rows(RELEASES).items()):
        module, params = RELEASED[work]
        content = {"a": b"later %d" % number, "b": b"same", f"c{number}": b"new"}
        if module == "minio_manifest":
            uploaded(actor, content)
        else:
            released(actor, content)
        actor.release = first
        take_away_each(actor, work, actions, RELEASES)
        actor.may(statements(actions, actor.bucket, RELEASES))
        done = actor.run(module, params)
        assert (done["failed"], done["changed"]) == (False, True), (work, done)


def uploaded(actor: Actor, content: dict[str, bytes]) -> None:
    """Bring this below ``p/data``, as root."""
    src = plant(actor.src.with_name("release"), content)
    done = actor.run("minio_sync", {"src": str(src), "prefix": "p/data"}, root=True)
    assert not done["failed"], done["msg"]


def released(actor: Actor, content: dict[str, bytes]) -> str:
    """Upload and publish it, as root; returns the key of the record."""
    uploaded(actor, content)
    return str(actor.run("minio_manifest", PUBLISHED, root=True)["release"])


@pytest.mark.parametrize(("chapter", "runs"), [(BUCKETS, SETTINGS), (IDENTITIES, PEOPLE)])
def test_each_setting_and_identity_takes_the_actions_of_its_row(
    target_minio: Server, tmp_path: Path, chapter: str, runs: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    name = f"t{secrets.token_hex(6)}"
    actor = Actor(target_minio, name, name, tmp_path)
    actor.run("minio_bucket", {"name": name}, root=True)
    actor.run("minio_object", {"key": "note", "content": "x"}, root=True)
    for work, actions in rows(chapter).items():
        module, params = runs[work]
        if work in BEFORE:
            assert actor.run(*BEFORE[work], root=True)["changed"], work
        take_away_each(actor, work, actions, chapter)
        actor.may(statements(actions, f"{actor.bucket}*", chapter))
        done = actor.run(module, params)
        assert not done["failed"], (work, done["msg"])
        assert not [action for action in actions if action in refusals(done)], (work, done)
        only_looks = "_info" in module or "alone" in work or "is there" in work
        assert done["changed"] is not only_looks, work


@pytest.mark.parametrize(
    ("module", "params", "needs"),
    [
        ("minio_sync", FILES, "s3:ListBucket on {bucket} with the prefix p/"),
        ("minio_fetch", {"prefix": "p", "dest": "{src}/back"}, "s3:ListBucket on {bucket} with the prefix p/"),
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
    assert actor.run("minio_sync", FILES)["uploaded"] == sum(path.is_file() for path in actor.src.rglob("*"))
    assert actor.run("minio_spot_check", {"prefix": "p"})["failed"] is False
    outside = actor.run("minio_sync", {**FILES, "prefix": "q"})
    assert "The identity needs s3:ListBucket on" in outside["msg"]
