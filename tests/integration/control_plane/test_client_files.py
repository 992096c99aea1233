"""minio_client_files: an alias for mc and a file of variables, read back by mc and by a shell."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.conftest import RunModule
from tests.support.binaries import mc_binary
from tests.support.state import Server


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
