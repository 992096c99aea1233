"""Hosts with the same folder upload the baselines together: what one would, each of them a share of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.integration.conftest import StartMinio
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.predictions import named
from tests.support.state import Server

FILES = 12

Run = Callable[..., PlaybookResult]


@pytest.fixture(scope="module")
def store(start_minio: StartMinio) -> Server:
    """A MinIO of these tests' own: buckets have the names of the platform."""
    return start_minio()


@pytest.fixture
def mc(store: Server, tmp_path: Path) -> Mc:
    """The other client, with an empty bucket of baselines."""
    client = Mc.connect(store, tmp_path / "mc")
    client.remove_bucket("geocrop-baselines")
    client.make_bucket("geocrop-baselines", "--with-versioning")
    return client


@pytest.fixture
def run(store: Server, sample_data: Path, tmp_path: Path) -> Run:
    """Run the role on some hosts, each with a home of its own, in batches where ``serial`` says so."""
    source = tmp_path / "dw_cogs"
    source.mkdir()
    for file in sorted((sample_data / "dw_cogs").glob("*_2015_2016-*.tif")):
        shutil.copy(file, source)

    def run(hosts: Sequence[str], *, check: bool = False, serial: object = None, role: str = "") -> PlaybookResult:
        play = {"hosts": "control_plane", "gather_facts": False, **({"serial": serial} if serial else {})}
        roles = {"roles": ["baselines"]}
        tasks = {"tasks": [{"include_role": {"name": "baselines", "tasks_from": role}}]}
        (tmp_path / "play.yml").write_text(json.dumps([{**play, **(tasks if role else roles)}]))
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        homes = {host: {"control_plane_home": str(tmp_path / host)} for host in hosts}
        (tmp_path / "hosts.yml").write_text(json.dumps({"control_plane": {"vars": local, "hosts": homes}}))
        for host in hosts:
            (tmp_path / host / "data").mkdir(parents=True, exist_ok=True)
        variables = {"baselines_source": str(source), "baselines_expect": {"season": ["2015_2016"]}}
        return run_playbook(
            str(tmp_path / "play.yml"),
            inventory=str(tmp_path / "hosts.yml"),
            workdir=tmp_path / "ansible",
            check=check,
            extra_vars={**store.playbook_variables, **variables, "baselines_release": "previous"},
        )

    return run


def uploads(result: PlaybookResult) -> dict[str, set[str]]:
    return {
        task.host: {item["key"] for item in task.result["objects"] if item["action"] == "upload"}
        for task in result.of("minio_sync")
    }


def uploaded(mc: Mc) -> set[str]:
    return {key for key in mc.keys("geocrop-baselines", "") if key.startswith("dw/")}


def actions(result: PlaybookResult) -> dict[str, list[str]]:
    return {
        task.host: [named(action["subject"]) for action in task.result["actions"]]
        for task in result.of("minio_manifest")
    }


def test_two_hosts_share_the_upload(run: Run, mc: Mc, tmp_path: Path) -> None:
    hosts = ("one", "two")
    dry, real = run(hosts, check=True).expect_ok(), run(hosts).expect_ok()
    shares = uploads(real)
    assert uploads(dry) == shares
    assert actions(dry) == actions(real)
    assert shares["one"]
    assert shares["two"]
    assert not shares["one"] & shares["two"]
    there = uploaded(mc)
    assert shares["one"] | shares["two"] == there
    assert len(there) == FILES
    assert not run(hosts).expect_ok().changed
    assert (tmp_path / "one/data/dw_baseline_keys.txt").read_text().split() == sorted(there)


@pytest.mark.parametrize(("serial", "hosts"), [(1, ("one", "two")), ("50%", ("one", "two", "three", "four"))])
def test_batches_do_what_a_play_without_them_does(
    run: Run, mc: Mc, tmp_path: Path, serial: object, hosts: Sequence[str]
) -> None:
    """The first batch does all of it, shared by its hosts; the others find it done, and write their own lists."""
    size = 1 if serial == 1 else 2
    real = run(hosts, serial=serial).expect_ok()
    shares, there = uploads(real), uploaded(mc)
    assert len(there) == FILES
    assert sorted(key for share in shares.values() for key in share) == sorted(there)
    assert all(shares[host] for host in hosts[:size])
    assert not any(shares[host] for host in hosts[size:])
    index = json.loads(mc.cat("geocrop-baselines/manifests/dw_baseline_index.json"))
    assert index["count"] == FILES
    for host in hosts:
        assert (tmp_path / host / "data/dw_baseline_keys.txt").read_text().split() == sorted(there)
    published = mc.stat("geocrop-baselines/manifests/dw_baseline_index.json")["versionID"]
    assert not run(hosts, serial=serial).expect_ok().changed
    assert not run(hosts).expect_ok().changed
    assert mc.stat("geocrop-baselines/manifests/dw_baseline_index.json")["versionID"] == published
    refused = run(hosts, serial=serial, role="rollback")
    assert "Leave serial out of the play" in refused.failed[0].result["msg"]
