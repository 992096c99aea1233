"""Who may import whom: the wings of the engine, read from its source."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from docs.wings import arrows, drawing, imports, inner, name_of, page, sources, wing_of
from tests.support.paths import LIBRARY, REPO

#: Which wings each wing may use. ``s3`` and ``servers`` name values of the wings whose verbs they have.
ALLOWED = {
    "values": set[str](),
    "store": {"values"},
    "files": {"values"},
    "cluster": {"values"},
    "trees": {"values", "store", "files"},
    "data": {"values", "files", "trees"},
    "secrets": {"values", "files"},
    "host": {"values", "files"},
    "access": {"values"},
    "buckets": {"values", "store", "access"},
    "manifests": {"values", "store", "files", "trees"},
    "sync": {"values", "store", "files", "trees"},
    "s3": {"values", "store", "access", "buckets", "files", "host"},
    "servers": {"values", "store", "access", "s3"},
    "work": {"values", "access", "data", "manifests", "sync", "servers"},
    "runner": {"values"},
}

#: What only some parts of the engine may know.
RESERVED: dict[str, tuple[str, ...]] = {
    "minio": ("s3/", "servers/minio/"),
    "urllib3": ("s3/",),
    "certifi": ("s3/",),
    "ansible": ("runner.py",),
    "rasterio": ("data/raster.py", "data/quicklook.py"),
    "isal": ("files/digests.py",),
}

#: All of the SDK that is used, so that it is known what it would take to do without: name -> who imports it.
OF_THE_SDK = {
    "minio.Minio": "s3/sdk.py",
    "minio.deleteobjects.DeleteObject": "s3/sdk.py",
    "minio.error.InvalidResponseError": "s3/sdk.py",
    "minio.error.MinioAdminException": "s3/sdk.py",
    "minio.error.S3Error": "s3/sdk.py",
    "minio.error.ServerError": "s3/sdk.py",
    "minio.credentials.providers.StaticProvider": "servers/minio/sdk.py",
    "minio.crypto": "servers/minio/sdk.py",
    "minio.crypto.decrypt": "servers/minio/sdk.py",
    "minio.crypto.encrypt": "servers/minio/sdk.py",
    "minio.minioadmin.MinioAdmin": "servers/minio/sdk.py",
    "minio.minioadmin._COMMAND": "servers/minio/sdk.py",
}

#: Files that decide without a disk or a network: nothing that reads, writes, waits or starts something.
PURE = (
    "access/policy.py",
    "access/rights.py",
    "buckets/bucket.py",
    "buckets/lifecycle.py",
    "buckets/notifications.py",
    "buckets/spec.py",
    "cluster/workload.py",
    "host/preflight.py",
    "manifests/catalog.py",
    "manifests/facts.py",
    "manifests/index.py",
    "manifests/jsontext.py",
    "manifests/legend.py",
    "manifests/manifest.py",
    "manifests/mosaic.py",
    "manifests/publish.py",
    "manifests/schema.py",
    "manifests/spec.py",
    "manifests/verdicts.py",
    "secrets/kept_secret.py",
    "store.py",
    "sync/decisions.py",
    "trees/allowance.py",
)
IMPURE = {"os", "io", "socket", "ssl", "sqlite3", "subprocess", "tempfile", "threading", "shutil", "time", "pathlib"}


def is_pure(path: Path) -> bool:
    return name_of(path) in PURE or wing_of(name_of(path)) == "values"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_only_the_standard_library_but_for_what_is_reserved(path: Path) -> None:
    for name, level in imports(path).items():
        top = name.split(".")[0]
        if level or top in sys.stdlib_module_names:
            continue
        assert top in RESERVED, f"{name_of(path)} imports {name}"
        assert name_of(path).startswith(RESERVED[top]), f"{name_of(path)} imports {name}: only {RESERVED[top]} may"


def test_what_is_used_of_the_sdk_is_known() -> None:
    found = {
        f"{node.module}.{alias.name}": name_of(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "minio"
        for alias in node.names
    }
    assert found == OF_THE_SDK


@pytest.mark.parametrize("wing", sorted(arrows()))
def test_a_wing_uses_only_those_that_it_may(wing: str) -> None:
    assert arrows()[wing] <= ALLOWED[wing]


def test_nothing_lies_beside_the_wings() -> None:
    assert set(arrows()) == set(ALLOWED)


def test_the_page_shows_these_wings() -> None:
    assert (REPO / "docs" / "architecture.md").read_text(encoding="utf-8") == page()
    assert all(f'{wing}["' in drawing() for wing in ALLOWED)


@pytest.mark.parametrize("path", [path for path in sources() if is_pure(path)], ids=name_of)
def test_what_decides_touches_nothing(path: Path) -> None:
    assert not {name.split(".")[0] for name, level in imports(path).items() if not level} & IMPURE


#: Who opens files by name: to write, our own files, or without waiting.
OPENERS = {
    "files/digests.py": "its database",
    "files/opened.py": "the only way to read what was listed",
    "files/textfile.py": "small files of our own, written whole",
    "host/payload_importer.py": "code that it keeps itself",
    "s3/regions.py": "a descriptor that is open already",
    "sync/history.py": "the log of a sync, which it looks at first",
    "sync/journal.py": "its log",
    "sync/progress.py": "its report",
    "trees/folding.py": "the kernel's list of mounts",
    "trees/localfs.py": "to see whether it could",
    "trees/partfile.py": "files that it makes itself, of which it looks what they are",
    "trees/places.py": "folders, to reach what is in them",
    "trees/unnamed.py": "files that it makes itself, which have no name yet",
}


def opens(path: Path) -> bool:
    """Whether a file calls ``open``, ``os.open`` or ``os.fdopen``."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return any(ast.unparse(call) in ("open", "io.open", "os.open", "os.fdopen", "sqlite3.connect") for call in calls)


def test_files_that_were_listed_are_opened_in_one_way() -> None:
    assert {name_of(path) for path in sources() if opens(path)} == set(OPENERS)


def circle_of(graph: dict[str, set[str]]) -> dict[str, list[str]]:
    """What is left of a graph when all that depends on nothing left is taken away, again and again."""
    done: set[str] = set()
    while free := {name for name, targets in graph.items() if name not in done and targets <= done | {name}}:
        done |= free
    return {name: sorted(targets - done) for name, targets in graph.items() if name not in done}


def test_imports_make_no_circle() -> None:
    assert not circle_of({name_of(path): inner(path) for path in sources()})


def test_wings_make_no_circle() -> None:
    assert not circle_of(arrows())


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.py")), ids=lambda path: path.name)
def test_modules_import_the_engine_and_the_standard_library(path: Path) -> None:
    found = {name for name in imports(path) if name.split(".")[0] not in sys.stdlib_module_names}
    assert all(name.startswith("ansible.module_utils.objectstore") for name in found), found


@pytest.mark.parametrize("path", [*sources(), *sorted(LIBRARY.glob("*.py"))], ids=lambda path: path.name)
def test_it_is_python_that_managed_hosts_have(path: Path) -> None:
    """What Python 3.9 cannot parse (match) is refused; newer annotations are never evaluated."""
    ast.parse(path.read_text(), feature_version=(3, 9))
    assert path.name == "__init__.py" or "__future__" in imports(path)
