#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_env_file
short_description: Keep an identity's credentials in a file, with a secret that is made there
description:
  - Keeps a file of mode 0600 with the lines E(MINIO_ENDPOINT), E(MINIO_ACCESS_KEY) and E(MINIO_SECRET_KEY), as programs
    read them from their environment and as C(kubectl create secret generic --from-env-file) takes them.
  - The secret is made where the file is missing, and kept as long as the file is there.
  - Returns the secret. Run the task with C(no_log), and where the file shall be, for example C(delegate_to=localhost).
options:
  path:
    description: The file.
    type: path
    required: true
  endpoint:
    description: URL of the store, for E(MINIO_ENDPOINT).
    type: str
    required: true
  access_key:
    description: Access key, for E(MINIO_ACCESS_KEY).
    type: str
    required: true
  generate:
    description: Whether a secret may be made where the file is missing; else that is an error.
    type: bool
    default: true
  rotate:
    description: Make a new secret in any case.
    type: bool
    default: false
extends_documentation_fragment:
  - minio.attributes
author:
  - geocrop-storage contributors
"""

EXAMPLES = r"""
- name: Keep the worker's credentials on the workstation
  minio_env_file:
    path: ~/.geocrop/worker.env
    endpoint: http://minio.geocrop.svc.cluster.local:9000
    access_key: geocrop-worker
  delegate_to: localhost
  no_log: true
  register: worker_credentials
"""

RETURN = r"""
secret_key:
  description: The secret; in check mode, where a new one would be made, one that nobody will ever use.
  returned: success
  type: str
  sample: q7Y0
created:
  description: Whether the secret is a new one.
  returned: success
  type: bool
  sample: false
actions:
  description: What was done, or in check mode would be done. The secret is never a part of it.
  returned: success
  type: list
  elements: dict
  sample: []
"""

from pathlib import Path

from ansible.module_utils.objectstore.access.env_file import (
    EnvFileSpec,
    apply_env_file,
    plan_env_file,
    read_env_file,
    secret_of,
)
from ansible.module_utils.objectstore.runner import Runner


def main() -> None:
    arguments = {
        "path": {"type": "path", "required": True},
        "endpoint": {"type": "str", "required": True},
        "access_key": {"type": "str", "required": True, "no_log": False},
        "generate": {"type": "bool", "default": True},
        "rotate": {"type": "bool", "default": False},
    }
    with Runner(arguments, connects=False) as run:
        values = {"MINIO_ENDPOINT": run.params["endpoint"], "MINIO_ACCESS_KEY": run.params["access_key"]}
        spec = EnvFileSpec(Path(run.params["path"]), values, run.params["generate"], run.params["rotate"])
        state = read_env_file(spec.path)
        plan = plan_env_file(state, spec)
        secret = secret_of(state, plan)
        created = any(action.subject == "secret" for action in plan.actions)
        run.finish(plan, lambda plan: apply_env_file(plan, spec, secret), secret_key=secret, created=created)


if __name__ == "__main__":
    main()
