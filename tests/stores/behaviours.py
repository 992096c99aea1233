"""What the engine promises of any store, as a table of behaviours; each is tried with the modules themselves.

A behaviour raises ``AssertionError`` where the store does not give it. It has a bucket and a folder of its own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.objectstore.servers.store import Store as EngineStore
from ansible.module_utils.objectstore.trees.regions import region
from ansible.module_utils.objectstore.values.model import Connection

from tests.support.in_process import run_here
from tests.support.state import Server
from tests.support.syncing import plant, tree

#: Names that clients and servers stumble over. Sorted by bytes, ``d1-/x`` and ``d1.txt`` stand before ``d1/x``, which a
#: walk through folders comes to first. ``%`` and ``+`` are others once a listing is decoded that was not encoded.
AWKWARD = (
    "ü+.bin", "a b.txt", "50%.csv", "100%25.txt", "x+y&z.txt", "a.b", "a/b", "a/c d/e+f", "d1/x", "d1-/x", "d1.txt",
    "d1!/z", "d1/y/z", "Z", "~t", "it's (1).csv", "e=mc2?.txt", "#tag", "[x]{y}.txt", "%C3%BC", "😀/ß",
)  # fmt: skip

PART = 5 * 1024 * 1024


class Store:
    """A store under test: its server, and one bucket and folder for a behaviour."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.bucket = f"behaves-{secrets.token_hex(5)}"

    def run(self, module: str, *, check: bool = False, failing: bool = False, **params: Any) -> dict[str, Any]:
        """The result of a module; an assertion fails where it does not go as it should."""
        result = run_here(module, {**self.server.module_options, **params}, check=check)
        assert bool(result["failed"]) is failing, f"{module}: {result.get('msg') or result}"
        return result

    def has_bucket_policies(self) -> bool:
        """Whether a bucket may be open to others; what has no policies says so."""
        wanted = {**self.server.module_options, "bucket": self.bucket, "access": "download"}
        result = run_here("minio_policy", wanted, check=True)
        assert not result["failed"] or "the server has no bucket policies" in result["msg"], result
        return not result["failed"]

    def make_bucket(self, **settings: Any) -> None:
        """Make the bucket."""
        assert self.run("minio_bucket", name=self.bucket, **settings)["changed"]

    def sync(self, src: Path, **params: Any) -> dict[str, Any]:
        """A dry run and a real run of the same sync, which say the same; the real one's result."""
        common = {
            "src": str(src),
            "bucket": self.bucket,
            "prefix": "p/ä+",
            "part_size": PART,
            "digest_cache": "",
            **params,
        }
        planned, done = (self.run("minio_sync", check=check, **common) for check in (True, False))
        assert planned["totals"] == done["totals"]
        return done

    @contextmanager
    def engine(self) -> Iterator[EngineStore]:
        """The engine's own verbs, for what no module does."""
        server = self.server
        engine = EngineStore(Connection(server.endpoint, server.access_key, server.secret_key, retries=1))
        yield engine
        engine._wire._drop()
        engine._session._http.clear()

    def keys(self) -> list[str]:
        """The keys below the prefix, as the manifest lists them."""
        found: list[str] = self.run("minio_manifest", check=True, bucket=self.bucket, prefix="p/ä+/", dest="/nowhere")[
            "keys"
        ]
        return found


def awkward_files(folder: Path, *, large: bool = True) -> dict[str, bytes]:
    """Small files under awkward names, an empty one and one of three parts; planted in a folder."""
    files = {name: name.encode() for name in AWKWARD} | {"empty": b""}
    if large:
        files["large ü.tif"] = os.urandom(2 * PART + 1024)
    plant(folder, files)
    return files


def a_bucket_is_made_once(store: Store) -> None:
    """Made, and found the second time."""
    store.make_bucket()
    assert not store.run("minio_bucket", name=store.bucket)["changed"]
    (info,) = store.run("minio_bucket_info", name=store.bucket, count=True)["buckets"]
    assert info["contents"]["versions"] == 0


