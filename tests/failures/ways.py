"""The directions: what a run is in each, where it goes, and what is there afterwards by another client's word."""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees import fetching, retrying
from ansible.module_utils.objectstore.trees.partfile import PART_NAME
from ansible.module_utils.objectstore.values.change import Report
from ansible.module_utils.objectstore.values.errors import NotFoundError, ObjectStoreError
from ansible.module_utils.objectstore.values.model import CHECKSUMS, Connection
from minio import Minio

from tests.support import syncing
from tests.support.state import Server
from tests.support.syncing import plant

MIB = 1024 * 1024

#: Where a run goes: a folder below ``Stage.home``, or a prefix of the bucket ``target``.
Place = str

SOURCE, TARGET = "source", "target"

#: What is there before a run, under names that it writes too.
BEFORE: Mapping[str, bytes] = {"large": b"as it was", "f1": b"as it was"}


@dataclass(frozen=True)
class Stage:
    """A server of the test's own, whose data are in ``folder``, and a tree, as files and as objects below ``p/``."""

    server: Server
    folder: Path
    home: Path
    content: Mapping[str, bytes]
    server_was_killed: bool = False

    @classmethod
    def set_up(cls, server: Server, folder: Path, home: Path) -> Stage:
        """Make the buckets and fill the source: a file in two parts, one that goes alone, and ten small ones."""
        small = {f"f{number}": os.urandom(20_000) for number in range(10)}
        content = {"large": os.urandom(6 * MIB + 7), "middle/one": os.urandom(400_000), **small}
        stage = cls(server, folder, home, content)
        stage.client.make_bucket(TARGET)
        stage.fill_source()
        return stage

    def fill_source(self) -> None:
        """Make the source what it was, as a folder and as a bucket."""
        if not self.client.bucket_exists(SOURCE):
            self.client.make_bucket(SOURCE)
        plant(self.home / SOURCE, self.content)
        assert not run_sync(self.server, self.home / SOURCE, SOURCE, "p").failure

    @property
    def client(self) -> Minio:
        """The other client."""
        host = self.server.endpoint.partition("://")[2]
        return Minio(host, self.server.access_key, self.server.secret_key, secure=False, region="us-east-1")

    def objects(self, place: Place) -> dict[str, bytes]:
        """What is below a prefix of the target."""
        client, found = self.client, {}
        for one in client.list_objects(TARGET, f"{place}/", recursive=True):
            key = str(one.object_name)
            answer = client.get_object(TARGET, key)
            try:
                found[key.removeprefix(f"{place}/")] = answer.read()
            finally:
                answer.close()
                answer.release_conn()
        return found

    def replace_source(self, way: str, content: bytes) -> None:
        """Give the large file, or the large object, another content, in place."""
        if way == "sync":
            (self.home / SOURCE / "large").write_bytes(content)
            return
        self.client.put_object(SOURCE, "p/large", BytesIO(content), len(content), part_size=5 * MIB)

    def remove_bucket(self, bucket: str) -> None:
        """Remove it with all that is in it, in one request of MinIO's own."""
        self.client._execute("DELETE", bucket, headers={"x-minio-force-delete": "true"})

    def uploads(self, place: Place) -> list[str]:
        """Uploads below a prefix that nobody completed or aborted. MinIO lists those of a key that is named."""
        keys = [f"{place}/{name}" for name in self.content]
        found = [self.client._list_multipart_uploads(TARGET, prefix=key).uploads for key in keys]
        return [f"an upload of {one.object_name}" for uploads in found for one in uploads if not self._is_remains(one)]

    def _is_remains(self, upload: Any) -> bool:
        """Whether it is what MinIO leaves where it is killed while it completes an upload, and removes after a day.

        Then its parts have left it, and with them the algorithm of their checksums, which ours are begun with; or all
        that it has is an entry in the listing. Nobody can go on with it.
        """
        if not self.server_was_killed:
            return False
        try:
            uploaded = _store(self.server, 0).uploaded(TARGET, upload.object_name, upload.upload_id)
        except NotFoundError:
            return True
        return not uploaded.parts and uploaded.checksums != CHECKSUMS


