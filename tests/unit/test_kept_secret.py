"""Credentials in a file and in a Secret: when a secret is a new one, and that it is no part of a plan."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.objectstore.secrets.cluster_secret import (
    document_of,
    plan_cluster_secret,
    read_cluster_secret,
)
from ansible.module_utils.objectstore.secrets.env_file import (
    EnvFileSpec,
    apply_env_file,
    plan_env_file,
    read_env_file,
    secret_of,
)
from ansible.module_utils.objectstore.secrets.kept_secret import (
    ACCESS_KEY,
    ARGUMENTS,
    Kept,
    MissingSecretError,
    Wanted,
    plan_credentials,
    returns_of,
)
from ansible.module_utils.objectstore.values.change import Plan
from ansible.module_utils.objectstore.values.errors import ObjectStoreError, RefusedError, SourceError

VALUES = {"MINIO_ENDPOINT": "http://h", "MINIO_ACCESS_KEY": "w"}
THERE, NONE = Kept(VALUES, "topsecret"), Kept()


@pytest.mark.parametrize(
    ("kept", "options", "subjects"),
    [
        (NONE, {}, ["secret", "values"]),
        (NONE, {"generate": False, "rotate": True}, ["secret", "values"]),
        (THERE, {}, []),
        (THERE, {"generate": False}, []),
        (THERE, {"rotate": True}, ["secret"]),
        (THERE, {"rotate": True, "read_only": True}, []),
        (Kept({"MINIO_ENDPOINT": "http://old"}, "topsecret"), {}, ["values"]),
        (Kept({"MINIO_ENDPOINT": "http://old"}, "topsecret"), {"read_only": True}, []),
        (Kept({"MINIO_ENDPOINT": "http://old"}), {}, ["secret", "values"]),
    ],
)
def test_plan_of_credentials(kept: Kept, options: dict[str, bool], subjects: list[str]) -> None:
    actions = plan_credentials("there", kept, Wanted(VALUES, **options))
    assert [action.subject for action in actions] == subjects
    assert "topsecret" not in str(actions) + str(kept)


@pytest.mark.parametrize("options", [{"generate": False}, {"read_only": True}, {"read_only": True, "rotate": True}])
def test_a_secret_that_may_not_be_made_is_missing(options: dict[str, bool]) -> None:
    with pytest.raises(MissingSecretError, match="take the secret of w from there: there is none"):
        plan_credentials("there", NONE, Wanted(VALUES, **options))


def test_options_are_those_of_what_is_wanted() -> None:
    flags = {"generate": False, "rotate": True, "read_only": False}
    params = {"endpoint": "http://h", "access_key": "w", "key_id": None, **flags}
    assert set(params) == set(ARGUMENTS)
    assert Wanted.from_params(params) == Wanted(VALUES, generate=False, rotate=True)
    assert Wanted.from_params({**params, "key_id": "w1"}).values[ACCESS_KEY] == "w1"


def test_what_is_only_read_is_taken_as_it_is() -> None:
    """Also the access key that somebody made."""
    kept, wanted = Kept({**VALUES, ACCESS_KEY: "AKIA1"}, "topsecret"), Wanted(VALUES, read_only=True)
    assert returns_of(Plan("there"), kept, wanted, "topsecret")["credentials"]["access_key"] == "AKIA1"


class Backwards:
    """A vault whose cipher anybody can read."""

    def decrypt(self, content: bytes) -> bytes:
        return content.removeprefix(b"$ANSIBLE_VAULT;")[::-1]

    def encrypt(self, text: bytes) -> bytes:
        return b"$ANSIBLE_VAULT;" + text[::-1]


def keep(path: Path, vault: Backwards | None = None, **options: Any) -> tuple[list[str], str]:
    """Run the plan of a file; what it changed, and the secret."""
    spec = EnvFileSpec(path, Wanted(VALUES, **options), vault)
    state = read_env_file(path, vault)
    plan = plan_env_file(state, spec)
    secret = secret_of(state, plan)
    list(apply_env_file(plan, spec, secret))
    assert secret not in str(plan.as_list()) + str(plan.diff()) + repr(state)
    return [action.subject for action in plan.actions], secret


def test_a_file_of_credentials_keeps_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "new" / "w.env"
    changed, secret = keep(path)
    assert (changed, len(secret)) == (["secret", "values"], 40)
    assert path.read_text() == f"MINIO_ENDPOINT=http://h\nMINIO_ACCESS_KEY=w\nMINIO_SECRET_KEY={secret}\n"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert keep(path, generate=False) == ([], secret)
    path.chmod(0o644)
    assert keep(path, read_only=True) == ([], secret)
    assert keep(path) == (["mode"], secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keep(path, rotate=True)[1] != secret
    assert [one.name for one in path.parent.iterdir()] == ["w.env"]


def test_a_file_of_credentials_that_is_missing_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "w.env"
    with pytest.raises(RefusedError, match="exists on the server already"):
        keep(path, generate=False)
    assert list(tmp_path.iterdir()) == []
    for content, words in ((b"MINIO_ACCESS_KEY=w\n", "no line MINIO_SECRET_KEY="), (b"\xff", "it is no text")):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=words):
            keep(path)


def test_an_encrypted_file_keeps_its_secret(tmp_path: Path) -> None:
    path, vault = tmp_path / "w.env", Backwards()
    _, secret = keep(path)
    assert keep(path, vault) == (["encryption"], secret)
    assert secret not in path.read_text()
    assert keep(path, vault) == ([], secret)
    with pytest.raises(SourceError, match="encrypted by ansible-vault"):
        keep(path)


class OneSecret:
    """A cluster with one Secret."""

    namespace = "geocrop"

    def __init__(self, document: dict[str, Any] | None) -> None:
        self.document = document

    def find(self, kind: str, name: str) -> dict[str, Any] | None:
        assert (kind, name) == ("Secret", "w")
        return self.document

    def put(self, document: dict[str, Any], *, rehearse: bool = False) -> None:
        raise AssertionError(document, rehearse)


def encoded(**values: str) -> dict[str, str]:
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def test_a_secret_of_a_cluster_keeps_all_but_our_keys() -> None:
    former = {
        "kind": "Secret",
        "type": "theirs",
        "metadata": {"name": "w", "resourceVersion": "7", "labels": {"team": "maps"}},
        "data": encoded(MINIO_SECRET_KEY="topsecret", TOKEN="theirs"),
    }
    cluster = OneSecret(former)
    state = read_cluster_secret(cluster, "w")
    plan = plan_cluster_secret(cluster, "w", state, Wanted(VALUES))
    assert [action.subject for action in plan.actions] == ["values", "label app.kubernetes.io/managed-by"]
    assert "topsecret" not in str(plan) + repr(state)
    assert document_of("w", state, Wanted(VALUES), secret_of(state, plan)) == {
        **former,
        "metadata": {
            **former["metadata"],  # type: ignore[dict-item]
            "labels": {"app.kubernetes.io/managed-by": "geocrop-storage", "team": "maps"},
        },
        "data": encoded(TOKEN="theirs", MINIO_SECRET_KEY="topsecret", **VALUES),
    }


def test_a_key_of_a_secret_that_is_no_text_is_named() -> None:
    cluster = OneSecret({"metadata": {"name": "w"}, "data": {"MINIO_SECRET_KEY": "/w=="}})
    with pytest.raises(ObjectStoreError, match="its key MINIO_SECRET_KEY is no text"):
        read_cluster_secret(cluster, "w")