def a_sync_is_idle_the_second_time(store: Store) -> None:
    """Each name arrives, is adopted without a cache, and is listed as what it is."""
    store.make_bucket()
    files = awkward_files(store.folder / "src")
    assert store.sync(store.folder / "src")["uploaded"] == len(files)
    again = store.sync(store.folder / "src")
    assert (again["changed"], again["adopted"]) == (False, len(files)), again["objects"]
    assert store.keys() == sorted(f"p/ä+/{name}" for name in files)


def what_was_uploaded_is_fetched(store: Store) -> None:
    """Small objects by the hundred, which are asked for together, and one that comes in stretches; all bit by bit."""
    store.make_bucket()
    files = awkward_files(store.folder / "src") | _many(store.folder / "src")
    store.sync(store.folder / "src")
    dest = store.folder / "dest"
    options = {"bucket": store.bucket, "prefix": "p/ä+", "dest": str(dest), "digest_cache": ""}
    planned, done, again = (store.run("minio_fetch", check=check, **options) for check in (True, False, False))
    assert planned["totals"] == done["totals"]
    assert tree(dest) == files
    assert (done["changed"], again["changed"]) == (True, False), again["totals"]


def what_was_uploaded_is_copied(store: Store) -> None:
    """Within the store, by the server itself; all bit by bit."""
    store.make_bucket()
    files = awkward_files(store.folder / "src") | _many(store.folder / "src")
    store.sync(store.folder / "src")
    options = {"bucket": store.bucket, "prefix": "p/ä+", "dest_bucket": store.bucket, "dest_prefix": "q"}
    planned, done, again = (store.run("minio_copy", check=check, **options) for check in (True, False, False))
    assert planned["totals"] == done["totals"]
    assert (done["changed"], again["changed"]) == (True, False), again["totals"]
    dest = store.folder / "dest"
    store.run("minio_fetch", bucket=store.bucket, prefix="q", dest=str(dest), digest_cache="")
    assert tree(dest) == files


def _many(folder: Path) -> dict[str, bytes]:
    """Files of which some travel together, and one that is large enough for several connections."""
    files = {f"many/{number:03}": b"%d" % number for number in range(150)}
    files["many/large"] = os.urandom(7 * PART + 1)
    plant(folder, files)
    return files


def what_went_is_removed_and_nothing_else(store: Store) -> None:
    """A changed file is sent, one that went is removed, and the run after that is idle."""
    store.make_bucket()
    files = awkward_files(store.folder / "src", large=False)
    store.sync(store.folder / "src")
    (store.folder / "src" / "Z").write_bytes(b"x")
    for gone in ("ü+.bin", "d1/x", "50%.csv"):
        (store.folder / "src" / gone).unlink()
    done = store.sync(store.folder / "src", delete=True)
    assert (done["totals"]["replace"]["objects"], done["deleted"]) == (1, 3), done["totals"]
    assert not store.sync(store.folder / "src", delete=True)["changed"]
    assert store.keys() == sorted(f"p/ä+/{name}" for name in files if name not in ("ü+.bin", "d1/x", "50%.csv"))


def a_full_bucket_goes_by_force(store: Store) -> None:
    """Refused without force, removed with it: objects, and an upload that nobody completed."""
    _fill_and_force(store)


def a_bucket_of_versions_goes_by_force(store: Store) -> None:
    """The same where former versions and delete markers are kept."""
    _fill_and_force(store, versioning="enabled")


def _fill_and_force(store: Store, **settings: Any) -> None:
    store.make_bucket(**settings)
    awkward_files(store.folder / "src", large=False)
    store.sync(store.folder / "src")
    (store.folder / "src" / "ü+.bin").write_bytes(b"another")
    (store.folder / "src" / "50%.csv").unlink()
    store.sync(store.folder / "src", delete=True)
    _leave_an_upload(store, "ü+ half.bin")
    assert "force" in store.run("minio_bucket", name=store.bucket, state="absent", failing=True)["msg"]
    assert store.run("minio_bucket", name=store.bucket, state="absent", force=True)["changed"]
    assert not store.run("minio_bucket", name=store.bucket, state="absent", force=True)["changed"]


