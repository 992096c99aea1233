"""What is published beside the data, as programs read it: mosaics by GDAL, the catalog by STAC tools, the examples."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pystac
import pytest
import rasterio
from ansible.module_utils.objectstore.servers.store import Store
from ansible.module_utils.objectstore.values.errors import ConflictError
from rasterio.windows import from_bounds

from tests.integration.engine import connection
from tests.support.baselines import CLASS_COLOURS, NODATA, ZIMBABWE
from tests.support.mc import Mc
from tests.support.modules import run_module
from tests.support.paths import REPO
from tests.support.published import OPTIONS
from tests.support.stac import validate
from tests.support.state import Server

BUCKET = "test-published"
KINDS, SEASON = ("Agreement", "Mode"), "2015_2016"
INDEX = "manifests/index.json"


class Published(NamedTuple):
    """A bucket with eight tiles, and all that the manifest makes of them."""

    server: Server
    mc: Mc
    folder: Path
    params: Mapping[str, Any]

    def manifest(self, **changes: Any) -> dict[str, Any]:
        return run_module("minio_manifest", {**self.server.module_options, **self.params, **changes})

    def index(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.mc.cat(f"{BUCKET}/{INDEX}"))
        return document

    def put(self, source: Path, name: str) -> None:
        """Write over an object of the bucket, behind the manifest's back."""
        self.mc.copy(source, f"{BUCKET}/dw/zim/summer/{SEASON}/mode/{name}")


