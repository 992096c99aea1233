"""The whole playbook: the first run, the weekly one, a dry run and a verification, beside the same work by other means.

``make bench ARGS='--whole'`` measures this tree; ``--before COMMIT`` a former one beside it, with the same programs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.support.binaries import mc_binary
from tests.support.delay import delaying_proxy
from tests.support.errors import SupportError
from tests.support.paths import REPO
from tests.support.sample_data import make_sample_data
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.sshd import NAME, SshHost, running_sshd
from tests.support.state import Server, save_state

from .measure import Job, run, wait_idle
from .peers import program
from .profile import TaskCost, read_profile
from .results import FOLDER
from .whole_report import Measured, keep, whole_text

BUCKETS = ("geocrop-models", "geocrop-baselines", "geocrop-results", "geocrop-datasets")

#: One way, between the workstation and a host over ssh. Seconds.
DELAY = 0.05


class Place:
    """A tree of this repository, a server, data and a home that belong together."""

    def __init__(self, folder: Path, tree: Path, data: Path) -> None:
        self.folder, self.tree, self.data = folder, tree, data
        self.home = folder / "home"
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        (self.state / "data").symlink_to(data)
        self.server = self._server()
        self.profile: list[TaskCost] = []

    def _server(self) -> Server:
        place = Path(tempfile.mkdtemp(dir=self.folder, prefix="server-"))
        server = start_server(place, ServerOptions(die_with_parent=True))
        save_state(self.state, server)
        return server

    def empty(self) -> None:
        """Go on with another server, which has nothing; the home keeps the modules' Python and nothing else."""
        stop_server(self.server)
        self.server = self._server()
        for name in ("data", "logs", "secrets"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        shutil.rmtree(self.state / "secrets", ignore_errors=True)

    def close(self) -> None:
        """Stop the server."""
        stop_server(self.server)

    def playbook(self, name: str, *arguments: str, inventory: str = "inventory/demo", **variables: Any) -> Job:
        """A playbook of the tree, with a profile of its tasks."""
        given = {"control_plane_home": str(self.home), **variables}
        (self.folder / "variables.json").write_text(json.dumps(given))
        script = Path(sys.executable).parent / "ansible-playbook"
        command: list[str | Path] = [script, "-i", self.tree / inventory, self.tree / "playbooks" / f"{name}.yml"]
        return Job([*command, "-e", f"@{self.folder / 'variables.json'}", *arguments], self._environment())

    def _environment(self) -> dict[str, str]:
        callbacks = [self.tree / "plugins" / "callback", Path(__file__).parent / "callback"]
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.tree / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_PLUGINS": ":".join(map(str, callbacks)),
            "ANSIBLE_CALLBACKS_ENABLED": "geocrop_profile",
            "GEOCROP_PROFILE_FILE": str(self.folder / "profile.jsonl"),
            "GEOCROP_DEMO_STATE": str(self.state),
            "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(Path.home() / ".cache" / "pip"),
        }

    def measure(self, known: Measured, job: Job) -> None:
        """One run, which must succeed, from a quiet machine."""
        wait_idle(self.server.process)
        sample = run(job, scratch=self.folder).expect_ok(known.label).sample
        known.wall.append(sample.wall)
        known.cpu.append(sample.cpu)
        print(f"bench: {known.label}: {sample.wall:.1f} s, {sample.cpu:.1f} s of processor time", flush=True)


def measure_tree(tree: Path, folder: Path, *, runs: int, data: Path, suffix: str = "") -> dict[str, Measured]:
    """The playbooks of a tree, and those of a host over ssh."""
    text = " (before)" if suffix else ""
    known = {
        name + suffix: Measured(label + text)
        for name, label in (
            ("cold", "site.yml, first run"),
            ("idle", "site.yml, nothing to do"),
            ("verify", "verify.yml"),
            ("check", "site.yml --check --diff, empty store"),
            ("ssh", "site.yml, nothing to do, ssh with 50 ms each way"),
        )
    }
    place = Place(folder, tree, data)
    try:
        run(place.playbook("control_plane"), scratch=folder).expect_ok("making the modules' Python")
        for _ in range(runs):
            place.empty()
            place.measure(known["check" + suffix], place.playbook("site", "--check", "--diff"))
            place.measure(known["cold" + suffix], place.playbook("site"))
            place.measure(known["idle" + suffix], place.playbook("site"))
            place.profile = read_profile(folder / "profile.jsonl")
            place.measure(known["verify" + suffix], place.playbook("verify"))
        _over_ssh(place, known["ssh" + suffix], runs=runs)
    finally:
        place.close()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"whole-profile{suffix}.json").write_text(json.dumps([asdict(task) for task in place.profile]))
    return known


def _over_ssh(place: Place, known: Measured, *, runs: int) -> None:
    with running_sshd() as host, delaying_proxy(host.port, seconds=DELAY) as port:
        for source, target in (("dw_cogs", "geocrop/data/dw_cogs"), ("training", "geocrop/training")):
            shutil.copytree(place.data / source, host.home / target)
        host.give(host.home)
        for through in (host.port, *[port] * runs):
            job = place.playbook(
                "site",
                inventory="inventory/production",
                **place.server.playbook_variables,
                minio_credentials_source="variables",
                control_plane_environment="staging",
                control_plane_home="~/geocrop",
                access_secrets_dir=str(place.folder / "ssh-secrets"),
                access_rotate=["geocrop-worker", "geocrop-api", "geocrop-trainer", "geocrop-migrator"]
                if through == host.port
                else [],
                acceptance_report=str(place.folder / "report.html"),
            )
            job = Job(job.command, {**job.environment, **_reaching(host, through)})
            if through == host.port:
                run(job, scratch=place.folder).expect_ok("the first run over ssh")
            else:
                place.measure(known, job)


