"""Spot checks download objects and compare them with files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import RunModule
from tests.support.mc import Mc


@pytest.fixture
def params(mc: Mc, bucket: str, tmp_path: Path) -> dict[str, Any]:
    for number in range(9):
        file = tmp_path / f"file_{number}.bin"
        file.write_bytes(bytes([number]) * (3 * 1024 * 1024 if number == 8 else 100))
        mc.put(f"{bucket}/data/n{number}/{file.name}", file.read_bytes())
    return {
        "bucket": bucket,
        "prefix": "data",
        "src": str(tmp_path),
        "key_pattern": r"file_(?P<number>\d)\.bin",
        "key_template": "n{number}/{filename}",
        "sample": 3,
    }


def test_a_sample_from_the_first_to_the_last_is_read_and_compared(
    run_module: RunModule, params: dict[str, Any], tmp_path: Path
) -> None:
    result = run_module("minio_spot_check", params)
    assert result["changed"] is False
    assert [(one["key"], one["size"], one["same"]) for one in result["objects"]] == [
        ("data/n0/file_0.bin", 100, True),
        ("data/n4/file_4.bin", 100, True),
        ("data/n8/file_8.bin", 3 * 1024 * 1024, True),
    ]
    assert result["objects"][2]["sha256"] == hashlib.sha256((tmp_path / "file_8.bin").read_bytes()).hexdigest()


def test_other_content_of_the_same_size_is_found(run_module: RunModule, mc: Mc, params: dict[str, Any]) -> None:
    mc.put(f"{params['bucket']}/data/n4/file_4.bin", b"x" * 100)
    assert "data/n4/file_4.bin is not what the source folder has" in run_module("minio_spot_check", params)["msg"]


def test_an_object_without_a_file_is_told(run_module: RunModule, params: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file_0.bin").unlink()
    assert "has no file for it" in run_module("minio_spot_check", params)["msg"]


def test_without_a_source_objects_are_only_read(run_module: RunModule, params: dict[str, Any]) -> None:
    reading = {"bucket": params["bucket"], "prefix": params["prefix"], "sample": 1}
    assert [(one["size"], one["same"]) for one in run_module("minio_spot_check", reading)["objects"]] == [(100, None)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prefix": "nothing"}, "there is none"),
        ({"bucket": "no-such-bucket-here"}, "there is no such bucket"),
        ({"src": "/nowhere/at/all"}, "there is no such folder"),
        ({"sample": 0}, "its size is 0"),
        ({"secret_key": "wrong-secret"}, "The secret key is wrong"),
    ],
)
def test_what_cannot_be_checked_is_said(
    run_module: RunModule, params: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    failed = run_module("minio_spot_check", {**params, **changes})
    assert failed["failed"]
    assert said in failed["msg"]
