"""The whole job against a cluster of four nodes: ``python -m tests.support.demo_cluster`` (as root).

The cluster and its networks end with this; the report stays.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from .cluster import Cluster, running_cluster
from .command import run_command
from .containers.supplies import wheels
from .embedded import REPORT
from .paths import REPO
from .sample_data import SampleOptions, make_sample_data
from .state import save_state
from .world import Network, is_inside, run_inside

#: Where the report is kept.
KEPT = REPO / ".cache" / "demo-cluster"
_COG_SIZE = 1024 * 1024


def demonstrate(arguments: list[str]) -> int:
    """Start the cluster, make sample data, run the playbook; its exit status."""
    with tempfile.TemporaryDirectory(prefix="geocrop-cluster-") as temporary:
        state = Path(temporary) / "state"
        with Network() as network, running_cluster(network, Path(temporary) / "nodes") as cluster:
            addresses = ", ".join(cluster.endpoints)
            print(f"cluster: {addresses} are healthy, each in a network namespace of its own", flush=True)
            return _run_site(cluster, state, arguments)


def _run_site(cluster: Cluster, state: Path, arguments: list[str]) -> int:
    save_state(state, replace(cluster.server, endpoint=",".join(cluster.endpoints)))
    make_sample_data(state / "data", SampleOptions(cog_size=_COG_SIZE, partial=True))
    play: list[str | Path] = [Path(sys.executable).with_name("ansible-playbook"), "-i", "inventory/demo"]
    environment = {
        **os.environ,
        "GEOCROP_DEMO_STATE": str(state),
        "ANSIBLE_REMOTE_TEMP": str(state / "remote"),
        "ANSIBLE_ASYNC_DIR": str(state / "async"),
    }
    status = subprocess.run(
        [*play, "playbooks/site.yml", *arguments], cwd=REPO, env=environment, check=False
    ).returncode
    if (state / REPORT).exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        shutil.copy(state / REPORT, KEPT / REPORT)
        print(f"report: {KEPT / REPORT}")
    return status


def main() -> int:
    """Exit status of the playbook."""

    def work() -> int:
        if is_inside():
            return demonstrate(sys.argv[1:])
        # there is no way out of the world to a package index
        wheelhouse = f"control_plane_wheelhouse={wheels()}"
        return run_inside("tests.support.demo_cluster", ["--extra-vars", wheelhouse, *sys.argv[1:]])

    return run_command("cluster", work)


if __name__ == "__main__":
    sys.exit(main())
