"""Addresses of Services; the forms of credentials are tried against a real API server."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.module_utils.objectstore.cluster.container import ContainerReader
from ansible.module_utils.objectstore.cluster.service import service_addresses
from ansible.module_utils.objectstore.cluster.workload import find_credentials, parse_workload
from ansible.module_utils.objectstore.values.errors import InvalidInputError, NotFoundError, ObjectStoreError


class FakeCluster:
    """A namespace with one Service."""

    namespace = "geocrop"

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec

    def get(self, kind: str, name: str) -> dict[str, Any]:
        assert (kind, name) == ("Service", "minio")
        return {"spec": self._spec}


@pytest.mark.parametrize(
    ("spec", "endpoint"),
    [
        ({"clusterIP": "10.43.0.7", "ports": [{"port": 9000}]}, "http://10.43.0.7:9000"),
        ({"clusterIP": "10.43.0.7", "ports": [{"port": 9001}, {"port": 9000}]}, "http://10.43.0.7:9000"),
        ({"clusterIP": "10.43.0.7", "ports": [{"port": 9000}, {"name": "api", "port": 80}]}, "http://10.43.0.7:80"),
        ({"clusterIP": "10.43.0.7", "ports": [{"name": "https", "port": 443}]}, "https://10.43.0.7:443"),
        ({"clusterIP": "10.43.0.7", "ports": [{"port": 80, "appProtocol": "https"}]}, "https://10.43.0.7:80"),
        (
            {"clusterIP": "10.43.0.7", "ports": [{"port": 80, "targetPort": 9000}, {"port": 9090, "targetPort": 9090}]},
            "http://10.43.0.7:80",
        ),
        (
            {"clusterIP": "10.43.0.7", "ports": [{"port": 8080, "targetPort": "console"}, {"port": 80, "name": "web"}]},
            "http://10.43.0.7:80",
        ),
        ({"clusterIP": "fd00::7", "ports": [{"port": 9000}]}, "http://[fd00::7]:9000"),
        (
            {"type": "ExternalName", "externalName": "s3.example.org", "ports": [{"port": 443}]},
            "https://s3.example.org:443",
        ),
    ],
)
def test_the_address_of_a_service(spec: dict[str, Any], endpoint: str) -> None:
    assert [way.endpoint for way in service_addresses(FakeCluster(spec), "minio")] == [endpoint]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"clusterIP": "None", "ports": [{"port": 9000}]}, "headless"),
        ({"clusterIP": "10.43.0.7", "ports": [{"port": 1}, {"port": 2}]}, "1, 2"),
        ({"clusterIP": "10.43.0.7"}, "none"),
    ],
)
def test_a_service_that_does_not_say_enough(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(ObjectStoreError, match="Set minio_endpoint") as caught:
        service_addresses(FakeCluster(spec), "minio")
    assert words in str(caught.value)


def test_workloads() -> None:
    assert parse_workload("minio") == ("Deployment", "minio")
    assert parse_workload("deploy/minio") == ("Deployment", "minio")
    assert parse_workload("statefulset/minio") == ("StatefulSet", "minio")
    assert parse_workload("deployments/minio") == ("Deployment", "minio")
    assert parse_workload("deployments.apps/minio") == ("Deployment", "minio")
    assert parse_workload("DaemonSet/minio") == ("DaemonSet", "minio")
    assert parse_workload("tenants.minio.min.io/geocrop") == ("Tenant", "geocrop")
    for wrong in ("pod/minio", "deployment/"):
        with pytest.raises(InvalidInputError):
            parse_workload(wrong)


def test_ports_on_the_nodes_come_after_the_cluster_address() -> None:
    spec = {"clusterIP": "10.43.0.7", "ports": [{"port": 9000, "nodePort": 30900}]}
    ways = service_addresses(FakeCluster(spec), "minio", ["127.0.0.1", "192.0.2.7"])
    assert [way.endpoint for way in ways] == [
        "http://10.43.0.7:9000",
        "http://127.0.0.1:30900",
        "http://192.0.2.7:30900",
    ]
    assert {way.server_name for way in ways} == {"minio.geocrop.svc"}


class Namespace:
    """A namespace with some resources, by kind and name."""

    namespace = "geocrop"

    def __init__(self, resources: dict[tuple[str, str], dict[str, Any]]) -> None:
        self._resources = resources

    def get(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self._resources:
            raise NotFoundError(f"read {kind} {name}", "there is none")
        return self._resources[kind, name]


def secret(**values: str) -> dict[str, Any]:
    return {"kind": "Secret", "data": {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}}


def workload(
    env: list[dict[str, Any]],
    *,
    volumes: list[dict[str, Any]] | None = None,
    annotations: dict[str, str] | None = None,
    owners: list[dict[str, Any]] | None = None,
    **container: Any,
) -> dict[str, Any]:
    template = {
        "metadata": {"annotations": annotations or {}},
        "spec": {"containers": [{"name": "minio", "env": env, **container}], "volumes": volumes or []},
    }
    return {"metadata": {"ownerReferences": owners or []}, "spec": {"template": template}}


def found(resources: dict[tuple[str, str], dict[str, Any]], kind: str = "Deployment") -> tuple[str, str]:
    credentials = find_credentials(Namespace(resources), kind, "minio")
    return credentials.access_key.text, credentials.secret_key.text


CONFIG = secret(**{"config.env": "export MINIO_ROOT_USER=\"tenant\"\nexport MINIO_ROOT_PASSWORD='from-config'\n"})
PASSWORD = {"name": "MINIO_ROOT_PASSWORD", "value": "password"}


@pytest.mark.parametrize(
    ("tenant", "secrets"),
    [
        ({"configuration": {"name": "conf"}}, {("Secret", "conf"): CONFIG}),
        ({"credsSecret": {"name": "old"}}, {("Secret", "old"): secret(accesskey="tenant", secretkey="from-config")}),
    ],
)
def test_a_tenant_of_the_operator(tenant: dict[str, Any], secrets: dict[tuple[str, str], dict[str, Any]]) -> None:
    """By its own name, and by the StatefulSet that belongs to it, whose file an emptyDir holds."""
    pool = workload(
        [{"name": "MINIO_CONFIG_ENV_FILE", "value": "/config/minio/config.env"}],
        owners=[{"kind": "Tenant", "name": "minio", "controller": True}],
        volumeMounts=[{"name": "configuration", "mountPath": "/config/minio"}],
        volumes=[{"name": "configuration", "emptyDir": {}}],
    )
    resources = {("Tenant.minio.min.io", "minio"): {"spec": tenant}, ("StatefulSet", "minio"): pool, **secrets}
    assert found(resources, "Tenant") == found(resources, "StatefulSet") == ("tenant", "from-config")


@pytest.mark.parametrize(
    ("env", "more", "words"),
    [
        (
            [{"name": "MINIO_CONFIG_ENV_FILE", "value": "/config/minio/config.env"}],
            {
                "volumeMounts": [{"name": "v", "mountPath": "/config/minio"}],
                "volumes": [{"name": "v", "emptyDir": {}}],
            },
            "lies in the emptyDir v",
        ),
        (
            [{"name": "MINIO_ROOT_USER_FILE", "value": "/mnt/secrets/user"}],
            {
                "volumeMounts": [{"name": "v", "mountPath": "/mnt/secrets"}],
                "volumes": [{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io"}}],
            },
            "lies in the csi v",
        ),
        ([{"name": "MINIO_ROOT_USER_FILE", "value": "/vault/secrets/user"}], {}, "nothing is mounted at /vault"),
        ([], {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}, "vault.hashicorp.com/agent-inject says"),
    ],
)
def test_what_comes_into_the_pod_alone_names_the_way_out(
    env: list[dict[str, Any]], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotFoundError, match="Set minio_credentials_source to variables") as caught:
        found({("Deployment", "minio"): workload(env, **more)})
    assert words in str(caught.value)
    assert "built-in defaults" not in str(caught.value)


def test_without_any_of_these_it_runs_with_its_defaults() -> None:
    with pytest.raises(NotFoundError, match="built-in defaults"):
        found({("Deployment", "minio"): workload([])})


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ("$(NAME)-admin", "geocrop-admin"),
        ("$$(NAME)", "$(NAME)"),
        ("$$$(NAME)", "$geocrop"),
        ("$(LATER)x", "$(LATER)x"),
        ("$(UNKNOWN)x", "$(UNKNOWN)x"),
        ("$NAME${NAME}$", "$NAME${NAME}$"),
        ("$(CHAIN)", "geocrop!"),
        ("$(SHARED)", "shared"),
    ],
)
def test_references_in_values(value: str, expanded: str) -> None:
    env = [
        {"name": "NAME", "value": "geocrop"},
        {"name": "CHAIN", "value": "$(NAME)!"},
        {"name": "MINIO_ROOT_USER", "value": value},
        {"name": "LATER", "value": "later"},
        PASSWORD,
    ]
    container = workload(env, envFrom=[{"secretRef": {"name": "all"}}])
    pod = container["spec"]["template"]["spec"]
    cluster = Namespace({("Secret", "all"): secret(SHARED="shared")})
    reader = ContainerReader(cluster, pod, pod["containers"][0], "Deployment minio")
    user = reader._first(("MINIO_ROOT_USER",), whole=True)
    assert user is not None
    assert user.text == expanded


def test_an_optional_key_that_is_missing_leaves_what_env_from_says() -> None:
    reference = {"secretKeyRef": {"name": "gone", "key": "user", "optional": True}}
    container = workload(
        [{"name": "MINIO_ROOT_USER", "valueFrom": reference}, PASSWORD],
        envFrom=[{"secretRef": {"name": "all"}}],
    )
    resources = {("Deployment", "minio"): container, ("Secret", "all"): secret(MINIO_ROOT_USER="from-all")}
    assert found(resources) == ("from-all", "password")
