"""The lists of the roles as the modules take them, and what their results come to."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.in_process import filters
from tests.support.paths import LIBRARY, REPO

F = filters("items")
IDENTITIES = [
    {"name": "worker", "purpose": "works", "rights": [{"bucket": "b", "can": ["read"]}]},
    {"name": "api", "rights": []},
]
KEPT = {
    "outcomes": [
        {
            "item": "worker",
            "secret_key": "w",
            "created": False,
            "credentials": {"access_key": "worker", "secret_key": "w"},
        },
        {"item": "api", "secret_key": "a", "created": True, "credentials": {"access_key": "api", "secret_key": "a"}},
    ]
}


def suboptions(module: str, option: str) -> set[str]:
    text = (LIBRARY / f"{module}.py").read_text().split('DOCUMENTATION = r"""')[1].split('"""')[0]
    return set(yaml.safe_load(text)["options"][option]["suboptions"])


def role_options(role: str, variable: str) -> set[str]:
    specs = yaml.safe_load((REPO / "roles" / role / "meta" / "argument_specs.yml").read_text())
    return set(specs["argument_specs"]["main"]["options"][variable]["options"])


def test_each_key_of_a_bucket_is_an_option_of_one_of_its_modules() -> None:
    keys = role_options("buckets", "buckets_list")
    bucket: dict[str, Any] = dict.fromkeys(keys, "x")
    (settings,) = F["as_buckets"]([bucket])
    (policy,) = F["as_bucket_policies"]([bucket])
    assert set(settings) <= suboptions("minio_bucket", "buckets")
    assert set(policy) <= suboptions("minio_policy", "buckets")
    assert keys - set(settings) - set(policy) == {"purpose"}


def test_what_a_bucket_leaves_out_is_left_out() -> None:
    assert F["as_buckets"]([{"name": "a", "purpose": "p"}]) == [{"name": "a"}]
    assert F["as_bucket_policies"]([{"name": "a"}, {"name": "b", "access": "download"}], planned=["a"]) == [
        {"bucket": "a", "assume_bucket": True},
        {"bucket": "b", "assume_bucket": False, "access": "download"},
    ]


def test_identities_become_policies_and_users() -> None:
    assert F["as_iam_policies"](IDENTITIES)[0] == {"name": "worker", "rights": IDENTITIES[0]["rights"]}
    assert F["as_users"](IDENTITIES, KEPT) == [
        {"name": "worker", "user_secret": "w", "update_secret": False, "policies": ["worker"], "revoke": False},
        {"name": "api", "user_secret": "a", "update_secret": True, "policies": ["api"], "revoke": False},
    ]


def test_no_secret_is_made_for_a_user_that_the_store_has() -> None:
    worker, api = F["as_secrets"](IDENTITIES, users=["worker"], rotate=["api"], folder="/s")
    assert worker == {"access_key": "worker", "generate": False, "rotate": False, "path": "/s/worker.env"}
    assert api == {"access_key": "api", "generate": True, "rotate": True, "path": "/s/api.env"}
    assert "path" not in F["as_secrets"](IDENTITIES)[0]


def test_a_dry_run_has_no_secret_that_is_yet_to_be_made() -> None:
    assert set(F["kept_credentials"](KEPT)) == {"worker", "api"}
    assert set(F["kept_credentials"](KEPT, dry_run=True)) == {"worker"}
    assert F["kept_credentials"]({"failed": True, "msg": "no kubectl"}) == {}


def test_what_a_store_gives_only_together_is_allowed_by_name() -> None:
    worker = {
        "name": "w",
        "rights": [{"bucket": "b", "prefix": "p/", "can": ["write"]}, {"bucket": "c", "can": ["read"]}],
    }
    assert F["coarsened"]([worker], []) == [worker]
    assert F["coarsened"]([worker], ["delete", "list", "prefix"]) == [
        {
            "name": "w",
            "rights": [
                {"bucket": "b", "prefix": "", "can": ["write", "delete"]},
                {"bucket": "c", "prefix": "", "can": ["read", "list"]},
            ],
        }
    ]
    assert F["coarsened"]([worker], ["read", "write"]) == [worker]


def test_checks_are_of_identities_that_have_a_secret() -> None:
    keys = F["kept_credentials"](KEPT, dry_run=True)
    assert F["as_access_checks"](IDENTITIES, keys) == [
        {"rights": IDENTITIES[0]["rights"], "access_key": "worker", "secret_key": "w"}
    ]


@pytest.mark.parametrize(
    ("kept", "missing", "said"),
    [
        (KEPT, True, []),
        ({"outcomes": [{"item": "a", "failed": True, "msg": "gone", "missing": True}]}, False, []),
        ({"outcomes": [{"item": "a", "failed": True, "msg": "gone", "missing": True}]}, True, ["gone"]),
        ({"outcomes": [{"item": "a", "failed": True, "msg": "no text"}]}, False, ["no text"]),
        ({"failed": True, "msg": "no kubectl"}, False, ["no kubectl"]),
        ({"failed": True}, False, ["the module ended without a result"]),
    ],
)
def test_what_is_wrong_with_secrets_is_said(kept: dict[str, Any], missing: bool, said: list[str]) -> None:
    assert F["kept_problems"](kept, missing=missing) == said


@pytest.mark.parametrize(
    ("prefixes", "nested"),
    [
        (["dw/summer/", "dw/partial/"], []),
        (["dw/summer", "dw/summer-2/"], []),
        (["dw/summer/", "dw/summer/partial"], ["b/dw/summer/partial/ lies in b/dw/summer/"]),
        (["dw/summer/2/", "dw/summer"], ["b/dw/summer/2/ lies in b/dw/summer/"]),
        (["dw/", "dw"], ["b/dw/ lies in b/dw/"]),
        (["", "dw/"], ["b/dw/ lies in b/"]),
    ],
)
def test_sets_that_lie_in_another_are_told(prefixes: list[str], nested: list[str]) -> None:
    told = F["nested_places"]([{"bucket": "b", "prefix": prefix} for prefix in prefixes])
    assert [sentence.split(":")[0] for sentence in told] == nested


def test_each_identity_has_a_result_also_the_one_that_was_not_tried() -> None:
    results = F["of_identities"]({"outcomes": [{"item": "worker", "met": True}]}, IDENTITIES)
    assert results == [{"item": IDENTITIES[0], "met": True}, {"item": IDENTITIES[1]}]


def test_the_index_of_a_training_set_is_of_its_files_and_its_description() -> None:
    sets = [
        {"bucket": "b", "prefix": "maize/v1", "include": ["*.csv"], "metadata_name": "m.json"},
        {"bucket": "b", "prefix": "maize/v2/", "metadata_name": "m.json"},
    ]
    first, second = F["as_indexes"](sets, "manifests/", "releases/")
    assert first == {
        "bucket": "b",
        "prefix": "maize/v1",
        "include": ["*.csv", "m.json"],
        "index_object": "manifests/maize/v1/index.json",
        "releases_prefix": "releases/maize/v1",
    }
    assert (second["index_object"], "include" in second) == ("manifests/maize/v2/index.json", False)
    assert "releases_prefix" not in F["as_indexes"](sets, "manifests/", "")[0]
    assert F["as_indexes"](sets, "", "releases/") == []


def test_what_was_written_is_what_a_dry_run_plans() -> None:
    written = {"actions": [{"action": "create", "subject": "b/maize/v1/m.json", "after": {"size": 9}}]}
    assert F["written_objects"]([written, {"actions": []}, {"skipped": True}]) == [
        {"key": "maize/v1/m.json", "action": "upload", "size": 9}
    ]
