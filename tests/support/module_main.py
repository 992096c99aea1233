"""Run one file of ``library/`` as Ansible does; ``modules.py`` starts this in a process of its own.

The module's arguments come as JSON on standard input. The engine is found below ``ansible.module_utils``
without being packed and shipped, which saves most of the time that a task takes.
"""

from __future__ import annotations

import json
import runpy
import sys

import ansible.module_utils
from ansible.module_utils.testing import patch_module_args


def main(module: str, module_utils: str) -> None:
    """Run ``module`` as ``__main__``; it prints its result and exits by itself."""
    ansible.module_utils.__path__.append(module_utils)
    arguments = json.load(sys.stdin)
    with patch_module_args(arguments):
        runpy.run_path(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