@pytest.fixture(scope="module")
def published(http_minio: Server, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("published")
    for kind in KINDS:
        for path in (sample_data / "dw_cogs").glob(f"DW_Zim_{kind}_{SEASON}-*.tif"):
            shutil.copy(path, folder / path.name)
    mc = Mc.connect(http_minio, tmp_path_factory.mktemp("mc"))
    mc.make_bucket(BUCKET)
    mc.run("version", "enable", f"t/{BUCKET}")
    connected = http_minio.module_options
    naming = {name: OPTIONS[name] for name in ("key_pattern", "key_template")}
    cache = {"digest_cache": str(folder.parent / "digests.sqlite3")}
    synced = run_module(
        "minio_sync",
        {**connected, "src": str(folder), "bucket": BUCKET, "prefix": OPTIONS["prefix"], **naming, **cache},
    )
    assert synced["uploaded"] == 8, synced
    found = run_module("geotiff_info", {"path": str(folder)})
    legend = {
        "applies_to": {"type": ["Mode"]},
        "classes": [
            {"value": value, "name": f"class_{value}", "color": f"#{red:02x}{green:02x}{blue:02x}"}
            for value, (red, green, blue) in enumerate(CLASS_COLOURS)
        ],
    }
    params = {**OPTIONS, **cache, "bucket": BUCKET, "rasters": found["rasters"], "legend": legend}
    made = Published(http_minio, mc, folder, {name: value for name, value in params.items() if value is not None})
    first = made.manifest()
    assert len(first.get("actions", [])) == 8 + 1 + 2 + 3, first
    assert not first.get("warnings"), first
    yield made
    mc.remove_bucket(BUCKET)


def gdal(server: Server) -> dict[str, str]:
    """The environment that docs/data.md gives GDAL."""
    return {
        "AWS_S3_ENDPOINT": server.endpoint.split("://")[1],
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
    }


def test_another_run_writes_nothing(published: Published) -> None:
    assert published.manifest()["actions"] == []
    assert published.manifest(rasters=None)["actions"] == [], "what is known of the same content is kept"


@pytest.fixture
def gdal_connected(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """GDAL's connection, as docs/data.md gives it."""
    for name, value in gdal(published.server).items():
        monkeypatch.setenv(name, value)


def test_a_mosaic_opens_as_one_image(published: Published, gdal_connected: None) -> None:
    west, south, east, north = ZIMBABWE
    middle = (west + east) / 2, (south + north) / 2
    around = (middle[0] - 1, middle[1] - 1, middle[0] + 1, middle[1] + 1)
    parts = sorted(published.folder.glob(f"DW_Zim_Mode_{SEASON}-*.tif"))
    with rasterio.open(f"/vsis3/{BUCKET}/vrt/dw/{SEASON}/Mode.vrt") as image:
        assert image.bounds == pytest.approx(ZIMBABWE)
        assert (image.nodata, image.colormap(1)[0]) == (NODATA, (*CLASS_COLOURS[0], 255))
        whole = image.read(1)
        window = image.read(1, window=from_bounds(*around, image.transform).round_offsets().round_lengths())
    assert set(window.flat) <= set(whole.flat)
    assert window.size > 0
    for path in parts:
        with rasterio.open(path) as tile:
            column, row = ((tile.bounds.left - west) / tile.res[0], (north - tile.bounds.top) / tile.res[1])
            here = whole[round(row) : round(row) + tile.height, round(column) : round(column) + tile.width]
            assert (here == tile.read(1)).all(), path.name


def test_the_catalog_is_valid_and_leads_to_each_file(published: Published, tmp_path: Path) -> None:
    published.mc.run("cp", "--recursive", f"t/{BUCKET}/", f"{tmp_path}/")
    collection = pystac.Collection.from_file(str(tmp_path / "stac" / "dw" / "collection.json"))
    items = list(collection.get_items())
    assert len(items) == 8
    for document in (collection, *items):
        validate(document.to_dict(include_self_link=False, transform_hrefs=False))
    for item in items:
        item.make_asset_hrefs_absolute()
        assert Path(item.assets["data"].href).stat().st_size == item.assets["data"].extra_fields["file:size"]
    named = [Path(asset.get_absolute_href() or "") for asset in collection.assets.values()]
    assert [path for path in named if not path.exists()] == []
    assert len(named) == 1 + len(KINDS)


def test_each_object_is_pinned_by_its_version_too(published: Published) -> None:
    for tiles in published.index()["objects"][SEASON].values():
        for leaf in tiles.values():
            (listed,) = published.mc.run("ls", "--versions", f"t/{BUCKET}/{leaf['key']}")
            assert listed["versionId"] == leaf["version_id"]


def run_example(name: str, server: Server, *arguments: str, bucket: str = "") -> subprocess.CompletedProcess[str]:
    told = {
        **({"GEOCROP_BASELINES": bucket} if bucket else {}),
        "MINIO_ENDPOINT": server.endpoint,
        "MINIO_ACCESS_KEY": server.access_key,
        "MINIO_SECRET_KEY": server.secret_key,
    }
    return subprocess.run(
        [sys.executable, str(REPO / "examples" / name), *arguments],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


WINDOW = ("28.5", "-19.5", "29.5", "-18.5")


def test_a_worker_reads_a_window_across_tiles_and_is_refused_what_is_not_pinned(
    published: Published, gdal_connected: None
) -> None:
    server, tile = published.server, f"DW_Zim_Mode_{SEASON}-0000000000-0000000000.tif"
    published.mc.put(f"{BUCKET}/manifests/dw_baseline_index.json", json.dumps(published.index()).encode())
    reader: dict[str, Any] = {"name": "test-reader", "user_secret": "one-secret-of-a-test", "policies": ["readonly"]}
    assert run_module("minio_user", {**server.module_options, **reader})["changed"]
    server = replace(server, access_key=reader["name"], secret_key=reader["user_secret"])
    told = run_example("worker.py", server, SEASON, "Mode", *WINDOW, bucket=BUCKET)
    found = json.loads(told.stdout or "{}")
    assert found, told.stderr
    with rasterio.open(f"/vsis3/{BUCKET}/vrt/dw/{SEASON}/Mode.vrt") as image:
        part = from_bounds(*map(float, WINDOW), image.transform).round_offsets().round_lengths()
        pixels = image.read(1, window=part)
    assert found["shape"] == list(pixels.shape)
    assert found["pixels"] == {str(value): int((pixels == value).sum()) for value in set(pixels.flat)}

    original = published.folder / tile
    published.put(published.folder / tile.replace("Mode", "Agreement"), tile)
    refused = run_example("worker.py", server, SEASON, "Mode", *WINDOW, bucket=BUCKET)
    assert refused.returncode != 0
    assert "At least one of the pre-conditions you specified did not hold" in refused.stderr, refused.stderr

    checked = published.manifest(verify=True, src=str(published.folder))
    assert [(one["key"].rsplit("/", 1)[-1], one["odd"]) for one in checked["differences"]] == [(tile, "store")]
    assert "the store is the odd one out" in checked["msg"]
    assert "Synchronise again" in checked["msg"]
    published.put(original, tile)
    again = published.manifest(verify=True, src=str(published.folder))
    assert "differences" in again
    assert not again["differences"], again


def test_a_trainer_streams_every_row(http_minio: Server, mc: Mc, bucket: str, sample_data: Path) -> None:
    batches = sorted((sample_data / "training").glob("*.csv"))[:3]
    for batch in batches:
        mc.copy(batch, f"{bucket}/zimbabwe_full/v1/{batch.name}")
    told = run_example("trainer.py", http_minio, bucket, "zimbabwe_full/v1/")
    rows = sum(len(batch.read_text().splitlines()) - 1 for batch in batches)
    assert json.loads(told.stdout or "{}").get("rows") == rows, told.stderr


def test_an_index_that_somebody_else_wrote_meanwhile_is_not_overwritten(published: Published) -> None:
    store, key = Store(connection(published.server)), "manifests/conditional.json"

    def write(content: bytes, expected: str) -> str:
        return store.write_object(BUCKET, key, content, content_type="application/json", metadata={}, expected=expected)

    first = write(b"1", "")
    second = write(b"2", first)
    for outdated in ("", first):
        with pytest.raises(ConflictError, match="Somebody else wrote it in the meantime"):
            write(b"3", outdated)
    assert published.mc.cat(f"{BUCKET}/{key}") == b"2"
    published.mc.run("rm", f"t/{BUCKET}/{key}")
    assert write(b"4", "") != second, "under a delete marker there is nothing"
