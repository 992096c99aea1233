"""What a role says of its variables is what it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.objectstore.runner import connection_arguments

from tests.support.paths import REPO

ROLES = sorted(path.parent.parent for path in (REPO / "roles").glob("*/defaults/main.yml"))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_defaults_and_argument_specs_are_in_step(role: Path) -> None:
    defaults = load(role / "defaults" / "main.yml")
    options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    described = {name: option.get("default") for name, option in options.items() if not option.get("required")}
    assert described == defaults
    assert all(name.startswith(f"{role.name}_") for name in options)


def connection() -> tuple[dict[str, str], dict[str, Any]]:
    """The connection options of the role connection, and the variables that it describes."""
    role = REPO / "roles" / "connection"
    options = load(role / "vars" / "main.yml")["connection_options"]
    return options, load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


def test_each_connection_option_has_its_variable() -> None:
    options, described = connection()
    assert [f"minio_{name}" for name in options] == list(described)
    assert all(f"{{{{ minio_{name} | default(omit" in value for name, value in options.items())
    assert set(options) <= set(connection_arguments())
    hidden = {f"minio_{name}" for name, spec in connection_arguments().items() if spec.get("no_log")}
    assert {name for name, spec in described.items() if spec.get("no_log")} == hidden


def test_the_connection_is_said_in_one_place() -> None:
    texts = {path: path.read_text() for path in sorted((REPO / "roles").rglob("*.yml"))}
    for name in ("minio_ca_cert", "minio_client_cert", "minio_validate_certs", "minio_session_token"):
        assert {path.parts[-3] for path, text in texts.items() if name in text} == {"connection"}, name


def test_there_are_roles() -> None:
    assert {role.name for role in ROLES} >= {"acceptance", "baselines", "buckets", "control_plane", "datasets"}
