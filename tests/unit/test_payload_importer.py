"""The importer of Ansible's archives: the same modules as zipimport gives, compiled once for each source."""

from __future__ import annotations

import builtins
import importlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.host import payload_importer, payloads

NAME = "geocrop_of_a_test"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where code is kept; the importer is the first that is asked."""
    kept = tmp_path / "payloads"
    monkeypatch.setattr(payload_importer, "FOLDER", str(kept))
    monkeypatch.setattr(sys, "path_hooks", [payload_importer.PayloadImporter, *sys.path_hooks])
    return kept


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were compiled, from now on."""
    seen: list[str] = []
    plain = builtins.compile

    def noting(source: object, filename: object, *more: object, **options: object) -> object:
        seen.append(Path(str(filename)).name)
        return plain(source, filename, *more, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(builtins, "compile", noting)
    return seen


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The modules of the archive are not imported, before and after."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def _archive(folder: Path, value: str, *, name: str = "ansible_x_payload.zip") -> Path:
    folder.mkdir(parents=True)
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NAME}/__init__.py", "")
        archive.writestr(f"{NAME}/inner/__init__.py", "from .leaf import VALUE\n")
        archive.writestr(f"{NAME}/inner/leaf.py", f"VALUE = {value!r}\n")
    return path


def _imported(archive: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The value in the archive, and the file that its module says it is from."""
    _forget()
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(archive))
        importlib.import_module(f"{NAME}.inner")
        leaf = sys.modules[f"{NAME}.inner.leaf"]
        return leaf.VALUE, str(leaf.__file__)


def test_a_source_is_compiled_once(
    tmp_path: Path, folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _archive(tmp_path / "a", "one"), _archive(tmp_path / "b", "one")
    assert _imported(first, monkeypatch) == ("one", str(first / NAME / "inner" / "leaf.py"))
    assert sorted(compiled) == ["__init__.py", "__init__.py", "leaf.py"]
    compiled.clear()
    assert _imported(second, monkeypatch) == ("one", str(second / NAME / "inner" / "leaf.py"))
    assert compiled == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_another_source_is_compiled_and_takes_the_place(
    tmp_path: Path, folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(_archive(tmp_path / "a", "one"), monkeypatch)
    number = len(list(folder.iterdir()))
    compiled.clear()
    assert _imported(_archive(tmp_path / "b", "two"), monkeypatch)[0] == "two"
    assert compiled == ["leaf.py"]
    assert len(list(folder.iterdir())) == number


@pytest.mark.parametrize("spoilt", [b"", b"\0" * 40])
def test_what_is_spoilt_is_compiled_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, spoilt: bytes
) -> None:
    _imported(_archive(tmp_path / "a", "one"), monkeypatch)
    for kept in folder.iterdir():
        whole = kept.read_bytes()
        kept.write_bytes(spoilt or whole[: payload_importer.STAMP + 3])
    assert _imported(_archive(tmp_path / "b", "one"), monkeypatch)[0] == "one"


def test_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.write_text("no folder")
    assert _imported(_archive(tmp_path / "a", "one"), monkeypatch)[0] == "one"


def test_other_archives_are_not_ours(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _imported(_archive(tmp_path / "a", "one", name="wheel.zip"), monkeypatch)[0] == "one"
    assert not folder.exists()


def test_both_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert payloads.read_importer(tmp_path) is None
    payloads.install_importer(tmp_path)
    assert payloads.read_importer(tmp_path) == payloads.wanted_importer()
    (tmp_path / f"{payloads.NAME}.py").write_text("")
    assert payloads.read_importer(tmp_path) not in (None, payloads.wanted_importer())
