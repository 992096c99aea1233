"""python_environment with wheels of its own, so that no registry is asked."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.modules import run_module

Wheelhouse = Callable[[str], str]
Prepare = Callable[..., dict[str, Any]]


@pytest.fixture
def wheelhouse(tmp_path: Path) -> Wheelhouse:
    """Make a wheel of the package ``tiny`` -> the requirements line that pins and hashes it."""
    folder = tmp_path / "wheels"
    folder.mkdir()

    def add(version: str) -> str:
        path = folder / f"tiny-{version}-py3-none-any.whl"
        info = f"tiny-{version}.dist-info"
        files = {
            "tiny.py": f"VERSION = '{version}'\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                archive.writestr(name, text)
        return f"tiny=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    return add


@pytest.fixture
def prepare(tmp_path: Path, wheelhouse: Wheelhouse) -> Prepare:
    """Run the module on ``tmp_path/venv``."""

    def run(requirements: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"path": str(tmp_path / "venv"), "wheelhouse": str(tmp_path / "wheels"), "requirements": requirements}
        environment = {"TMPDIR": str(tmp_path / "tmp"), "PIP_FIND_LINKS": ""}
        (tmp_path / "tmp").mkdir(exist_ok=True)
        return run_module("python_environment", given | options, check=check, diff=True, environment=environment)

    return run


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _version(python: str) -> str:
    command = [python, "-c", "import tiny; print(tiny.VERSION)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_cycle(prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path) -> None:
    one, two = wheelhouse("1.0"), wheelhouse("2.0")
    venv = tmp_path / "venv"

    predicted = prepare(one, check=True)
    assert predicted["changed"]
    assert not venv.exists()
    assert Path(predicted["temporary"]).parent == tmp_path / "tmp"
    assert _version(predicted["python"]) == "1.0"
    made = prepare(one)
    assert (made["actions"], made["diff"]) == (predicted["actions"], predicted["diff"])
    assert made["python"] == str(venv / "bin" / "python")
    assert _version(made["python"]) == "1.0"
    assert made["temporary"] == ""

    for check in (True, False):
        again = prepare(one, check=check)
        assert (again["changed"], again["temporary"], again["actions"]) == (False, "", [])

    predicted = prepare(two, check=True)
    assert [action["subject"] for action in predicted["actions"]] == ["packages"]
    assert _version(predicted["python"]) == "2.0"
    assert _version(made["python"]) == "1.0"
    assert prepare(two)["actions"] == predicted["actions"]
    assert _version(made["python"]) == "2.0"
    assert not prepare(two)["changed"]


def test_what_others_changed_is_put_right(prepare: Prepare, wheelhouse: Wheelhouse) -> None:
    one = wheelhouse("1.0")
    python = prepare(one)["python"]
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "tiny"], check=True, capture_output=True)
    repaired = prepare(one)
    assert repaired["diff"]["before"]["packages"]["tiny"] is None
    assert _version(python) == "1.0"


def test_an_environment_whose_python_is_gone_is_made_again(
    prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path
) -> None:
    one = wheelhouse("1.0")
    python = prepare(one)["python"]
    for link in (tmp_path / "venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/none")
    made = prepare(one)["actions"]
    assert [(action["action"], action["subject"]) for action in made] == [
        ("update", "environment"),
        ("create", "packages"),
        ("create", "importer"),
    ]
    assert _version(python) == "1.0"


def test_the_importer_keeps_what_a_task_brought_and_is_mended(
    prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path
) -> None:
    one = wheelhouse("1.0")
    python = prepare(one)["python"]
    archive = tmp_path / "ansible_ping_payload.zip"
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("brought.py", "VALUE = 'by the task'\n")
    program = f"import sys; sys.path.insert(0, {str(archive)!r}); import brought; print(brought.VALUE)"
    for _ in range(2):
        done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "by the task\n"
    assert [kept.name for kept in (tmp_path / "venv" / "payloads").iterdir()] == ["brought.pyc"]

    (importer,) = (tmp_path / "venv").rglob("geocrop_payloads.py")
    importer.write_text("VERSION = 'an older one'\n")
    assert [action["subject"] for action in prepare(one, check=True)["actions"]] == ["importer"]
    assert [action["action"] for action in prepare(one)["actions"]] == ["update"]
    assert not prepare(one)["changed"]


def test_what_somebody_else_made_is_left_alone(prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    kept = tmp_path / "venv" / "thesis.txt"
    kept.write_text("years of work")
    for check in (True, False):
        result = prepare(wheelhouse("1.0"), check=check)
        assert "this role did not make" in result["msg"]
    assert kept.read_text() == "years of work"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"python": "/none/python3"}, ["/none/python3 does not start", "control_plane_python"]),
        ({"oldest_python": "9.9"}, ["need 9.9 or newer", "control_plane_raster"]),
        ({"wheelhouse": "/none"}, ["no folder /none", "wheelhouse"]),
        ({"wheelhouse": None, "index": "http://user:canary-8@127.0.0.1:1/simple"}, ["pip reaches no package index"]),
    ],
)
def test_each_failure_is_one_message(
    prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path, options: dict[str, Any], words: list[str]
) -> None:
    requirements = wheelhouse("1.0")
    for check in (True, False):
        result = prepare(requirements, check=check, **options)
        assert result["failed"]
        for word in words:
            assert word in result["msg"], result["msg"]
        assert "canary-8" not in str(result)
        assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_that_is_not_the_pinned_one_is_not_installed(
    prepare: Prepare, wheelhouse: Wheelhouse, tmp_path: Path
) -> None:
    requirements = wheelhouse("1.0")
    wheelhouse("1.0")
    (tmp_path / "wheels" / "tiny-1.0-py3-none-any.whl").write_bytes(b"something else")
    assert prepare(requirements)["failed"]
