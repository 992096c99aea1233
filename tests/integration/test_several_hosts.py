"""Two hosts with the same folder upload the baselines together: what one would, each of them a share."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.integration.conftest import StartMinio
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.predictions import named

FILES = 12


def test_two_hosts_share_the_upload(start_minio: StartMinio, sample_data: Path, tmp_path: Path) -> None:
    server = start_minio()
    mc = Mc.connect(server, tmp_path / "mc")
    mc.make_bucket("geocrop-baselines")
    source = tmp_path / "dw_cogs"
    source.mkdir()
    for file in sorted((sample_data / "dw_cogs").glob("*_2015_2016-*.tif")):
        shutil.copy(file, source)
    playbook = tmp_path / "play.yml"
    playbook.write_text("- hosts: control_plane\n  gather_facts: false\n  roles: [baselines]\n")
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        "control_plane:\n"
        "  vars: {ansible_connection: local, ansible_python_interpreter: '{{ ansible_playbook_python }}'}\n"
        f"  hosts:\n    one: {{control_plane_home: {tmp_path}/one}}\n    two: {{control_plane_home: {tmp_path}/two}}\n"
    )

    def run(*, check: bool) -> PlaybookResult:
        return run_playbook(
            str(playbook),
            inventory=str(inventory),
            workdir=tmp_path / "ansible",
            check=check,
            extra_vars={
                **server.playbook_variables,
                "baselines_source": str(source),
                "baselines_expect": {"season": ["2015_2016"]},
            },
        ).expect_ok()

    def uploads(result: PlaybookResult) -> dict[str, set[str]]:
        return {task.host: {item["key"] for item in task.result["objects"]} for task in result.of("minio_sync")}

    def actions(result: PlaybookResult) -> dict[str, list[str]]:
        return {
            task.host: [named(action["subject"]) for action in task.result["actions"]]
            for task in result.of("minio_manifest")
        }

    for name in ("one", "two"):
        (tmp_path / name / "data").mkdir(parents=True)
    dry, real = run(check=True), run(check=False)
    shares = uploads(real)
    assert uploads(dry) == shares
    assert actions(dry) == actions(real)
    assert shares["one"]
    assert shares["two"]
    assert not shares["one"] & shares["two"]
    uploaded = {key for key in mc.keys("geocrop-baselines", "") if key.startswith("dw/")}
    assert shares["one"] | shares["two"] == uploaded
    assert len(uploaded) == FILES
    assert not run(check=False).changed
    assert (tmp_path / "one/data/dw_baseline_keys.txt").read_text().split() == sorted(uploaded)
