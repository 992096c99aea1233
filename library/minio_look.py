#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_look
short_description: Look at a store in several ways at once
description:
  - Does what several modules of this collection do in check mode, in one process and with one connection. A task of
    Ansible starts a Python on the host, which takes longer than most looks.
  - Each look has an outcome of its own, with what the module returns. One that fails leaves the others to go on, unless
    the store cannot be reached; the task fails when all are done.
  - Nothing is changed, whatever the options of a look say.
options:
  looks:
    description: What to look at.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the look is called in the output; each has another name.
        type: str
        required: true
      module:
        description: The module that looks.
        type: str
        required: true
        choices:
          - geotiff_quicklook
          - minio_access_check
          - minio_dataset_check
          - minio_manifest
          - minio_policy
          - minio_presigned_check
          - minio_spot_check
          - minio_sync_log
      options:
        description: Its options, without those of the connection; of one that takes a list, those of one item.
        type: dict
        required: true
      identity:
        description: Name of the one of O(identities) whose credentials are used, by M(minio_presigned_check) to sign;
          those of the connection by default.
        type: str
  identities:
    description: Whose credentials looks may use besides those of the connection.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the identity.
        type: str
        required: true
      access_key:
        description: Its access key.
        type: str
        required: true
      secret_key:
        description: Its secret key.
        type: str
        required: true
      session_token:
        description: The session token of temporary credentials; empty as left out.
        type: str
extends_documentation_fragment:
  - minio
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: See that nobody reaches the baselines without credentials, and that the API reads them
  minio_look:
    identities:
      - name: geocrop-api
        access_key: geocrop-api
        secret_key: "{{ api_secret }}"
    looks:
      - name: strangers
        module: minio_policy
        options: {bucket: geocrop-baselines, verify: true}
      - name: the API
        module: minio_spot_check
        identity: geocrop-api
        options: {bucket: geocrop-baselines, prefix: dw/zim/summer, sample: 1}
  register: seen
"""

RETURN = r"""
outcomes:
  description: What became of each look, in the order given, with what its module returns.
  returned: always, unless the parameters are wrong
  type: list
  elements: dict
  sample:
    - {item: strangers, changed: false, anonymous: {list: denied, read: denied, write: denied, delete: denied}}
  contains:
    item:
      description: The name of the look.
      type: str
      returned: always
      sample: strangers
    failed:
      description: Whether it failed; RV(outcomes[].msg) says why.
      type: bool
      returned: when it did
      sample: true
    msg:
      description: Why it failed.
      type: str
      returned: when it did
      sample: "Could not read from bucket geocrop-baselines: there is no such bucket."
"""

from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.work.looks import ARGUMENTS, KINDS, own_credentials


def main() -> None:
    with Runner(ARGUMENTS) as run:
        credentials = own_credentials(run.params)
        run.look_at(
            run.look(look["name"], credentials[look["name"]], KINDS[look["module"]], look["options"])
            for look in run.params["looks"]
        )


if __name__ == "__main__":
    main()
