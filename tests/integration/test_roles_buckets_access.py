"""The roles buckets and access from nothing: dry run, run, both again; secrets stay out of sight."""

from __future__ import annotations

import json
import stat
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.conftest import RunPlaybook, StartMinio
from tests.support.mc import Mc
from tests.support.playbooks import PlaybookResult
from tests.support.playbooks import run_playbook as run_playbook_file
from tests.support.server import Server

PLAY = """
- hosts: control_plane
  gather_facts: false
  roles: [buckets, access]
  tasks:
    - name: Prove the rights of each identity
      ansible.builtin.import_role: {name: access, tasks_from: prove}

    - name: Sign a URL as the API does
      vars:
        lines: "{{ lookup('ansible.builtin.file', access_secrets_dir ~ '/geocrop-api.env').splitlines() }}"
        values: "{{ dict(lines | map('split', '=', 1)) }}"
      ansible.builtin.debug:
        msg: "{{ lookup('minio_presigned_url', 'results/1/map.tif', bucket='geocrop-results',
                        access_key='geocrop-api', secret_key=values.MINIO_SECRET_KEY) }}"
      when: not ansible_check_mode
"""


def changed(result: PlaybookResult) -> list[str]:
    return [task.task for task in result.changed]


def fetch(url: str) -> bytes:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    content = connection.getresponse().read()
    connection.close()
    return content


@pytest.fixture(scope="module")
def empty_minio(start_minio: StartMinio) -> Server:
    return start_minio()


def test_from_nothing(run_playbook: RunPlaybook, empty_minio: Server, tmp_path: Path) -> None:
    play, secrets = tmp_path / "play.yml", tmp_path / "secrets"
    play.write_text(PLAY)
    mc = Mc.connect(empty_minio, tmp_path / "mc")

    def run(**options: Any) -> PlaybookResult:
        variables = {"access_secrets_dir": str(secrets), **options.pop("variables", {})}
        return run_playbook(play, server=empty_minio, extra_vars=variables, **options)

    predicted = run(check=True).expect_ok()
    assert mc.buckets() == []
    assert not secrets.exists()
    real = run(args=["-vvv"]).expect_ok()
    assert changed(predicted) == changed(real)
    assert len(mc.buckets()) == 4
    files = sorted(secrets.iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 4
    assert len(mc.run("admin", "user", "list", "t")) == 4
    for file in files:
        secret = file.read_text().split("MINIO_SECRET_KEY=")[1].strip()
        assert secret not in real.stdout + real.stderr + str([task.result for task in real.tasks])
    tried = real.task("Try what each identity may and may not do, with its own credentials").result["outcomes"]
    assert [one["met"] for one in tried] == [True] * 4

    again = run().expect_ok()
    assert changed(again) == []

    mc.put("geocrop-results/results/1/map.tif", b"a map")
    url = again.task("Sign a URL as the API does").result["msg"]
    assert fetch(url) == b"a map"

    mc.run("admin", "user", "add", "t", "geocrop-api", "a-secret-by-somebody-else")
    dead = run()
    assert "does not accept the secret of geocrop-api" in dead.stdout
    assert '"access_rotate":' in dead.stdout
    used = tmp_path / "used.yml"
    used.write_text(
        "- hosts: control_plane\n  gather_facts: false\n  roles: [connection]\n  tasks:\n"
        "    - ansible.builtin.include_role: {name: access, tasks_from: keys}\n"
        "      vars: {access_used: geocrop-api}\n"
    )
    told = run_playbook(used, server=empty_minio, extra_vars={"access_secrets_dir": str(secrets)}, check=True)
    assert """access.yml -e '{"access_rotate": ["geocrop-api"]}'""" in told.stdout

    worker = secrets / "geocrop-worker.env"
    former = worker.read_text()
    worker.unlink()
    refused = run()
    assert "exists on the server already" in refused.stdout
    assert not worker.exists()
    run(variables={"access_rotate": ["geocrop-worker", "geocrop-api"]}).expect_ok()
    assert worker.read_text() != former


def test_two_hosts_share_the_secrets(empty_minio: Server, tmp_path: Path) -> None:
    """The first makes them, also those that are to be new; the proof by each host shows that they agree."""
    inventory, play = tmp_path / "hosts.yml", tmp_path / "play.yml"
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory.write_text(json.dumps({"control_plane": {"hosts": {"one": local, "two": local}}}))
    play.write_text(
        "- hosts: control_plane\n  gather_facts: false\n  roles: [buckets, access]\n"
        "  tasks: [{ansible.builtin.import_role: {name: access, tasks_from: prove}}]\n"
    )
    for rotate in ([], ["shared"]):
        variables = {
            **empty_minio.playbook_variables,
            "buckets_list": [{"name": "shared-maps"}],
            "access_identities": [{"name": "shared", "rights": [{"bucket": "shared-maps", "can": ["read"]}]}],
            "access_buckets": ["shared-maps"],
            "access_secrets_dir": str(tmp_path / "secrets"),
            "access_rotate": rotate,
        }
        result = run_playbook_file(play, inventory=inventory, workdir=tmp_path / "ansible", extra_vars=variables)
        tried = result.expect_ok().of("minio_access_check")
        assert {task.host: task.result["outcomes"][0]["met"] for task in tried} == {"one": True, "two": True}
