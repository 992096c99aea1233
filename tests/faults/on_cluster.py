"""Faults of a cluster of four nodes, of which a sync knows all endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.faults.client import Client
from tests.faults.scene import Scene, Tally, wait_for
from tests.support.cluster import Cluster, Node, running_cluster
from tests.support.mc import Mc
from tests.support.world import Network

#: The modules' defaults. For up to a minute MinIO holds the lock of an object whose upload was on its way at a node
#: that ended, and whoever sends it again waits for that.
PATIENT = {"timeout": 60, "retries": 5}

#: Without a quorum MinIO is silent for minutes, for each object anew.
HASTY = {"timeout": 10, "retries": 1}


class Stage:
    """A cluster, and a scene on it. Bytes are those on the wire, headers included."""

    def __init__(self, network: Network, cluster: Cluster, folder: Path, seed: int) -> None:
        self.network = network
        self.cluster = cluster
        self.scene = Scene(folder, seed=seed)
        # the last node, to which nothing happens
        self.mc = Mc.connect(cluster.seen_from(-1), folder / "mc")
        self.patient = True
        self.undisturbed = self._undisturbed()

    def client(self, bucket: str) -> Client:
        """A sync by all endpoints, beginning with the first node."""
        patience = PATIENT if self.patient else HASTY
        return Client(self.scene.params(self.cluster.server, bucket, endpoint=self.cluster.endpoints, **patience))

    def _undisturbed(self) -> int:
        """Bytes that a sync sends to which nothing happens."""
        self.mc.make_bucket("undisturbed", "--ignore-existing")
        before = self.network.sent
        result = self.client("undisturbed").result()
        assert not result["failed"], result["msg"]
        self.mc.remove_bucket("undisturbed")
        return self.network.sent - before

    def happen(self, harm: Callable[[], None], mend: Callable[[], None], *, alone: bool) -> None:
        """One try: harm at a random instant of a sync. Where ``alone``, it must end well before that is mended."""
        self.patient = alone
        bucket = self.scene.new_bucket(self.mc)
        before = self.network.sent
        goal = before + self.scene.chance.uniform(0.1, 0.8) * self.undisturbed
        client = self.client(bucket)
        wait_for(lambda: self.network.sent >= goal or not client.is_running())
        harm()
        if alone:
            result = client.result()
            assert not result["failed"], f"it did not go on by the other nodes: {result['msg']}"
            self.scene.tally.said |= {str(warning) for warning in result.get("warnings", ())}
            runs, sent = 1, self.network.sent - before
            mend()
        else:
            result = client.result()
            assert result["failed"], "it must not succeed without a quorum"
            self.scene.tally.said.add(str(result["msg"]))
            mend()
            runs = 1 + self.scene.until_done(lambda: self.client(bucket))
            sent = self.network.sent - before
        self.scene.look(self.mc, bucket, runs=runs, sent_again=max(0, sent - self.undisturbed))


Running = Callable[[Network, Path], AbstractContextManager[Cluster]]


@contextmanager
def staged(folder: Path, seed: int, running: Running = running_cluster) -> Iterator[Stage]:
    """A cluster in this world, ready; of MinIO, if no other is ``running``."""
    with Network() as network, running(network, folder / "nodes") as cluster:
        yield Stage(network, cluster, folder, seed)


def node_down(folder: Path, *, tries: int, seed: int) -> Tally:
    """The node that is named first is down when a sync begins."""
    with staged(folder, seed) as stage:
        first, cluster = stage.cluster.nodes[0], stage.cluster
        for _ in range(tries):
            first.kill()
            stage.happen(lambda: None, lambda: _again(cluster, [first]), alone=True)
    return stage.scene.tally


def node_killed(folder: Path, *, tries: int, seed: int, running: Running = running_cluster) -> Tally:
    """The node that a sync talks to ends without a word."""
    with staged(folder, seed, running) as stage:
        first, cluster = stage.cluster.nodes[0], stage.cluster
        for _ in range(tries):
            stage.happen(first.kill, lambda: _again(cluster, [first]), alone=True)
    return stage.scene.tally


def node_after_node(folder: Path, *, tries: int, seed: int) -> Tally:
    """A sync is killed while one node is down; when that is back, and another one is down, it is run again.

    The upload that it left is on the drives of three nodes, of which two are there.
    """
    with staged(folder, seed) as stage:
        (used, earlier, later, _), scene = stage.cluster.nodes, stage.scene
        for _ in range(tries):
            earlier.kill()
            bucket = scene.new_bucket(stage.mc)
            before = stage.network.sent
            _leave_an_upload(stage.client(bucket), used.folder)
            _again(stage.cluster, [earlier])
            later.kill()
            result = stage.client(bucket).result()
            assert not result["failed"], f"it did not begin the upload anew: {result['msg']}"
            sent = stage.network.sent - before
            _again(stage.cluster, [later])
            scene.look(stage.mc, bucket, runs=2, sent_again=max(0, sent - stage.undisturbed))
    return scene.tally


def node_cut_off(folder: Path, *, tries: int, seed: int) -> Tally:
    """The node that a sync talks to is there, and its link is down."""
    with staged(folder, seed) as stage:
        first, cluster = stage.cluster.nodes[0], stage.cluster

        def mend() -> None:
            first.host.link_again()
            cluster.wait_healthy()

        for _ in range(tries):
            stage.happen(first.host.cut_off, mend, alone=True)
    return stage.scene.tally


def quorum_lost(folder: Path, *, tries: int, seed: int) -> Tally:
    """Two of four nodes end: what is there can be read, and nothing can be written until they are back."""
    with staged(folder, seed) as stage:
        lost, cluster = stage.cluster.nodes[:2], stage.cluster

        def harm() -> None:
            for node in lost:
                node.kill()

        for _ in range(tries):
            stage.happen(harm, lambda: _again(cluster, lost), alone=False)
    return stage.scene.tally


def _leave_an_upload(client: Client, drive: Path) -> None:
    """Kill a sync as soon as its upload in parts is begun."""
    wait_for(lambda: any(drive.glob(".minio.sys/multipart/*/*/xl.meta")) or not client.is_running())
    client.kill()
    assert client.result()["msg"] == "killed", "it ended before it began an upload in parts"


def _again(cluster: Cluster, nodes: list[Node]) -> None:
    for node in nodes:
        node.start()
    cluster.wait_healthy()
