"""The platform from one store to another: foretold, done, compared, and the old store as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartMinio
from tests.support.counters import write_counts
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.state import Server, save_state

BUCKETS = ["geocrop-baselines", "geocrop-datasets", "other-things"]


class Move:
    """Two servers, the second client of each, and a host."""

    def __init__(self, old: Server, new: Server, folder: Path) -> None:
        self.old, self.new, self.folder = old, new, folder
        self.here, self.there = Mc.connect(old, folder / "mc-old"), Mc.connect(new, folder / "mc-new")
        save_state(folder / "state", old)

    def run(self, playbook: str = "move", *, check: bool = False, **extra: Any) -> PlaybookResult:
        target = {"endpoint": self.new.endpoint, "access_key": self.new.access_key, "secret_key": self.new.secret_key}
        options = {f"move_{name}": value for name, value in target.items()} if playbook == "move" else {}
        places = {
            "control_plane_home": str(self.folder / "home"),
            "move_secrets_dir": str(self.folder / "secrets"),
            "baselines_source": str(self.folder / "cogs"),
            "baselines_expect": {"season": ["2015_2016"]},
        }
        return run_playbook(
            f"playbooks/{playbook}.yml",
            workdir=self.folder / "ansible",
            extra_vars={**places, **options, **extra},
            check=check,
            diff=True,
            environment={"GEOCROP_DEMO_STATE": str(self.folder / "state")},
        )


def held(mc: Mc) -> dict[str, Any]:
    """All that a store has: every version, and what is set on each bucket."""
    return {
        bucket: {
            "versions": mc.run("ls", "--recursive", "--versions", f"t/{bucket}"),
            # what is used is counted now and then
            "set": settled([{k: v for k, v in mc.stat(bucket).items() if k not in ("lastModified", "Usage")}]),
            "policy": settled(mc.run("anonymous", "get-json", f"t/{bucket}")),
            "rules": [one for one in mc.run("ilm", "export", f"t/{bucket}", check=False) if "error" not in one],
        }
        for bucket in mc.buckets()
    }


def settled(found: Any) -> Any:
    """With lists in order, also those of policies as text, whose actions MinIO gives in another order each time."""
    if isinstance(found, str) and found.startswith("{"):
        return settled(json.loads(found))
    if isinstance(found, dict):
        return {name: settled(value) for name, value in found.items()}
    return sorted(map(settled, found), key=json.dumps) if isinstance(found, list) else found


def contents(mc: Mc, *, apart_from: str = "") -> dict[str, str]:
    """bucket/key -> ETag."""
    return {
        f"{bucket}/{key}": entry["etag"]
        for bucket in mc.buckets()
        for key, entry in mc.objects(bucket).items()
        if not apart_from or apart_from not in f"{bucket}/{key}"
    }


@pytest.fixture(scope="module")
def move(start_minio: StartMinio, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Move:
    folder = tmp_path_factory.mktemp("move")
    made = Move(start_minio(), start_minio(), folder)
    (folder / "cogs").mkdir()
    for file in sorted((sample_data / "dw_cogs").glob("*_2015_2016-*.tif")):
        shutil.copy(file, folder / "cogs")
    made.here.make_bucket("geocrop-baselines", "--with-versioning")
    made.here.make_bucket("geocrop-datasets")
    made.here.make_bucket("other-things", "--with-lock")
    made.run("baselines").expect_ok()
    made.here.put("other-things/large", bytes(range(256)) * 4 * 1024 * 11, part_mib=5)
    made.here.put("other-things/a+b %41/\u00e9", b"awkward", metadata={"owner": "me"})
    made.here.put("geocrop-datasets/gone", b"removed, with a marker")
    made.here.run("tag", "set", "t/geocrop-datasets", "owner=ops")
    made.here.run("anonymous", "set", "download", "t/other-things")
    made.here.run("ilm", "rule", "add", "--prefix", "tmp/", "--expire-days", "9", "t/geocrop-datasets")
    made.here.run("quota", "set", "t/geocrop-datasets", "--size", "50GiB")
    return made


def test_a_store_is_left_for_another_and_what_is_new_follows(move: Move) -> None:
    before, counted = held(move.here), write_counts(move.old)
    dry = move.run(check=True).expect_ok()
    assert move.there.buckets() == []
    assert "to copy" in dry.task("Say what was done").result["msg"]
    assert " s, as reading a sample took" in dry.task("Say what was done").result["msg"]
    real = move.run().expect_ok()
    assert changed(dry) == [name for name in changed(real) if name != "List and index the keys"]
    assert move.there.buckets() == BUCKETS
    assert contents(move.there, apart_from="dw_baseline_index.json") == contents(
        move.here, apart_from="dw_baseline_index.json"
    )
    there = held(move.there)
    for bucket in BUCKETS:
        for what in ("set", "policy", "rules"):
            assert comparable(there[bucket][what]) == comparable(before[bucket][what]), (bucket, what)
    index, old = (
        json.loads(mc.cat("geocrop-baselines/manifests/dw_baseline_index.json")) for mc in (move.there, move.here)
    )
    assert (index["release"], index["count"]) == (old["release"], old["count"])
    assert index["base_url"] == f"{move.new.endpoint}/geocrop-baselines"
    (leaf, *_) = leaves(index["objects"])
    assert move.there.cat(f"geocrop-baselines/{leaf['key']}", version=leaf["version_id"])
    assert leaf["crs"] == "EPSG:4326", "what is known of objects came along"
    assert move.there.stat("other-things/a+b %41/\u00e9")["metadata"]["X-Amz-Meta-Owner"] == "me"
    users = {entry["accessKey"] for entry in move.there.run("admin", "user", "list", "t")}
    assert users == {"geocrop-worker", "geocrop-api", "geocrop-trainer", "geocrop-migrator"}
    assert sorted(path.stem for path in (move.folder / "secrets").iterdir()) == sorted(users)
    again = move.run().expect_ok()
    assert changed(again) == []
    assert "are the same in both stores" in again.task("See that nothing is different").result["msg"]
    assert held(move.here) == before, "the old store is as it was"
    assert write_counts(move.old) == counted, "and was asked for nothing but reads"
    move.here.put("other-things/new", b"1")
    assert changed(move.run(move_identities=False).expect_ok()) == ["Copy the objects of each bucket"]
    assert move.there.cat("other-things/new") == b"1"


def changed(result: PlaybookResult) -> list[str]:
    return [task.task for task in result.changed]


def comparable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Less what tells when something was set."""
    return json.loads(json.dumps(found), object_hook=lambda one: {k: v for k, v in one.items() if k not in _TIMES})


_TIMES = ("date", "lastModified", "updatedAt", "location", "ID")


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node] if "key" in node else [leaf for child in node.values() for leaf in leaves(child)]


def test_what_cannot_be(move: Move) -> None:
    assert "It is another one than" in move.run(move_endpoint=move.old.endpoint).stdout.replace("\n", " ")
    assert "there is no such bucket" in move.run(move_buckets=["none-of-that-name"], check=True).stdout