def _reaching(host: SshHost, port: int) -> dict[str, str]:
    alias = f"-o HostKeyAlias=[127.0.0.1]:{host.port} -o Port={port}"
    return {
        "CONTROL_PLANE_HOST": NAME,
        "ANSIBLE_SSH_ARGS": f"-F {host.config} {alias} -o ControlMaster=auto -o ControlPersist=15s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(host.client / f"cp{port}"),
        "ANSIBLE_SSH_USETTY": "0",
        "ANSIBLE_REMOTE_TEMP": "~/.ansible/tmp",
    }


def measure_peers(folder: Path, *, runs: int, data: Path) -> dict[str, Measured]:
    """The same buckets and files with mc in a script, and with modules of amazon.aws and community.aws."""
    known = {
        "mc-cold": Measured("script with mc, first run"),
        "mc-idle": Measured("script with mc, nothing to do"),
        "aws-cold": Measured("amazon.aws and community.aws, first run"),
        "aws-idle": Measured("amazon.aws and community.aws, nothing to do"),
    }
    place = Place(folder, REPO, data)
    try:
        for _ in range(runs):
            for name, job in (("mc", _by_hand), ("aws", _with_aws)):
                place.empty()
                place.measure(known[f"{name}-cold"], job(place))
                place.measure(known[f"{name}-idle"], job(place))
    finally:
        place.close()
    return known


def _by_hand(place: Place) -> Job:
    scheme, _, address = place.server.endpoint.partition("://")
    login = f"{place.server.access_key}:{place.server.secret_key}"
    script = Path(__file__).parent / "programs" / "by_hand.sh"
    command = [script, mc_binary(), place.data / "dw_cogs", place.data / "training", place.folder]
    environment = {"MC_CONFIG_DIR": str(place.folder / "mc"), "MC_HOST_b": f"{scheme}://{login}@{address}"}
    return Job(command, {"PATH": "/usr/bin:/bin", "HOME": str(place.folder), **environment})


def _with_aws(place: Place) -> Job:
    """Buckets, both uploads, and the list of keys in a file: an object they cannot write, for want of ACLs in MinIO."""
    common = {"endpoint_url": place.server.endpoint}
    tasks = [
        *({"amazon.aws.s3_bucket": {"name": name, **common}} for name in BUCKETS),
        _s3_sync(place.data / "dw_cogs", "geocrop-baselines", "dw/zim/summer", common),
        _s3_sync(place.data / "training", "geocrop-datasets", "zimbabwe_full/v1", common),
        {**_s3_object("geocrop-baselines", "list", common, prefix="dw/"), "register": "found"},
        {
            "ansible.builtin.copy": {
                "content": "{{ found.s3_keys | sort | join('\n') }}",
                "dest": str(place.folder / "keys.txt"),
            }
        },
        _s3_object("geocrop-datasets", "list", common),
    ]
    play = place.folder / "aws.json"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    variables = f"ansible_connection=local ansible_python_interpreter={program('python')}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(place.folder),
        "LC_ALL": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": place.server.access_key,
        "AWS_SECRET_ACCESS_KEY": place.server.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "ANSIBLE_CONFIG": str(REPO / "ansible.cfg"),
        "ANSIBLE_HOME": str(place.folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }
    return Job([program("ansible-playbook"), "-i", "localhost,", "-e", variables, play], environment)


def _s3_sync(folder: Path, bucket: str, prefix: str, common: Mapping[str, str]) -> dict[str, Any]:
    return {"community.aws.s3_sync": {"file_root": str(folder), "bucket": bucket, "key_prefix": prefix, **common}}


def _s3_object(bucket: str, mode: str, common: Mapping[str, str], **options: Any) -> dict[str, Any]:
    return {"amazon.aws.s3_object": {"bucket": bucket, "mode": mode, **options, **common}}


@contextmanager
def former_tree(commit: str) -> Iterator[Path]:
    """The files of a commit, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="bench-before-") as folder:
        packed = subprocess.run(["git", "archive", commit], cwd=REPO, capture_output=True, check=False)
        if packed.returncode:
            raise SupportError(f"git archive {commit}: {packed.stderr.decode().strip()}")
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
        (Path(folder) / ".cache").symlink_to(REPO / ".cache")
        yield Path(folder)


def measure_whole(*, runs: int, before: str = "") -> None:
    """Measure all of it, keep it, and print it."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-whole-") as name:
        folder = Path(name)
        make_sample_data(folder / "data")
        known = measure_peers(folder / "peers", runs=runs, data=folder / "data")
        known |= measure_tree(REPO, folder / "now", runs=runs, data=folder / "data")
        if before:
            with former_tree(before) as tree:
                known |= measure_tree(tree, folder / "before", runs=runs, data=folder / "data", suffix="-before")
    keep(known)
    print(f"\n{whole_text()}\n\nbench: {time.monotonic() - started:.0f} s in all", flush=True)