def run_sync(server: Server, src: Path, bucket: str, prefix: str, *, retries: int = 2) -> Report:
    """A sync of a folder, in parts of 5 MiB."""
    return syncing.sync(_store(server, retries), src, bucket=bucket, prefix=prefix, part_size="5MiB")


def _store(server: Server, retries: int) -> Store:
    return Store(Connection(server.endpoint, server.access_key, server.secret_key, retries=retries, timeout=20.0))


class Sync:
    """From the folder to the target bucket. ``meddled`` is the bucket that others meddle with."""

    name = "sync"
    meddled = TARGET

    def run(self, stage: Stage, server: Server, place: Place, retries: int) -> Report:
        """One run by way of ``server``, which is the stage's own or stands before it."""
        return run_sync(server, stage.home / SOURCE, TARGET, place, retries=retries)

    def prepare(self, stage: Stage, place: Place) -> None:
        """Put there what is there before."""
        _put(stage, place)

    def there(self, stage: Stage, place: Place) -> dict[str, bytes]:
        """What a reader finds."""
        return stage.objects(place)

    def stray(self, stage: Stage, place: Place) -> list[str]:
        """What nobody will use any more."""
        return stage.uploads(place)


class Fetch:
    """From the source bucket to a folder."""

    name = "fetch"
    meddled = SOURCE

    def run(self, stage: Stage, server: Server, place: Place, retries: int) -> Report:
        """As above."""
        return syncing.fetch(_store(server, retries), stage.home / place, bucket=SOURCE, prefix="p", retries=retries)

    def prepare(self, stage: Stage, place: Place) -> None:
        """As above."""
        plant(stage.home / place, BEFORE)

    def there(self, stage: Stage, place: Place) -> dict[str, bytes]:
        """As above: files that are not whole have names that nobody looks for."""
        return {name: content for name, content in self._tree(stage, place).items() if not _is_part(name)}

    def stray(self, stage: Stage, place: Place) -> list[str]:
        """As above."""
        return [*filter(_is_part, self._tree(stage, place))]

    def _tree(self, stage: Stage, place: Place) -> dict[str, bytes]:
        folder = stage.home / place
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Copy(Sync):
    """From the source bucket to the target bucket: by the server itself, or through this host as between two stores."""

    def __init__(self, *, within: bool) -> None:
        self.name = "copy in one store" if within else "copy between two"
        self._within = within

    def run(self, stage: Stage, server: Server, place: Place, retries: int) -> Report:  # noqa: ARG002  # as above
        """As above."""
        there = _store(server, retries)
        here = there if self._within else _store(server, retries)
        return syncing.copy(
            (there, here),
            same_store=self._within,
            bucket=SOURCE,
            prefix="p",
            dest_bucket=TARGET,
            dest_prefix=place,
            retries=retries,
        )


def _put(stage: Stage, place: Place) -> None:
    store = _store(stage.server, 0)
    for name, content in BEFORE.items():
        store.write_object(TARGET, f"{place}/{name}", content, content_type="text/plain", metadata={})


def _is_part(name: str) -> bool:
    return bool(PART_NAME.fullmatch(name.rpartition("/")[2]))


Way = Sync | Fetch | Copy

WAYS: tuple[Way, ...] = (Sync(), Fetch(), Copy(within=True), Copy(within=False))


def run_way(way: Way, stage: Stage, server: Server, place: Place, *, retries: int = 2) -> str:
    """The failure of one run, empty where all went well. What is fetched comes in a stretch for each part."""
    with (
        warnings.catch_warnings(),
        mock.patch.object(retrying, "FIRST_PAUSE", 0.01),
        mock.patch.object(fetching, "STRETCH", MIB),
    ):
        # a module's process ends with its connections; here they end when they are collected
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return way.run(stage, server, place, retries).failure
        except ObjectStoreError as error:
            return str(error)


def in_a_process(way: Way, stage: Stage, server: Server, place: Place) -> multiprocessing.process.BaseProcess:
    """A run in a process that can be killed, not started yet. Its parent has all imports, so it starts at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context.Process(target=_end_as_told, args=(way, stage, server, place))


def _end_as_told(way: Way, stage: Stage, server: Server, place: Place) -> None:
    sys.exit(1 if run_way(way, stage, server, place, retries=1) else 0)
