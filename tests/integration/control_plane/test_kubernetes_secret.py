"""Credentials of identities in Secrets of a real API server: by the module alone, and by the role access."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunPlaybook, StartMinio
from tests.integration.test_examples import examples
from tests.integration.two_identities import IDENTITIES, PLAY, start_store
from tests.support.kube import Kube, kubectl_binary
from tests.support.leaks import leaks_in_files, leaks_in_text, watched_processes
from tests.support.manifests import Manifest, namespace, secret
from tests.support.modules import run_module
from tests.support.playbooks import PlaybookResult
from tests.support.server import Server

MODULE = "minio_kubernetes_secret"
Keep = Callable[..., dict[str, Any]]
Role = Callable[..., PlaybookResult]
See = Callable[[str], Manifest]


@pytest.fixture
def space(kube: Kube, admin_config: Path) -> str:
    """A namespace of the test's own."""
    name = f"t-{secrets.token_hex(4)}"
    kube.apply(admin_config, namespace(name))
    return name


@pytest.fixture
def see(admin_config: Path, space: str) -> See:
    """A Secret as kubectl shows it; empty where there is none."""

    def run(name: str) -> Manifest:
        options = ["--kubeconfig", admin_config, "--namespace", space, "--output", "json", "--ignore-not-found"]
        command = [kubectl_binary(), "get", "secret", name, *options]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return dict(json.loads(shown or "{}"))

    return run


@pytest.fixture
def keep(admin_config: Path, space: str) -> Keep:
    """Run the module for the identity ``worker``."""

    def run(*, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"namespace": space, "kubeconfig": str(admin_config), "kubectl": str(kubectl_binary())}
        return run_module(
            MODULE, {"endpoint": "http://h:9000", "access_key": "worker", **given, **options}, check=check, diff=True
        )

    return run


def values(document: Manifest) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in document["data"].items()}


def subjects(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [action["subject"] for action in result["actions"]]


def stays(result: dict[str, Any]) -> dict[str, Any]:
    """What of a result a second reader may see."""
    return {key: result.get(key) for key in ("changed", "actions", "diff", "created")}


def test_by_the_cycle(keep: Keep, see: See) -> None:
    label = "label app.kubernetes.io/managed-by"
    steps: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["secret", "values", label]),
        ({"endpoint": "http://other:9000"}, ["values"]),
        ({"endpoint": "http://other:9000", "rotate": True}, ["secret"]),
    ]
    for options, expected in steps:
        before = see("worker")
        predicted = keep(check=True, **options)
        assert see("worker") == before
        real = keep(**options)
        assert subjects(predicted) == subjects(real) == expected
        assert stays(predicted) == stays(real)
        after = see("worker")
        assert values(after) == {
            "MINIO_ENDPOINT": options.get("endpoint", "http://h:9000"),
            "MINIO_ACCESS_KEY": "worker",
            "MINIO_SECRET_KEY": real["secret_key"],
        }
        assert after["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "geocrop-storage"}
        assert leaks_in_text([real["secret_key"]], str(stays(real))) == []
        again = keep(**{**options, "rotate": False})
        assert subjects(again) == []
        assert again["credentials"] == {"access_key": "worker", "secret_key": real["secret_key"], "session_token": ""}
        assert see("worker") == after
    assert subjects(keep(read_only=True)) == []


def test_the_example_of_its_documentation(keep: Keep, see: See, space: str) -> None:
    (task,) = examples(MODULE)
    assert subjects(keep(**{**task[MODULE], "namespace": space}))
    assert values(see("geocrop-worker"))["MINIO_ENDPOINT"] == task[MODULE]["endpoint"]


def test_what_somebody_else_keeps_there_stays(kube: Kube, keep: Keep, see: See, space: str, admin_config: Path) -> None:
    foreign = secret("worker", {"TOKEN": "theirs", "MINIO_ENDPOINT": "http://old"})
    foreign["metadata"] |= {"labels": {"team": "maps"}, "annotations": {"note": "by hand"}}
    kube.apply(admin_config, foreign, namespace=space)
    result = keep()
    assert subjects(result) == ["secret", "values", "label app.kubernetes.io/managed-by"]
    after = see("worker")
    assert values(after) == {
        "TOKEN": "theirs",
        "MINIO_ENDPOINT": "http://h:9000",
        "MINIO_ACCESS_KEY": "worker",
        "MINIO_SECRET_KEY": result["secret_key"],
    }
    assert after["metadata"]["labels"] == {"team": "maps", "app.kubernetes.io/managed-by": "geocrop-storage"}
    assert after["metadata"]["annotations"]["note"] == "by hand"
    assert "theirs" not in str(result)


def test_a_secret_that_another_program_looks_after_is_only_read(
    kube: Kube, keep: Keep, see: See, space: str, admin_config: Path
) -> None:
    full = {"MINIO_ENDPOINT": "http://h:9000", "MINIO_ACCESS_KEY": "worker", "MINIO_SECRET_KEY": "from-the-vault"}
    sealed = secret("worker", full)
    sealed["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "Helm"}
    kube.apply(admin_config, sealed, namespace=space)
    before = see("worker")
    used = keep()
    assert (used["changed"], used["secret_key"]) == (False, "from-the-vault")
    assert "says that Helm looks after it" in keep(check=True, rotate=True)["msg"]
    assert "says that Helm looks after it" in keep(endpoint="http://other")["msg"]
    assert see("worker") == before


def test_a_missing_secret_is_made_only_where_it_may_be(
    kube: Kube, keep: Keep, see: See, space: str, admin_config: Path
) -> None:
    kube.apply(admin_config, secret("worker", {"TOKEN": "theirs"}), namespace=space)
    for options in ({"generate": False}, {"read_only": True}):
        refused = keep(**options)
        assert refused["missing"] is True
        assert f"take the secret of worker from Secret worker in namespace {space}: there is none" in refused["msg"]
    assert "exists on the server already" in keep(generate=False)["msg"]
    assert values(see("worker")) == {"TOKEN": "theirs"}
    assert subjects(keep(generate=False, rotate=True))[0] == "secret"


def grant(user: str, *verbs: str) -> list[Manifest]:
    """Rights on Secrets."""
    group, name = "rbac.authorization.k8s.io", {"name": user}
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": list(verbs)}]
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": name, "rules": rules},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": group, "kind": "Role", **name},
            "subjects": [{"apiGroup": group, "kind": "User", **name}],
        },
    ]


