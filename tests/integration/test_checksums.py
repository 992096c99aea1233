"""A store that answers 501 to what is said of checksums, as S3Proxy does, is told the MD5, and asked once."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import pytest
from ansible.module_utils.objectstore.s3.checksums import Checksums
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.trees.regions import region
from ansible.module_utils.objectstore.values.errors import (
    ConflictError,
    ObjectStoreError,
    UnsupportedError,
    VerificationError,
)

from tests.integration.engine import connection, fetch, sync
from tests.support.faults import Fault, Kind
from tests.support.proxy import Proxy, running_proxy
from tests.support.state import Server
from tests.support.syncing import plant

PART = 5 * 1024 * 1024


@pytest.fixture
def front(minio: Server) -> Iterator[Proxy]:
    """A MinIO that has no checksums."""
    with running_proxy(minio) as proxy:
        proxy.lack(header="x-amz-checksum", times=sys.maxsize)
        yield proxy


def refused(proxy: Proxy) -> int:
    return sum(one.fault is Kind.LACK for one in proxy.exchanges)


def test_what_is_sent_and_fetched_is_proved_by_its_md5_and_the_refusal_comes_once(
    front: Proxy, bucket: str, tmp_path: Path
) -> None:
    src, dest = tmp_path / "src", tmp_path / "dest"
    files = {"one.tif": os.urandom(PART), "two.tif": os.urandom(2 * PART + 7), "empty": b""}
    plant(src, files)
    store = Store(connection(front.server))
    assert sync(store, src, bucket, part_size=PART, workers=1).returns["uploaded"] == len(files)
    sent = [one for one in front.exchanges if one.method == "PUT" and one.status == 200]
    assert {one.headers.get("Content-MD5") for one in sent} == {
        b64encode(md5(content).digest()).decode()
        for content in (
            b"",
            files["one.tif"],
            files["two.tif"][:PART],
            files["two.tif"][PART:-7],
            files["two.tif"][-7:],
        )
    }
    assert refused(front) == 1
    fetch(store, dest, bucket)
    assert {name: (dest / name).read_bytes() for name in files} == files
    assert refused(front) == 1
    assert not sync(front.server, src, bucket, part_size=PART).changed


def test_an_upload_that_was_begun_without_checksums_goes_on(front: Proxy, bucket: str, tmp_path: Path) -> None:
    plant(tmp_path, {"a.tif": os.urandom(2 * PART)})
    before = Store(connection(front.server))
    upload = before.start_upload(bucket, "p/a.tif", content_type="image/tiff", metadata={})
    with (tmp_path / "a.tif").open("rb") as file:
        before.send_part(bucket, "p/a.tif", region(file.fileno(), 0, PART), upload_id=upload, number=1)
    before._wire._drop()
    begun = len(front.exchanges)
    assert sync(front.server, tmp_path, bucket, part_size=PART).returns["uploaded"] == 1
    sent = [one.query.split("&")[0] for one in front.exchanges[begun:] if one.method == "PUT"]
    assert sorted(set(sent)) == ["partNumber=2"], sent
    assert list(before.pending_uploads(bucket, "")) == []


def test_a_byte_that_changed_on_the_way_is_refused_and_sent_again(front: Proxy, bucket: str, tmp_path: Path) -> None:
    plant(tmp_path, {"a.tif": os.urandom(PART)})
    store = Store(connection(front.server))
    front.add(Fault(Kind.CORRUPT, method="PUT", after=1000))
    assert sync(store, tmp_path, bucket).returns["uploaded"] == 1
    assert [one.status for one in front.exchanges if one.fault is Kind.CORRUPT] == [400]
    assert store.read_object(bucket, "p/a.tif") == (tmp_path / "a.tif").read_bytes()


def test_a_file_that_changes_before_its_md5_is_made_is_not_sent(front: Proxy, bucket: str, tmp_path: Path) -> None:
    store = Store(connection(front.server))
    path = tmp_path / "f"
    path.write_bytes(b"one")
    with path.open("rb") as file:
        read = region(file.fileno(), 0, 3)
        path.write_bytes(b"two")
        with pytest.raises(VerificationError, match="changed while it was read"):
            store.send_file(bucket, "k", read, content_type="text/plain", metadata={})
    assert store.stat_object(bucket, "k") is None


@pytest.mark.parametrize("error", [UnsupportedError("x", "no"), ConflictError("x", "no")])
def test_what_fails_without_them_too_is_not_laid_to_checksums(error: ObjectStoreError) -> None:
    checksums, asked = Checksums(), []

    def ask(told: bool) -> str:
        asked.append(told)
        raise UnsupportedError("x", "no") if told else error

    with pytest.raises(type(error)):
        checksums.offer(ask)
    assert (asked, checksums.taken) == ([True, False], True)
