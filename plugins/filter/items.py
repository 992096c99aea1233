"""What the lists of the roles become for modules that take a list: which of a list's keys are whose options."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
Options = dict[str, Any]

#: What an item of ``buckets_list`` says besides the settings of its bucket.
BESIDE_SETTINGS = ("purpose", "access", "access_by_prefix")


def as_buckets(buckets: Iterable[Item]) -> list[Options]:
    """The settings of ``buckets_list`` as ``minio_bucket`` takes them."""
    return [{key: value for key, value in bucket.items() if key not in BESIDE_SETTINGS} for bucket in buckets]


def as_bucket_policies(buckets: Iterable[Item], planned: Sequence[str] = ()) -> list[Options]:
    """Who may reach the buckets of ``buckets_list`` without credentials, as ``minio_policy`` takes it.

    :param planned: names of buckets that only a real run would create
    """
    return [
        {
            "bucket": bucket["name"],
            "assume_bucket": bucket["name"] in planned,
            **{key: bucket[key] for key in ("access", "access_by_prefix") if key in bucket},
        }
        for bucket in buckets
    ]


def as_iam_policies(identities: Iterable[Item]) -> list[Options]:
    """The policy of each identity, which has its name, as ``minio_iam_policy`` takes it."""
    return [{"name": identity["name"], "rights": identity["rights"]} for identity in identities]


def as_secrets(
    identities: Iterable[Item],
    *,
    users: Sequence[str] = (),
    rotate: Sequence[str] = (),
    folder: str = "",
    backend: str = "minio",
) -> list[Options]:
    """The secret of each identity, as ``minio_kubernetes_secret`` takes it, and with a folder ``minio_env_file``.

    :param users: names of those that the store has; a new secret would lock their programs out
    :param rotate: names of those that get a new one all the same
    :param backend: how identities are made; AWS's IAM API takes only letters and digits in an access key
    """
    return [
        {
            "access_key": name,
            "generate": name not in users,
            "rotate": name in rotate,
            **({"path": f"{folder}/{name}.env"} if folder else {}),
            **({"key_id": re.sub(r"[^A-Za-z0-9]", "", name)} if backend == "iam" else {}),
        }
        for name in (identity["name"] for identity in identities)
    ]


def as_users(identities: Iterable[Item], kept: Mapping[str, Any], rotated: Container[str] = ()) -> list[Options]:
    """Each identity as ``minio_user`` takes it: with its own policy only, and with the secret that is kept of it.

    A new secret ends nothing but the former one, so what acts for those whose secret is ``rotated`` is revoked.
    """
    found = _by_item(kept.get("outcomes", []))
    return [
        {
            "name": name,
            "user_secret": found[name]["secret_key"],
            "update_secret": found[name]["created"],
            "policies": [name],
            "revoke": name in rotated,
        }
        for name in (identity["name"] for identity in identities)
    ]


def written_objects(results: Iterable[Item]) -> list[Options]:
    """What a loop of ``minio_object`` has written, as ``minio_manifest`` takes what is planned."""
    return [
        {"key": action["subject"].partition("/")[2], "action": "upload", "size": action["after"]["size"]}
        for result in results
        for action in result.get("actions", ())
    ]


def as_indexes(sets: Iterable[Item], indexes: str, releases: str) -> list[Options]:
    """The index of each training set as ``minio_manifest`` takes it: of its files and its description.

    :param indexes: prefix that the indexes are below; there is none where it is empty
    :param releases: prefix that the records of releases are below; there is none where it is empty
    """
    if not indexes:
        return []
    return [
        {
            "bucket": one["bucket"],
            "prefix": one["prefix"],
            **({"include": [*one["include"], one["metadata_name"]]} if "include" in one else {}),
            "index_object": _joined(indexes, one["prefix"], "index.json"),
            **({"releases_prefix": _joined(releases, one["prefix"])} if releases else {}),
        }
        for one in sets
    ]


def _joined(*parts: str) -> str:
    return "/".join(part.strip("/") for part in parts)


def nested_places(places: Sequence[Item]) -> list[str]:
    """A sentence for each place that lies in another, or is another.

    :param places: with ``bucket`` and ``prefix`` each
    """
    folders = [f"{place['bucket']}/{str(place['prefix']).strip('/')}".rstrip("/") + "/" for place in places]
    return [
        f"{one} lies in {other}: give each set a prefix of its own."
        for number, one in enumerate(folders)
        for position, other in enumerate(folders)
        if position != number and one.startswith(other) and (one != other or position < number)
    ]


#: What a store may give only together with a right: name in ``access_coarser`` -> the right that it comes with.
COMES_WITH = {"delete": "write", "list": "read", "read": "list", "write": "delete"}


def coarsened(identities: Iterable[Item], allowed: Sequence[str]) -> list[Options]:
    """The identities with what is allowed to be more than their rights: verbs that come with others, whole buckets.

    :param allowed: verbs, and ``prefix``, which lets a right hold in the whole bucket
    """
    return [
        {**identity, "rights": [_coarser(right, allowed) for right in identity["rights"]]} for identity in identities
    ]


def _coarser(right: Item, allowed: Sequence[str]) -> Options:
    more = [verb for verb in allowed if COMES_WITH.get(verb) in right["can"] and verb not in right["can"]]
    return {**right, "can": [*right["can"], *more], **({"prefix": ""} if "prefix" in allowed else {})}


def as_grants(
    identities: Iterable[Item], kept: Mapping[str, Any], rotated: Container[str] = (), **how: Any
) -> list[Options]:
    """Each identity as ``minio_identity`` takes it: with its rights, and the key and secret that are kept of it.

    :param how: ``backend``, and what it takes; what is empty is left out
    """
    found = _by_item(kept.get("outcomes", []))
    return [
        {
            "name": identity["name"],
            "rights": identity["rights"],
            "identity_key": found[identity["name"]]["credentials"]["access_key"],
            "identity_secret": found[identity["name"]]["secret_key"],
            "update_secret": found[identity["name"]]["created"],
            "revoke": identity["name"] in rotated,
            **{option: value for option, value in how.items() if value},
        }
        for identity in identities
    ]


def dead_secrets(seen: Mapping[str, Any]) -> list[str]:
    """Names of users whose kept secret the server does not accept, though it is none that was just made."""
    return [
        outcome["item"]
        for outcome in seen.get("outcomes", [])
        if outcome.get("secret_accepted") is False
        and all(action["subject"] != "secret" for action in outcome.get("actions", []))
    ]


def as_access_checks(identities: Iterable[Item], keys: Mapping[str, Item]) -> list[Options]:
    """Each identity that has a secret, as ``minio_access_check`` takes it: its rights and its own credentials."""
    return [
        {"rights": identity["rights"], **keys[identity["name"]]} for identity in identities if identity["name"] in keys
    ]


def kept_credentials(kept: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Options]:
    """Name -> credentials of the identities whose secret is there; a dry run has not made those that are new."""
    return {
        outcome["item"]: outcome["credentials"]
        for outcome in kept.get("outcomes", [])
        if "credentials" in outcome and not (dry_run and outcome["created"])
    }


def kept_problems(kept: Mapping[str, Any], *, missing: bool) -> list[str]:
    """Why secrets cannot be used, in sentences.

    :param missing: whether a secret that is not there counts, besides one that cannot be read
    """
    if "outcomes" not in kept:
        return [str(kept.get("msg") or "the module ended without a result")]
    return [
        outcome["msg"]
        for outcome in kept["outcomes"]
        if "secret_key" not in outcome and (missing or not outcome.get("missing"))
    ]


def of_identities(tried: Mapping[str, Any], identities: Iterable[Item]) -> list[Options]:
    """The outcome for each identity, with the identity as its item; of one that was not tried, only that."""
    found = _by_item(tried.get("outcomes", []))
    untried = {} if "outcomes" in tried else {"msg": tried.get("msg") or "the module ended without a result"}
    return [{**found.get(identity["name"], untried), "item": identity} for identity in identities]


def _by_item(outcomes: Iterable[Item]) -> dict[str, Item]:
    return {outcome["item"]: outcome for outcome in outcomes}


class FilterModule:
    """What Ansible finds here."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "as_access_checks": as_access_checks,
            "as_bucket_policies": as_bucket_policies,
            "as_buckets": as_buckets,
            "as_grants": as_grants,
            "as_iam_policies": as_iam_policies,
            "as_indexes": as_indexes,
            "as_secrets": as_secrets,
            "as_users": as_users,
            "coarsened": coarsened,
            "dead_secrets": dead_secrets,
            "kept_credentials": kept_credentials,
            "kept_problems": kept_problems,
            "nested_places": nested_places,
            "of_identities": of_identities,
            "written_objects": written_objects,
        }
