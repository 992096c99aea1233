"""The examples of the modules' documentation, run as they are written, one after the other in one play."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from docs.generate import module_documents
from tests.integration.conftest import StartMinio
from tests.support.locks import write_private
from tests.support.paths import LIBRARY
from tests.support.playbooks import TaskResult, run_playbook

#: Modules whose examples need more than a store, and where they are run instead.
ELSEWHERE = {
    "acceptance_report": "all that the role acceptance saw: tests/integration/test_site.py",
    "minio_credentials": "a cluster: tests/integration/control_plane",
    "minio_identity": "a store that has no policies by name: tests/integration/test_stores_access.py",
    "minio_kubernetes_secret": "a cluster: tests/integration/control_plane",
    "minio_release_prune": "releases that were made: tests/integration/test_minio_rollback.py",
    "minio_rollback": "releases that were made: tests/integration/test_minio_rollback.py",
    "python_environment": "a minute for its packages: tests/integration/control_plane/test_environment.py",
}

#: In an order in which each finds what it works with.
ORDER = (
    *(
        "private_folder",
        "minio_ping",
        "minio_bucket",
        "minio_bucket_info",
        "minio_client_files",
        "minio_env_file",
        "given datasets",
    ),
    *("geotiff_info", "geotiff_quicklook", "csv_info", "minio_dataset_check", "minio_sync", "minio_sync_log"),
    *("minio_fetch", "minio_copy"),
    *("minio_object", "minio_manifest", "minio_spot_check", "minio_policy"),
    *(
        "minio_iam_policy",
        "given users",
        "minio_access_check",
        "minio_presigned_check",
        "minio_look",
        "minio_user",
        "minio_user_info",
    ),
    *("minio_group", "minio_access_key"),
)

SECRET = "one-secret-of-a-test"
OWN = ("worker_secret", "new_worker_secret", "notebook_secret", "api_secret", "worker_secret_key")


def examples(module: str) -> list[dict[str, Any]]:
    """The tasks of a module's EXAMPLES."""
    tree = ast.parse((LIBRARY / f"{module}.py").read_text())
    (text,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES"
    ]
    tasks: list[dict[str, Any]] = yaml.safe_load(text)
    return tasks


def user(name: str, policy: str) -> dict[str, Any]:
    return {"minio_user": {"name": f"geocrop-{name}", "user_secret": SECRET, "policies": [policy]}}


#: What the examples take for granted.
GIVEN: dict[str, list[dict[str, Any]]] = {
    "given datasets": [{"minio_bucket": {"name": "geocrop-datasets"}}],
    "given users": [
        user("worker", "geocrop-worker"),
        *(user(name, "readwrite") for name in ("trainer", "migrator", "api")),
        {"minio_object": {"bucket": "geocrop-results", "key": "results/42/map.tif", "content": "a map"}},
    ],
}


#: What Ansible itself puts into a result.
ANSIBLE = {"changed", "diff", "invocation"}


def differing_returns(tasks: Iterable[TaskResult]) -> dict[str, set[str]]:
    """Task -> values that it returned without being documented, or did not return although they are."""
    documents = module_documents(sorted(path.stem for path in LIBRARY.glob("*.py")))
    found = {}
    for task in tasks:
        described = documents[task.action]["return"]
        always = {name for name, value in described.items() if value["returned"] == "success"}
        returned = {*task.result} - ANSIBLE
        found[task.task] = (returned - {*described}) | (always - returned)
    return {task: names for task, names in found.items() if names}


def test_every_module_has_its_place() -> None:
    assert sorted([*ORDER, *ELSEWHERE]) == sorted([*(path.stem for path in LIBRARY.glob("*.py")), *GIVEN])


def test_the_examples_work(start_minio: StartMinio, sample_data: Path, tmp_path: Path) -> None:
    server = start_minio()
    home = tmp_path / "ansible" / "home"
    for folder in ("dw_cogs", "dw_baselines"):
        shutil.copytree(sample_data / folder, home / "geocrop" / "data" / folder)
    shutil.copytree(sample_data / "training", home / "geocrop" / "training")
    tasks = [task for name in ORDER for task in (GIVEN.get(name) or examples(name))]
    modules = [path.stem for path in LIBRARY.glob("minio_*.py")]
    without_connection = {"minio_env_file", "minio_kubernetes_secret", "minio_credentials", "minio_sync_log"}
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": dict.fromkeys(sorted({*modules} - without_connection), "{{ store_connection }}"),
        "tasks": tasks,
    }
    text = yaml.safe_dump([play], sort_keys=False)
    for written, here in (
        ("/srv/training", str(home / "geocrop" / "training")),  # the one folder outside of the home
        ("https://other-store.example.org", server.endpoint),
        ("2026-12-31T00:00:00Z", f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT00:00:00Z}"),  # passes one day
    ):
        assert written in text
        text = text.replace(written, here)
    (tmp_path / "play.yml").write_text(text)
    variables = {
        "store_connection": server.module_options,
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "worker_access_key": server.access_key,
        **dict.fromkeys(OWN, SECRET),
        "worker_secret_key": server.secret_key,
        "other_store_access_key": server.access_key,
        "other_store_secret": server.secret_key,
    }
    write_private(tmp_path / "hosts.yml", yaml.safe_dump({"all": {"hosts": {"localhost": {}}, "vars": variables}}))
    result = run_playbook(tmp_path / "play.yml", inventory=tmp_path / "hosts.yml", workdir=tmp_path / "ansible")
    result.expect_ok()
    assert [task.task for task in result.tasks if task.status != "ok"] == []
    assert len(result.tasks) >= len(tasks)
    assert differing_returns(task for task in result.tasks if "censored" not in task.result) == {}
