"""The collection: built, installed from its file, and used by its full names where nothing else of the project is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from galaxy import build
from tests.support.locks import write_private
from tests.support.mc import Mc
from tests.support.playbooks import ansible_environment
from tests.support.state import Server

PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/geocrop.storage.all:
      endpoint: "{{ minio_endpoint }}"
      access_key: "{{ minio_access_key }}"
      secret_key: "{{ minio_secret_key }}"
  roles:
    - role: geocrop.storage.buckets
  tasks:
    - name: Upload, watched
      geocrop.storage.minio_sync:
        src: "{{ playbook_dir }}/files"
        bucket: "{{ buckets_list[0].name }}"
        prefix: p
      vars:
        minio_sync_progress: true
      register: synced
    - name: Sign a URL and say sizes
      ansible.builtin.copy:
        dest: "{{ playbook_dir }}/said.json"
        mode: "0600"
        content: >-
          {{ {"url": lookup('geocrop.storage.minio_presigned_url', 'p/a.txt', bucket=buckets_list[0].name),
              "size": 1536 | geocrop.storage.human_size, "uploaded": synced.uploaded} | to_json }}
"""


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.build(tmp_path_factory.mktemp("collection") / "out")


def run(program: str, *arguments: str | Path, folder: Path) -> str:
    environment = {
        **ansible_environment(folder),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_ASYNC_DIR": str(folder / "async"),
    }
    del environment["ANSIBLE_CALLBACK_PLUGINS"], environment["ANSIBLE_CALLBACKS_ENABLED"]
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_installed_and_used_elsewhere(
    tarball: Path, tmp_path: Path, http_minio: Server, bucket_name: str
) -> None:
    (tmp_path / "ansible.cfg").write_text("")
    (tmp_path / "home").mkdir()
    run("ansible-galaxy", "collection", "install", tarball, "--offline", folder=tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("a")
    (tmp_path / "play.yml").write_text(PLAY)
    buckets = [{"name": bucket_name, "access": "private"}]
    variables = {**http_minio.playbook_variables, "buckets_list": buckets, "ansible_python_interpreter": sys.executable}
    write_private(tmp_path / "vars.yml", yaml.safe_dump(variables))
    options = ["-i", "localhost,", "-c", "local", "-e", f"@{tmp_path / 'vars.yml'}"]
    run("ansible-playbook", *options, "play.yml", folder=tmp_path)
    said = yaml.safe_load((tmp_path / "said.json").read_text())
    assert (said["size"], said["uploaded"]) == ("1.5 KiB", 1)
    assert said["url"].startswith(f"{http_minio.endpoint}/{bucket_name}/p/a.txt?")
    assert Mc.connect(http_minio, tmp_path / "mc").keys(bucket_name) == ["p/a.txt"]
    again = run("ansible-playbook", *options, "play.yml", folder=tmp_path)
    assert re.search(r"changed=1 ", again)  # the URL is signed anew
    assert "minio_sync" in run("ansible-doc", "-t", "module", "geocrop.storage.minio_sync", folder=tmp_path)


def test_nothing_in_it_has_a_plain_name(tarball: Path) -> None:
    collection = tarball.parent / "ansible_collections" / "geocrop" / "storage"
    plain = re.compile(
        rf"ansible\.module_utils\.objectstore|^ +(?:- )?(?:{'|'.join(build.module_names())}):(?:$| .*connection)"
        rf"|\| *(?:{'|'.join(build.filter_names())})\b|make_importable",
        re.MULTILINE,
    )
    files = [path for name in ("plugins", "roles", "playbooks") for path in (collection / name).rglob("*.*")]
    texts = {path: path.read_text() for path in files if path.suffix in (".py", ".yml") and "meta" not in path.parts}
    found = {path.name: plain.findall(text) for path, text in texts.items() if plain.search(text)}
    assert found == {}


def test_its_changelog_tells_of_its_version(tarball: Path) -> None:
    collection = tarball.parent / "ansible_collections" / "geocrop" / "storage"
    releases = yaml.safe_load((collection / "changelogs" / "changelog.yaml").read_text())["releases"]
    version = yaml.safe_load((collection / "galaxy.yml").read_text())["version"]
    assert releases[version]["changes"]["minor_changes"]
