"""Faults of one server, of the way to it, and of who asks it. Bytes are those of bodies, as a proxy counts them."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.faults.client import Client
from tests.faults.scene import MIB, Scene, Tally
from tests.support.errors import SupportError
from tests.support.faults import Fault, Kind
from tests.support.mc import Mc
from tests.support.programs import need_programs, unpacked_root
from tests.support.proxy import Proxy, running_proxy
from tests.support.server import ServerOptions, start_server, stop_server
from tests.support.state import Server


class Place:
    """A server with its data in a folder, which can end and come back elsewhere; and a scene on it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.scene = Scene(folder, seed=seed)
        self.server = self._started()
        self.seconds, self.undisturbed = self._undisturbed()

    def _started(self) -> Server:
        return start_server(self.folder / "server", ServerOptions(die_with_parent=True))

    @property
    def mc(self) -> Mc:
        """The other client, for the server as it is reached now."""
        return Mc.connect(self.server, self.folder / "mc")

    def kill(self) -> None:
        """End the server by SIGKILL."""
        assert self.server.process is not None
        os.kill(self.server.process.pid, signal.SIGKILL)
        stop_server(self.server)

    def start_again(self) -> None:
        """Start it with the data that it has."""
        self.server = self._started()

    def client(self, server: Server, bucket: str) -> Client:
        """A sync."""
        return Client(self.scene.params(server, bucket))

    def _undisturbed(self) -> tuple[float, int]:
        """Seconds from the first request to the end, and bytes sent, of a sync to which nothing happens."""
        self.mc.make_bucket("undisturbed", "--ignore-existing")
        with running_proxy(self.server) as proxy:
            client = self.client(proxy.server, "undisturbed")
            begun = self._begun(proxy)
            begun.wait(60)
            started = time.monotonic()
            result = client.result()
            assert not result["failed"], result["msg"]
            self.mc.remove_bucket("undisturbed")
            return time.monotonic() - started, sent_by(proxy)

    @staticmethod
    def _begun(proxy: Proxy) -> threading.Event:
        begun = threading.Event()
        proxy.call(begun.set)
        return begun

    def happen(self, harm: Callable[[Client], None], mend: Callable[[], None]) -> None:
        """One try: harm at a random instant of a sync, mend, and sync until it is done."""
        bucket = self.scene.new_bucket(self.mc)
        with running_proxy(self.server) as proxy:
            begun = self._begun(proxy)
            client = self.client(proxy.server, bucket)
            begun.wait(60)
            time.sleep(self.scene.chance.uniform(0.0, 0.9) * self.seconds)
            harm(client)
            self._note(client)
            sent = sent_by(proxy)
        mend()
        with running_proxy(self.server) as proxy:
            runs = 1 + self.scene.until_done(lambda: self.client(proxy.server, bucket))
            sent += sent_by(proxy)
        self.scene.look(self.mc, bucket, runs=runs, sent_again=max(0, sent - self.undisturbed))

    def _note(self, client: Client) -> None:
        result = client.result()
        if result["failed"]:
            self.scene.tally.said.add(str(result["msg"]))


def sent_by(proxy: Proxy) -> int:
    """Bytes of the bodies that clients sent through it."""
    return sum(exchange.sent for exchange in proxy.exchanges if exchange.method == "PUT")


@contextmanager
def placed(folder: Path, seed: int) -> Iterator[Place]:
    """A server, ready."""
    place = Place(folder, seed)
    try:
        yield place
    finally:
        stop_server(place.server)


def server_killed(folder: Path, *, tries: int, seed: int) -> Tally:
    """The only server ends by SIGKILL at a random instant, and is started again."""
    with placed(folder, seed) as place:
        for _ in range(tries):
            place.happen(lambda _client: place.kill(), place.start_again)
    return place.scene.tally


def client_killed(folder: Path, *, tries: int, seed: int) -> Tally:
    """The sync ends by SIGKILL at a random instant."""
    with placed(folder, seed) as place:
        for _ in range(tries):
            place.happen(Client.kill, lambda: None)
    return place.scene.tally


