"""Addresses of Services; the forms of credentials are tried against a real API server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.cluster.workload import parse_workload, service_endpoint
from ansible.module_utils.objectstore.values.errors import InvalidInputError, ObjectStoreError


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
        ({"clusterIP": "fd00::7", "ports": [{"port": 9000}]}, "http://[fd00::7]:9000"),
        (
            {"type": "ExternalName", "externalName": "s3.example.org", "ports": [{"port": 443}]},
            "https://s3.example.org:443",
        ),
    ],
)
def test_the_address_of_a_service(spec: dict[str, Any], endpoint: str) -> None:
    assert service_endpoint(FakeCluster(spec), "minio") == endpoint


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
        service_endpoint(FakeCluster(spec), "minio")
    assert words in str(caught.value)


def test_workloads() -> None:
    assert parse_workload("minio") == ("Deployment", "minio")
    assert parse_workload("deploy/minio") == ("Deployment", "minio")
    assert parse_workload("statefulset/minio") == ("StatefulSet", "minio")
    for wrong in ("pod/minio", "deployment/"):
        with pytest.raises(InvalidInputError):
            parse_workload(wrong)
