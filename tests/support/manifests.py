"""Manifests of a MinIO in Kubernetes, in the forms in which people write them.

The namespace is given when they are applied.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

Manifest = dict[str, Any]


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def secret(name: str, data: Mapping[str, str]) -> Manifest:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


def config_map(name: str, data: Mapping[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": dict(data)}


def service(name: str, *, address: str, port: int) -> Manifest:
    ports = [{"name": "console", "port": 9001}, {"name": "api", "port": port}]
    spec = {"clusterIP": address, "selector": {"app": "minio"}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def container(name: str = "minio", **parts: Any) -> Manifest:
    return {"name": name, "image": "quay.io/minio/minio:latest", **parts}


def deployment(
    containers: Sequence[Manifest], *, name: str = "minio", volumes: Sequence[Manifest] = (), kind: str = "Deployment"
) -> Manifest:
    labels = {"app": "minio"}
    spec: Manifest = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": list(containers), "volumes": list(volumes)},
        },
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def plain(**variables: str) -> list[Manifest]:
    """``env`` with values."""
    return [{"name": name, "value": value} for name, value in variables.items()]


def from_secret(name: str, **keys: str) -> list[Manifest]:
    """``env`` with references to keys of a Secret."""
    return [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for variable, key in keys.items()
    ]


def tenant_definition() -> Manifest:
    """The custom resource of MinIO's Operator, as far as a server needs it: any fields are kept."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "tenants.minio.min.io"},
        "spec": {
            "group": "minio.min.io",
            "scope": "Namespaced",
            "names": {"kind": "Tenant", "plural": "tenants", "singular": "tenant", "shortNames": ["tenant"]},
            "versions": [{"name": "v2", "served": True, "storage": True, "schema": schema}],
        },
    }


def tenant(spec: Manifest, *, name: str = "minio") -> Manifest:
    """A Tenant of the Operator."""
    return {"apiVersion": "minio.min.io/v2", "kind": "Tenant", "metadata": {"name": name}, "spec": spec}
