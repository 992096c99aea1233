#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: python_environment
short_description: A virtual environment that holds exactly pinned packages
description:
  - Makes a virtual environment on the managed host and installs a requirements file into it whose packages are pinned
    and hashed. The host's own Python is left alone, so this works where PEP 668 guards it, and without root.
  - An environment that was made for the same requirements and still holds them is left alone without running pip.
  - The environment also gets an importer that keeps the compiled code of what Ansible sends with each task, in the
    folder C(payloads) below O(path), so that only the first task pays for compiling it. It is used by tasks whose
    interpreter is RV(python), from Python 3.10 on.
  - In check mode nothing is written below O(path). Where a real run would make or change the environment, a temporary
    one is built so that the tasks after it can be predicted; the caller removes RV(temporary) when the play ends.
options:
  path:
    description:
      - Where the environment is, on the managed host.
    type: path
    required: true
  requirements:
    description:
      - Text of a pip requirements file in which each package is pinned and hashed.
    type: str
    required: true
  python:
    description:
      - Interpreter to make it with. By default the one that runs this module, or the one below its environment.
    type: path
  oldest_python:
    description:
      - Oldest version of Python that the requirements support.
    type: str
    default: "3.9"
  index:
    description:
      - URL of the package index, where it is not pip's own default on that host. It may hold credentials.
    type: str
  wheelhouse:
    description:
      - Folder of wheels on the managed host, used instead of any index.
    type: path
attributes:
  check_mode:
    support: full
    details: Nothing is written below O(path); see RV(temporary) for what is made elsewhere.
extends_documentation_fragment:
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Prepare the modules' Python
  python_environment:
    path: ~/geocrop/venv
    requirements: "{{ lookup('ansible.builtin.file', 'requirements/runtime.txt') }}"
"""

RETURN = r"""
python:
  description: Interpreter that has the packages; in check mode that of the temporary environment where one was needed.
  returned: success
  type: str
  sample: /home/ops/geocrop/venv/bin/python
base_python:
  description: Interpreter that the environment is made with.
  returned: success
  type: str
  sample: /usr/bin/python3.11
temporary:
  description: Folder of the temporary environment, which the caller removes; empty where none was made.
  returned: success
  type: str
  sample: /tmp/geocrop-check-8a0yk3zd
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: environment
      before: null
      after: {path: /home/ops/geocrop/venv, python: /usr/bin/python3.11}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - action: create
      subject: environment
      before: null
      after: {path: /home/ops/geocrop/venv, python: /usr/bin/python3.11}
"""

from ansible.module_utils.objectstore.host import environment
from ansible.module_utils.objectstore.runner import Runner


def main() -> None:
    arguments = {
        "path": {"type": "path", "required": True},
        "requirements": {"type": "str", "required": True},
        "python": {"type": "path"},
        "oldest_python": {"type": "str", "default": "3.9"},
        # an index may want credentials, which are written in its URL
        "index": {"type": "str", "no_log": True},
        "wheelhouse": {"type": "path"},
    }
    with Runner(arguments, connects=False) as run:
        spec = environment.EnvironmentSpec.from_params(run.params)
        plan = environment.plan_environment(environment.read_environment(spec.path), spec)
        scratch = None
        if run.check_mode:
            environment.remove_stale_scratch()
            scratch = environment.make_scratch(spec) if plan.changed else None
        run.finish(
            plan,
            lambda plan: environment.apply_environment(plan, spec),
            python=environment.interpreter(scratch or spec.path),
            base_python=spec.python,
            temporary=str(scratch or ""),
        )


if __name__ == "__main__":
    main()