def versions_are_kept(store: Store) -> None:
    """A bucket that keeps versions keeps what is replaced and removed."""
    store.make_bucket(versioning="enabled")
    awkward_files(store.folder / "src", large=False)
    store.sync(store.folder / "src")
    (store.folder / "src" / "ü+.bin").write_bytes(b"another")
    (store.folder / "src" / "50%.csv").unlink()
    store.sync(store.folder / "src", delete=True)
    (info,) = store.run("minio_bucket_info", name=store.bucket, count=True)["buckets"]
    assert info["contents"]["versions"] == len(AWKWARD) + 2
    assert info["contents"]["delete_markers"] == 1


def an_upload_that_was_cut_short_goes_on(store: Store) -> None:
    """A part that arrived before the end is not sent again."""
    store.make_bucket()
    content = os.urandom(2 * PART + 1024)
    plant(store.folder / "src", {"large ü.tif": content})
    key = "p/ä+/large ü.tif"
    _first_part(store, key, store.folder / "src" / "large ü.tif")
    store.sync(store.folder / "src")
    with store.engine() as engine:
        assert not list(engine.pending_uploads(store.bucket, "")), "the upload that was begun before is still there"
    assert store.keys() == [key]


def the_index_tells_the_truth(store: Store) -> None:
    """List and index in the bucket, again without a change, verified; a sample is read back as bytes."""
    store.make_bucket()
    awkward_files(store.folder / "src", large=False)
    store.sync(store.folder / "src")
    where = {"bucket": store.bucket, "prefix": "p/ä+/"}
    documents = {"object": "m/keys ü+.txt", "index_object": "m/index.json", "key_pattern": "(?P<path>(.+/)?[^/]+)"}
    assert store.run("minio_manifest", **where, **documents)["changed"]
    assert not store.run("minio_manifest", **where, **documents)["changed"]
    store.run("minio_manifest", **where, **documents, verify=True)
    checked = store.run("minio_spot_check", src=str(store.folder / "src"), sample=len(AWKWARD), **where)
    assert [found["same"] for found in checked["objects"]] == [True] * len(AWKWARD)


def _leave_an_upload(store: Store, key: str) -> None:
    """Begin an upload of a file, of which one part arrives."""
    path = store.folder / "half"
    path.write_bytes(os.urandom(PART))
    _first_part(store, key, path)


def _first_part(store: Store, key: str, path: Path) -> None:
    with store.engine() as engine, path.open("rb") as file:
        upload = engine.start_upload(store.bucket, key, content_type="image/tiff", metadata={})
        part = region(file.fileno(), 0, PART)
        engine.send_part(store.bucket, key, part, upload_id=upload, number=1)


def a_private_bucket_is_proved(store: Store) -> None:
    """Requests without credentials are denied, on an empty bucket and on a full one; an open one is told from it."""
    store.make_bucket()
    denied = dict.fromkeys(("list", "read", "write", "delete"), "denied")
    private = {"bucket": store.bucket, "access": "private", "verify": True}
    empty = store.run("minio_policy", **private)["anonymous"]
    assert empty in (denied, {**denied, "read": "untested"}), empty
    awkward_files(store.folder / "src", large=False)
    store.sync(store.folder / "src")
    assert store.run("minio_policy", **private)["anonymous"] == denied
    if store.has_bucket_policies():
        store.run("minio_policy", bucket=store.bucket, access="download", verify=True)
        assert not store.run("minio_policy", bucket=store.bucket, access="download")["changed"]
    assert store.run("minio_policy", **private)["anonymous"] == denied


def a_signed_url_opens_one_object_for_a_while(store: Store) -> None:
    """Signed it downloads; unsigned, expired and for another key it does not."""
    store.make_bucket()
    store.run("minio_object", bucket=store.bucket, key="a/ü+.txt", content="x")
    assert store.run("minio_presigned_check", bucket=store.bucket, key="a/ü+.txt")["met"]


