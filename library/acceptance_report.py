#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: acceptance_report
short_description: Write the report of an acceptance, as a page and as JSON
description:
  - Writes what the role C(acceptance) saw and judged as one HTML page that loads nothing, and the same as JSON.
  - Runs on the workstation, as part of C(ansible-playbook) itself. No process is started, and no host is asked.
  - Where O(json) has a former report of the same store, the page says what changed since.
options:
  page:
    description:
      - The HTML page.
    type: path
    required: true
  json:
    description:
      - The same for programs, less the pictures. None, where it is missing or empty.
    type: path
  criteria:
    description:
      - The criteria, as the filter C(acceptance_criteria) makes them.
    type: list
    elements: dict
    required: true
  seen:
    description:
      - What was seen, as the role's variable C(acceptance_observed) has it.
    type: dict
    required: true
  endpoint:
    description:
      - URL of the store.
    type: str
    required: true
  server:
    description:
      - What the store calls itself, and its release.
    type: str
    default: ""
  started:
    description:
      - When the run began, in seconds since 1970.
    type: float
  legend:
    description:
      - Classes that the pictures show, each with C(value), C(name) and C(color).
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
    description: In check mode nothing is written.
  diff_mode:
    support: none
    description: A report is a record, not a change.
  idempotent:
    support: partial
    description: A second run changes nothing.
    details: The report is written anew, with the time of the run; that does not count as a change.
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Write the report
  acceptance_report:
    page: reports/acceptance.html
    json: reports/acceptance.json
    criteria: "{{ acceptance_criteria }}"
    seen: "{{ acceptance_observed }}"
    endpoint: "{{ minio_endpoint }}"
"""

RETURN = r"""
page:
  description: Where the page is.
  returned: success
  type: str
  sample: reports/acceptance.html
json:
  description: Where the JSON is; empty where none is wanted.
  returned: success
  type: str
  sample: reports/acceptance.json
"""