def bad_network(folder: Path, *, tries: int, seed: int) -> Tally:
    """What is between resets, delays, truncates, corrupts a byte, loses answers and answers 503, in turn."""
    with placed(folder, seed) as place:
        for _ in range(tries):
            bucket = place.scene.new_bucket(place.mc)
            with running_proxy(place.server) as proxy:
                for fault in _in_turn(place.scene):
                    proxy.add(fault)
                runs = place.scene.until_done(lambda: place.client(proxy.server, bucket))  # noqa: B023
                sent = sent_by(proxy)
            place.scene.look(place.mc, bucket, runs=runs, sent_again=max(0, sent - place.undisturbed))
    return place.scene.tally


def _in_turn(scene: Scene) -> list[Fault]:
    """One after the other, each for the next request: so every kind meets uploads, small and large."""
    kinds = [Kind.RESET_UPLOAD, Kind.CORRUPT, Kind.TRUNCATE, Kind.SLOW_DOWN, Kind.LOSE_ANSWER, Kind.DELAY, Kind.DROP]
    scene.chance.shuffle(kinds)
    return [
        Fault(kind, method="PUT", after=scene.chance.randrange(20_000), seconds=0.3) for _ in range(3) for kind in kinds
    ]


def disk_full(folder: Path, *, tries: int, seed: int) -> Tally:
    """The server's disk is smaller than what is sent, and is made larger."""
    disk = folder / "server"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", disk], check=True)

    def resize(size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)

    with placed(folder, seed) as place:
        for _ in range(tries):
            room = place.scene.chance.randrange(2 * MIB, place.scene.size // 2)
            resize(str(shutil.disk_usage(disk).used + room))
            place.happen(lambda _client: None, lambda: resize("1g"))
    return place.scene.tally


def faketime_library() -> Path:
    """What gives a program another clock, of Debian's libfaketime."""
    need_programs(["faketime"])
    for root in (unpacked_root(), Path("/")):
        found = sorted(root.glob("usr/lib/*/faketime/libfaketime.so.1")) if root else []
        if found:
            return found[0]
    raise SupportError("clock-off: there is no libfaketime.so.1; Debian's libfaketime has it")


def clock_off(folder: Path, *, tries: int, seed: int) -> Tally:
    """The client's clock is 20 minutes fast, then slow, then right."""
    preload = faketime_library()
    with placed(folder, seed) as place:
        for number in range(tries):
            bucket = place.scene.new_bucket(place.mc)
            off = "+20m" if number % 2 == 0 else "-20m"
            with running_proxy(place.server) as proxy:
                params = place.scene.params(proxy.server, bucket)
                fake = {"LD_PRELOAD": str(preload), "FAKETIME": off, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
                result = Client(params, environment=fake).result()
                assert result["failed"], "a signature of another time was accepted"
                assert "clock" in result["msg"], result["msg"]
                place.scene.tally.said.add(str(result["msg"]))
                assert not place.mc.keys(bucket)
                runs = 1 + place.scene.until_done(lambda: Client(params))  # noqa: B023
                sent = sent_by(proxy)
            place.scene.look(place.mc, bucket, runs=runs, sent_again=max(0, sent - place.undisturbed))
    return place.scene.tally


def credentials_end(folder: Path, *, tries: int, seed: int) -> Tally:
    """The user of a sync is disabled in the middle of it, and enabled again."""
    with placed(folder, seed) as place:
        owner, user, secret = place.server, f"user-{secrets.token_hex(4)}", secrets.token_hex(16)
        mc = place.mc
        mc.run("admin", "user", "add", "t", user, secret)
        mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
        for _ in range(tries):
            bucket = place.scene.new_bucket(mc)
            theirs = replace(owner, access_key=user, secret_key=secret)
            with running_proxy(theirs) as proxy:
                begun = Place._begun(proxy)
                client = place.client(proxy.server, bucket)
                begun.wait(60)
                time.sleep(place.scene.chance.uniform(0.0, 0.5) * place.seconds)
                mc.run("admin", "user", "disable", "t", user)
                place._note(client)
                mc.run("admin", "user", "enable", "t", user)
                runs = 1 + place.scene.until_done(lambda: place.client(proxy.server, bucket))  # noqa: B023
                sent = sent_by(proxy)
            place.scene.look(mc, bucket, runs=runs, sent_again=max(0, sent - place.undisturbed))
    return place.scene.tally