def test_a_dry_run_is_refused_what_a_real_run_would_be(
    kube: Kube, keep: Keep, see: See, space: str, admin_config: Path, tmp_path: Path
) -> None:
    kube.apply(admin_config, *grant("reader", "get"), namespace=space)
    reader = str(kube.kubeconfig(tmp_path / "reader", "reader"))
    fixed = {**secret("fixed", {"MINIO_SECRET_KEY": "kept"}), "immutable": True}
    kube.apply(admin_config, fixed, namespace=space)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"kubeconfig": reader}, "forbids reader to create secrets"),
        ({"kubeconfig": reader, "name": "fixed"}, "forbids reader to update secrets"),
        ({"namespace": "nowhere"}, "the cluster has no namespace nowhere. Create it"),
        ({"name": "fixed"}, "field is immutable"),
        ({"name": "No_Name"}, "Invalid value"),
    ]
    for options, words in cases:
        for check in (True, False):
            assert words in keep(check=check, **options)["msg"]
    assert see("worker") == {}
    assert keep(kubeconfig=reader, name="fixed", read_only=True)["secret_key"] == "kept"


@pytest.fixture
def store(start_minio: StartMinio, tmp_path: Path) -> Server:
    return start_store(start_minio, tmp_path)


@pytest.fixture
def role(run_playbook: RunPlaybook, store: Server, admin_config: Path, space: str, tmp_path: Path) -> Role:
    """Run the role with the cluster as its store."""
    play = tmp_path / "play.yml"
    play.write_text(PLAY)

    def run(*, rotate: tuple[str, ...] = (), endpoint: str = "", **options: Any) -> PlaybookResult:
        variables = {
            "access_identities": IDENTITIES,
            "access_buckets": ["maps"],
            "access_secrets_store": "kubernetes",
            "access_secrets_dir": str(tmp_path / "secrets"),
            "access_kubernetes_namespace": space,
            "access_endpoint": endpoint,
            "access_rotate": rotate,
            "control_plane_kubeconfig": str(admin_config),
            "control_plane_kubectl": str(kubectl_binary()),
        }
        return run_playbook(play, server=store, extra_vars=variables, **options)

    return run


def names(result: PlaybookResult) -> list[str]:
    return [task.task for task in result.changed]


def kept(see: See) -> list[str]:
    return [values(see(name))["MINIO_SECRET_KEY"] for name in ("worker", "writer")]


def test_the_role_from_nothing(role: Role, see: See, tmp_path: Path) -> None:
    predicted = role(check=True).expect_ok()
    assert see("worker") == {}
    real = role(args=["-vvv"], diff=True, environment={"ANSIBLE_PIPELINING": "0"}).expect_ok()
    assert names(real) == names(predicted) != []
    made = kept(see)
    said = real.stdout + real.stderr + str([task.result for task in real.tasks])
    assert leaks_in_text(made, said) == []
    assert leaks_in_files(made, [tmp_path]) == []
    assert names(role().expect_ok()) == []
    assert kept(see) == made
    assert not (tmp_path / "secrets").exists()


def test_the_role_writes_a_secret_again_only_by_name(role: Role, see: See, space: str, admin_config: Path) -> None:
    role(rotate=("worker", "writer")).expect_ok()
    made = kept(see)

    # with another endpoint it writes secrets that are known before
    endpoint = "http://minio.geocrop.svc.cluster.local:9000"
    with watched_processes(made) as seen:
        moved = role(endpoint=endpoint).expect_ok()
    assert seen == []
    assert names(moved) == ["Look after the secret of each identity in the cluster"]
    assert kept(see) == made
    assert values(see("worker"))["MINIO_ENDPOINT"] == endpoint

    kubectl = [kubectl_binary(), "--kubeconfig", admin_config, "--namespace", space]
    subprocess.run([*kubectl, "delete", "secret", "worker"], check=True, capture_output=True)
    refused = role()
    assert "exists on the server already" in refused.stdout
    assert see("worker") == {}
    role(rotate=("worker",)).expect_ok()
    assert kept(see)[0] != made[0]
    assert kept(see)[1] == made[1]
