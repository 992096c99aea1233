"""The mission's real setting: a workstation, ssh to a host with kubectl, and MinIO behind a Service of the cluster."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.binaries import mc_binary
from tests.support.kube import Kube, kubectl_binary
from tests.support.leaks import leaks_in_files, leaks_in_text, watched_processes
from tests.support.manifests import container, deployment, from_secret, namespace, secret, service
from tests.support.mc import Mc
from tests.support.paths import REPO
from tests.support.playbooks import PlaybookResult, ansible_environment, run_playbook
from tests.support.printed import CLUSTER, type_in, typed_by
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.sshd import HOST_PATH, NAME, SshHost, host_python_version, running_sshd
from tests.support.state import Server

CLUSTER_ADDRESS = "127.42.0.10"
#: The files of the host that hold a secret on purpose; each must have mode 0600.
HOLDERS = ("/.mc/config.json", "/.config/rclone/rclone.conf", "/geocrop/minio.env")
ELSEWHERE = "## Secrets in the vault, or in the cluster\n"

#: The first commands of the runbook say which host, and put the programs on the PATH.
_SETTINGS = 2
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
    options = ["--quiet", "--only-binary", ":all:", "--require-hashes", "--python-version", host_python_version()]
    requirements = [
        word for name in ("raster", "isal", "rclone") for word in ("-r", REPO / "requirements" / f"{name}.txt")
    ]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "-d", folder, *requirements],
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
        if shutil.which("kubectl", path=HOST_PATH) is None:
            (running.home / "bin").mkdir()
            shutil.copy(kubectl_binary(), running.home / "bin" / "kubectl")
        running.give(running.home)
        yield running


@pytest.fixture
def site(host: SshHost, store: Server, tmp_path: Path) -> Site:
    """Run a playbook on the host: only its name is set, and that the credentials come from the cluster.

    Each run is as talkative as Ansible can be, and fails the test where a secret is seen anywhere.
    """

    def run(playbook: str = "playbooks/site.yml", *, canaries: tuple[str, ...] = (), **options: Any) -> PlaybookResult:
        hidden = (store.secret_key, *canaries)
        workdir = tmp_path / "ansible"
        variables = {
            "acceptance_report": str(tmp_path / "report.html"),
            "access_secrets_dir": str(tmp_path / "secrets"),
            **options.pop("extra_vars", {}),
        }
        environment = {
            **_reaching(host),
            "ANSIBLE_LOG_PATH": str(workdir / "ansible.log"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(workdir / "facts"),
            "ANSIBLE_RETRY_FILES_ENABLED": "1",
            "ANSIBLE_RETRY_FILES_SAVE_PATH": str(workdir / "retry"),
            **options.pop("environment", {}),
        }
        with watched_processes(hidden) as command_lines:
            result = run_playbook(
                playbook,
                workdir=workdir,
                inventory="inventory/production",
                extra_vars=variables,
                environment=environment,
                args=["-vvvv", *options.pop("args", ())],
                **options,
            )
        assert command_lines == []
        assert leaks_in_text(hidden, result.stdout + result.stderr) == []
        roots = [tmp_path, host.home, *Path("/tmp").glob("ansible*"), *Path("/tmp").glob("geocrop-check*")]  # noqa: S108
        assert leaks_in_files(hidden, roots, allowed=[*HOLDERS, "extra-vars.json"]) == []
        return result

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
    assert host.run("stat -c %a geocrop geocrop/data geocrop/logs").split() == ["750"] * 3


def test_mc_and_scripts_get_the_secret_in_private_files_only(
    site: Site, host: SshHost, store: Server, tmp_path: Path
) -> None:
    variables = {
        "control_plane_mc": True,
        "control_plane_mc_file": str(mc_binary()),
        "control_plane_environment_file": "~/geocrop/minio.env",
    }
    site("playbooks/buckets.yml", extra_vars=variables, args=["--tags", "never"]).expect_ok()
    host.run("geocrop/bin/mc mb --ignore-existing geocrop-minio/geocrop-models")
    assert "geocrop-models" in Mc.connect(store, tmp_path / "mc").buckets()
    assert host.run('set -a; . geocrop/minio.env; echo "$MINIO_ENDPOINT"').strip() == store.endpoint
    assert host.run("stat -c %a .mc/config.json geocrop/minio.env").split() == ["600"] * 2
    again = site("playbooks/buckets.yml", extra_vars=variables, args=["--tags", "never"]).expect_ok()
    assert again.changed == []


def test_rclone_gets_the_secret_in_a_private_file_only(site: Site, host: SshHost) -> None:
    program = Path(sys.executable).with_name("rclone")
    variables = {"control_plane_client": "rclone", "control_plane_rclone_file": str(program)}

    def run(*, check: bool = False) -> PlaybookResult:
        return site("playbooks/control_plane.yml", extra_vars=variables, check=check).expect_ok()

    predicted = run(check=True)
    first = run()
    assert [task.task for task in first.changed] == [task.task for task in predicted.changed]
    assert first.task("Say how people look around").result["msg"] == "~/geocrop/bin/rclone lsd geocrop-minio:"
    host.run("geocrop/bin/rclone mkdir geocrop-minio:geocrop-models && geocrop/bin/rclone lsd geocrop-minio:")
    assert host.run("stat -c %a .config/rclone/rclone.conf").strip() == "600"
    assert run().changed == []


@pytest.fixture
def as_printed(host: SshHost, store: Server, tmp_path: Path) -> Callable[[list[str]], str]:
    """Type commands of a page, at a workstation that has nothing yet; what they said."""
    # without the secrets of identities that exist, it would be refused
    mc = Mc.connect(store, tmp_path / "mc")
    for user in mc.run("admin", "user", "list", "t"):
        mc.run("admin", "user", "rm", "t", user["accessKey"])

    def run(commands: list[str]) -> str:
        said = type_in(commands, folder=REPO, environment={**ansible_environment(tmp_path), **_reaching(host)})
        assert store.secret_key not in said
        return said

    return run


def of_runbook() -> tuple[list[str], list[str]]:
    """Its commands: the job, and the other places of secrets."""
    commands = typed_by(CLUSTER, "docs/runbook.md")
    second = next(number for number, command in enumerate(commands) if "vault-password" in command)
    return commands[:second], commands[:_SETTINGS] + commands[second:]


def test_the_readme_runs_as_printed(as_printed: Callable[[list[str]], str]) -> None:
    as_printed(typed_by(CLUSTER, "README.md"))


def test_the_runbook_runs_as_printed(as_printed: Callable[[list[str]], str]) -> None:
    as_printed(of_runbook()[0])


def test_its_other_places_of_secrets_too(
    as_printed: Callable[[list[str]], str], kube: Kube, admin_config: Path
) -> None:
    page = (REPO / "docs" / "runbook.md").read_text().partition(ELSEWHERE)[2].partition("\n## ")[0]
    (worker,) = re.findall(r"```yaml\n(.+?)```", page, flags=re.DOTALL)
    kube.apply(admin_config, yaml.safe_load(worker), namespace="geocrop")
    said = as_printed(of_runbook()[1])
    assert "MINIO_ACCESS_KEY=geocrop-worker" in said
    assert re.findall(r"^(geocrop-\w+) +Opaque +3 ", said, flags=re.MULTILINE) == [
        *("geocrop-api", "geocrop-migrator", "geocrop-trainer", "geocrop-worker")
    ]
    assert "deployment.apps/worker restarted" in said


def test_those_about_data_run_as_printed(
    as_printed: Callable[[list[str]], str], host: SshHost, sample_data: Path
) -> None:
    partial = host.home / "geocrop" / "data" / "dw_baselines"
    shutil.copytree(sample_data / "dw_baselines", partial)
    host.give(partial)
    said = as_printed(typed_by(CLUSTER, "docs/data.md"))
    assert "50 are also in ~/geocrop/data/dw_cogs" in said


def test_failures_tell_no_secret(site: Site, host: SshHost, store: Server, kube: Kube, admin_config: Path) -> None:
    canary = f"canary-{secrets.token_hex(8)}"
    given = {"minio_endpoint": store.endpoint, "minio_access_key": store.access_key, "minio_secret_key": canary}
    wrong = site(extra_vars={"minio_credentials_source": "variables", **given}, canaries=(canary,))
    assert "The secret key is wrong" in _said(wrong)

    index = f"http://someone:{canary}@127.0.0.1:1/simple"
    variables = {"control_plane_pip_index": index, "control_plane_venv": "~/geocrop/other"}
    host.run("mv .config/pip .config/no-pip")
    offline = site(extra_vars=variables, canaries=(canary,), environment={"ANSIBLE_PIPELINING": "0"})
    host.run("mv .config/no-pip .config/pip")
    assert "pip reaches no package index from this host" in _said(offline)

    unreadable = host.home / "geocrop" / "training" / "Zimbabwe_Full_Augmented_Batch_99.csv"
    unreadable.write_text("secret?")
    unreadable.chmod(0)
    try:
        failing = site("playbooks/datasets.yml", environment={"ANSIBLE_PIPELINING": "0"})
        assert unreadable.name in _said(failing)
    finally:
        unreadable.unlink()

    kube.apply(
        admin_config, deployment([container(env=from_secret("gone", MINIO_ROOT_USER="user"))]), namespace="geocrop"
    )
    assert "has no Secret gone" in _said(site())


def _reaching(host: SshHost) -> dict[str, str]:
    """What a workstation has in ~/.ssh/config, and the name of the host."""
    return {
        "CONTROL_PLANE_HOST": NAME,
        "ANSIBLE_SSH_ARGS": f"-F {host.config} -o ControlMaster=auto -o ControlPersist=15s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(host.client / "cp"),
        # an sshd without root cannot give a terminal its owner
        "ANSIBLE_SSH_USETTY": "0",
        "ANSIBLE_REMOTE_TEMP": "~/.ansible/tmp",
    }


def _said(result: PlaybookResult) -> str:
    assert result.rc != 0
    return " ".join(str(task.result.get("results") or task.result.get("msg")) for task in result.failed)


def _files(host: SshHost) -> list[str]:
    """All that is the user's and could stay: the home less what Ansible keeps for itself, and what is temporary."""
    temporary = "find /tmp -maxdepth 1 -name 'geocrop-check*' -user \"$(id -un)\""
    return host.run(f"find . -not -path './.ansible*'; {temporary}").splitlines()
