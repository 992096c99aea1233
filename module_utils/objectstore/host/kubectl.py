"""One namespace of a cluster, read by the kubectl of the managed host."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Optional

from .. import errors
from ..model import JsonDict

#: Where distributions of Kubernetes put kubectl; the PATH of a session over ssh often lacks them.
FOLDERS = ("/usr/local/bin", "/opt/bin", "/snap/bin", "/var/lib/rancher/rke2/bin")

_VARIABLE = {"Deployment": "workload", "StatefulSet": "workload", "Service": "service"}

_DENIED = re.compile(r'User "([^"]*)" cannot get resource "([^"]*)"')


@dataclass(frozen=True)
class Kubectl:
    """How kubectl is called. ``None`` leaves a setting to kubectl.

    :param timeout: seconds that the API server has to answer
    """

    namespace: str
    program: str = "kubectl"
    kubeconfig: Optional[str] = None
    context: Optional[str] = None
    timeout: float = 15.0

    def get(self, kind: str, name: str) -> JsonDict:
        """A resource.

        :raises ObjectStoreError: that says what was looked for and where
        """
        what = f"read {kind} {name} in namespace {self.namespace}"
        command = [self._program(what), *self._settings(), "--namespace", self.namespace]
        command += ["get", kind.lower(), name, "--output", "json", f"--request-timeout={self.timeout:.0f}s"]
        # what kubectl learns of the server would stay in the home otherwise, after a dry run too
        with tempfile.TemporaryDirectory(prefix="geocrop-kubectl-") as cache:
            done = self._run(what, [*command, "--cache-dir", cache])
        if done.returncode:
            raise self._error(what, kind, name, done.stderr.strip())
        try:
            return dict(json.loads(done.stdout))
        except ValueError:
            raise errors.ObjectStoreError(what, "kubectl answered something that is not JSON") from None

    def _run(self, what: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=4 * self.timeout
            )
        except subprocess.TimeoutExpired:
            raise errors.UnreachableError(what, "kubectl did not end in time", self._reach_hint()) from None

    def _program(self, what: str) -> str:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), *FOLDERS])
        program = shutil.which(self.program, path=path)
        if program is None:
            raise errors.SourceError(
                what,
                f"there is no program {self.program} on this host",
                "Install kubectl, or set control_plane_kubectl, or minio_credentials_source to another source.",
            )
        return program

    def _settings(self) -> list[str]:
        settings = ["--kubeconfig", self.kubeconfig] if self.kubeconfig else []
        return settings + (["--context", self.context] if self.context else [])

    def _error(self, what: str, kind: str, name: str, said: str) -> errors.ObjectStoreError:
        lines = [line for line in said.splitlines() if line.strip() and not re.match(r"[EIW]\d{4} ", line)]
        text = lines[-1] if lines else said or "kubectl failed without a word"
        where = self._where()
        if "(NotFound)" in text:
            gone = f"namespace {self.namespace}" if text.startswith("Error from server (NotFound): namespaces") else ""
            variable = _VARIABLE.get(kind)
            hint = (
                f"Check control_plane_kubernetes_namespace and control_plane_kubernetes_{variable}."
                if variable
                else "MinIO's containers refer to it."
            )
            return errors.NotFoundError(what, f"{where} has no {gone or f'{kind} {name} there'}", hint)
        if "(Forbidden)" in text:
            match = _DENIED.search(text)
            who, resource = match.groups() if match else ("the user of the kubeconfig", f"{kind.lower()}s")
            return errors.AccessDeniedError(
                what,
                f"{where} forbids {who} to get {resource}",
                f"Grant it by a Role: get on {resource} in namespace {self.namespace}.",
            )
        if "Unauthorized" in text or "must be logged in" in text:
            return errors.CredentialsError(what, f"{where} does not accept the kubeconfig's user", "Renew it.")
        if "x509" in text or "certificate" in text:
            return errors.UnreachableError(what, f"TLS with {where} failed ({_cause(text)})", self._reach_hint())
        if re.search(
            r"refused|no such host|timeout|timed out|deadline|unreachable|unable to connect", text, re.IGNORECASE
        ):
            return errors.UnreachableError(what, f"{where} does not answer ({_cause(text)})", self._reach_hint())
        return errors.InvalidInputError(what, f"kubectl says: {text}", self._reach_hint())

    def _where(self) -> str:
        return f"the cluster of context {self.context}" if self.context else "the cluster"

    def _reach_hint(self) -> str:
        used = self.kubeconfig or "kubectl's own choice (KUBECONFIG or ~/.kube/config)"
        return f"The kubeconfig is {used}; set control_plane_kubeconfig or control_plane_kube_context for another."


def _cause(text: str) -> str:
    return re.sub(r"^(error|Unable to connect to the server): *", "", text).rstrip(" ?-")
