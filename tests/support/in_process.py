"""Run modules of ``library/`` in this process: many runs for tables and fuzzers, at a hundredth of a process's cost."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

from .paths import LIBRARY, REPO

#: Says whether this is the controller, where a module's warnings go to the terminal.
_WHERE = importlib.import_module("ansible.module_utils._internal")


@cache
def module(name: str) -> ModuleType:
    """A file of ``library/``, imported once. The engine is to be found below ``ansible.module_utils`` already."""
    return _loaded(f"library_{name}", LIBRARY / f"{name}.py")


@cache
def filters(name: str) -> dict[str, Any]:
    """Name -> filter, of a file of ``plugins/filter/``."""
    found: dict[str, Any] = (
        _loaded(f"filter_{name}", REPO / "plugins" / "filter" / f"{name}.py").FilterModule().filters()
    )
    return found


def _loaded(name: str, path: Path) -> ModuleType:
    """What Ansible finds by its file, and Python by no name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def run_here(name: str, params: Mapping[str, Any], *, check: bool = False, verbosity: int = 0) -> dict[str, Any]:
    """The result of module ``name``, with ``failed`` always set. What leaves the module as an exception leaves here."""
    arguments = {**params, "_ansible_check_mode": check, "_ansible_verbosity": verbosity}
    said = io.StringIO()
    # a test before this one may have loaded a part of the controller
    on_a_host = mock.patch.object(_WHERE, "is_controller", new=False)
    with on_a_host, patch_module_args(arguments), contextlib.redirect_stdout(said), warnings.catch_warnings():
        # a module's process ends with its connections; here they end when they are collected
        warnings.simplefilter("ignore", ResourceWarning)
        with contextlib.suppress(SystemExit):
            module(name).main()
    result: dict[str, Any] = json.loads(said.getvalue().splitlines()[-1])
    return {"failed": False, **result}


@cache
def argument_spec(name: str) -> Mapping[str, Any]:
    """The argument spec that module ``name`` has, that of its connection included."""

    class Asked(BaseException):
        """Ends the module where it gives its argument spec away."""

    found: list[Mapping[str, Any]] = []

    def give(_self: object, argument_spec: Mapping[str, Any], **_others: object) -> None:
        found.append(argument_spec)
        raise Asked

    original = basic.AnsibleModule.__init__
    basic.AnsibleModule.__init__ = give
    try:
        with contextlib.suppress(Asked), patch_module_args({}):
            module(name).main()
    finally:
        basic.AnsibleModule.__init__ = original
    return found[0]
