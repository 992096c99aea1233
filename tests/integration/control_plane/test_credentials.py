"""Root credentials read from a real API server by the real kubectl, in each form that a Deployment may have."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.kube import Kube
from tests.support.manifests import (
    Manifest,
    config_map,
    container,
    deployment,
    from_secret,
    namespace,
    plain,
    secret,
    service,
    tenant,
    tenant_definition,
)
from tests.support.modules import run_module

USER, PASSWORD = "cluster-user", "cluster-password"
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def space(kube: Kube, admin_config: Path) -> str:
    """A namespace of the test's own."""
    name = f"t-{secrets.token_hex(4)}"
    kube.apply(admin_config, namespace(name))
    return name


@pytest.fixture
def read(kube: Kube, admin_config: Path, space: str) -> Read:
    """Apply manifests, and run the module on them."""

    def run(*manifests: Manifest, **options: Any) -> dict[str, Any]:
        if manifests:
            kube.apply(admin_config, *manifests, namespace=space)
        return run_module("minio_credentials", {"namespace": space, "kubeconfig": str(admin_config), **options})

    return run


ROOT = {"user": USER, "password": PASSWORD}
BY_KEYS = {"MINIO_ROOT_USER": "user", "MINIO_ROOT_PASSWORD": "password"}
MOUNT = {"name": "creds", "mountPath": "/etc/minio/creds"}
FILES = plain(MINIO_ROOT_USER_FILE="/etc/minio/creds/user", MINIO_ROOT_PASSWORD_FILE="/etc/minio/creds/password")


CREDS: Manifest = {"name": "creds", "secret": {"secretName": "root"}}
PLAIN = plain(MINIO_ROOT_USER=USER, MINIO_ROOT_PASSWORD=PASSWORD)
REFERRED = container(env=from_secret("root", **BY_KEYS))
SETTINGS = f'export MINIO_ROOT_USER="{USER}"\nexport MINIO_ROOT_PASSWORD="{PASSWORD}"\n'
ITEMS = [{"key": "user", "path": "u"}, {"key": "password", "path": "in/p"}]

