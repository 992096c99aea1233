"""A Kubernetes API server, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kube import Kube, running_kube


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """The API server; ``stranger`` is a user of it who may do nothing."""
    with running_kube(tmp_path_factory.mktemp("kube"), users=("stranger", "reader")) as running:
        yield running


@pytest.fixture(scope="session")
def admin_config(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kubeconfig of the user who may do everything."""
    return kube.kubeconfig(tmp_path_factory.mktemp("kubeconfig") / "admin")
