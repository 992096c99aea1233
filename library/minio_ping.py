#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_ping
short_description: Check that a MinIO or S3 store can be worked with
description:
  - Tells apart, in one line each, a name that does not resolve, a refused connection, a certificate that does not fit,
    a server that does not speak S3, clocks that differ too much, and credentials that the store does not take.
  - Changes nothing.
options:
  default_credentials:
    description:
      - What happens where the credentials are well-known defaults, such as those of MinIO's documentation.
    type: str
    choices: [warn, refuse, allow]
    default: warn
  in_cluster:
    description:
      - The endpoint is an address inside the cluster, so no warning is due where it is reached without TLS.
    type: bool
    default: false
extends_documentation_fragment:
  - minio
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Check the store before anything is done
  minio_ping:
    default_credentials: refuse
"""

RETURN = r"""
endpoint:
  description: The endpoint as it was understood.
  returned: success
  type: str
  sample: http://minio.geocrop.svc.cluster.local:9000
server:
  description: What the server calls itself.
  returned: success
  type: str
  sample: MinIO
release:
  description:
    - The release that a MinIO says it is, of all nodes; null where it does not say, to others than administrators
      (C(admin:ServerInfo)) for example.
  returned: success
  type: str
  sample: RELEASE.2025-09-07T16-13-09Z
identities:
  description: How identities are made there, as the role access does it; C(none) where that is not known.
  returned: success
  type: str
  sample: minio
clock_skew:
  description: Seconds that this host's clock is ahead of the store's; null where the store does not tell.
  returned: success
  type: float
  sample: 0.4
secret_accepted:
  description: That the server knows the access key, and has another secret for it.
  returned: failure, where that is the reason
  type: bool
  sample: false
"""

from ansible.module_utils.objectstore.host.preflight import run_preflight
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.servers.administered import AdministeredStore
from ansible.module_utils.objectstore.values.errors import WrongSecretError


def main() -> None:
    arguments = {
        "default_credentials": {"type": "str", "choices": ["warn", "refuse", "allow"], "default": "warn"},
        "in_cluster": {"type": "bool", "default": False},
    }
    with Runner(arguments) as run:
        store = run.store(AdministeredStore)
        defaults = run.params["default_credentials"]
        try:
            report = run_preflight(store, in_cluster=run.params["in_cluster"], defaults=defaults)
        except WrongSecretError as error:
            run.fail(str(error), secret_accepted=False)
            return
        for warning in report.warnings:
            run.warn(warning)
        run.exit(
            changed=False,
            endpoint=store.connection.endpoint,
            server=report.server,
            release=store.release(),
            identities=store.abilities.identities or "none",
            clock_skew=None if report.skew is None else round(report.skew, 1),
        )


if __name__ == "__main__":
    main()
