"""The modules as a collection, which is the only form that ansible-test's validate-modules looks at."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import ansible_test

from tests.support.paths import LIBRARY, MODULE_UTILS, REPO

NAME = "geocrop.storage"
VALIDATOR = Path(ansible_test.__file__).parent / "_util/controller/sanity/validate-modules/validate.py"


class Complaint(NamedTuple):
    """What the validator has against a module."""

    module: str
    code: str
    text: str


def make_collection(root: Path, modules: Iterable[Path] = ()) -> Path:
    """A collection below ``root`` with ``modules`` (default: all of ``library/``); returns its folder.

    Imports and names of fragments, which are plain in a project, get the collection's name.
    """
    collection = root / "ansible_collections" / NAME.replace(".", "/")
    plugins = collection / "plugins"
    shutil.copytree(MODULE_UTILS, plugins / "module_utils", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPO / "plugins" / "doc_fragments", plugins / "doc_fragments")
    (plugins / "modules").mkdir()
    for module in modules or sorted(LIBRARY.glob("*.py")):
        (plugins / "modules" / module.name).write_text(_in_collection(module.read_text()))
    (collection / "galaxy.yml").write_text(
        "namespace: geocrop\nname: storage\nversion: 1.0.0\nreadme: R\nauthors: [A]\n"
    )
    return collection


def _in_collection(text: str) -> str:
    engine = f"ansible_collections.{NAME}.plugins.module_utils.objectstore"
    text = text.replace("ansible.module_utils.objectstore", engine)
    text = re.sub(r"^(  - )(minio(?:\.\w+)?)$", rf"\1{NAME}.\2", text, flags=re.MULTILINE)
    text = re.sub(r"^(  - module: )(\w+)$", rf"\1{NAME}.\2", text, flags=re.MULTILINE)
    return re.sub(r"\b(M\(|[OR]V?\((?=\w+#))(\w+)", rf"\1{NAME}.\2", text)


def complaints(collection: Path) -> list[Complaint]:
    """What validate-modules says of all modules of a collection.

    :raises AssertionError: when it ends without a verdict
    """
    root = collection.parents[2]
    settings, verdict = root / "ansible.cfg", root / "verdict.json"
    settings.write_text("")  # not the project's
    options = ["--arg-spec", "--format", "json", "--output", verdict, "--collection", collection.relative_to(root)]
    done = subprocess.run(
        [sys.executable, VALIDATOR, *options, "plugins/modules"],
        cwd=collection,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(root),
            "ANSIBLE_CONFIG": str(settings),
            "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert verdict.exists(), f"validate-modules ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return [
        Complaint(Path(path).name, found["code"], found["msg"])
        for path, said in json.loads(verdict.read_text()).items()
        for found in said["errors"]
    ]
