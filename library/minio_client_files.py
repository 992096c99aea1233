#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_client_files
short_description: Let mc, rclone and scripts on the host know the store
description:
  - Writes an alias into mc's configuration, a remote into rclone's, and the C(MINIO_*) variables into a file, all with
    mode 0600.
  - The secret never stands in the argument list of a program, nor in a diff. Nothing is asked of the store.
options:
  alias:
    description:
      - Name of the alias. Left out, mc's configuration is not touched.
    type: str
  mc_config:
    description:
      - Folder of mc's configuration. Other aliases in it stay as they are.
    type: path
    default: ~/.mc
  remote:
    description:
      - Name of the remote. Left out, rclone's configuration is not touched.
      - rclone's configuration has both keys as they are; it obscures passwords alone, which anybody can undo.
    type: str
  rclone_config:
    description:
      - File of rclone's configuration. Other remotes in it stay as they are written. A file that is encrypted by a
        password is an error.
      - An authority (O(ca_cert)) is named in it, which recent versions of rclone trust (1.75 does). Debian 12's 1.60
        takes E(RCLONE_CA_CERT) instead. An authority that is given as text is kept beside the file, as C(REMOTE.crt).
    type: path
    default: ~/.config/rclone/rclone.conf
  rclone_provider:
    description:
      - Product of the store, as rclone calls it. V(Other) promises it nothing beyond S3 and is right for all.
    type: str
    default: Other
  environment_file:
    description:
      - File of shell assignments of E(MINIO_ENDPOINT), E(MINIO_ACCESS_KEY) and E(MINIO_SECRET_KEY).
    type: path
extends_documentation_fragment:
  - minio
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Let people look around with mc
  minio_client_files:
    alias: geocrop-minio
    environment_file: ~/geocrop/minio.env

- name: Let people look around with rclone
  minio_client_files:
    remote: geocrop-minio
    rclone_config: ~/geocrop/rclone.conf
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: mc alias
      before: null
      after: {alias: geocrop-minio, url: "http://minio.geocrop.svc.cluster.local:9000"}
applied:
  description: The actions that had been done when the module failed.
  returned: failure after a first change
  type: list
  elements: dict
  sample:
    - action: create
      subject: mc alias
      before: null
      after: {alias: geocrop-minio, url: "http://minio.geocrop.svc.cluster.local:9000"}
"""

from ansible.module_utils.objectstore.host import clientfiles, rclone
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.arguments import connection_of


def main() -> None:
    arguments = {
        "alias": {"type": "str"},
        "mc_config": {"type": "path", "default": "~/.mc"},
        "remote": {"type": "str"},
        "rclone_config": {"type": "path", "default": "~/.config/rclone/rclone.conf"},
        "rclone_provider": {"type": "str", "default": "Other"},
        "environment_file": {"type": "path"},
    }
    with Runner(arguments) as run:
        connection = connection_of(run.params)
        alias, folder, environment = (run.params[name] for name in ("alias", "mc_config", "environment_file"))
        files = []
        if alias:
            files.append(clientfiles.alias_file(connection, folder, alias))
            authority = clientfiles.authority_file(connection, folder, alias)
            files += [authority] if authority else []
        if run.params["remote"]:
            options = (run.params[name] for name in ("rclone_config", "remote", "rclone_provider"))
            files += rclone.remote_files(connection, *options)
        if environment:
            files.append(clientfiles.environment_file(connection, environment))
        plan = clientfiles.plan_client_files(files)
        run.finish(plan, lambda plan: clientfiles.apply_client_files(plan, files))


if __name__ == "__main__":
    main()
