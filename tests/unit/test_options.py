"""What null, empty, 0 and / mean for every option of every module: docs/options.md says it, and here it is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.objectstore.values.arguments import DEST_STORE, dest_store, given_problems
from ansible.module_utils.objectstore.values.errors import InvalidInputError

from tests.support.in_process import argument_spec, run_here
from tests.support.paths import LIBRARY, REPO

#: What has no main only documents an action of the workstation.
MODULES = sorted(path.stem for path in LIBRARY.glob("*.py") if "def main" in path.read_text())

#: A store that is not there: what is judged before anything is asked of it does not reach it.
NOWHERE = {"endpoint": "http://127.0.0.1:9", "access_key": "a", "secret_key": "s" * 8, "retries": 0}
REACHED = "refuses connections"

#: What each module needs beside the option that is tried.
NEEDS: dict[str, dict[str, Any]] = {
    "minio_access_check": {"rights": [{"bucket": "abc", "can": ["read"]}]},
    "minio_access_key": {"key": "abcdef", "key_secret": "s" * 8},
    "minio_bucket": {"name": "abc"},
    "minio_client_files": {},
    "minio_copy": {"bucket": "abc", "dest_bucket": "def"},
    "minio_fetch": {"bucket": "abc", "dest": "/dev/null/none", "digest_cache": "/dev/null/none"},
    "minio_group": {"name": "abc"},
    "minio_identity": {
        "name": "abc",
        "identity_secret": "s" * 8,
        "rights": [{"bucket": "abc", "can": ["read"]}],
        "backend": "iam",
    },
    "minio_iam_policy": {"name": "abc", "rights": [{"bucket": "abc", "can": ["read"]}]},
    "minio_look": {"looks": [{"name": "l", "module": "minio_spot_check", "options": {"bucket": "abc"}}]},
    "minio_manifest": {"bucket": "abc"},
    "minio_object": {"bucket": "abc", "key": "k", "content": "x"},
    "minio_policy": {"bucket": "abc", "access": "download"},
    "minio_presigned_check": {"bucket": "abc", "key": "k"},
    "minio_release_prune": {"bucket": "abc", "keep": 1, "releases_prefix": "r", "index_object": "i.json"},
    "minio_rollback": {"bucket": "abc", "release": "latest", "releases_prefix": "r", "index_object": "i.json"},
    "minio_spot_check": {"bucket": "abc"},
    "minio_sync": {"bucket": "abc", "src": str(REPO / "docs"), "digest_cache": "/dev/null/none"},
    "minio_user": {"name": "abc", "user_secret": "s" * 8},
}

#: What an entry needs beside the suboption that is tried.
ENTRIES: dict[str, dict[str, Any]] = {
    "lifecycle": {"id": "r", "noncurrent_expire_days": 3},
    "notifications": {"id": "n", "arn": "arn:minio:sqs::x:webhook", "events": ["s3:ObjectCreated:*"]},
    "retention": {"mode": "governance"},
    "rights": {"bucket": "abc", "can": ["read"]},
    "shard": {"index": 0, "count": 2},
}


class Row(NamedTuple):
    """A row of the page."""

    null: str
    text: str
    collection: str
    zero: str
    slash: str


def page() -> dict[str, Row]:
    lines = (REPO / "docs" / "options.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {name.strip("`"): Row(*rest) for name, *rest in cells}


def options(spec: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each option with its place on the page, and its spec."""
    for name, option in spec.items():
        yield f"{above}{name}", option
        inner = option.get("options", {})
        if not set(inner) <= set(spec):  # else it is a list whose items have the module's own options
            yield from options(inner, f"{above}{name}.")


ALL = [(module, place, option) for module in MODULES for place, option in options(argument_spec(module))]
PAGE = page()


def given(place: str, value: Any, kind: str) -> dict[str, Any]:
    """The parameters that a task with this value of this option has."""
    outer, _, inner = place.partition(".")
    if not inner:
        return {outer: value}
    entry = {**ENTRIES.get(outer, {}), inner: value}
    return {outer: [entry] if kind == "list" else entry}


def outer_kind(module: str, place: str) -> str:
    return str(argument_spec(module)[place.partition(".")[0]].get("type", "str"))


def test_the_page_has_every_option_and_no_other() -> None:
    found = {place for _, place, _ in ALL}
    assert found - set(PAGE) == set(), "docs/options.md has no row for these"
    assert set(PAGE) - found == set(), "docs/options.md has rows of options that there are not"


