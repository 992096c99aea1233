"""The roles buckets and access on stores with other identities than MinIO's, and with those that somebody made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunPlaybook
from tests.support.playbooks import PlaybookResult
from tests.support.state import Server

PLAY = """
- hosts: control_plane
  gather_facts: false
  roles: [buckets, access]
  tasks:
    - name: Prove the rights of each identity
      ansible.builtin.import_role: {name: access, tasks_from: prove}
"""

#: Each store with its way, and the access key of an identity there.
WAYS = {
    "ceph": ("ceph", "geocrop-worker"),
    "seaweedfs": ("iam", "geocropworker"),
    "versitygw": ("versitygw", "geocrop-worker"),
}


@pytest.mark.parametrize(
    ("name", "other"), [(name, name) for name in WAYS], indirect=["other"], scope="session", ids=WAYS
)
def test_identities_are_made_and_those_that_are_given_are_read(
    run_playbook: RunPlaybook, name: str, other: Server, tmp_path: Path
) -> None:
    way, key = WAYS[name]
    play, secrets = tmp_path / "play.yml", tmp_path / "secrets"
    play.write_text(PLAY)

    def run(*, backend: str = way, check: bool = False) -> PlaybookResult:
        variables = {"access_secrets_dir": str(secrets), "access_backend": backend}
        return run_playbook(play, server=other, extra_vars=variables, check=check)

    def changed(result: PlaybookResult) -> list[str]:
        return [task.task for task in result.expect_ok().changed]

    predicted = changed(run(check=True))
    assert not secrets.exists()
    done = run()
    assert changed(done) == predicted
    files: dict[str, Any] = {path.name: path.read_text() for path in sorted(secrets.iterdir())}
    assert f"MINIO_ACCESS_KEY={key}\n" in files["geocrop-worker.env"]
    for text in files.values():
        assert text.split("MINIO_SECRET_KEY=")[1].strip() not in done.stdout + str([task.result for task in done.tasks])
    given = run(backend="given")
    assert changed(given) == []
    assert files == {path.name: path.read_text() for path in sorted(secrets.iterdir())}
    tried = given.task("Try what each identity may and may not do, with its own credentials").result["outcomes"]
    assert [one["met"] for one in tried] == [True] * 4
    assert changed(run()) == []
    (secrets / "geocrop-worker.env").unlink()
    refused = run(backend="given")
    assert "geocrop-worker" in refused.failed[-1].result["msg"]
    assert not (secrets / "geocrop-worker.env").exists()


def test_a_store_without_a_way_is_named_with_the_way_out(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    play = tmp_path / "play.yml"
    play.write_text("- {hosts: control_plane, gather_facts: false, roles: [access]}\n")
    variables = {"access_secrets_dir": str(tmp_path / "secrets"), "control_plane_store": {"identities": "none"}}
    refused = run_playbook(play, extra_vars=variables, check=True)
    assert "access_backend: given" in refused.failed[-1].result["msg"]
