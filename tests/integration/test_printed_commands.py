"""Commands of the pages, typed in as they are printed, in a folder that looks like the clone after ``make demo``."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import StartMinio
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.playbooks import ansible_environment
from tests.support.printed import DEMO, type_in, typed_by
from tests.support.server import Server
from tests.support.state import save_state

#: What a command of the pages names in the clone.
_NAMED = ("ansible.cfg", "examples", "inventory", "library", "module_utils", "playbooks", "plugins", "roles")
_FILL = "ansible-playbook playbooks/site.yml --tags buckets,baselines,datasets"


class Clone:
    """The folder, what a shell in it is given, and the store."""

    def __init__(self, folder: Path, server: Server, data: Path) -> None:
        self.folder, self.server = folder, server
        for name in _NAMED:
            (folder / name).symlink_to(REPO / name)
        (folder / ".venv").symlink_to(sys.prefix)
        state = folder / ".demo"
        (state / "geocrop" / "data").mkdir(parents=True)
        (state / "geocrop" / "venv").symlink_to(sys.prefix)
        (state / "data").symlink_to(data)
        save_state(state, server)
        self.environment = {
            **ansible_environment(folder / "ansible"),
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "GEOCROP_DEMO_STATE": str(state),
        }

    def type_in(self, *commands: str, **environment: str) -> str:
        return type_in(commands, folder=self.folder, environment={**self.environment, **environment})


@pytest.fixture(scope="module")
def clone(start_minio: StartMinio, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("clone"), start_minio(), sample_data)
    made.type_in(_FILL)
    return made


def test_those_of_the_readme(clone: Clone) -> None:
    said = clone.type_in(*typed_by(DEMO, "README.md"))
    assert "uploaded: 132\n" in said
    assert "+dw/zim/flat/DW_Zim_Agreement_2015_2016-0000000000-0000000000.tif" in said


def test_those_that_get_data_back(clone: Clone, tmp_path: Path) -> None:
    said = clone.type_in(*typed_by(DEMO, "docs/data-back.md"))
    back = clone.folder / ".demo" / "back"
    assert len(list((back / "training").iterdir())) == 24
    assert said.splitlines()[-1] != "$ diff -r .demo/data/dw_cogs .demo/back/dw_cogs"
    assert len(Mc.connect(clone.server, tmp_path / "mc").keys("geocrop-datasets", "kept/zimbabwe_full/v1")) == 24


def test_those_with_programs_to_begin_with(clone: Clone) -> None:
    names = ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")
    server = clone.server
    connection = dict(zip(names, (server.endpoint, server.access_key, server.secret_key), strict=True))
    said = clone.type_in(*typed_by(DEMO, "docs/data.md"), **connection).splitlines()
    window, rows = [json.loads(line) for line in said if line.startswith("{")]
    assert sum(window["pixels"].values()) == math.prod(window["shape"]) > 0
    assert rows["rows"] == sum(rows["classes"].values()) > 0
