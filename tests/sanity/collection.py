"""What ansible-test says of the modules as a collection, which is the only form that it looks at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import ansible_test

VALIDATOR = Path(ansible_test.__file__).parent / "_util/controller/sanity/validate-modules/validate.py"


class Complaint(NamedTuple):
    """What the validator has against a module."""

    module: str
    code: str
    text: str


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
