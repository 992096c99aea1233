"""``make drill``: lose a host's folder and a store, have both back, compare all bit by bit, and print a table."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minio import Minio

from tests.figures.page import replaced
from tests.support.command import run_command
from tests.support.paths import CACHE, REPO
from tests.support.playbooks import run_playbook
from tests.support.sample_data import SampleOptions, make_sample_data
from tests.support.state import Server, save_state
from tests.support.stores import minio

PAGE = REPO / "docs" / "reliability.md"

#: Minutes of making it are spent once.
VENV = CACHE / "stores" / "venv"

#: What each store has of its own: an index names the versions and the URL of its store, and the time of its record.
OWN = ("geocrop-baselines/manifests/dw_baseline_index.json", "geocrop-datasets/manifests/zimbabwe_full/v1/index.json")

#: What a lost host gets back, as docs/data-back.md has it: options of minio_fetch.
FETCHED: tuple[Mapping[str, Any], ...] = (
    {"bucket": "geocrop-baselines", "prefix": "dw/zim/summer", "key_template": "{filename}", "dest": "data/dw_cogs"},
    {
        "bucket": "geocrop-datasets",
        "prefix": "zimbabwe_full/v1",
        "exclude": ["metadata.json"],
        "dest": "data/training",
    },
)


class Row(NamedTuple):
    """What was had back: how many things of how many bytes in how many seconds, and which of them are not the same."""

    what: str
    count: int
    size: int
    seconds: float
    different: Sequence[str]


class Drill:
    """A platform in two folders and two stores: what there was, and what is made of what is left."""

    def __init__(self, folder: Path, first: Server, second: Server) -> None:
        self.folder, self.first, self.second = folder, first, second
        self.state = folder / "state"
        save_state(self.state, first)

    def play(self, playbook: str | Path, **extra: Any) -> float:
        """Run a playbook to its good end; returns its seconds."""
        started = time.monotonic()
        run_playbook(
            playbook,
            workdir=self.folder / "ansible",
            extra_vars={"control_plane_home": str(self.folder / "host"), "control_plane_venv": str(VENV), **extra},
            environment={"GEOCROP_DEMO_STATE": str(self.state)},
        ).expect_ok()
        return time.monotonic() - started

    def host(self) -> Row:
        """The data of a host, fetched into a folder that is not there."""
        back = self.folder / "back"
        playbook = self.folder / "fetch.yml"
        tasks = [
            {"name": "Fetch", "minio_fetch": {**options, "dest": str(back / options["dest"]), "workers": 4}}
            for options in FETCHED
        ]
        play = {
            "hosts": "control_plane",
            "gather_facts": False,
            "roles": ["control_plane"],
            "tasks": [{"module_defaults": {"minio_fetch": "{{ connection_options }}"}, "block": tasks}],
        }
        playbook.write_text(json.dumps([play]))  # JSON is YAML
        seconds = self.play(playbook)
        before, after = _files(self.state / "data"), _files(back / "data")
        return Row("a host's data, by minio_fetch", *_extent(after), seconds, _differences(before, after))

    def store(self) -> Row:
        """A store, moved to one that is empty."""
        server = self.second
        target = {"endpoint": server.endpoint, "access_key": server.access_key, "secret_key": server.secret_key}
        seconds = self.play(
            "playbooks/move.yml",
            move_secrets_dir=str(self.folder / "secrets"),
            **{f"move_{name}": value for name, value in target.items()},
        )
        before, after = _objects(self.first), _objects(server)
        return Row("a store, by playbooks/move.yml", *_extent(after), seconds, _differences(before, after))

    def full_circle(self) -> Row:
        """The host's data once more, from the second store, after the first one is gone."""
        save_state(self.state, self.second)
        shutil.rmtree(self.folder / "back")
        return self.host()._replace(what="the host's data, from the second store")


Digests = dict[str, tuple[int, str]]


def _files(folder: Path) -> Digests:
    """Path below the folder -> size and SHA-256 of each file of data."""
    return {
        path.relative_to(folder).as_posix(): _digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _objects(server: Server) -> Digests:
    """bucket/key -> size and SHA-256 of each object, read by the SDK and not by our own code."""
    client = Minio(
        server.endpoint.partition("://")[2], server.access_key, server.secret_key, secure=server.ca_cert is not None
    )
    return {
        f"{bucket.name}/{item.object_name}": _digest(_read(client, bucket.name, str(item.object_name)))
        for bucket in client.list_buckets()
        for item in client.list_objects(bucket.name, recursive=True)
        if f"{bucket.name}/{item.object_name}" not in OWN
    }


def _read(client: Minio, bucket: str, key: str) -> bytes:
    answer = client.get_object(bucket, key)
    try:
        return bytes(answer.data)
    finally:
        answer.close()
        answer.release_conn()


def _digest(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()


def _extent(found: Digests) -> tuple[int, int]:
    return len(found), sum(size for size, _ in found.values())


def _differences(before: Digests, after: Digests) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as the page shows them."""
    head = [
        "| had back | things | bytes | seconds, the whole play | not the same, bit by bit |",
        "|---|---|---|---|---|",
    ]
    return head + [
        f"| {row.what} | {row.count:,} | {row.size:,} | {row.seconds:.0f} | {len(row.different) or 'none'} |"
        for row in rows
    ]


def run(folder: Path, *, cog_size: int) -> Iterator[Row]:
    """The drill, from nothing; each row as it is known."""
    with minio(folder / "second") as second:
        with minio(folder / "first") as first:
            drill = Drill(folder, first, second)
            make_sample_data(drill.state / "data", SampleOptions(cog_size=cog_size))
            drill.play("playbooks/site.yml")
            yield drill.host()
            yield drill.store()
        yield drill.full_circle()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it, print the table; exit status 1 where anything is not the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--cog-size", type=int, default=1024**2, help="bytes of each of the 132 GeoTIFFs")
    parser.add_argument("--write", action="store_true", help="write the table to docs/reliability.md")
    options = parser.parse_args(arguments)

    def work() -> int:
        with tempfile.TemporaryDirectory(prefix="drill-") as temporary:
            rows = []
            for row in run(Path(temporary), cog_size=options.cog_size):
                print(f"{row.what}: {row.count} things, {row.seconds:.0f} s, {len(row.different)} differ", flush=True)
                rows += [row]
        print("\n".join(table(rows)))
        for row in rows:
            for name in row.different:
                print(f"{row.what}: not the same: {name}")
        if options.write:
            PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), "drill", table(rows)), encoding="utf-8")
        return int(any(row.different for row in rows))

    return run_command("drill", work)


if __name__ == "__main__":
    sys.exit(main())
