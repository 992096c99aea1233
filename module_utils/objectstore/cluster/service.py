"""The address of a Service, as a host beside the cluster reaches it."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Optional

from ..values.errors import ConflictError, NotFoundError
from ..values.model import JsonDict
from .sources import Cluster

#: Names of the S3 API's port, then its numbers, in the order in which they are believed.
PORT_NAMES = ("api", "s3", "minio", "minio-api", "http-minio", "https-minio")
PORT_NUMBERS = (9000, 443)


class Address(NamedTuple):
    """A way to the Service: ``server_name`` is what its certificate may be issued for, besides the host."""

    scheme: str
    host: str
    port: int
    server_name: str

    @property
    def endpoint(self) -> str:
        """``scheme://host:port``."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def service_addresses(cluster: Cluster, name: str, nodes: Iterable[str] = ()) -> list[Address]:
    """The ways to a Service, the best first: its cluster address or external name, then its port on the ``nodes``.

    Source: the Kubernetes API. A cluster's name does not resolve on a node, its address is reached from there,
    unless the network's plug-in routes it inside of pods alone; then a NodePort answers.
    """
    attempted = f"find the address of Service {name} in namespace {cluster.namespace}"
    spec = cluster.get("Service", name)["spec"]
    external = spec.get("type") == "ExternalName"
    host = spec.get("externalName") if external else spec.get("clusterIP")
    port = _port(spec.get("ports", []), attempted)
    scheme = "https" if port["port"] == 443 or str(port.get("appProtocol") or port.get("name")) == "https" else "http"
    server_name = "" if external else f"{name}.{cluster.namespace}.svc"
    found = []
    if host not in (None, "", "None"):
        found.append(Address(scheme, str(host), int(port["port"]), server_name))
    if port.get("nodePort"):
        found += [Address(scheme, node, int(port["nodePort"]), server_name) for node in nodes]
    if not found:
        raise NotFoundError(attempted, "it has no cluster address (it is headless)", "Set minio_endpoint.")
    return found


def _port(ports: list[JsonDict], attempted: str) -> JsonDict:
    chosen = _named(ports) or _by_target(ports) or (ports[0] if len(ports) == 1 else None)
    if chosen is None:
        shown = ", ".join(str(port["port"]) for port in ports) or "none"
        raise ConflictError(
            attempted, f"which of its ports ({shown}) is the S3 API is not clear", "Set minio_endpoint."
        )
    return chosen


def _named(ports: list[JsonDict]) -> Optional[JsonDict]:
    for wanted in (*PORT_NAMES, *PORT_NUMBERS):
        for port in ports:
            if wanted in (port.get("name"), port["port"]):
                return port
    return None


def _by_target(ports: list[JsonDict]) -> Optional[JsonDict]:
    """The one port behind which MinIO's own lies, where a Service gives it another number."""
    found = [port for port in ports if port.get("targetPort") in (*PORT_NUMBERS, *PORT_NAMES)]
    found = found or [port for port in ports if "console" not in (str(port.get("name")), str(port.get("targetPort")))]
    return found[0] if len(found) == 1 else None
