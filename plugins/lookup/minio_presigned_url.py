# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed URLs of objects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.plugins
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

# Ansible loads each plugin by its file: what they share is found here
ansible.plugins.__path__.append(str(Path(__file__).resolve().parents[1]))

from ..plugin_utils.engine import make_importable  # noqa: E402

make_importable()

from ansible.module_utils.objectstore.access.signing import parse_duration, presigned_url  # noqa: E402
from ansible.module_utils.objectstore.runner import connection_arguments  # noqa: E402
from ansible.module_utils.objectstore.values.arguments import connection_of  # noqa: E402
from ansible.module_utils.objectstore.values.errors import InvalidInputError, ObjectStoreError  # noqa: E402

DOCUMENTATION = r"""
name: minio_presigned_url
author: geocrop-storage contributors
short_description: Signed URLs of objects in a MinIO or S3 store
description:
  - Makes a URL for each key with which anybody may do one thing with that object, for a while and without credentials.
  - It is computed on the workstation. The server is not asked, so the object need not exist yet.
  - Whoever sees the URL can use it. Keep it out of logs as a secret, for example by C(no_log).
options:
  _terms:
    description: Keys of objects.
    required: true
    type: list
    elements: str
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  method:
    description: What the URL is for.
    type: str
    choices: [GET, HEAD, PUT, DELETE]
    default: GET
  expires:
    description: How long it is valid, as V(900) seconds, V(15m), V(12h) or V(7d), which is the longest.
    type: str
    default: 1h
  response_headers:
    description:
      - Headers that the answer shall have, of C(content-type), C(content-language), C(expires), C(cache-control),
        C(content-disposition) and C(content-encoding).
    type: dict
    default: {}
  version_id:
    description: Version of the object.
    type: str
  endpoint:
    description: URL of the S3 API as those who use the signed URL reach it; the host is a part of what is signed.
      The first where there are several.
    type: list
    elements: str
    env: [{name: MINIO_ENDPOINT}]
    vars: [{name: minio_endpoint}]
  access_key:
    description: Access key whose rights the URL has.
    type: str
    env: [{name: MINIO_ACCESS_KEY}]
    vars: [{name: minio_access_key}]
  secret_key:
    description: Secret key.
    type: str
    env: [{name: MINIO_SECRET_KEY}]
    vars: [{name: minio_secret_key}]
  session_token:
    description: Session token of temporary credentials.
    type: str
    env: [{name: MINIO_SESSION_TOKEN}]
    vars: [{name: minio_session_token}]
  region:
    description: Region of the bucket.
    type: str
    default: us-east-1
"""

EXAMPLES = r"""
- name: Let somebody download a result until tomorrow, as a file of that name
  ansible.builtin.set_fact:
    link: >-
      {{ lookup('minio_presigned_url', 'results/42/map.tif', bucket='geocrop-results', expires='24h',
                response_headers={'content-disposition': 'attachment; filename=map.tif'}) }}
  no_log: true
"""

RETURN = r"""
_raw:
  description: The URLs, in the order of the keys.
  type: list
  elements: str
"""

HEADERS = ("content-type", "content-language", "expires", "cache-control", "content-disposition", "content-encoding")
#: Connection options that signing does not use, as they are where nobody sets them.
UNUSED = {name: option.get("default") for name, option in connection_arguments().items()}


class LookupModule(LookupBase):
    """The lookup ``minio_presigned_url``."""

    def run(self, terms: Sequence[str], variables: Any = None, **options: Any) -> list[str]:
        """The signed URL of each key."""
        self.set_options(var_options=variables, direct=options)
        given = self.get_options()
        for name in ("endpoint", "access_key", "secret_key", "session_token"):
            if name not in options and f"minio_{name}" in (variables or {}):
                # Ansible hands a variable over as it was written, with the templates in it
                given[name] = self._templar.template(variables[f"minio_{name}"])
        try:
            return [_sign(key, given) for key in terms]
        except ObjectStoreError as error:
            raise AnsibleLookupError(str(error)) from None


def _sign(key: str, given: dict[str, Any]) -> str:
    query = {f"response-{name}": str(value) for name, value in given["response_headers"].items()}
    unknown = sorted(set(given["response_headers"]) - set(HEADERS))
    if unknown:
        raise InvalidInputError(
            f"sign a URL for {key}", f"S3 sets no header {unknown[0]}", f"Use {', '.join(HEADERS)}."
        )
    if given["version_id"]:
        query["versionId"] = given["version_id"]
    return presigned_url(
        connection_of({**UNUSED, **given}),
        given["method"],
        given["bucket"],
        key,
        expires=parse_duration(given["expires"]),
        now=datetime.now(UTC),
        query=query,
    )