#: All of them mean USER and PASSWORD.
FORMS: dict[str, list[Manifest]] = {
    "plain values": [deployment([container(env=PLAIN)])],
    "old names": [deployment([container(env=plain(MINIO_ACCESS_KEY=USER, MINIO_SECRET_KEY=PASSWORD))])],
    "secretKeyRef": [secret("root", ROOT), deployment([REFERRED])],
    "user plain, password by reference": [
        secret("root", ROOT),
        deployment([container(env=plain(MINIO_ROOT_USER=USER) + from_secret("root", MINIO_ROOT_PASSWORD="password"))]),
    ],
    "envFrom": [
        secret("root", {"MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": PASSWORD}),
        deployment([container(envFrom=[{"secretRef": {"name": "root"}}])]),
    ],
    "envFrom with a prefix, user in a ConfigMap": [
        config_map("settings", {"MINIO_ROOT_USER": USER}),
        secret("root", {"ROOT_PASSWORD": PASSWORD}),
        deployment(
            [
                container(
                    envFrom=[
                        {"configMapRef": {"name": "settings"}},
                        {"secretRef": {"name": "gone", "optional": True}},
                        {"prefix": "MINIO_", "secretRef": {"name": "root"}},
                    ]
                )
            ]
        ),
    ],
    "files of a mounted Secret": [
        secret("root", {key: f"{value}\n" for key, value in ROOT.items()}),
        deployment([container(env=FILES, volumeMounts=[MOUNT])], volumes=[CREDS]),
    ],
    "files by items and projection": [
        secret("root", ROOT),
        deployment(
            [
                container(
                    env=plain(MINIO_ROOT_USER_FILE="/run/secrets/u", MINIO_ROOT_PASSWORD_FILE="in/p"),
                    volumeMounts=[{"name": "creds", "mountPath": "/run/secrets"}],
                )
            ],
            volumes=[{"name": "creds", "projected": {"sources": [{"secret": {"name": "root", "items": ITEMS}}]}}],
        ),
    ],
    "a settings file": [
        secret("root", {"config.env": SETTINGS}),
        deployment(
            [container(env=plain(MINIO_CONFIG_ENV_FILE="/etc/minio/creds/config.env"), volumeMounts=[MOUNT])],
            volumes=[CREDS],
        ),
    ],
    "beside another container": [
        secret("root", ROOT),
        deployment([{"name": "exporter", "image": "exporter:1", "env": plain(MINIO_ROOT_USER="x")}, REFERRED]),
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read(read: Read, space: str, form: str) -> None:
    result = read(*FORMS[form])
    assert (result.get("access_key"), result.get("secret_key")) == (USER, PASSWORD), result
    assert result["changed"] is False
    assert PASSWORD not in result["source"]


def test_the_service_gives_the_endpoint(read: Read, space: str) -> None:
    result = read(*FORMS["secretKeyRef"], service("minio", address="127.42.0.77", port=9000), service="minio")
    assert result["endpoint"] == "http://127.42.0.77:9000"
    assert result["source"] == "key user of Secret root; key password of Secret root"


def test_a_stateful_set_is_a_workload_too(read: Read, space: str) -> None:
    pod = deployment([container(env=PLAIN)], name="store", kind="StatefulSet")
    assert read(pod, workload="statefulset/store")["secret_key"] == PASSWORD


TENANTS: dict[str, list[Manifest]] = {
    "configuration": [secret("root", {"config.env": SETTINGS}), tenant({"configuration": {"name": "root"}})],
    "credsSecret": [
        secret("root", {"accesskey": USER, "secretkey": PASSWORD}),
        tenant({"credsSecret": {"name": "root"}}),
    ],
}
WAYS = ("tenant/minio", "tenants.minio.min.io/minio", "statefulset/minio")


def test_a_tenant_of_the_operator_is_found_by_its_custom_resource(
    kube: Kube, admin_config: Path, read: Read, space: str
) -> None:
    """The pods of a Tenant are a StatefulSet's, which names it as its owner and holds no credentials."""
    assert "Is the MinIO Operator installed there?" in read(workload="tenant/minio")["msg"]
    kube.define(admin_config, tenant_definition())
    assert "has no Tenant" in read(workload="tenant/minio")["msg"]
    owner = {"apiVersion": "minio.min.io/v2", "kind": "Tenant", "name": "minio", "uid": "u-1", "controller": True}
    pool = deployment([container(env=plain(MINIO_CONFIG_ENV_FILE="/run/minio/config.env"))], kind="StatefulSet")
    pool["metadata"]["ownerReferences"] = [owner]
    found = [read(*TENANTS["configuration"], pool, workload=workload) for workload in WAYS]
    found.append(read(*TENANTS["credsSecret"], workload="tenant/minio"))
    assert [(one.get("access_key"), one.get("secret_key")) for one in found] == [(USER, PASSWORD)] * 4, found
    gone = read(tenant({"configuration": {"name": "gone"}}), workload="tenant/minio")["msg"]
    assert f"read Secret gone in namespace {space}" in gone
    assert "built-in defaults" not in gone


def test_a_context_is_chosen(kube: Kube, read: Read, space: str, tmp_path: Path) -> None:
    config = kube.kubeconfig(tmp_path / "config", context="geocrop-prod")
    manifests = FORMS["plain values"]
    assert read(*manifests, kubeconfig=str(config), context="geocrop-prod")["access_key"] == USER
    message = read(kubeconfig=str(config), context="typo")["msg"]
    assert "typo" in message
    assert str(config) in message


TWO = [{"name": name, "image": f"{name}:1", "env": PLAIN} for name in ("blue", "green")]
USER_ONLY = secret("root", {"user": USER})

BROKEN: dict[str, list[Manifest]] = {
    "no Deployment": [],
    "Secret missing": [deployment([REFERRED])],
    "key missing": [USER_ONLY, deployment([REFERRED])],
    "envFrom Secret missing": [deployment([container(envFrom=[{"secretRef": {"name": "root"}}])])],
    "file not in the Secret": [
        USER_ONLY,
        deployment([container(env=FILES, volumeMounts=[MOUNT])], volumes=[CREDS]),
    ],
    "nothing set": [deployment([container(env=plain(MINIO_BROWSER="off"))])],
    "half": [deployment([container(env=plain(MINIO_ROOT_USER=USER))])],
    "line break": [secret("root", {"user": USER, "password": f"{PASSWORD}\n"}), deployment([REFERRED])],
    "two containers": [deployment(TWO)],
}


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("no Deployment", ["read Deployment minio in namespace", "has no Deployment minio"]),
        ("Secret missing", ["read Secret root in namespace", "has no Secret root"]),
        ("key missing", ["Secret root in namespace", "has no key password", "its keys: user", "container minio"]),
        ("envFrom Secret missing", ["has no Secret root"]),
        ("file not in the Secret", ["/etc/minio/creds/password", "Secret root", "container minio of Deployment minio"]),
        ("nothing set", ["container minio sets neither", "built-in defaults"]),
        ("half", ["MINIO_ROOT_USER of container minio", "was found, but no MINIO_ROOT_PASSWORD"]),
        ("line break", ["key password of Secret root", "line break"]),
        ("two containers", ["more than one", "blue, green", "control_plane_kubernetes_container"]),
    ],
)
def test_what_is_missing_is_named(read: Read, space: str, case: str, words: list[str]) -> None:
    result = read(*BROKEN[case])
    assert result["failed"]
    for word in words:
        assert word in result["msg"], result["msg"]
    assert PASSWORD not in str(result)


def test_a_named_container_ends_the_doubt(read: Read, space: str) -> None:
    assert read(*BROKEN["two containers"], container="green")["access_key"] == USER
    assert "no container red, only blue, green" in read(container="red")["msg"]


def test_who_may_not_read_secrets_is_told_so(kube: Kube, read: Read, space: str, tmp_path: Path) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"}],
    }
    manifests = [*FORMS["secretKeyRef"], role, binding]
    reader, stranger = kube.kubeconfig(tmp_path / "r", "reader"), kube.kubeconfig(tmp_path / "s", "stranger")
    message = read(*manifests, kubeconfig=str(reader))["msg"]
    assert f"read Secret root in namespace {space}" in message
    assert "forbids reader to get secrets" in message
    assert "forbids stranger to get deployments" in read(kubeconfig=str(stranger))["msg"]


def test_an_api_server_that_is_down_is_told_apart(kube: Kube, read: Read, tmp_path: Path) -> None:
    config = kube.kubeconfig(tmp_path / "config", url="https://127.0.0.1:1")
    message = read(kubeconfig=str(config))["msg"]
    assert "does not answer" in message
    assert "127.0.0.1:1" in message
    assert str(config) in message


def test_a_token_that_is_not_valid_is_told_apart(kube: Kube, read: Read, tmp_path: Path) -> None:
    config = kube.kubeconfig(tmp_path / "config")
    config.write_text(config.read_text().replace(kube.tokens["admin"], "expired"))
    assert "does not accept the kubeconfig's user" in read(kubeconfig=str(config))["msg"]


def test_a_host_without_kubectl_is_told_so(read: Read) -> None:
    assert "no program kubectl-none on this host" in read(kubectl="kubectl-none")["msg"]
