#!/usr/bin/python
# Copyright: geocrop-storage contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: minio_kubernetes_secret
short_description: Keep an identity's credentials in a Secret of Kubernetes, with a secret that is made there
description:
  - Keeps, with kubectl on the managed host, a Secret with the keys E(MINIO_ENDPOINT), E(MINIO_ACCESS_KEY) and
    E(MINIO_SECRET_KEY), which a pod takes into its environment by C(envFrom).
  - The secret key is made where the Secret has none, and kept as long as it has one. Other keys, labels and annotations
    stay. What is written goes to kubectl by its standard input.
  - It carries the label C(app.kubernetes.io/managed-by=geocrop-storage). A Secret that says that somebody else looks
    after it is read, and never changed.
  - The user of the kubeconfig needs C(get), C(create) and C(update) on Secrets of the namespace. In check mode the
    server judges the Secret as it would in a real run, and keeps nothing.
  - Returns the secret. Run the task with C(no_log) and C(failed_when=false), and show its C(msg) in a second task.
options:
  name:
    description: Name of the Secret; the access key where it is left out.
    type: str
  namespace:
    description: Namespace of the Secret.
    type: str
    default: geocrop
  secrets:
    description:
      - Secrets to see to in one task, in place of O(access_key).
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name).
        type: str
      namespace:
        description: As O(namespace).
        type: str
      endpoint:
        description: As O(endpoint).
        type: str
      access_key:
        description: As O(access_key).
        type: str
        required: true
      key_id:
        description: As O(key_id).
        type: str
      generate:
        description: As O(generate).
        type: bool
      rotate:
        description: As O(rotate).
        type: bool
      read_only:
        description: As O(read_only).
        type: bool
      kubectl:
        description: As O(kubectl).
        type: str
      kubeconfig:
        description: As O(kubeconfig).
        type: path
      context:
        description: As O(context).
        type: str
attributes:
  idempotent:
    support: partial
    details: O(rotate) makes a new secret key each time.
extends_documentation_fragment:
  - minio.kubectl
  - minio.kept_credentials
  - minio.attributes
  - minio.many
author:
  - geocrop-storage contributors (@geocrop-storage)
"""

EXAMPLES = r"""
- name: Keep the worker's credentials in the cluster
  minio_kubernetes_secret:
    namespace: geocrop
    endpoint: http://minio.geocrop.svc.cluster.local:9000
    access_key: geocrop-worker
  register: worker_credentials
  no_log: true
  failed_when: false
"""

RETURN = r"""
secret_key:
  description: The secret; in check mode, where a new one would be made, one that nobody will ever use.
  returned: success, without a list
  type: str
  sample: q7Y0
credentials:
  description: The same as connection options of the other modules.
  returned: success, without a list
  type: dict
  sample: {access_key: geocrop-worker, secret_key: q7Y0, session_token: ""}
created:
  description: Whether the secret is a new one.
  returned: success, without a list
  type: bool
  sample: false
missing:
  description: Whether it failed only because there is no secret, and none may be made.
  returned: failure, without a list
  type: bool
  sample: true
actions:
  description: What was done, or in check mode would be done. The secret is never a part of it.
  returned: success, without a list
  type: list
  elements: dict
  sample:
    - {action: create, subject: secret, before: null, after: a new one}
outcomes:
  description: What is returned for each item of a list, and C(item), its name, C(changed), C(failed) and C(msg).
  returned: with a list
  type: list
  elements: dict
  sample:
    - {item: geocrop-worker, changed: false, created: false, secret_key: q7Y0, actions: []}
"""

from ansible.module_utils.objectstore.cluster.kubectl import ARGUMENTS as KUBECTL
from ansible.module_utils.objectstore.cluster.kubectl import Kubectl
from ansible.module_utils.objectstore.runner import Runner
from ansible.module_utils.objectstore.secrets.cluster_secret import (
    apply_cluster_secret,
    document_of,
    plan_cluster_secret,
    read_cluster_secret,
    rehearse_cluster_secret,
)
from ansible.module_utils.objectstore.secrets.kept_secret import (
    ARGUMENTS,
    MissingSecretError,
    Wanted,
    missing,
    returns_of,
    secret_of,
)
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.steps import Many, Step


def keep(step: Step) -> Report:
    cluster, wanted = Kubectl.from_params(step.params), Wanted.from_params(step.params)
    name = step.params["name"] or step.params["access_key"]
    state = read_cluster_secret(cluster, name)
    try:
        plan = plan_cluster_secret(cluster, name, state, wanted)
    except MissingSecretError as error:
        return missing(error)
    secret = secret_of(state, plan)
    document = document_of(name, state, wanted, secret)
    if step.check_mode:
        rehearse_cluster_secret(cluster, plan, document)
    returns = returns_of(plan, state, wanted, secret)
    return step.carried_out(plan, lambda plan: apply_cluster_secret(cluster, plan, document), **returns)


def main() -> None:
    many = Many("secrets", needs=("access_key",), label="access_key")
    with Runner({"name": {"type": "str"}, **ARGUMENTS, **KUBECTL}, connects=False, many=many) as run:
        run.do(keep)


if __name__ == "__main__":
    main()