def an_identity_has_just_its_rights(store: Store) -> None:
    """Made, found the second time, proved both ways with its own credentials, also where there is no object yet."""
    store.make_bucket()
    rights = [
        {"bucket": store.bucket, "prefix": "results/", "can": ["write"]},
        {"bucket": store.bucket, "prefix": "in/", "can": ["list", "read"]},
        {"bucket": store.bucket, "prefix": "names/", "can": ["list"]},
        {"bucket": store.bucket, "prefix": "work/", "can": ["list", "read", "write", "delete"]},
    ]
    name, secret = f"who-{secrets.token_hex(5)}", secrets.token_urlsafe(20)
    key = _set_up(store, name, secret, rights)
    own = {"access_key": key, "secret_key": secret}
    store.run("minio_access_check", **own, rights=rights, others=[f"{store.bucket}/other/"])
    store.run("minio_policy", bucket=store.bucket, access="private", verify=True)
    store.run("minio_object", bucket=store.bucket, key="in/a.txt", content="x")
    too_much = store.run("minio_access_check", **own, rights=rights[:1], others=[f"{store.bucket}/in/"], fails=False)
    assert {
        f"list in {store.bucket}/in/ is allowed, not denied",
        f"read in {store.bucket}/in/ is allowed, not denied",
    } <= {*too_much["differences"]}
    former = _set_up(store, name, secret, rights[:1])
    assert former == key
    store.run("minio_access_check", **own, rights=rights[:1], others=[f"{store.bucket}/in/", f"{store.bucket}/work/"])


def _set_up(store: Store, name: str, secret: str, rights: list[dict[str, Any]]) -> str:
    """The identity's access key, after a dry run, a real run, and one that changes nothing."""
    if store.run("minio_ping")["identities"] == "minio":
        for module, options in (
            ("minio_iam_policy", {"name": name, "rights": rights}),
            ("minio_user", {"name": name, "user_secret": secret, "policies": [name]}),
        ):
            store.run(module, **options)
            assert not store.run(module, **options)["changed"]
        return name
    options = {"name": name, "identity_secret": secret, "rights": rights}
    planned, done, again = (store.run("minio_identity", check=check, **options) for check in (True, False, False))
    assert planned["actions"] == done["actions"]
    assert (done["changed"], again["changed"]) == (True, False)
    key: str = done["key"]
    return key


class Behaviour(NamedTuple):
    """What is promised, in the words of the documentation, and the function that tries it."""

    promise: str
    holds: Callable[[Store], None]


BEHAVIOURS: Mapping[str, Behaviour] = {
    "bucket": Behaviour("a bucket is made, and found the second time", a_bucket_is_made_once),
    "sync": Behaviour("a sync of awkward names, idle the second time", a_sync_is_idle_the_second_time),
    "fetch": Behaviour("what was uploaded is fetched, bit by bit", what_was_uploaded_is_fetched),
    "copy": Behaviour("what was uploaded is copied within the store, bit by bit", what_was_uploaded_is_copied),
    "removal": Behaviour("what went is removed, and nothing else", what_went_is_removed_and_nothing_else),
    "force": Behaviour("a full bucket goes by force, and not without", a_full_bucket_goes_by_force),
    "versions": Behaviour("what is replaced and removed is kept as a version", versions_are_kept),
    "force-versions": Behaviour("a bucket of versions goes by force", a_bucket_of_versions_goes_by_force),
    "resumed": Behaviour("an upload that was cut short goes on", an_upload_that_was_cut_short_goes_on),
    "private": Behaviour("a bucket is private, and that is proved", a_private_bucket_is_proved),
    "signed": Behaviour("a signed URL opens one object for a while", a_signed_url_opens_one_object_for_a_while),
    "identity": Behaviour("an identity has just its rights, and that is proved", an_identity_has_just_its_rights),
    "index": Behaviour("list and index tell the truth, and content is read back", the_index_tells_the_truth),
}

#: What a store does not give, and why.
LACKS: Mapping[tuple[str, str], str] = {
    ("garage", "versions"): "it has no versions",
    ("garage", "force-versions"): "it has no versions",
    ("garage", "identity"): "keys have rights in whole buckets, and to write is to remove, too",
    ("s3proxy", "versions"): "it has no versions",
    ("s3proxy", "force-versions"): "it has no versions",
    ("s3proxy", "identity"): "it has one key, which is given",
    ("moto", "private"): "it checks no credentials",
    ("moto", "signed"): "it checks no credentials",
    ("moto", "identity"): "it has identities, and heeds none",
}
