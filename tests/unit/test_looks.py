"""The looks of the acceptance: what the roles ask for is what the modules take, and what became of each is found."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.objectstore.work.looks import KINDS

from tests.support.in_process import argument_spec, filters, run_here
from tests.support.paths import LIBRARY

F = filters("looks")
NOWHERE = {"endpoint": "http://127.0.0.1:9", "access_key": "a", "secret_key": "s" * 8, "retries": 0}
SETS = [{"bucket": "sets", "prefix": "v1", "source": "/data/v1", "include": ["*.csv"]}]
WORKER = {"name": "worker", "rights": [{"bucket": "maps", "can": ["read"]}]}
KEYS = {"worker": {"access_key": "worker", "secret_key": "w" * 8}}
ALL = [
    *F["stranger_looks"](["maps", "sets"]),
    *F["right_looks"]([WORKER, {"name": "api", "rights": []}], KEYS, ["sets"]),
    *F["dataset_looks"](SETS, identity="worker", sample=3),
]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_look_has_the_options_of_its_module(kind: str) -> None:
    beside = set(argument_spec("minio_ping")) | {"identities", "buckets"}
    assert set(argument_spec(kind)) - beside == set(KINDS[kind].arguments) - beside


def test_the_documentation_names_each_module() -> None:
    text = (LIBRARY / "minio_look.py").read_text()
    assert all(f"          - {kind}\n" in text for kind in KINDS)


@pytest.mark.parametrize("look", ALL, ids=[look["name"] for look in ALL])
def test_what_the_roles_ask_for_is_what_the_modules_take(look: dict[str, Any]) -> None:
    result = run_here("minio_look", {**NOWHERE, "identities": F["with_names"](KEYS), "looks": [look]})
    assert [one["item"] for one in result["outcomes"]] == [look["name"]], result.get("msg")


def test_who_has_no_secret_is_not_tried() -> None:
    assert [look["name"] for look in ALL if look["module"] == "minio_access_check"] == ["rights of worker"]


def test_what_became_of_a_look_is_found_by_its_name() -> None:
    seen = {"outcomes": [{"item": "rights of worker", "met": True}], "msg": "Not tried after that: rights of api."}
    met, untried = F["looked_at_each"](seen, ["worker", "api"], "rights of")
    assert met == {"item": "worker", "met": True}
    assert untried == {"item": "api", "msg": "Not tried after that: rights of api."}
    assert F["looked_at"]({"outcomes": []}, "x") == {"msg": "x: not looked at"}


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([{"name": "a", "module": "minio_spot_check", "options": {"bucket": "abc", "sampel": 1}}], "sampel"),
        ([{"name": "a", "module": "minio_spot_check", "options": {"sample": 1}}], "bucket"),
        ([{"name": "a", "module": "minio_spot_check", "options": {"bucket": "abc", "src": None}}], "src is null"),
        ([{"name": "a", "module": "minio_spot_check", "options": {"bucket": "abc", "sample": "x"}}], "sample"),
        ([{"name": "a", "module": "minio_sync_log", "options": {"paths": ["/x"]}}] * 2, "two are called a"),
        ([{"name": "a", "module": "minio_sync_log", "options": {"paths": ["/x"]}, "identity": "b"}], "as b"),
    ],
)
def test_a_look_that_cannot_be_is_refused_before_any_is_done(looks: list[dict[str, Any]], said: str) -> None:
    result = run_here("minio_look", {**NOWHERE, "looks": looks})
    assert result["failed"]
    assert said in result["msg"]
    assert "outcomes" not in result
