"""Who may import whom: the layers of the engine, read from its source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.support.paths import LIBRARY, MODULE_UTILS

ENGINE = MODULE_UTILS / "objectstore"

#: What only one part of the engine may know.
RESERVED = {
    "minio": "client/",
    "urllib3": "client/",
    "certifi": "client/",
    "ansible": "runner.py",
    "rasterio": "files/raster.py",
    "isal": "files/digests.py",
}

#: Files that decide without a disk or a network: nothing that reads, writes, waits or starts something.
PURE = (
    *("errors.py", "change.py", "model.py", "selection.py", "naming.py", "endpoint.py", "sizes.py", "store.py"),
    *(
        "bucket_names.py",
        "kept_secret.py",
        "access/policy.py",
        "access/rights.py",
        "buckets/lifecycle.py",
        "buckets/notifications.py",
    ),
    *("buckets/spec.py", "buckets/bucket.py", "host/preflight.py", "host/workload.py", "sync/decisions.py"),
)
IMPURE = {"os", "io", "socket", "ssl", "sqlite3", "subprocess", "tempfile", "threading", "shutil", "time", "pathlib"}


def sources() -> list[Path]:
    return sorted(ENGINE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ENGINE).as_posix()


def imports(path: Path) -> dict[str, int]:
    """What a file imports -> level: ``("os", 0)``, ``("sync", 1)``, imports inside functions included."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update({alias.name: 0 for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found.update(dict.fromkeys(names, node.level))
    return found


def inner(path: Path) -> set[str]:
    """The files of the engine that a file imports, as ``sync.py`` or ``client/store.py``."""
    found = set()
    for name, level in imports(path).items():
        if level:
            base = path.parent if level == 1 else path.parents[level - 1]
            target = base.joinpath(*name.split("."))
            found.add(name_of(target.with_suffix(".py")) if target.with_suffix(".py").exists() else name_of(target))
    return found


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_only_the_standard_library_but_for_what_is_reserved(path: Path) -> None:
    for name, level in imports(path).items():
        top = name.split(".")[0]
        if level or top in sys.stdlib_module_names:
            continue
        assert top in RESERVED, f"{name_of(path)} imports {name}"
        assert name_of(path).startswith(RESERVED[top]), f"{name_of(path)} imports {name}: only {RESERVED[top]} may"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_the_client_is_reached_through_the_protocols(path: Path) -> None:
    for target in inner(path):
        if target.startswith("client"):
            assert name_of(path) == "runner.py" or name_of(path).startswith("client/"), f"{name_of(path)}: {target}"
        assert target != "runner.py", f"{name_of(path)} knows Ansible through the runner"


@pytest.mark.parametrize("path", [path for path in sources() if name_of(path) in PURE], ids=name_of)
def test_what_decides_touches_nothing(path: Path) -> None:
    assert not {name.split(".")[0] for name, level in imports(path).items() if not level} & IMPURE


def circle_of(graph: dict[str, set[str]]) -> dict[str, list[str]]:
    """What is left of a graph when all that depends on nothing left is taken away, again and again."""
    done: set[str] = set()
    while free := {name for name, targets in graph.items() if name not in done and targets <= done | {name}}:
        done |= free
    return {name: sorted(targets - done) for name, targets in graph.items() if name not in done}


def test_imports_make_no_circle() -> None:
    assert not circle_of({name_of(path): inner(path) for path in sources()})


def test_packages_make_no_circle() -> None:
    """``runner.py`` and the values beside it are each a part of their own."""

    def part(name: str) -> str:
        return name.split("/", maxsplit=1)[0]

    graph: dict[str, set[str]] = {}
    for path in sources():
        graph.setdefault(part(name_of(path)), set()).update(map(part, inner(path)))
    assert not circle_of(graph)


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.py")), ids=lambda path: path.name)
def test_modules_import_the_engine_and_the_standard_library(path: Path) -> None:
    found = {name for name in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}
    assert all(name.startswith("ansible.module_utils.objectstore") for name in found), found


@pytest.mark.parametrize("path", [*sources(), *sorted(LIBRARY.glob("*.py"))], ids=lambda path: path.name)
def test_it_is_python_that_managed_hosts_have(path: Path) -> None:
    """What Python 3.9 cannot parse (match) is refused; newer annotations are never evaluated."""
    ast.parse(path.read_text(), feature_version=(3, 9))
    assert path.name == "__init__.py" or "__future__" in imports(path)
