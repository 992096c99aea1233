"""Secrets of identities in files that ansible-vault encrypts: by the role access, and by the module alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunPlaybook, StartMinio
from tests.integration.two_identities import IDENTITIES, PLAY, start_store
from tests.support.leaks import leaks_in_files, leaks_in_text, watched_processes
from tests.support.playbooks import PlaybookResult
from tests.support.server import Server

ALONE = """
- hosts: control_plane
  gather_facts: false
  tasks:
    - name: Keep it
      minio_env_file: "{{ {'endpoint': 'http://h', 'access_key': 'worker', 'vault': true} | combine(options) }}"
"""
Run = Callable[..., PlaybookResult]


@pytest.fixture
def store(start_minio: StartMinio, tmp_path: Path) -> Server:
    return start_store(start_minio, tmp_path)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("of the vault\n")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def view(file: Path, password: Path) -> str:
    """The secret, as ``ansible-vault view`` shows it."""
    program = Path(sys.executable).parent / "ansible-vault"
    shown = subprocess.run(
        [program, "view", "--vault-password-file", password, file],
        env={**os.environ, "PAGER": "cat"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[1] == f"MINIO_ACCESS_KEY={file.stem}"
    return shown.stdout.split("MINIO_SECRET_KEY=")[1].strip()


def names(result: PlaybookResult) -> list[str]:
    return [task.task for task in result.changed]


@pytest.fixture
def role(run_playbook: RunPlaybook, store: Server, folder: Path, tmp_path: Path) -> Run:
    """Run the role with the vault as its store."""
    play = tmp_path / "role.yml"
    play.write_text(PLAY)

    def run(*args: str | Path, rotate: tuple[str, ...] = (), **options: Any) -> PlaybookResult:
        variables = {
            "access_identities": IDENTITIES,
            "access_buckets": ["maps"],
            "access_secrets_store": "vault",
            "access_secrets_dir": str(folder),
            "access_rotate": rotate,
        }
        return run_playbook(play, server=store, extra_vars=variables, args=[str(one) for one in args], **options)

    return run


def test_the_role_from_nothing(role: Run, store: Server, folder: Path, password: Path, tmp_path: Path) -> None:
    given = ("--vault-password-file", password)
    refused = role()
    assert "this run was given no vault secret. Give it one by --vault-password-file" in refused.stdout
    predicted = role(*given, check=True).expect_ok()
    assert not folder.exists()
    real = role(*given, "-vvvvv", diff=True).expect_ok()
    assert names(real) == names(predicted) != []
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["worker.env", "writer.env"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 2
    secrets = [view(file, password) for file in files]
    assert [len(secret) for secret in secrets] == [40, 40]
    said = real.stdout + real.stderr + str([task.result for task in real.tasks])
    assert leaks_in_text([*secrets, "of the vault"], said) == []
    assert leaks_in_files(secrets, [tmp_path]) == []

    with watched_processes(secrets) as seen:
        again = role(*given).expect_ok()
    assert names(again) == []
    assert seen == []
    assert [view(file, password) for file in files] == secrets
    role(*given, rotate=("worker",)).expect_ok()
    rotated = [view(file, password) for file in files]
    assert rotated[0] != secrets[0]
    assert rotated[1] == secrets[1]
    assert leaks_in_files(rotated, [tmp_path]) == []


def test_a_secret_that_is_not_in_the_vault_is_not_made_again(role: Run, folder: Path, password: Path) -> None:
    given = ("--vault-password-file", password)
    role(*given, rotate=("worker", "writer")).expect_ok()
    (folder / "worker.env").unlink()
    refused = role(*given)
    assert "exists on the server already" in refused.stdout
    assert refused.rc != 0
    assert sorted(file.name for file in folder.iterdir()) == ["writer.env"]


@pytest.fixture
def alone(run_playbook: RunPlaybook, folder: Path, tmp_path: Path) -> Run:
    """Run the module alone."""
    play = tmp_path / "alone.yml"
    play.write_text(ALONE)

    def run(*args: str | Path, environment: dict[str, str] | None = None, **options: Any) -> PlaybookResult:
        variables = {"options": {"path": str(folder / "worker.env"), **options}}
        arguments = [str(one) for one in args]
        return run_playbook(play, extra_vars=variables, args=arguments, environment=environment or {})

    return run


def message(result: PlaybookResult) -> str:
    assert result.rc != 0
    return str(result.task("Keep it").result["msg"])


def test_a_file_in_clear_is_encrypted_and_keeps_its_secret(alone: Run, folder: Path, password: Path) -> None:
    file, given = folder / "worker.env", ("--vault-password-file", password)
    alone(vault=False).expect_ok()
    secret = file.read_text().split("MINIO_SECRET_KEY=")[1].strip()
    result = alone(*given, "--diff", generate=False).expect_ok()
    assert result.task("Keep it").result["actions"] == [
        {"action": "update", "subject": "encryption", "before": "none", "after": "ansible-vault"}
    ]
    assert view(file, password) == secret
    assert "it is encrypted by ansible-vault. Set access_secrets_store to vault." in message(alone(vault=False))

    before = file.read_bytes()
    password.write_text("another\n")
    assert "none of the vault secrets of this run opens it" in message(alone(*given))
    assert file.read_bytes() == before


def test_of_several_vault_secrets_one_is_chosen(alone: Run, folder: Path, password: Path) -> None:
    other = password.with_name("other")
    other.write_text("another\n")
    given = ("--vault-id", f"dev@{password}", "--vault-id", f"prod@{other}")
    for args in (given, (*given, "--check")):
        assert "which vault secret to take is not clear: none is chosen, there are dev, prod" in message(alone(*args))
    assert not folder.exists()
    assert "wrong is chosen" in message(alone(*given, environment={"ANSIBLE_VAULT_ENCRYPT_IDENTITY": "wrong"}))
    alone(*given, environment={"ANSIBLE_VAULT_ENCRYPT_IDENTITY": "prod"}).expect_ok()
    content = (folder / "worker.env").read_text()
    assert content.splitlines()[0] == "$ANSIBLE_VAULT;1.2;AES256;prod"
    assert view(folder / "worker.env", other)
    # what is encrypted already needs no choice
    assert names(alone(*given).expect_ok()) == []
