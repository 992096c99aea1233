"""minio_client_files: an alias for mc, a remote for rclone, a file of variables; read back by them and a shell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunModule
from tests.support.binaries import mc_binary
from tests.support.state import Server

RCLONE = Path(sys.executable).with_name("rclone")


def test_the_cycle(run_module: RunModule, minio: Server, tls_minio: Server, bucket: str, tmp_path: Path) -> None:
    config, variables = tmp_path / "mc", tmp_path / "minio.env"
    options = {"alias": "geocrop-minio", "mc_config": str(config), "environment_file": str(variables)}

    def run(**given: Any) -> dict[str, Any]:
        return run_module("minio_client_files", options, diff=True, **given)

    predicted = run(check=True)
    assert predicted["changed"]
    assert list(tmp_path.iterdir()) == []
    made = run()
    assert (made["actions"], made["diff"]) == (predicted["actions"], predicted["diff"])
    assert minio.secret_key not in str(made["diff"])
    for path in (config / "config.json", variables):
        assert path.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(
        [mc_binary(), "-C", config, "ls", "geocrop-minio"], capture_output=True, text=True, check=True
    )
    assert bucket in listed.stdout
    said = subprocess.run(
        ["sh", "-c", f'. {variables}; printf %s "$MINIO_SECRET_KEY"'], capture_output=True, text=True, check=True
    )
    assert said.stdout == minio.secret_key
    for check in (True, False):
        assert not run(check=check)["changed"]

    predicted = run(check=True, server=tls_minio)
    assert run(server=tls_minio)["actions"] == predicted["actions"]
    trusting = subprocess.run([mc_binary(), "-C", config, "ls", "geocrop-minio"], capture_output=True, check=False)
    assert trusting.returncode == 0
    assert not run(server=tls_minio)["changed"]


def test_other_aliases_and_a_foreign_file_stay(run_module: RunModule, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    mine = {"url": "https://other.example.org", "accessKey": "a", "secretKey": "b", "api": "S3v4", "path": "auto"}
    path.write_text(json.dumps({"version": "10", "aliases": {"mine": mine}}))
    path.chmod(0o644)
    options = {"alias": "geocrop-minio", "mc_config": str(tmp_path)}
    assert run_module("minio_client_files", options)["changed"]
    aliases = json.loads(path.read_text())["aliases"]
    assert aliases["mine"] == mine
    assert set(aliases) == {"mine", "geocrop-minio"}
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("not json")
    assert "no configuration of mc's" in run_module("minio_client_files", options)["msg"]
    assert path.read_text() == "not json"


def rclone(config: Path, *args: str) -> str:
    done = subprocess.run([RCLONE, "--config", config, *args], capture_output=True, text=True, check=True)
    return done.stdout


def test_rclone_has_a_remote(
    run_module: RunModule, minio: Server, tls_minio: Server, bucket: str, tmp_path: Path
) -> None:
    config = tmp_path / "new" / "rclone.conf"
    options = {"remote": "geocrop-minio", "rclone_config": str(config)}

    def run(**given: Any) -> dict[str, Any]:
        return run_module("minio_client_files", {**options, **given.pop("options", {})}, diff=True, **given)

    predicted = run(check=True)
    assert predicted["changed"]
    assert list(tmp_path.iterdir()) == []
    made = run()
    assert (made["actions"], made["diff"]) == (predicted["actions"], predicted["diff"])
    assert minio.secret_key not in str(made["diff"])
    assert config.stat().st_mode & 0o777 == 0o600
    assert bucket in rclone(config, "lsf", "geocrop-minio:")
    for check in (True, False):
        assert not run(check=check)["changed"]
    config.chmod(0o640)
    assert run()["actions"][0]["before"]["mode"] == "0640"
    assert config.stat().st_mode & 0o777 == 0o600

    assert run(options={"rclone_provider": "Minio"})["changed"]
    assert bucket in rclone(config, "lsf", "geocrop-minio:")
    authority = Path(tls_minio.ca_cert or "").read_text()
    for given in (tls_minio.ca_cert, authority):
        predicted = run(check=True, server=tls_minio, options={"ca_cert": given})
        assert run(server=tls_minio, options={"ca_cert": given})["actions"] == predicted["actions"]
        rclone(config, "lsf", "geocrop-minio:")
        assert not run(server=tls_minio, options={"ca_cert": given})["changed"]
    assert (config.parent / "geocrop-minio.crt").read_text() == authority


def test_other_remotes_stay_as_they_are_written(run_module: RunModule, minio: Server, tmp_path: Path) -> None:
    config = tmp_path / "rclone.conf"
    first, last = "# mine\n[old]\ntype=local\n", "[last]\n; kept\ntype = local\n"
    former = "[geocrop-minio]\ntype = s3\nendpoint = http://127.0.0.1:9\nacl = private\n\n"
    options = {"remote": "geocrop-minio", "rclone_config": str(config)}
    for text in (first + former + last, first.rstrip("\n"), first + last + former + former):
        config.write_text(text)
        assert run_module("minio_client_files", options)["changed"]
        written = config.read_text()
        assert written.startswith(first.rstrip("\n"))
        assert written.count("[geocrop-minio]") == 1
        assert (last in written) is (last in text)
        remotes = json.loads(rclone(config, "config", "dump"))
        assert set(remotes) == {"old", "geocrop-minio"} | ({"last"} if last in text else set())
        assert remotes["geocrop-minio"]["secret_access_key"] == minio.secret_key
        assert "acl" not in remotes["geocrop-minio"]
        assert not run_module("minio_client_files", options)["changed"]


@pytest.mark.parametrize("secret", ["a#b;c=d:e", "\"quoted\" 'too'", "%s $x \\ [y]", "ü😀/+ab"])
def test_rclone_reads_any_secret_as_it_was(run_module: RunModule, tmp_path: Path, secret: str) -> None:
    config = tmp_path / "rclone.conf"
    options = {"remote": "r", "rclone_config": str(config), "secret_key": secret}
    assert run_module("minio_client_files", options)["changed"]
    assert json.loads(rclone(config, "config", "dump"))["r"]["secret_access_key"] == secret
    assert not run_module("minio_client_files", options)["changed"]


def test_what_rclone_cannot_hold_is_refused(run_module: RunModule, tmp_path: Path) -> None:
    config = tmp_path / "rclone.conf"
    options = {"remote": "r", "rclone_config": str(config)}
    for secret in ("`secret`", '"""secret"""', "sec%(type)sret"):
        message = run_module("minio_client_files", {**options, "secret_key": secret})["msg"]
        assert "no form for this secret_access_key" in message
        assert secret not in message
    assert "takes letters" in run_module("minio_client_files", {**options, "remote": "a b"})["msg"]
    assert not config.exists()
    config.write_text("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc=\n")
    assert "encrypted by a password" in run_module("minio_client_files", options)["msg"]
