"""One namespace of a cluster, as the kubectl of the managed host reaches it."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from ..values import errors
from ..values.model import JsonDict

#: Options of the modules that call it.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "namespace": {"type": "str", "default": "geocrop"},
    "kubectl": {"type": "str", "default": "kubectl"},
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
}

#: Where distributions of Kubernetes put kubectl; the PATH of a session over ssh often lacks them.
FOLDERS = ("/usr/local/bin", "/opt/bin", "/snap/bin", "/var/lib/rancher/rke2/bin")

_VARIABLE = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "Tenant.minio.min.io"), "workload"),
    "Service": "service",
}

_DENIED = re.compile(r'User "([^"]*)" cannot (\w+) resource "([^"]*)"')


@dataclass(frozen=True)
class Kubectl:
    """How kubectl is called. ``None`` leaves a setting to kubectl. ``program`` may be two words, as ``k3s kubectl``.

    :param timeout: seconds that the API server has to answer
    """

    namespace: str
    program: str = "kubectl"
    kubeconfig: Optional[str] = None
    context: Optional[str] = None
    timeout: float = 15.0

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Kubectl:
        """What the options of ``ARGUMENTS`` ask for."""
        return cls(params["namespace"], params["kubectl"], params["kubeconfig"], params["context"])

    def get(self, kind: str, name: str) -> JsonDict:
        """A resource.

        :raises ObjectStoreError: that says what was looked for and where
        """
        what = f"read {kind} {name} in namespace {self.namespace}"
        return _document(what, self._call(what, kind, name, ["get", kind.lower(), name, "--output", "json"]))

    def find(self, kind: str, name: str) -> Optional[JsonDict]:
        """A resource, or ``None`` where there is none.

        :raises ObjectStoreError: that says what was looked for and where
        """
        what = f"read {kind} {name} in namespace {self.namespace}"
        command = ["get", kind.lower(), name, "--output", "json", "--ignore-not-found"]
        said = self._call(what, kind, name, command)
        return _document(what, said) if said.strip() else None

    def put(self, document: JsonDict, *, rehearse: bool = False) -> None:
        """Create a resource, or replace the one that was read: one that was changed since is a conflict.

        The document goes to kubectl by its standard input. ``rehearse`` has the server judge it and keep nothing.

        :raises ObjectStoreError: that says why the cluster does not take it
        """
        kind, metadata = str(document["kind"]), document["metadata"]
        verb = "replace" if "resourceVersion" in metadata else "create"
        what = f"{verb} {kind} {metadata['name']} in namespace {self.namespace}"
        # the server validates; kubectl alone would ask for the schema of all that the cluster knows
        command = [verb, "--filename", "-", "--output", "name", "--validate=false"]
        command += ["--dry-run=server"] if rehearse else []
        self._call(what, kind, metadata["name"], command, document)

    def _call(self, what: str, kind: str, name: str, command: list[str], given: Optional[JsonDict] = None) -> str:
        program = [*self._program(what), *self._settings(), "--namespace", self.namespace]
        # what kubectl learns of the server would stay in the home otherwise, after a dry run too
        with tempfile.TemporaryDirectory(prefix="geocrop-kubectl-") as cache:
            options = [f"--request-timeout={self.timeout:.0f}s", "--cache-dir", cache]
            done = self._run(what, [*program, *command, *options], json.dumps(given) if given else "")
        if done.returncode:
            raise self._error(what, kind, name, _without_values(done.stderr.strip(), given or {}))
        return done.stdout

    def _run(self, what: str, command: list[str], given: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, input=given, capture_output=True, text=True, check=False, timeout=4 * self.timeout
            )
        except subprocess.TimeoutExpired:
            raise errors.UnreachableError(what, "kubectl did not end in time", self._reach_hint()) from None

    def _program(self, what: str) -> list[str]:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), *FOLDERS])
        words = shlex.split(self.program) or [""]
        program = shutil.which(words[0], path=path)
        if program is None:
            raise errors.SourceError(
                what,
                f"there is no program {words[0] or repr(self.program)} on this host",
                "Install kubectl, or set control_plane_kubectl; minio_credentials_source and access_secrets_store"
                " have values that need none.",
            )
        return [program, *words[1:]]

    def _settings(self) -> list[str]:
        settings = ["--kubeconfig", self.kubeconfig] if self.kubeconfig else []
        return settings + (["--context", self.context] if self.context else [])

    def _error(self, what: str, kind: str, name: str, said: str) -> errors.ObjectStoreError:
        lines = [line for line in said.splitlines() if line.strip() and not re.match(r"[EIW]\d{4} ", line)]
        text = lines[-1] if lines else said or "kubectl failed without a word"
        where = self._where()
        if refused := self._refused(what, kind, name, text) or self._not_ready(what, kind, text):
            return refused
        if "Unauthorized" in text or "must be logged in" in text:
            return errors.CredentialsError(what, f"{where} does not accept the kubeconfig's user", "Renew it.")
        if "x509" in text or "certificate" in text:
            return errors.UnreachableError(what, f"TLS with {where} failed ({_cause(text)})", self._reach_hint())
        if re.search(
            r"refused|no such host|timeout|timed out|deadline|unreachable|unable to connect", text, re.IGNORECASE
        ):
            return errors.UnreachableError(what, f"{where} does not answer ({_cause(text)})", self._reach_hint())
        return errors.InvalidInputError(what, f"kubectl says: {text}", self._reach_hint())

    def _refused(self, what: str, kind: str, name: str, text: str) -> Optional[errors.ObjectStoreError]:
        """What the server itself said no to."""
        if "(NotFound)" in text:
            return self._missing(what, kind, name, text)
        if "(AlreadyExists)" in text or "(Conflict)" in text:
            return errors.ConflictError(what, f"{self._where()} has another {kind} {name} by now", "Run it again.")
        if "(Forbidden)" in text:
            return self._forbidden(what, text)
        return None

    def _not_ready(self, what: str, kind: str, text: str) -> Optional[errors.ObjectStoreError]:
        """What is missing on the host, or in the cluster as a whole."""
        if "permission denied" in text.lower():
            return errors.AccessDeniedError(
                what,
                f"this user may not read the kubeconfig ({_cause(text)})",
                "Where only root may, set control_plane_kubernetes_become: true; or name another"
                " (control_plane_kubeconfig).",
            )
        if "have a resource type" in text:
            return errors.NotFoundError(
                what, f"{self._where()} knows no {kind}", "Is the MinIO Operator installed there?"
            )
        return None

    def _missing(self, what: str, kind: str, name: str, text: str) -> errors.ObjectStoreError:
        missing, hint = f"{kind} {name} there", "MinIO's containers refer to it."
        if variable := _VARIABLE.get(kind):
            hint = f"Check control_plane_kubernetes_namespace and control_plane_kubernetes_{variable}."
        if "(NotFound): namespaces " in text or "STDIN" in text:
            missing, hint = f"namespace {self.namespace}", "Create it, or name another."
        return errors.NotFoundError(what, f"{self._where()} has no {missing}", hint)

    def _forbidden(self, what: str, text: str) -> errors.ObjectStoreError:
        match = _DENIED.search(text)
        if match is None:
            return errors.AccessDeniedError(what, f"{self._where()} forbids it ({_cause(text)})")
        who, verb, resource = match.groups()
        return errors.AccessDeniedError(
            what,
            f"{self._where()} forbids {who} to {verb} {resource}",
            f"Grant it by a Role: {verb} on {resource} in namespace {self.namespace}.",
        )

    def _where(self) -> str:
        return f"the cluster of context {self.context}" if self.context else "the cluster"

    def _reach_hint(self) -> str:
        used = self.kubeconfig or "kubectl's own choice (KUBECONFIG or ~/.kube/config)"
        return f"The kubeconfig is {used}; set control_plane_kubeconfig or control_plane_kube_context for another."


def _document(what: str, said: str) -> JsonDict:
    try:
        return dict(json.loads(said))
    except ValueError:
        raise errors.ObjectStoreError(what, "kubectl answered something that is not JSON") from None


def _without_values(said: str, document: JsonDict) -> str:
    """An admission hook may repeat the Secret that it does not want."""
    for value in (document.get("data") or {}).values():
        said = said.replace(value, "…").replace(base64.b64decode(value).decode(errors="replace") or value, "…")
    return said


def _cause(text: str) -> str:
    return re.sub(r"^(error|Unable to connect to the server): *", "", text).rstrip(" ?-")
