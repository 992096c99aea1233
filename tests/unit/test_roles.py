"""What a role says of its variables is what it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

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


def test_there_are_roles() -> None:
    assert {role.name for role in ROLES} >= {"acceptance", "baselines", "buckets", "control_plane", "datasets"}