@pytest.mark.parametrize("module", MODULES)
def test_null_and_empty_mean_what_the_page_says(module: str) -> None:
    for owner, place, option in ALL:
        if owner != module:
            continue
        row, kind = PAGE[place], option.get("type", "str")
        empty: Any = {} if kind == "dict" else []
        for value, decided in ((None, row.null), ("", row.text), (empty, row.collection)):
            if decided == "-" or (value == "" and option.get("choices")):
                continue
            found = list(given_problems(argument_spec(module), given(place, value, outer_kind(module, place))))
            refused = decided == "error" or (value is None and bool(option.get("required")))
            assert bool(found) == refused, f"{place}: {value!r} is {decided}, found {found}"
            leaf = place.rsplit(".", maxsplit=1)[-1]
            assert all(leaf in problem for problem in found)


TRIED = [
    (module, place, value, decided)
    for module, place, option in ALL
    if module in NEEDS
    for value, decided in ((0, PAGE[place].zero), ("/", PAGE[place].slash))
    if decided != "-" and (value == "/" or option.get("type", "str") in ("int", "float", "str"))
]


@pytest.mark.parametrize(("module", "place", "value", "decided"), TRIED)
def test_zero_and_slash_mean_what_the_page_says(module: str, place: str, value: Any, decided: str) -> None:
    if dict(ALL_OF(module))[place].get("type") == "list":
        value = [value]
    params = {**NOWHERE, **NEEDS[module], **given(place, value, outer_kind(module, place))}
    result = run_here(module, params, check=True)
    assert "This is a fault" not in str(result.get("msg"))
    reached = not result["failed"] or REACHED in result["msg"]
    assert reached == (decided != "error"), f"{decided}: {result.get('msg')}"


def ALL_OF(module: str) -> list[tuple[str, Mapping[str, Any]]]:  # noqa: N802
    return [(place, option) for owner, place, option in ALL if owner == module]


@pytest.mark.parametrize("module", sorted(NEEDS))
def test_the_needs_of_a_module_are_all_that_it_needs(module: str) -> None:
    """Else the test above would see the wrong error."""
    result = run_here(module, {**NOWHERE, **NEEDS[module]}, check=True)
    assert not result["failed"] or REACHED in result["msg"], result


@pytest.mark.parametrize(
    ("module", "params", "named"),
    [
        ("minio_object", {"bucket": "abc", "key": "k", "content": None}, "content"),
        ("minio_bucket", {"name": "abc", "tags": {"owner": None}}, "owner"),
        ("minio_bucket", {"name": "abc", "quota": "0.4"}, "0.4"),
        ("minio_bucket", {"name": "abc", "lifecycle": [{"id": "r", "prefix": "/", "expire_days": 1}]}, "prefix"),
        ("minio_bucket", {"name": "abc", "lifecycle": [{"id": "r", "tags": {}, "expire_days": 1}]}, "tags"),
        ("minio_bucket", {"name": "abc", "lifecycle": None, "purge_lifecycle": True}, "lifecycle"),
        ("minio_policy", {"bucket": "abc", "access": "download", "prefixes": []}, "prefixes"),
        ("minio_policy", {"bucket": "abc", "policy": {}}, "empty"),
        ("minio_access_key", {"key": "abc", "key_secret": "s" * 8, "user": None}, "user"),
        ("minio_access_key", {"key": "abc", "key_secret": "s" * 8, "policy": {}}, "empty"),
        ("minio_user", {"name": "abc", "user_secret": "s" * 8, "policies": ["a", None]}, "policies"),
        ("minio_sync", {"bucket": "abc", "src": "/", "metadata": {"owner": None}}, "owner"),
    ],
)
def test_what_users_met(module: str, params: dict[str, Any], named: str) -> None:
    result = run_here(module, {**NOWHERE, **params}, check=False)
    assert result["failed"]
    assert re.search(rf"\b{re.escape(named)}\b", result["msg"])
    assert REACHED not in result["msg"]


NO_OTHER: dict[str, Any] = {**dict.fromkeys(DEST_STORE), "dest_validate_certs": True}


def test_another_store_has_the_options_of_a_connection_without_their_prefix() -> None:
    given = dest_store({**NO_OTHER, "dest_endpoint": ["http://there:9000"], "dest_access_key": "a", "dest_region": "r"})
    assert {name: value for name, value in given.items() if value} == {
        "endpoint": ["http://there:9000"],
        "access_key": "a",
        "region": "r",
        "validate_certs": True,
    }
    assert dest_store(NO_OTHER) == dest_store({**NO_OTHER, "dest_validate_certs": False}) == {}


@pytest.mark.parametrize("option", sorted({*DEST_STORE} - {"dest_endpoint", "dest_validate_certs"}))
def test_a_part_of_another_store_is_none(option: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{option} is given without dest_endpoint"):
        dest_store({**NO_OTHER, option: "x"})
