"""Manifests in the bucket and on the host, by the cycle x {check, real}, and their verification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import OVER_TLS, RunModule
from tests.support.counters import write_counts
from tests.support.mc import Mc
from tests.support.proxy import Proxy

pytestmark = OVER_TLS

PATTERN = r"DW_(?P<type>[A-Za-z]+)_(?P<season>\d{4})-(?P<tile>\d)\.tif"
ONE, TWO, THREE = (
    "dw/2015/mode/DW_Mode_2015-0.tif",
    "dw/2016/mode/DW_Mode_2016-0.tif",
    "dw/2016/mode/DW_Mode_2016-1.tif",
)


@pytest.fixture
def params(bucket: str, tmp_path: Path) -> dict[str, Any]:
    return {
        "bucket": bucket,
        "prefix": "dw/",
        "include": ["*.tif"],
        "dest": str(tmp_path / "host" / "keys.txt"),
        "object": "manifests/keys.txt",
        "index_dest": str(tmp_path / "host" / "index.json"),
        "index_object": "manifests/index.json",
        "key_pattern": PATTERN,
        "index_by": ["season", "type", "tile"],
    }


def put(mc: Mc, bucket: str, *keys: str) -> None:
    for key in keys:
        mc.put(f"{bucket}/{key}", key.encode())


def documents(mc: Mc, params: dict[str, Any]) -> list[bytes | None]:
    bucket, keys = params["bucket"], mc.keys(params["bucket"])
    stored = [
        mc.cat(f"{bucket}/{params[name]}") if params[name] in keys else None for name in ("object", "index_object")
    ]
    files = [Path(params[name]) for name in ("dest", "index_dest")]
    return [*stored, *(file.read_bytes() if file.exists() else None for file in files)]


def raster(key: str) -> dict[str, Any]:
    """What geotiff_info returns of a file whose object ``put`` makes; the tiles 0 and 1 lie side by side."""
    west = 30.0 + int(key[-5])
    return {
        "path": key.rsplit("/", 1)[-1],
        "size": len(key),
        "crs": "EPSG:4326",
        "transform": [0.1, 0.0, west, 0.0, -0.1, -17.0],
        "bounds": [west, -18.0, west + 1, -17.0],
        "shape": [10, 10],
        "dtype": "uint8",
        "bands": 1,
        "nodata": 255.0,
        "row": 0,
        "column": int(key[-5]),
    }


#: All that a manifest can be kept as, besides the list and the index.
PUBLISHED = {
    "key_template": "{season}/{type:snake}/{filename}",
    "rasters": [raster(key) for key in (ONE, TWO, THREE)],
    "base_url": "http://store:9000/",
    "legend": {"applies_to": {"type": ["Mode"]}, "classes": [{"value": 0, "name": "water", "color": "#419bdf"}]},
    "stac": {
        "prefix": "stac/dw",
        "id": "dw",
        "description": "Land cover",
        "license": "CC-BY-4.0",
        "period": ["09-01", "05-31"],
    },
    "vrt_prefix": "vrt/dw/",
    "purge": True,
}


def test_the_cycle(run_module: RunModule, mc: Mc, params: dict[str, Any], proxy: Proxy) -> None:
    bucket = params["bucket"]
    params = {**params, **PUBLISHED}
    put(mc, bucket, ONE, "dw/readme.txt", "dw2/DW_Mode_2015-0.tif")
    # list and index in two places each, the schema, the Collection, and what each object and each mosaic has
    steps: list[tuple[list[str], list[str], list[str], int]] = [
        ([ONE], [ONE], [], 4 + 2 + 2),
        ([ONE], [], [], 0),
        ([ONE, TWO, THREE], [TWO, THREE], [], 4 + 1 + 3),
        ([ONE, TWO, THREE], [], [], 0),
        ([TWO], [], [ONE, THREE], 4 + 1 + 1 + 3),
        ([TWO], [], [], 0),
    ]
    for keys, added, removed, writes in steps:
        put(mc, bucket, *keys)
        for key in {ONE, TWO, THREE} - set(keys):
            mc.run("rm", "--force", f"t/{bucket}/{key}", check=False)
        before = documents(mc, params)
        counted = write_counts(proxy.server)
        predicted = run_module("minio_manifest", params, check=True, diff=True, server=proxy.server)
        assert documents(mc, params) == before
        assert proxy.writes == []
        assert write_counts(proxy.server) == counted
        real = run_module("minio_manifest", params, diff=True)
        assert {**predicted, "invocation": 0} == {**real, "invocation": 0}
        assert (real["keys"], real["added"], real["removed"]) == (keys, added, removed)
        assert (real["changed"], len(real["actions"])) == (writes > 0, writes)
        stored, index, file, index_file = documents(mc, params)
        assert stored == file == "".join(f"{key}\n" for key in keys).encode()
        assert index == index_file
        assert leaves(json.loads(index or b"")) == expected_leaves(mc, bucket, keys)
        assert [action["subject"] for action in real["actions"]][-1:] in ([], [f"{bucket}/{params['index_object']}"])
        names = {Path(key).stem for key in keys}
        assert {Path(key).stem for key in mc.keys(bucket, "stac/dw/items")} == names
        assert mc.keys(bucket, "vrt") == sorted({f"vrt/dw/{key[3:7]}/Mode.vrt" for key in keys})


def test_each_change_leaves_a_record_that_the_index_names(
    run_module: RunModule, mc: Mc, params: dict[str, Any]
) -> None:
    bucket = params["bucket"]
    params = {**params, "releases_prefix": "releases/dw"}
    names: list[str] = []
    for keys in ([ONE], [ONE], [ONE, TWO]):
        put(mc, bucket, *keys)
        dry = run_module("minio_manifest", params, check=True)
        real = run_module("minio_manifest", params)
        assert (dry["changed"], len(dry["actions"])) == (real["changed"], len(real["actions"]))
        index = json.loads(mc.cat(f"{bucket}/{params['index_object']}"))
        assert index["release"] == real["release"]
        names.append(real["release"])
    assert names[0] == names[1] < names[2]
    assert mc.keys(bucket, "releases/dw") == sorted({*names})
    record = json.loads(mc.cat(f"{bucket}/{names[2]}"))
    assert (record["since"], record["added"], record["removed"]) == (names[0], [TWO], [])
    assert [one["etag"] for one in record["objects"]] == [mc.stat(f"{bucket}/{key}")["etag"] for key in (ONE, TWO)]
    assert not run_module("minio_manifest", {**params, "verify": True})["failed"]


def leaves(index: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (season, kind, tile, leaf["key"], leaf["size"], leaf["etag"])
        for season, kinds in index["objects"].items()
        for kind, tiles in kinds.items()
        for tile, leaf in tiles.items()
    ]


def expected_leaves(mc: Mc, bucket: str, keys: list[str]) -> list[tuple[Any, ...]]:
    listed = mc.objects(bucket, "dw")
    return [(key[3:7], "Mode", key[-5], key, listed[key]["size"], listed[key]["etag"]) for key in keys]


def test_check_mode_sees_what_an_earlier_task_would_upload(
    run_module: RunModule, mc: Mc, params: dict[str, Any]
) -> None:
    planned = [{"key": TWO, "action": "upload", "size": 3}, {"key": ONE, "action": "delete", "size": 3}]
    put(mc, params["bucket"], ONE)
    run_module("minio_manifest", params)
    predicted = run_module("minio_manifest", {**params, "planned": planned}, check=True, diff=True)
    assert (predicted["keys"], predicted["added"], predicted["removed"]) == ([TWO], [TWO], [ONE])
    assert len(predicted["actions"]) == 4, "the schema does not depend on the objects"
    assert f"{TWO}\n" in [one["after"] for one in predicted["diff"]]
    real = run_module("minio_manifest", {**params, "planned": planned})
    assert (real["changed"], real["keys"]) == (False, [ONE]), "planned actions count in check mode only"


def test_a_replaced_object_changes_the_index_but_not_the_list(
    run_module: RunModule, mc: Mc, params: dict[str, Any]
) -> None:
    put(mc, params["bucket"], ONE)
    run_module("minio_manifest", params)
    planned = {"planned": [{"key": ONE, "action": "replace", "size": 3}]}
    predicted = run_module("minio_manifest", {**params, **planned}, check=True)
    mc.put(f"{params['bucket']}/{ONE}", b"new")
    real = run_module("minio_manifest", params)
    assert predicted["replaced"] == real["replaced"] == [ONE]
    told = [str(result["warnings"]) for result in (predicted, real)]
    assert all("is refused (HTTP 412)" in text for text in told), told
    subjects = [f"{params['bucket']}/{params['index_object']}", params["index_dest"]]
    assert sorted(action["subject"] for action in real["actions"]) == sorted(subjects)
    assert sorted(action["subject"] for action in predicted["actions"]) == sorted(subjects)


def test_a_bucket_that_does_not_exist_yet(run_module: RunModule, params: dict[str, Any], bucket_name: str) -> None:
    missing = {**params, "bucket": f"{bucket_name}-no"}
    assert "there is no such bucket" in run_module("minio_manifest", missing, check=True)["msg"]
    planned = [{"key": ONE, "action": "upload", "size": 3}]
    predicted = run_module("minio_manifest", {**missing, "assume_bucket": True, "planned": planned}, check=True)
    assert (predicted["keys"], predicted["changed"]) == ([ONE], True)


@pytest.mark.parametrize(("on_missing", "fails", "warns"), [("fail", 1, 0), ("warn", 0, 1), ("ignore", 0, 0)])
def test_what_is_missing(
    run_module: RunModule, mc: Mc, params: dict[str, Any], on_missing: str, fails: int, warns: int
) -> None:
    put(mc, params["bucket"], ONE)
    expect = {"season": ["2015", "2016"], "type": ["Mode"]}
    result = run_module("minio_manifest", {**params, "expect": expect, "on_missing": on_missing})
    assert (int(result["failed"]), len(result.get("warnings", []))) == (fails, warns)
    if fails:
        assert "of 2 expected, 1 combination (2016 Mode) is missing" in result["msg"]
        assert documents(mc, params) == [None] * 4
    else:
        assert result["missing"] == [{"season": "2016", "type": "Mode"}]


def test_verification_changes_nothing_and_names_the_difference(
    run_module: RunModule, mc: Mc, params: dict[str, Any]
) -> None:
    bucket, verify = params["bucket"], {**params, "verify": True}
    put(mc, bucket, ONE)
    assert f"there is no {bucket}/manifests/keys.txt" in run_module("minio_manifest", verify)["msg"]
    run_module("minio_manifest", params)
    assert run_module("minio_manifest", verify)["changed"] is False
    put(mc, bucket, TWO)
    before = documents(mc, params)
    failed = run_module("minio_manifest", verify)
    assert f"lacks 1 key ({TWO}) that the store has" in failed["msg"]
    assert [(one["key"], one["odd"]) for one in failed["differences"]] == [(TWO, "index")]
    assert documents(mc, params) == before


def test_the_mode_of_files_is_kept_or_set(run_module: RunModule, mc: Mc, params: dict[str, Any]) -> None:
    file = Path(params["dest"])
    put(mc, params["bucket"], ONE)
    run_module("minio_manifest", params)
    assert file.stat().st_mode & 0o777 == 0o644
    closed = run_module("minio_manifest", {**params, "mode": "0600"}, diff=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {(one["before"], one["after"]) for one in closed["diff"]} == {("mode 0644\n", "mode 0600\n")}
    assert run_module("minio_manifest", {**params, "mode": "0600"})["changed"] is False
    put(mc, params["bucket"], TWO)
    run_module("minio_manifest", params)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_one_message_and_nothing_is_half_written(
    run_module: RunModule, mc: Mc, params: dict[str, Any], tmp_path: Path
) -> None:
    put(mc, params["bucket"], ONE)
    (tmp_path / "host").write_text("in the way")
    for check in (True, False):
        failed = run_module("minio_manifest", params, check=check)
        assert failed["failed"]
        assert str(tmp_path / "host") in failed["msg"]
    assert documents(mc, {**params, "dest": "/nonexistent/a", "index_dest": "/nonexistent/b"}) == [None] * 4
