"""The mission's real setting: a workstation, ssh to a host with kubectl, and MinIO behind a Service of the cluster."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.kube import Kube
from tests.support.manifests import container, deployment, from_secret, namespace, secret, service
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.playbooks import PlaybookResult, run_playbook
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.sshd import NAME, SshHost, running_sshd
from tests.support.state import Server

CLUSTER_ADDRESS = "127.42.0.10"
Site = Callable[..., PlaybookResult]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A MinIO at an address of the cluster's Services."""
    options = ServerOptions(die_with_parent=True, host=CLUSTER_ADDRESS)
    server = start_server(tmp_path_factory.mktemp("store"), options)
    yield server
    stop_server(server)


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a host without internet is given, for the Python that it has."""
    folder = tmp_path_factory.mktemp("wheels")
    python = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
    version = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True, check=True
    )
    options = ["--quiet", "--only-binary", ":all:", "--require-hashes", "--python-version", version.stdout.strip()]
    requirements = REPO / "requirements" / "raster.txt"
    subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "-d", folder, "-r", requirements],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def host(kube: Kube, admin_config: Path, store: Server, sample_data: Path, wheelhouse: Path) -> Iterator[SshHost]:
    """A host with data and kubectl, without internet, and a cluster that knows the credentials."""
    kube.apply(admin_config, namespace("geocrop"))
    kube.apply(
        admin_config,
        secret("minio-root", {"user": store.access_key, "password": store.secret_key}),
        deployment([container(env=from_secret("minio-root", MINIO_ROOT_USER="user", MINIO_ROOT_PASSWORD="password"))]),
        service("minio", address=CLUSTER_ADDRESS, port=int(store.endpoint.rpartition(":")[2])),
        namespace="geocrop",
    )
    with running_sshd() as running:
        kube.kubeconfig(running.home / ".kube" / "config")
        shutil.copytree(sample_data / "dw_cogs", running.home / "geocrop" / "data" / "dw_cogs")
        shutil.copytree(sample_data / "training", running.home / "geocrop" / "training")
        shutil.copytree(wheelhouse, running.home / "wheels")
        settings = running.home / ".config" / "pip" / "pip.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"[global]\nno-index = true\nfind-links = {running.home / 'wheels'}\n")
        running.give(running.home)
        yield running


@pytest.fixture
def site(host: SshHost, tmp_path: Path) -> Site:
    """Run a playbook on the host: only its name is set, and that the credentials come from the cluster."""

    def run(playbook: str = "playbooks/site.yml", **options: Any) -> PlaybookResult:
        variables = {"acceptance_report": str(tmp_path / "report.html"), **options.pop("extra_vars", {})}
        environment = {
            "CONTROL_PLANE_HOST": NAME,
            "ANSIBLE_SSH_ARGS": f"-F {host.config} -o ControlMaster=auto -o ControlPersist=15s",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(host.client / "cp"),
            **options.pop("environment", {}),
        }
        return run_playbook(
            playbook,
            workdir=tmp_path / "ansible",
            inventory="inventory/production",
            extra_vars=variables,
            environment=environment,
            **options,
        )

    return run


def test_from_nothing_to_accepted(site: Site, host: SshHost, store: Server, tmp_path: Path) -> None:
    before = _files(host)
    predicted = site(check=True).expect_ok()
    assert _files(host) == before
    mc = Mc.connect(store, tmp_path / "mc")
    assert mc.buckets() == []

    first = site().expect_ok()
    assert [task.task for task in first.changed] == [task.task for task in predicted.changed]
    assert len(mc.keys("geocrop-baselines", "dw/zim/summer")) == 132
    assert len(mc.keys("geocrop-datasets", "zimbabwe_full/v1")) == 24
    assert "Secret minio-root" in first.stdout

    again = site().expect_ok()
    assert again.changed == []
    site("playbooks/verify.yml").expect_ok()
    assert host.run("stat -c %a geocrop geocrop/data geocrop/logs").split() == ["750"] * 3


def _files(host: SshHost) -> list[str]:
    """All that is on the host and could stay: the home less what Ansible keeps for itself, and what is temporary."""
    return host.run("find . -not -path './.ansible*'; ls -d /tmp/geocrop-check* || true").splitlines()
