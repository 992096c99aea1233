#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: private_folder
short_description: Folders of a user's own, closed to others
description:
  - Makes a folder with mode 0750, and missing ones above it. One that is there loses what others could do in it, and
    writing by its group; a stricter mode stays as it is.
options:
  path:
    description: The folder.
    type: path
  folders:
    description:
      - Folders to see to in one task, in place of O(path).
    type: list
    elements: dict
    suboptions:
      path:
        description: As O(path).
        type: path
        required: true
extends_documentation_fragment:
  - minio.attributes
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Make the working folders
  private_folder:
    folders:
      - path: ~/geocrop/data
      - path: ~/geocrop/logs
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in this order.
  returned: success, without a list
  type: list
  elements: dict
  sample:
    - {action: create, subject: folder, before: null, after: {path: /home/ops/geocrop/data}}
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: /home/ops/geocrop/data, changed: false, actions: []}
"""

from ansible.module_utils.objectstore.host.folders import keep_folder
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.values.steps import Many


def main() -> None:
    many = Many("folders", needs=("path",), label="path")
    with Runner({"path": {"type": "path", "required": True}}, connects=False, many=many) as run:
        run.do(keep_folder)


if __name__ == "__main__":
    main()
