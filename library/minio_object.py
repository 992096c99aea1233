#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_object
short_description: Keep a small text or JSON object in a bucket
description:
  - Writes an object when its content differs from what is wanted, or removes it.
  - Meant for documents such as metadata and manifests, which fit into memory. Folders of files are the business of
    M(minio_sync).
options:
  key:
    description:
      - Key of the object.
    type: str
    required: true
  content:
    description:
      - The content. A text is written as it is, an empty one as an empty object; a dictionary or a list is written as
        JSON, in its own order.
      - Required with O(state=present). A null is an error, and never removes the object.
    type: raw
  content_type:
    description:
      - Content type that the object gets when it is written. A different one alone is no reason to write it.
      - By default V(application/json) for keys that end in C(.json), else V(text/plain; charset=UTF-8).
    type: str
  state:
    description:
      - Whether the object should be there.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - minio
  - minio.bucket
  - minio.assume_bucket
  - minio.attributes
author:
  - geocrop-storage contributors (@geocrop-storage)
seealso:
  - module: minio_sync
"""

EXAMPLES = r"""
- name: Describe the training set
  minio_object:
    bucket: geocrop-datasets
    key: zimbabwe_full/v1/metadata.json
    content:
      version: v1
      classes: [cropland, water]

- name: Remove a note
  minio_object:
    bucket: geocrop-datasets
    key: zimbabwe_full/note.txt
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      subject: geocrop-datasets/zimbabwe_full/v1/metadata.json
      before: null
      after: {size: 412, md5: 7fc56270e7a70fa81a5935b72eacbe29}
"""

from ansible.module_utils.objectstore.manifests.document import (
    Document,
    StoredAt,
    apply_documents,
    check_bucket,
    check_places,
    plan_documents,
    read_document,
)
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.arguments import ASSUME_BUCKET, BUCKET


def main() -> None:
    arguments = {
        **BUCKET,
        **ASSUME_BUCKET,
        "key": {"type": "str", "required": True, "no_log": False},
        "content": {"type": "raw"},
        "content_type": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    with Runner(arguments, required_if=[("state", "present", ["content"])]) as run:
        place = StoredAt.of(run.params["bucket"], run.params["key"], run.params["content_type"])
        wanted = run.params["state"] == "present"
        document = Document.from_param(place, run.params["content"]) if wanted else Document(place, None)
        store = run.store(Store)
        check_places(store, [place])
        there = check_bucket(store, place.bucket, place.key, assume=run.params["assume_bucket"] and run.check_mode)
        state = read_document(store if there else None, document)
        pairs = [(document, state)]
        plan = plan_documents(f"object {place.name}", pairs)
        run.finish(plan, lambda plan: apply_documents(store, plan, pairs))


if __name__ == "__main__":
    main()
