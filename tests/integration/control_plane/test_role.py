"""The role control_plane on this host: where credentials come from, mc, rclone, and what is refused in production."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.kube import Kube
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.state import Server

Play = Callable[..., PlaybookResult]

PLAY = """
- name: Try
  hosts: control_plane
  gather_facts: false
  tasks:
    - name: Run a part of the role
      ansible.builtin.include_role:
        name: control_plane
        tasks_from: "{{ part }}"
    - name: What the roles after it get
      minio_ping:
        endpoint: "{{ minio_endpoint }}"
        access_key: "{{ minio_access_key }}"
        secret_key: "{{ minio_secret_key }}"
      when: part == 'credentials'
"""


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Run one task file of the role with variables, in an inventory that says nothing else."""
    inventory = tmp_path / "hosts.yml"
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory.write_text(json.dumps({"control_plane": {"hosts": {"here": host}}}))
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAY)

    def run(variables: Mapping[str, Any], *, part: str = "credentials", **options: Any) -> PlaybookResult:
        given = {"part": part, "control_plane_home": str(tmp_path / "geocrop"), **variables}
        return run_playbook(playbook, workdir=tmp_path / "ansible", inventory=inventory, extra_vars=given, **options)

    return run


def _message(result: PlaybookResult) -> str:
    assert result.rc != 0
    (failed,) = result.failed
    assert "no_log" not in str(failed.result.get("msg"))
    items = [item for item in failed.result.get("results", []) if item.get("failed")]
    return str((items or [failed.result])[0]["msg"])


def test_auto_takes_the_first_source_that_has_some(play: Play, minio: Server, tmp_path: Path) -> None:
    store = minio.playbook_variables
    wrong = {"MINIO_ENDPOINT": "http://127.0.0.1:1", "MINIO_ACCESS_KEY": "x", "MINIO_SECRET_KEY": "y"}
    assert "credentials from variables" in play(store, environment=wrong).expect_ok().stdout
    assert "credentials from environment" in play({}, environment=minio.environment).expect_ok().stdout
    nothing = _message(play({"control_plane_kubeconfig": str(tmp_path / "none")}))
    assert "Could not read Deployment minio in namespace geocrop" in nothing
    assert "Neither minio_access_key" in nothing


@pytest.mark.parametrize(
    ("source", "variables", "environment", "words"),
    [
        ("variables", {"minio_access_key": "a"}, {"MINIO_SECRET_KEY": "b"}, "the variable minio_secret_key is not set"),
        ("environment", {"minio_access_key": "a"}, {"MINIO_SECRET_KEY": "b"}, "MINIO_ACCESS_KEY in the workstation's"),
        ("auto", {"minio_secret_key": "b"}, {}, "the variable minio_access_key is not set"),
    ],
)
def test_half_a_pair_is_an_error(
    play: Play, source: str, variables: dict[str, str], environment: dict[str, str], words: str
) -> None:
    given = {"minio_credentials_source": source, "minio_endpoint": "http://127.0.0.1:1", **variables}
    assert words in _message(play(given, environment=environment))


def test_what_the_cluster_does_not_give_is_said(play: Play, kube: Kube, tmp_path: Path) -> None:
    config = kube.kubeconfig(tmp_path / "config", "stranger")
    variables = {"minio_credentials_source": "kubernetes", "control_plane_kubeconfig": str(config)}
    message = _message(play(variables | {"minio_endpoint": "http://127.0.0.1:1"}))
    assert "forbids stranger to get deployments" in message


def test_default_credentials_are_refused_in_production(play: Play, tmp_path: Path) -> None:
    store = {"minio_endpoint": "http://127.0.0.1:1", "minio_access_key": "admin", "minio_secret_key": "minioadmin12"}
    # the modules' Python is the one that runs Ansible here: it has the library, and is no environment of the role's
    production = {**store, "control_plane_environment": "production"}
    assert "well-known defaults" in _message(play(production, part="check"))
    allowed = _message(play(production | {"control_plane_allow_default_credentials": True}, part="check"))
    assert "refuses connections" in allowed


@pytest.fixture
def download(tmp_path: Path) -> Iterator[str]:
    """URL of a file ``mc`` on a server of the test's own."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "mc").write_bytes(b"#!/bin/sh\necho minio\n")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "www"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/mc"
    server.shutdown()
    server.server_close()


def test_mc_is_downloaded_by_its_checksum(play: Play, download: str, tmp_path: Path) -> None:
    content = (tmp_path / "www" / "mc").read_bytes()
    good = {
        "control_plane_mc_url": download,
        "control_plane_mc_checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    predicted = play(good, part="mc", check=True).expect_ok()
    assert not (tmp_path / "geocrop").exists()
    first = play(good, part="mc").expect_ok()
    assert [task.task for task in first.changed] == [task.task for task in predicted.changed]
    assert (tmp_path / "geocrop" / "bin" / "mc").read_bytes() == content
    assert play(good, part="mc").expect_ok().changed == []
    assert "checksum" in _message(play(good | {"control_plane_mc_checksum": f"sha256:{'0' * 64}"}, part="mc"))
    assert (tmp_path / "geocrop" / "bin" / "mc").read_bytes() == content


def test_a_host_without_mc_is_told_so(play: Play, tmp_path: Path) -> None:
    commander = tmp_path / "path" / "mc"
    commander.parent.mkdir()
    commander.write_text("#!/bin/sh\necho GNU Midnight Commander\n")
    commander.chmod(0o755)
    message = _message(play({}, part="mc", environment={"PATH": f"{commander.parent}:/usr/bin:/bin"}))
    assert "Could not find MinIO's mc" in message


def test_a_host_without_rclone_is_told_so(play: Play, tmp_path: Path) -> None:
    broken = tmp_path / "path" / "rclone"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    variables = {"control_plane_client": "rclone"}
    message = _message(play(variables, part="rclone", environment={"PATH": f"{broken.parent}:/usr/bin:/bin"}))
    assert "Could not find rclone" in message
    copied = play({**variables, "control_plane_rclone_file": str(broken)}, part="rclone").expect_ok()
    assert len(copied.changed) == 2
    assert (tmp_path / "geocrop" / "bin" / "rclone").read_text() == broken.read_text()
