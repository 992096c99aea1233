#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_credentials
short_description: Read the root credentials of a MinIO that runs in Kubernetes
description:
  - Reads, with kubectl on the managed host, the root credentials as the containers of a Deployment or StatefulSet get
    them, and the address of its Service.
  - Understands plain values, C(secretKeyRef), C(envFrom), mounted files (E(MINIO_ROOT_USER_FILE),
    E(MINIO_CONFIG_ENV_FILE)) and the older names E(MINIO_ACCESS_KEY) and E(MINIO_SECRET_KEY).
  - The user of the kubeconfig needs C(get) on the workload, on the Secrets that it refers to and on the Service.
  - The result holds secrets; use it with C(no_log) and C(failed_when=false), and show its C(msg) in a second task.
options:
  namespace:
    description:
      - Namespace of MinIO.
    type: str
    default: geocrop
  workload:
    description:
      - Name of the Deployment, or V(statefulset/NAME).
    type: str
    default: minio
  container:
    description:
      - Container whose credentials are meant, where more than one has some.
    type: str
  service:
    description:
      - Service whose address is returned. Left out, none is looked up.
    type: str
extends_documentation_fragment:
  - minio.kubectl
  - minio.reads_only
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Read the credentials from the cluster
  minio_credentials:
    namespace: geocrop
    workload: deployment/minio
    service: minio
  register: found
  no_log: true
  failed_when: false
"""

RETURN = r"""
access_key:
  description: The root user.
  returned: success
  type: str
  sample: geocrop-root
secret_key:
  description: The root user's password.
  returned: success
  type: str
  sample: "********"
endpoint:
  description:
    - URL of the Service as this host reaches it; empty where none was asked for. Its cluster address where that takes
      connections, else a port on this node.
  returned: success
  type: str
  sample: http://10.43.17.5:9000
server_name:
  description: Name in the cluster that the Service's certificate may be issued for; empty where none was asked for.
  returned: success
  type: str
  sample: minio.geocrop.svc
source:
  description: Where the credentials were found.
  returned: success
  type: str
  sample: key root-user of Secret minio-root; key root-password of Secret minio-root
"""

from ansible.module_utils.objectstore.cluster.kubectl import ARGUMENTS as KUBECTL
from ansible.module_utils.objectstore.cluster.kubectl import Kubectl
from ansible.module_utils.objectstore.cluster.reach import own_addresses, reachable
from ansible.module_utils.objectstore.cluster.service import service_addresses
from ansible.module_utils.objectstore.cluster.workload import find_credentials, parse_workload
from ansible.module_utils.objectstore.runner import Runner


def main() -> None:
    arguments = {
        **KUBECTL,
        "workload": {"type": "str", "default": "minio"},
        "container": {"type": "str"},
        "service": {"type": "str"},
    }
    with Runner(arguments, connects=False) as run:
        options = run.params
        cluster = Kubectl.from_params(options)
        found = find_credentials(cluster, *parse_workload(options["workload"]), options["container"])
        service = options["service"]
        way = reachable(service_addresses(cluster, service, own_addresses())) if service else None
        run.exit(
            changed=False,
            access_key=found.access_key.text,
            secret_key=found.secret_key.text,
            endpoint=way.endpoint if way else "",
            server_name=way.server_name if way else "",
            source=found.source,
        )


if __name__ == "__main__":
    main()
