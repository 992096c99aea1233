"""Modules that are run in the tests' own process behave as on a host."""

from __future__ import annotations

import importlib

from tests.support.in_process import run_here


def test_warnings_are_returned_whatever_was_loaded_before() -> None:
    importlib.import_module("ansible.utils.display")
    nowhere = {"endpoint": "https://127.0.0.1:9", "access_key": "a", "secret_key": "s" * 8, "retries": 0}
    result = run_here("minio_spot_check", {**nowhere, "bucket": "abc", "validate_certs": False})
    assert "validate_certs is off" in str(result["warnings"])
